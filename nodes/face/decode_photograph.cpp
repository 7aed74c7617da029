#include "nodes/face/decode_photograph.hpp"

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

}  // namespace fergraph
