// The end of a preprocessing stream: faces and voids go into an HDF5 face cache that appears when it is complete.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cache/writer.hpp"
#include "graph/contract.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

class WriteCache {
 public:
  struct In {
    Image image;
    Photograph photo;
    std::optional<Box2d> box;
    std::optional<FivePoints> landmarks;
  };
  struct Params {
    std::filesystem::path file;
  };
  WriteCache(const Params& params, const Preparation& preparation);
  static Contract<WriteCache> contract();

  void run(const In& in);
  void write_void(const VoidSample& sample);
  void finish();
  /// A whole cache with the wanted fingerprint is there already.
  bool up_to_date() const { return up_to_date_; }
  DiskNeed disk_need() const { return {file_, samples_ * bytes_per_sample_}; }

 private:
  std::filesystem::path file_;
  std::string pipeline_;
  Fingerprint fingerprint_;
  std::int64_t samples_ = 0;
  std::int64_t bytes_per_sample_ = 0;
  bool up_to_date_ = false;
  std::shared_ptr<const SampleTable> table_;
  std::optional<FaceCacheWriter> writer_;  // made with the first face, whose size it needs
  std::vector<VoidSample> voids_;
};

}  // namespace fergraph
