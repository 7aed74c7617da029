#include "nodes/face/write_cache.hpp"

#include <jpeglib.h>
#include <spdlog/spdlog.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <nlohmann/json.hpp>
#include <opencv2/core/version.hpp>
#include <stdexcept>
#include <utility>

#include "cache/cache_file.hpp"

namespace fergraph {
namespace {

const std::string decoder_version =
    "OpenCV " CV_VERSION ", libjpeg-turbo " + std::to_string(LIBJPEG_TURBO_VERSION_NUMBER);

// A shard without faces has no size that could be known.
constexpr FaceShape no_faces{1, 1};

// "name: {…}" lines as settings: a stale cache can then say which node changed.
void add_lines(const std::string& lines, std::vector<Setting>& settings) {
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    const std::size_t colon = lines.find(": ", begin);
    settings.emplace_back(lines.substr(begin, colon - begin), lines.substr(colon + 2, end - colon - 2));
    begin = end + 1;
  }
}

std::vector<Setting> settings_of(const Preparation& preparation) {
  std::vector<Setting> settings;
  add_lines(preparation.stream_description, settings);
  for (const std::string& line : preparation.fingerprints) add_lines("data of " + line, settings);
  settings.emplace_back("decoder", decoder_version);
  return settings;
}

// Faces are encoded on the threads of the stream, which this sink is one node of. Isolated, because a thread that waits
// here for others must not begin with another node of the stream.
void on_all_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  tbb::this_task_arena::isolate([&] { tbb::parallel_for(std::size_t{0}, count, body); });
}

}  // namespace

std::vector<Setting> settings_of(const FaceEncoding& encoding) {
  if (encoding.codec == FaceCodec::raw) return {};
  return {{"codec", encoding.text()}};
}

WriteCache::WriteCache(const Params& params, const Preparation& preparation)
    : layout_(params.file, preparation.samples, params.shard),
      encoding_{params.codec, params.quality},
      pipeline_(preparation.pipeline),
      bytes_per_sample_(preparation.sample_bytes) {
  layout_.require_room();
  std::vector<Setting> settings = settings_of(preparation);
  for (Setting& each : settings_of(encoding_)) settings.push_back(std::move(each));
  std::int64_t mine = 0;
  for (std::int64_t number = preparation.share.index; number < layout_.count(); number += preparation.share.count) {
    ++mine;
    PendingShard shard{number, {}, {}};
    std::vector<Setting> of_shard = settings;
    if (preparation.source_fingerprint) {
      SourceFingerprint source = preparation.source_fingerprint({layout_.begin(number), layout_.end(number)});
      of_shard.emplace_back("rows", std::move(source.rows));
      shard.files = std::move(source.files);
    }
    shard.fingerprint = make_fingerprint(of_shard);
    if (!is_current(number, shard)) pending_.push_back(std::move(shard));
  }
  const auto waiting = static_cast<std::int64_t>(pending_.size());
  if (layout_.is_folder() && waiting > 0 && waiting < mine)
    spdlog::info("The cache '{}' goes on: {} of {} shards are there.", layout_.cache().string(), mine - waiting, mine);
}

Contract<WriteCache> WriteCache::contract() {
  return Contract<WriteCache>("write_cache", "Writes aligned faces into an HDF5 face cache.")
      .details(
          "Each file appears by rename when it is complete. What is there already with the same fingerprint (rows, "
          "nodes, parameters, detector, decoder) of the same photographs (sizes and times of change) is left alone, so "
          "a run "
          "that was interrupted goes on. Where the samples are more than 'shard', the cache is a folder of shards such "
          "as 00003-of-00036.h5, which several processes may fill (fergraph run --shard I/N). h5py reads every file as "
          "it is. Of several faces of a photograph each has its row, split and label, and its id with #0, #1, ... "
          "behind it; they bring their boxes and landmarks along, so that 'box' and 'landmarks' are left out. `codec: "
          "jpeg` keeps each face as a JPEG with colour at full resolution (4:4:4): a tenth to a quarter of the "
          "bytes at quality 95, decoded again by whoever reads it; raw faces are read without any work.")
      .in(&In::image, "image", "uint8 [S,S,3] or uint8 [K,S,S,3]", "the face, or all faces of the photograph")
      .in(&In::photo, "photo", "photograph", "the sample that it is of")
      .in(&In::box, "box", "float [4]", "where it was in the photograph")
      .in(&In::landmarks, "landmarks", "float [10]", "its landmarks in the photograph")
      .param(&Params::file, "file", "the cache: a file (.h5), or a folder where it has shards", required)
      .param(&Params::shard, "shard", "samples per shard: what a run that is killed has to make again at most",
             in_range(1, 1 << 24))
      .param(&Params::codec, "codec", "how faces are kept")
      .param(&Params::quality, "quality", "of jpeg", in_range(1, 100));
}

