#include "nodes/face/write_cache.hpp"

#include <jpeglib.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>

#include "cache/reader.hpp"

namespace fergraph {
namespace {

const std::string decoder_version =
    "OpenCV " CV_VERSION ", libjpeg-turbo " + std::to_string(LIBJPEG_TURBO_VERSION_NUMBER);

// "name: {…}" lines as settings: a stale cache can then say which node changed.
void add_lines(const std::string& lines, std::vector<Setting>& settings) {
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    const std::size_t colon = lines.find(": ", begin);
    settings.emplace_back(lines.substr(begin, colon - begin), lines.substr(colon + 2, end - colon - 2));
    begin = end + 1;
  }
}

// "node: fingerprint", where a fingerprint of several lines "what: …" is told line by line.
void add_fingerprint(const std::string& text, std::vector<Setting>& settings) {
  const std::size_t colon = text.find(": ");
  const std::string key = "data of " + text.substr(0, colon);
  const std::string fingerprint = text.substr(colon + 2);
  if (fingerprint.find('\n') == std::string::npos) {
    settings.emplace_back(key, fingerprint);
    return;
  }
  std::vector<Setting> lines;
  add_lines(fingerprint, lines);
  for (const auto& [what, value] : lines) settings.emplace_back(key + ", " + what, value);
}

Fingerprint fingerprint_of(const Preparation& preparation) {
  std::vector<Setting> settings;
  add_lines(preparation.stream_description, settings);
  for (const std::string& text : preparation.fingerprints) add_fingerprint(text, settings);
  settings.emplace_back("decoder", decoder_version);
  return make_fingerprint(settings);
}

}  // namespace

WriteCache::WriteCache(const Params& params, const Preparation& preparation)
    : file_(params.file),
      pipeline_(preparation.pipeline),
      fingerprint_(fingerprint_of(preparation)),
      samples_(preparation.samples),
      bytes_per_sample_(preparation.sample_bytes) {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return;
  try {
    const FaceCache existing(file_);
    up_to_date_ = existing.provenance().fingerprint.hash == fingerprint_.hash;
    if (up_to_date_) return;
    spdlog::info("The cache '{}' is made anew, because it is stale:", file_.string());
    for (const std::string& change : describe_difference(existing.provenance().fingerprint.json, fingerprint_.json))
      spdlog::info("  {}", change);
  } catch (const CacheError& error) {
    spdlog::warn("The cache '{}' is made anew: {}", file_.string(), error.what());
  }
}

Contract<WriteCache> WriteCache::contract() {
  return Contract<WriteCache>("write_cache", "Writes aligned faces into an HDF5 face cache.")
      .details(
          "The file appears by rename when it is complete; a cache that is there already and has the same fingerprint "
          "(rows, sizes and times of the photographs, nodes, parameters, detector, decoder) is left alone. h5py reads "
          "the file as it is.")
      .in(&In::image, "image", "uint8 [S,S,3]", "the face")
      .in(&In::photo, "photo", "photograph", "the sample that it is of")
      .in(&In::box, "box", "float [4]", "where it was in the photograph")
      .in(&In::landmarks, "landmarks", "float [10]", "its landmarks in the photograph")
      .param(&Params::file, "file", "the cache, .h5", required);
}

void WriteCache::run(const In& in) {
  const cv::Mat pixels = in.image.pixels.isContinuous() ? in.image.pixels : in.image.pixels.clone();
  if (!writer_) {
    table_ = in.photo.table;
    Provenance provenance;
    provenance.class_names = table_->class_names;
    provenance.pipeline = pipeline_;
    provenance.versions_json = nlohmann::json{{"decoder", decoder_version}}.dump();
    provenance.fingerprint = fingerprint_;
    if (file_.has_parent_path()) std::filesystem::create_directories(file_.parent_path());
    writer_.emplace(file_, FaceShape{pixels.rows, pixels.cols}, samples_, std::move(provenance));
  }
  const Sample& sample = in.photo.sample();
  Face face;
  face.pixels = {pixels.data, pixels.total() * pixels.elemSize()};
  face.row = sample.row;
  face.id = sample.id;
  face.split = sample.split;
  face.label = sample.label;
  if (in.landmarks) face.landmarks = in.landmarks->values;
  if (in.box) face.box = in.box->values;
  writer_->append(face);
}

void WriteCache::write_void(const VoidSample& sample) { voids_.push_back(sample); }

void WriteCache::finish() {
  if (!writer_)
    throw std::runtime_error("None of the " + std::to_string(samples_) +
                             " photographs gave a face, so no cache was written. The first was " +
                             (voids_.empty() ? "never read." : voids_.front().name + ": " + voids_.front().reason));
  for (const VoidSample& each : voids_) {
    const Sample& sample = table_->samples[static_cast<std::size_t>(each.sample)];
    writer_->append_void({sample.row, sample.id, sample.split, sample.label, each.reason});
  }
  writer_->finish();
  writer_.reset();
}

}  // namespace fergraph
