#include "nodes/face/whole_picture.hpp"

namespace fergraph {

Contract<WholePicture> WholePicture::contract() {
  return Contract<WholePicture>("whole_picture", "Takes the whole picture as the face's box.")
      .details("For data sets of faces that are cut out already, which align_box then only resizes (margin 0).")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .out(&Out::box, "box", "float [4]", "0, 0, width, height");
}

WholePicture::Out WholePicture::run(const In& in) const {
  return {{{0, 0, static_cast<float>(in.image.pixels.cols), static_cast<float>(in.image.pixels.rows)}}};
}

}  // namespace fergraph
