// A page of small labelled pictures, to see at a glance what a cache's faces are like.
#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

namespace fergraph {

struct SheetFace {
  cv::Mat pixels;           ///< uint8 [H,W,3], RGB
  std::int64_t label = -1;  ///< decides the colour of the bar below the face
  std::string class_name;
  std::string id;  ///< shown without folders and ending, and shortened from its beginning
  std::string split;
};

/// Of `labels`, one per face, the indices of at most `count` faces: as many of each class as of any other as far as
/// they go, drawn by the seed, in the order of classes and then of the cache.
std::vector<std::int64_t> choose_over_classes(std::span<const std::int64_t> labels, std::int64_t count,
                                              std::uint64_t seed);

/// The page, uint8 [H,W,3], RGB: the title, the lines below it, and the faces in rows. Small faces are enlarged to at
/// least 96 pixels by a whole factor, large ones shrunk to 224. Letters beyond ASCII are shown as question marks, which
/// is what OpenCV's fonts have.
cv::Mat draw_contact_sheet(std::span<const SheetFace> faces, const std::string& title,
                           std::span<const std::string> lines);

}  // namespace fergraph
