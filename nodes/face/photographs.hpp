// Sources of preprocessing streams: the photographs of a data set, in the order of its file.
#pragma once

#include <memory>
#include <optional>

#include "datasets/csv_reader.hpp"
#include "datasets/folder_reader.hpp"
#include "graph/contract.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/label_aliases.hpp"

namespace fergraph {

template <>
struct Codec<CsvJoin> {
  /// {file: split.csv, key: image}
  static CsvJoin parse(const Tree& tree, const Tree* params);
  static std::string type() { return "map of file and key"; }
  static std::string show(const CsvJoin& join) { return join.file.string(); }
  static constexpr const char* schema = "object";
};

/// What both sources give; a table is read once and shared by its samples.
class PhotographSource {
 public:
  struct Out {
    Photograph photo;
    std::optional<Box2d> box;
    std::optional<FivePoints> landmarks;
  };
  std::int64_t size() const { return static_cast<std::int64_t>(table_->samples.size()); }
  std::vector<std::int64_t> labels() const;
  std::string sample_name(std::int64_t index) const;
  /// Everything that the table says of labels, splits and faces; and the size and the time of the last change of every
  /// photograph, and how many are missing. One look at the file system per photograph.
  SourceFingerprint fingerprint(const SampleRange& range) const;
  Out run(const Context& context) const;
  const SampleTable& table() const { return *table_; }

 protected:
  explicit PhotographSource(SampleTable table);

 private:
  std::shared_ptr<const SampleTable> table_;
};

/// Whether the columns of landmarks must be there.
enum class LandmarkColumns { if_present, needed };
template <>
struct Words<LandmarkColumns> {
  static constexpr std::array<std::pair<std::string_view, LandmarkColumns>, 2> all = {
      {{"if_present", LandmarkColumns::if_present}, {"required", LandmarkColumns::needed}}};
};

struct CsvPhotographs : PhotographSource {
  using Out = PhotographSource::Out;
  struct Params {
    std::filesystem::path file;
    std::filesystem::path root;
    std::vector<std::string> classes;
    LabelAliases aliases;
    std::string image = "image";
    std::string label = "label";
    std::optional<std::string> split;
    std::optional<CsvJoin> join;
    LandmarkColumns landmarks = LandmarkColumns::if_present;
    std::optional<std::string> landmark_list;
  };
  explicit CsvPhotographs(const Params& params);
  static Contract<CsvPhotographs> contract();
};

struct FolderPhotographs : PhotographSource {
  using Out = PhotographSource::Out;
  struct Params {
    std::filesystem::path root;
    std::vector<std::string> classes;
    LabelAliases aliases;
  };
  explicit FolderPhotographs(const Params& params);
  static Contract<FolderPhotographs> contract();
};

}  // namespace fergraph
