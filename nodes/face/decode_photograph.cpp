#include "nodes/face/decode_photograph.hpp"

#include "nodes/face/decode.hpp"
#include "nodes/face/inline_picture.hpp"

namespace fergraph {

Contract<Decode> Decode::contract() {
  return Contract<Decode>("decode", "Reads and decodes a photograph, or the part of it that a face needs.")
      .details(
          "JPEG, PNG, BMP, TIFF, WebP and PNM; EXIF orientation applied; grey, alpha and CMYK become RGB. A file that "
          "is missing, cut short, damaged, no image or beyond a limit becomes a void. Pictures that stand in the data "
          "set's own file are taken from there. With a region (landmark_region, box_region) only these rows and "
          "columns "
          "of a JPEG are decoded, and where the face is at least twice as large as wanted, at a half, a quarter or an "
          "eighth of the size. align_landmarks and align_box take such a part as they take the whole.")
      .in(&In::photo, "photo", "photograph", "the sample")
      .in(&In::region, "region", "region", "the part that is wanted; all where left out")
      .out(&Out::image, "image", "uint8 [H,W,3]", "its pixels, RGB, upright")
      .param(&Params::max_bytes, "max_bytes", "larger files are not read", at_least(1))
      .param(&Params::max_pixels, "max_pixels", "larger pictures are not decoded", at_least(1))
      .param(&Params::shrink, "shrink", "whether a JPEG's region may be decoded at a fraction of its size");
}

Decode::Out Decode::run(const In& in, const Params& params) const {
  if (in.photo.sample().inline_picture >= 0) return {{inline_picture(in.photo)}};
  DecodeRegion region{std::nullopt, params.shrink};
  if (in.region) region.face = in.region->face;
  Decoded decoded = decode_file(in.photo.table->path(in.photo.sample()),
                                {static_cast<std::uintmax_t>(params.max_bytes), params.max_pixels}, region);
  if (!decoded) throw Void{decoded.reason};
  return {{std::move(decoded.pixels), decoded.window}};
}

}  // namespace fergraph
