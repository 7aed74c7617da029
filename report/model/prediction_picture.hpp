// Predictions drawn on a photograph: a frame around each face in the colour of its class, and a tag that names it.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "report/model/predictor.hpp"

namespace fergraph {

/// Draws into an RGB photograph, uint8 [H,W,3]. Frames have a dark rim and tags a ground of their own, so that both can
/// be read on anything; tags stand above their faces, or where there is room, and not on each other as far as it goes.
/// A face that is the whole picture gets the tag alone, at its lower edge.
void draw_predictions(cv::Mat& photograph, std::span<const FacePrediction> faces,
                      const std::vector<std::string>& class_names);

/// Writes an RGB picture in the format that the ending names (JPEG at quality 95). Throws std::runtime_error where it
/// cannot be written or the ending is none of a picture.
void write_picture(const std::filesystem::path& file, const cv::Mat& picture);

}  // namespace fergraph
