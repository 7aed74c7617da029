// Views of a face: random flips, crops and occlusions, drawn from the sample's own sequence.
#pragma once

#include <vector>

#include "graph/contract.hpp"
#include "nodes/values.hpp"

namespace fergraph {

/// One operation of a view, as a file writes it: {flip: 0.5}, {crop: {padding: 4, probability: 1}},
/// {cutout: {side: 0.5, probability: 1}}, {colour: {strength: 0.4, probability: 0.8}}.
struct ViewOperation {
  enum class Kind { flip, crop, cutout, colour };
  Kind kind = Kind::flip;
  double probability = 0.5;
  int padding = 0;      // of a crop, in pixels
  double side = 0.5;    // of a cutout: largest side, as a fraction of the image's
  double strength = 0;  // of colour: largest relative change of brightness, contrast and saturation
};

template <>
struct Codec<ViewOperation> {
  static ViewOperation parse(const Tree& tree, const Tree* params);
  static std::string type() { return "flip | crop | cutout | colour"; }
  static std::string show(const ViewOperation& operation);
  static constexpr const char* schema = "object";
};

/// Applies the operations in their order. The result has the input's size; where no operation changes it, it is the
/// input itself, without a copy.
struct Augment {
  struct In {
    Image image;
  };
  struct Out {
    Image image;
  };
  struct Params {
    std::vector<ViewOperation> ops;
  };
  static Contract<Augment> contract();
  Out run(const In& in, const Params& params, const Context& context) const;
};

}  // namespace fergraph
