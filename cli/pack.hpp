// A parity pack: an HDF5 file with the data, initial weights, batches and expected numbers of a short training run.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "graph/run.hpp"

namespace fergraph {

/// An open pack. Arrays are read when asked for, by any thread: HDF5 is called under the lock of the whole program.
/// Throws RunError naming the file for what is missing or cannot be read.
class Pack {
 public:
  explicit Pack(const std::filesystem::path& file);
  ~Pack();
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;

  const std::filesystem::path& file() const { return file_; }
  std::string text(const std::string& attribute) const;
  std::int64_t integer(const std::string& attribute) const;
  bool has_attribute(const std::string& name) const;
  bool has(const std::string& path) const;
  /// The names below a group, in the order of their bytes; empty where there is no such group.
  std::vector<std::string> names(const std::string& group) const;
  /// The extents of an array; none for a single number.
  std::vector<std::int64_t> shape(const std::string& path) const;
  /// Any array: integers as int64, floats as float64.
  NumericArray numbers(const std::string& path) const;
  /// As raw bytes in its stored type (F32, F64, I64, U8).
  Blob blob(const std::string& path) const;

 private:
  std::filesystem::path file_;
  std::int64_t id_ = -1;
};

/// The pack's batches in place of a pipeline's streams: in the step /batches/<epoch>/<step>/<stream>.<item>; in a pass
/// /batches/<epoch>/start|end/<stream>.<item> where present, else the whole of /data/<stream>. How many samples a
/// stream has is that of /data/<stream>/images, or the number /data/<stream>/size. Where the batches have no item
/// `truth`, it is taken from /data/<stream>/clean_labels by the item `index`, and is -1 without that.
class PackFeeds : public Feeds {
 public:
  explicit PackFeeds(const Pack& pack);
  std::unique_ptr<StreamReader> reader(const StreamPlan& stream) override;
  StreamSamples samples(const StreamPlan& stream) override;

  /// Draws that the pack supplies: /batches/<epoch>/<step>/<node>.<output> stand in for the outputs of that node.
  Supply supply() const;

 private:
  const Pack& pack_;
  std::set<std::string> arrays_;  // all paths of batches: every firing of every node asks for its own
};

}  // namespace fergraph
