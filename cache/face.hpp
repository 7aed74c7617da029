// What goes into a face cache and comes out of it: faces, samples that gave no face, and where the pixels come from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cache/fingerprint.hpp"

namespace fergraph {

/// Size in pixels of every face of a cache. Faces are 8-bit RGB, interleaved, rows from the top, without padding.
struct FaceShape {
  int height = 0;
  int width = 0;

  std::size_t bytes() const { return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3; }
  bool operator==(const FaceShape&) const = default;
};

enum class FaceCodec { raw, jpeg };

/// How a cache keeps its pixels: as they are, or each face as a JPEG, a tenth to a quarter of the bytes at quality
/// 95.
struct FaceEncoding {
  FaceCodec codec = FaceCodec::raw;
  int quality = 95;  ///< 1 to 100; of jpeg

  /// "raw", or "jpeg of quality 95".
  std::string text() const { return codec == FaceCodec::raw ? "raw" : "jpeg of quality " + std::to_string(quality); }
  bool operator==(const FaceEncoding&) const = default;
};

/// Five points x, y in pixels of the photograph: left eye, right eye, nose, left and right corner of the mouth, left as
/// in the picture.
using Landmarks = std::array<float, 10>;
/// x and y of the upper left corner, width, height, in pixels of the photograph.
using BoundingBox = std::array<float, 4>;

inline constexpr std::int64_t unknown_label = -1;

/// One face. `row` is the row of its sample in the dataset's table; several faces of one photograph share it.
struct Face {
  std::span<const std::uint8_t> pixels;  ///< height * width * 3 bytes
  std::int64_t row = 0;
  std::string id;     ///< photograph's path relative to the dataset, plus the face's number when there are several
  std::string split;  ///< as the dataset says: train, test, valid, ...
  std::int64_t label = unknown_label;  ///< index into Provenance::class_names
  std::optional<Landmarks> landmarks{};
  std::optional<BoundingBox> box{};
};

/// A sample that gave no face, kept so that a missed face can count as a wrong answer.
struct MissingFace {
  std::int64_t row = 0;
  std::string id;
  std::string split;
  std::int64_t label = unknown_label;
  std::string reason;

  bool operator==(const MissingFace&) const = default;
};

/// Everything that says what the cache's pixels are.
struct Provenance {
  std::vector<std::string> class_names;
  std::string pipeline;              ///< the resolved pipeline's text
  std::string versions_json = "{}";  ///< a JSON object: versions of the libraries and models used
  Fingerprint fingerprint;           ///< the same wherever the cache is made
  std::string files;                 ///< the state of the photographs' files where it was made: sizes, times of change
};

}  // namespace fergraph
