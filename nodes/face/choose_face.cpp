#include "nodes/face/choose_face.hpp"

namespace fergraph {

Contract<ChooseFace> ChooseFace::contract() {
  return Contract<ChooseFace>("choose_face", "Keeps one of the faces that were found in a photograph.")
      .details("A photograph without a face becomes a void.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::faces, "faces", "faces", "what a detector found in it")
      .out(&Out::faces, "faces", "faces", "the chosen one alone")
      .param(&Params::choose, "choose", "which of several faces");
}

ChooseFace::Out ChooseFace::run(const In& in, const Params& params) const {
  return {sorted_by_size({chosen_of(in.faces, in.image.pixels.size(), params.choose)})};
}

}  // namespace fergraph
