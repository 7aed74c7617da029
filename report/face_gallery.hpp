// The samples of a run worth a look: labels that its networks doubt, and mistakes made with confidence, with pictures.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/reader.hpp"
#include "report/prediction_table.hpp"

namespace fergraph {

/// Rows whose given label the networks contradict, the most certain first: by the probability of the predicted class
/// less that of the given one. At most `count`.
std::vector<std::size_t> suspected_labels(const PredictionTable& table, std::size_t count);

/// Rows that are predicted as another class than PredictionTable::label_of, the most confident first. At most `count`.
std::vector<std::size_t> confident_mistakes(const PredictionTable& table, std::size_t count);

/// Indices of at most `count` rows: of each label in proportion (one at least), evenly over the table, rising.
std::vector<std::size_t> stratified_rows(const PredictionTable& table, std::size_t count);

/// Pictures of faces as `data:` addresses for a page. Caches are opened once; what cannot be read is told in
/// `problems`, each cache once, and gives an empty address.
class FacePictures {
 public:
  /// Paths of caches that are not absolute are looked for from here and from each of `folders`.
  explicit FacePictures(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  /// PNG up to 64 pixels; above as JPEG, shrunk to 112.
  std::string address_of(const PredictionTable::Row& row);
  /// One JPEG with the faces of all rows in `columns` columns, each `side` pixels wide and high; empty where no face
  /// could be read.
  std::string sheet_of(const std::vector<const PredictionTable::Row*>& rows, int columns, int side);
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  struct Pixels {
    std::vector<std::uint8_t> rgb;
    int height = 0;
    int width = 0;
  };
  const FaceCache* cache_at(const std::string& path);
  Pixels pixels_of(const PredictionTable::Row& row);

  std::vector<std::filesystem::path> folders_;
  std::map<std::string, std::unique_ptr<FaceCache>> caches_;
  std::vector<std::string> problems_;
};

}  // namespace fergraph
