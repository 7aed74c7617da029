// Views that change colours: Pillow's ImageOps and ImageEnhance, and a jitter of this project's own.
#pragma once

#include <vector>

#include "nodes/augment/operation.hpp"

namespace fergraph {

/// Each colour stretched to 0 … 255.
void auto_contrast(Canvas& canvas);
/// Each colour's histogram made flat.
void equalize(Canvas& canvas);
void invert(Canvas& canvas);
/// Keeps the highest bits, of which whole ones count; at least 1, at most 8.
void posterize(Canvas& canvas, double bits);
/// Inverts levels from the threshold on.
void solarize(Canvas& canvas, double threshold);
/// Blends with black. As for the next three, factor 1 changes nothing, and above 1 it goes the other way.
void brightness(Canvas& canvas, double factor);
/// Blends with the mean grey.
void contrast(Canvas& canvas, double factor);
/// Blends with each pixel's grey; Pillow's Color.
void saturation(Canvas& canvas, double factor);
/// Blends with the picture smoothed.
void sharpness(Canvas& canvas, double factor);

std::vector<OperationType> colour_operations();

}  // namespace fergraph
