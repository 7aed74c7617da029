// Five landmarks of the longer lists that data sets publish.
#pragma once

#include <array>
#include <optional>
#include <span>

namespace fergraph {

/// x, y of left eye, right eye, nose, left and right corner of the mouth; left as in the picture.
using FiveLandmarks = std::array<float, 10>;

/// Of the 68 points of iBUG's 300-W markup (Sagonas et al., ICCV Workshops 2013; counted from 0): the eyes are the
/// means of 36-41 and 42-47, the nose's tip is 30, the mouth's corners are 48 and 54.
FiveLandmarks five_of_68(std::span<const float, 136> points);

/// Of a list of x and y of five points, taken as they are, or of 68; none of a list of another length.
std::optional<FiveLandmarks> five_of_list(std::span<const float> numbers);

/// Of the 37 points that RAF-DB publishes (two brows of 3, the nose's bridge of 2 that ends in its tip, 5 below the
/// nose, two eyes of 6, 12 of the lips): the eyes are the means of 13-18 and 19-24, the nose's tip is 7, the mouth's
/// corners are those of the lips' points (25-36) that lie farthest out along the line between the eyes, in whichever
/// order they are written.
FiveLandmarks five_of_37(std::span<const float, 74> points);

}  // namespace fergraph
