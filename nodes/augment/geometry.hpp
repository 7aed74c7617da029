// Views that move pixels: flip, crop, translation, shear, rotation.
#pragma once

#include <array>
#include <vector>

#include "nodes/augment/operation.hpp"

namespace fergraph {

/// Pillow's Image.transform(size, AFFINE, matrix, NEAREST): the pixel (x, y) of the result is the one of the canvas
/// that (m0 x + m1 y + m2, m3 x + m4 y + m5) of its centre falls into, in 16.16 fixed point, and black outside.
void transform_nearest(Canvas& canvas, const std::array<double, 6>& matrix);

/// Counter-clockwise by an angle in degrees about the centre; Pillow's Image.rotate without expansion.
void rotate(Canvas& canvas, double degrees);
/// Each row moves left by `amount` times its distance from the top.
void shear_x(Canvas& canvas, double amount);
/// Each column moves up by `amount` times its distance from the left.
void shear_y(Canvas& canvas, double amount);
/// Moves left, or up, by a fraction of the width, or height.
void translate_x(Canvas& canvas, double fraction);
void translate_y(Canvas& canvas, double fraction);

std::vector<OperationType> geometry_operations();

}  // namespace fergraph
