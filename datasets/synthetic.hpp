// The embedded default dataset: photographs of synthetic faces with seven expressions, drawn from a seed alone.
// The same options give the same bytes, on any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace fergraph {

struct SyntheticOptions {
  std::filesystem::path directory;  ///< Created where missing.
  int train = 3000;                 ///< Photographs of the train split, at least 0.
  int test = 600;                   ///< Photographs of the test split, at least 0; train + test at least 1.
  std::uint64_t seed = 1;
  int width = 176;  ///< Pixels, 96 … 640; a photograph is 1 to 1.25 times as high as wide.
  int threads = 0;  ///< 0: one for each processor. Has no influence on the files.
};

/// Writes `directory`/images/NNNNN.jpg and `directory`/faces.csv with the columns
/// `image,expression,split,identity,box_x,box_y,box_width,box_height,left_eye_x,left_eye_y,right_eye_x,right_eye_y,
/// nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y`, one row for each photograph, train first:
/// - `image`: path relative to `directory`; photographs are 8-bit colour JPEG files; a few look grey.
/// - `expression`: surprise, fear, disgust, happiness, sadness, anger or neutral. Any seven consecutive photographs of
///   a split, counted from its start, show each expression once.
/// - `identity`: number of the person (five photographs each); no person is in both splits.
/// - box: whole pixels, inside the picture; landmarks: pixels with one decimal, inside box and picture, 0 at the centre
///   of the first pixel. They are as inexact as a simple detector's: the five together are shifted (deviation in x and
///   y: 0.11 eye distances), turned (5 degrees) and scaled (6.5 %). Left is the picture's left.
///
/// Every file appears by rename, faces.csv last, beside it `faces.options`, which names the options it was made with:
/// an interrupted set is made again by the next call. Photographs of an earlier set with other options are replaced,
/// its surplus removed.
///
/// `progress` is called now and then, from one thread at a time, with the photographs written so far.
/// Returns false, having changed nothing, where a complete set with the same options is already there.
/// Throws std::invalid_argument where an option is out of range, std::runtime_error naming the path where a file or
/// folder cannot be written, and whatever `progress` throws.
bool write_synthetic_faces(const SyntheticOptions& options,
                           const std::function<void(int done, int total)>& progress = {});

}  // namespace fergraph
