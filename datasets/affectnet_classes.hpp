// The classes of AffectNet (Mollahosseini, Hasani and Mahoor, IEEE TAFFC 2019), which both of its releases share.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/layout_table.hpp"

namespace fergraph {

/// By number: neutral, happiness, sadness, surprise, fear, disgust, anger, contempt, none, uncertain, no-face.
std::vector<std::string> affectnet_classes();

/// The number that `text` writes (`3`, `3.0`) or whose class it names; none where it does neither.
std::optional<std::size_t> affectnet_class(std::string_view text);

/// 68 points as 136 numbers, with any of `;`, `,` and spaces between, as five landmarks; none where they are not 136
/// finite numbers.
std::optional<std::array<float, 10>> affectnet_landmarks(std::string_view text);

/// Adds the counts that were published for the manually annotated part: `train`, and 500 of each class of `valid`.
void publish_affectnet(LayoutTable& table);

}  // namespace fergraph
