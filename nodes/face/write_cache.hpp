// The end of a preprocessing stream: faces and voids go into an HDF5 face cache, shard by shard, each of which appears
// when it is complete.
#pragma once

#include <array>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "cache/shards.hpp"
#include "cache/writer.hpp"
#include "graph/contract.hpp"
#include "nodes/face/faces.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

template <>
struct Words<FaceCodec> {
  static constexpr std::array<std::pair<std::string_view, FaceCodec>, 2> all = {
      {{"raw", FaceCodec::raw}, {"jpeg", FaceCodec::jpeg}}};
};

/// The settings beside the nodes' that decide a cache's bytes: how its faces are kept, where they are not raw.
std::vector<Setting> settings_of(const FaceEncoding& encoding);

/// A sink. What earlier runs have completed with the same fingerprint is left alone, so that a run goes on where
/// another was killed; of several processes each writes the shards that fall to it, and the bytes are those of one
/// process.
class WriteCache {
 public:
  struct In {
    std::variant<Image, AlignedFaces> image;
    Photograph photo;
    std::optional<Box2d> box;
    std::optional<FivePoints> landmarks;
  };
  struct Params {
    std::filesystem::path file;
    std::int64_t shard = 8192;
    FaceCodec codec = FaceCodec::raw;
    int quality = 95;  // of jpeg
  };
  WriteCache(const Params& params, const Preparation& preparation);
  static Contract<WriteCache> contract();

  void run(const In& in, const Context& context);
  void write_void(const VoidSample& sample);
  void finish();
  /// All shards of this process are there with the wanted fingerprint.
  bool up_to_date() const { return pending_.empty(); }
  std::vector<SampleRange> pending() const;
  DiskNeed disk_need() const;

 private:
  struct PendingShard {
    std::int64_t number = 0;
    Fingerprint fingerprint;
    std::string files;
  };
  bool is_current(std::int64_t shard, const PendingShard& wanted);
  void begin(std::int64_t sample);
  void end(std::int64_t sample);
  FaceCacheWriter make_writer(const PendingShard& shard, FaceShape shape) const;
  void append(const cv::Mat& pixels, Face face);
  void close_shard();
  void publish(FaceCacheWriter writer, const std::vector<VoidSample>& voids);

  ShardLayout layout_;
  FaceEncoding encoding_;
  std::string pipeline_;
  std::int64_t bytes_per_sample_ = 0;
  std::vector<PendingShard> pending_;  // in order
  std::int64_t stale_ = 0;

  std::size_t at_ = 0;  // of pending_: the shard that is being filled
  std::shared_ptr<const SampleTable> table_;
  std::optional<FaceCacheWriter> writer_;  // made with the first face, whose size it needs
  std::vector<VoidSample> voids_;          // of the shard
  /// Shards in which no face was found, as long as none was found at all: the table of samples comes with the faces.
  std::vector<std::pair<std::size_t, std::vector<VoidSample>>> faceless_;
  std::optional<VoidSample> first_void_;
  std::int64_t faces_ = 0;
  std::int64_t void_count_ = 0;
  // Syncing a shard waits for the disk; the next one is filled meanwhile.
  std::future<void> publishing_;
};

}  // namespace fergraph
