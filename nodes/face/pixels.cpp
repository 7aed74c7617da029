#include "nodes/face/pixels.hpp"

#include <fstream>
#include <sstream>

#include "cache/fingerprint.hpp"
#include "nodes/face/decode.hpp"

namespace fergraph {

Contract<Decode> Decode::contract() {
  return Contract<Decode>("decode", "Reads and decodes a photograph.")
      .details(
          "JPEG, PNG, BMP, TIFF, WebP and PNM; EXIF orientation applied; grey, alpha and CMYK become RGB. A file that "
          "is missing, cut short, "
          "damaged, no image or beyond a limit becomes a void.")
      .in(&In::photo, "photo", "photograph", "the sample")
      .out(&Out::image, "image", "uint8 [H,W,3]", "its pixels, RGB, upright")
      .param(&Params::max_bytes, "max_bytes", "larger files are not read", at_least(1))
      .param(&Params::max_pixels, "max_pixels", "larger pictures are not decoded", at_least(1));
}

Decode::Out Decode::run(const In& in, const Params& params) const {
  Decoded decoded = decode_file(in.photo.table->path(in.photo.sample()),
                                {static_cast<std::uintmax_t>(params.max_bytes), params.max_pixels});
  if (!decoded) throw Void{decoded.reason};
  return {{std::move(decoded.pixels)}};
}

Contract<DetectHaar> DetectHaar::contract() {
  return Contract<DetectHaar>("detect_haar", "Finds the face with an OpenCV Haar cascade (Viola and Jones, CVPR 2001).")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .out(&Out::box, "box", "float [4]", "the face's box")
      .param(&Params::cascade, "cascade", "a file of OpenCV's cascades, or a path")
      .param(&Params::scale_factor, "scale_factor", "ratio of neighbouring window sizes", above(1))
      .param(&Params::min_neighbors, "min_neighbors", "windows that must agree", at_least(0))
      .param(&Params::min_size, "min_size", "smallest face as a fraction of the shorter side", in_range(0, 1))
      .param(&Params::equalize, "equalize", "stretch the histogram first")
      .param(&Params::retry_pad, "retry_pad",
             "border for a second look where nothing was found, as a fraction of the shorter side; 0: none",
             in_range(0, 4))
      .param(&Params::retry_side, "retry_side", "shorter side of the second look in pixels", at_least(24))
      .param(&Params::choose, "choose", "which of several faces");
}

std::string DetectHaar::fingerprint() const {
  std::ifstream file(detector_->file(), std::ios::binary);
  std::ostringstream xml;
  xml << file.rdbuf();
  return hash_of_json(xml.str());
}

DetectHaar::Out DetectHaar::run(const In& in, const Params& params) const {
  const auto face = choose_face(detector_->detect(in.image.pixels), in.image.pixels.size(), params.choose);
  if (!face) throw Void{"No face was found."};
  return {{{face->x, face->y, face->width, face->height}}};
}

Contract<AlignLandmarks> AlignLandmarks::contract() {
  return Contract<AlignLandmarks>("align_landmarks",
                                  "Warps a face onto a template by the similarity transform of five landmarks.")
      .details(
          "Least squares (Umeyama, PAMI 1991), bilinear, with area averaging first where the face shrinks by two or "
          "more. Landmarks that are not "
          "finite or coincide become a void.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::landmarks, "landmarks", "float [10]", "eyes, nose, corners of the mouth, in pixels")
      .out(&Out::image, "image", "uint8 [S,S,3]", "the aligned face")
      .param(&Params::face_template, "template", "arcface: the five points at 112 pixels of Deng et al., CVPR 2019")
      .param(&Params::size, "size", "side of the face in pixels; the template is scaled to it", in_range(8, 4096))
      .param(&Params::border, "border", "what stands beyond the photograph");
}

AlignLandmarks::Out AlignLandmarks::run(const In& in, const Params& params) const {
  AlignedFace face = align_landmarks(in.image.pixels, in.landmarks.values, template_, size_, params.border);
  if (!face) throw Void{face.reason};
  return {{std::move(face.pixels)}};
}

Contract<AlignBox> AlignBox::contract() {
  return Contract<AlignBox>("align_box", "Cuts the square around a face's box and resizes it.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the photograph")
      .in(&In::box, "box", "float [4]", "x, y, width, height in pixels")
      .out(&Out::image, "image", "uint8 [S,S,3]", "the face")
      .param(&Params::size, "size", "side of the face in pixels", in_range(8, 4096))
      .param(&Params::margin, "margin", "added on each side, as a fraction of the box", above(-0.5))
      .param(&Params::shift_down, "shift_down", "moves the cut down, as a fraction of the box", in_range(-2, 2))
      .param(&Params::border, "border", "what stands beyond the photograph");
}

AlignBox::Out AlignBox::run(const In& in, const Params& params) const {
  const auto& [x, y, width, height] = in.box.values;
  AlignedFace face = align_box(in.image.pixels, FaceBox{x, y, width, height}, params);
  if (!face) throw Void{face.reason};
  return {{std::move(face.pixels)}};
}

}  // namespace fergraph