bool WriteCache::is_current(std::int64_t shard, const PendingShard& wanted) {
  const std::filesystem::path file = layout_.file(shard);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return false;
  try {
    const CacheStamp stamp = read_stamp(file);
    if (stamp.fingerprint.hash == wanted.fingerprint.hash && stamp.files == wanted.files) return true;
    // The others are most likely stale for the same reason.
    if (stale_++ > 0) return false;
    spdlog::info("The cache '{}' is made anew, because it is stale:", file.string());
    for (const std::string& change : describe_difference(stamp.fingerprint.json, wanted.fingerprint.json))
      spdlog::info("  {}", change);
    if (stamp.files != wanted.files)
      spdlog::info("  files: {} when the cache was made, {} now.", stamp.files, wanted.files);
  } catch (const CacheError& error) {
    spdlog::warn("The cache '{}' is made anew: {}", file.string(), error.what());
  }
  return false;
}

std::vector<SampleRange> WriteCache::pending() const {
  std::vector<SampleRange> ranges;
  for (const PendingShard& shard : pending_) ranges.push_back({layout_.begin(shard.number), layout_.end(shard.number)});
  return ranges;
}

DiskNeed WriteCache::disk_need() const {
  DiskNeed need{layout_.cache(), 0};
  // What the nodes above tell is of raw faces.
  const std::int64_t bytes = encoding_.codec == FaceCodec::raw ? bytes_per_sample_ : bytes_per_sample_ / 3;
  for (const SampleRange& range : pending()) need.bytes += (range.end - range.begin) * bytes;
  return need;
}

void WriteCache::begin(std::int64_t sample) {
  while (layout_.shard_of(sample) != pending_[at_].number) ++at_;
}

void WriteCache::end(std::int64_t sample) {
  if (sample + 1 == layout_.end(pending_[at_].number)) close_shard();
}

FaceCacheWriter WriteCache::make_writer(const PendingShard& shard, FaceShape shape) const {
  Provenance provenance;
  provenance.class_names = table_->class_names;
  provenance.pipeline = pipeline_;
  provenance.versions_json = nlohmann::json{{"decoder", decoder_version}}.dump();
  provenance.fingerprint = shard.fingerprint;
  provenance.files = shard.files;
  const std::filesystem::path file = layout_.file(shard.number);
  layout_.make_folder(shard.number);
  return {file,      shape,         layout_.end(shard.number) - layout_.begin(shard.number), std::move(provenance),
          encoding_, on_all_threads};
}

void WriteCache::append(const cv::Mat& pixels, Face face) {
  const cv::Mat dense = pixels.isContinuous() ? pixels : pixels.clone();
  for (const auto& [shard, voids] : std::exchange(faceless_, {}))
    publish(make_writer(pending_[shard], no_faces), voids);
  if (!writer_) writer_.emplace(make_writer(pending_[at_], FaceShape{dense.rows, dense.cols}));
  face.pixels = {dense.data, dense.total() * dense.elemSize()};
  writer_->append(face);
  ++faces_;
}

void WriteCache::run(const In& in, const Context& context) {
  begin(context.sample);
  table_ = in.photo.table;
  const Sample& sample = in.photo.sample();
  Face face;
  face.row = sample.row;
  face.id = sample.id;
  face.split = sample.split;
  face.label = sample.label;
  if (in.landmarks) face.landmarks = in.landmarks->values;
  if (in.box) face.box = in.box->values;
  if (const auto* image = std::get_if<Image>(&in.image)) {
    append(image->pixels, std::move(face));
  } else {
    if (in.box || in.landmarks)
      throw std::invalid_argument(
          "Several faces bring their boxes and landmarks along: leave out 'box' and 'landmarks'.");
    const auto faces = std::get<AlignedFaces>(in.image).all();
    for (std::size_t k = 0; k < faces.size(); ++k) {
      if (faces.size() > 1) face.id = sample.id + "#" + std::to_string(k);
      const FaceBox& box = faces[k].face.box;
      face.box = {box.x, box.y, box.width, box.height};
      face.landmarks = faces[k].face.landmarks;
      append(faces[k].pixels, face);
    }
  }
  end(context.sample);
}

void WriteCache::write_void(const VoidSample& sample) {
  begin(sample.sample);
  if (!first_void_) first_void_ = sample;
  ++void_count_;
  voids_.push_back(sample);
  end(sample.sample);
}

void WriteCache::close_shard() {
  std::vector<VoidSample> voids = std::exchange(voids_, {});
  if (writer_) {
    publish(std::move(*writer_), voids);
    writer_.reset();
  } else if (table_) {
    publish(make_writer(pending_[at_], no_faces), voids);
  } else {
    faceless_.emplace_back(at_, std::move(voids));
  }
}

void WriteCache::publish(FaceCacheWriter writer, const std::vector<VoidSample>& voids) {
  for (const VoidSample& each : voids) {
    const Sample& sample = table_->samples[static_cast<std::size_t>(each.sample)];
    writer.append_void({sample.row, sample.id, sample.split, sample.label, each.reason});
  }
  if (publishing_.valid()) publishing_.get();
  const AfterFinish after = layout_.is_folder() ? AfterFinish::drop_from_memory : AfterFinish::keep_in_memory;
  publishing_ = std::async(std::launch::async, [whole = std::move(writer), after]() mutable { whole.finish(after); });
}

void WriteCache::finish() {
  if (publishing_.valid()) publishing_.get();
  if (faces_ == 0 && first_void_)
    throw std::runtime_error("None of the " + std::to_string(void_count_) +
                             " photographs gave a face, so no cache was written. The first was " + first_void_->name +
                             ": " + first_void_->reason);
}

}  // namespace fergraph
