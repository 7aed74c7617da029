// Views with a part erased: FixMatch's cutout and random erasing (Zhong et al., AAAI 2020).
#pragma once

#include <vector>

#include "nodes/augment/operation.hpp"

namespace fergraph {

/// FixMatch's cutout: a square of `fraction` of the width about (x, y), cut off at the borders, both of its ends drawn,
/// as Pillow draws rectangles. A fraction of 0 changes nothing.
void cut_out(Canvas& canvas, double fraction, double x, double y, const Colour& fill);

std::vector<OperationType> erase_operations();

}  // namespace fergraph
