// The words by which a pipeline file says which of several faces in a photograph is meant.
#pragma once

#include "graph/words.hpp"
#include "nodes/face/haar.hpp"

namespace fergraph {

template <>
struct Words<FaceChoice> {
  static constexpr std::array<std::pair<std::string_view, FaceChoice>, 3> all = {
      {{"largest", FaceChoice::largest}, {"central", FaceChoice::central}, {"best", FaceChoice::best}}};
};

}  // namespace fergraph
