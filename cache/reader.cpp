#include "cache/reader.hpp"

#include <algorithm>

#include "cache/shards.hpp"

namespace fergraph {

namespace {

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& each : sentences) text += (text.empty() ? "" : " ") + each;
  return text;
}

}  // namespace

FaceCache::FaceCache(const std::filesystem::path& path) : path_(path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    for (const std::filesystem::path& shard : shards_in(path)) files_.push_back(std::make_unique<FaceCacheFile>(shard));
  else
    files_.push_back(std::make_unique<FaceCacheFile>(path));
  join();
}

void FaceCache::join() {
  first_ = {0};
  const FaceCacheFile& front = *files_.front();
  provenance_ = front.provenance();
  shape_ = front.shape();
  encoding_ = front.encoding();
  std::vector<Setting> fingerprints;
  for (const auto& file : files_) {
    // A shard in which no face was found has no size of its own.
    if (first_.back() == 0 && file->size() > 0) shape_ = file->shape();
    if (const auto changes =
            describe_shard_difference(provenance_.fingerprint.json, file->provenance().fingerprint.json);
        !changes.empty())
      throw CacheError("The face cache '" + path_.string() + "' has shards that were made with other settings: '" +
                       file->path().filename().string() + "' differs from '" + front.path().filename().string() +
                       "'. " + joined(changes) + " Run its preprocessing file again, which renews what is stale.");
    if ((file->size() > 0 && file->shape() != shape_) || file->encoding() != encoding_ ||
        file->provenance().class_names != provenance_.class_names)
      throw CacheError("The face cache '" + path_.string() + "' has shards that do not fit together: '" +
                       file->path().filename().string() +
                       "' has faces of another size, other classes or another codec than those before it. Run its "
                       "preprocessing file "
                       "again, which renews what is stale.");
    first_.push_back(first_.back() + file->size());
    labels_.insert(labels_.end(), file->labels().begin(), file->labels().end());
    rows_.insert(rows_.end(), file->rows().begin(), file->rows().end());
    voids_.insert(voids_.end(), file->voids().begin(), file->voids().end());
    fingerprints.emplace_back(file->path().filename().string(), file->provenance().fingerprint.hash);
  }
  if (files_.size() > 1) provenance_.fingerprint = make_fingerprint(fingerprints);
}

std::size_t FaceCache::file_of(std::int64_t index) const {
  if (index < 0 || index >= size())
    throw CacheError("The face cache '" + path_.string() + "' has " + std::to_string(size()) +
                     " faces, so there is no face " + std::to_string(index) + ": ask for 0 to " +
                     std::to_string(size() - 1) + ".");
  return static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), index) - first_.begin() - 1);
}

std::vector<std::int64_t> FaceCache::verify() const {
  std::vector<std::int64_t> damaged;
  for (std::size_t f = 0; f < files_.size(); ++f)
    for (const std::int64_t face : files_[f]->verify()) damaged.push_back(first_[f] + face);
  return damaged;
}

}  // namespace fergraph
