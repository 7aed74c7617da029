#include "cache/writer.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "cache/checksum.hpp"
#include "cache/format.hpp"
#include "cache/hdf5_values.hpp"
#include "cache/jpeg_face.hpp"
#include "cache/partial_file.hpp"
#include "cache/seal.hpp"
#include "cache/tables_file.hpp"

namespace fergraph {

namespace {

// What HDF5 adds around the tables, generously: headers and the alignment of each dataset.
constexpr std::uint64_t structure_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t expected_table_bytes_per_face = 256;
// Enough for many threads, and few enough to wait in memory (10 MB of the largest usual size).
constexpr std::size_t encoded_at_once = 64;
constexpr int largest_jpeg_side = 65500;

Hdf5Handle file_access() {
  Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "making properties");
  // One version of the format whichever HDF5 writes it, readable by every HDF5 since 1.8, with checksummed headers.
  hdf5_checked(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18), "making properties");
  hdf5_checked(H5Pset_alignment(access, cache_format::alignment_threshold, cache_format::alignment),
               "making properties");
  // PartialFile holds the lock; HDF5's own is refused by some network file systems.
  hdf5_checked(H5Pset_file_locking(access, false, true), "making properties");
  return access;
}

void make_empty_file(const std::string& path) {
  const Hdf5Lock lock;
  const Hdf5Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "making properties");
  hdf5_checked(H5Pset_obj_track_times(creation, false), "making properties");
  // Room for every link and attribute in the root's own header, which is checksummed.
  hdf5_checked(H5Pset_link_phase_change(creation, 32, 16), "making properties");
  hdf5_checked(H5Pset_attr_phase_change(creation, 32, 16), "making properties");
  const Hdf5Handle access = file_access();
  Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose, "making the file");
  file.close("closing the file");
}

/// Makes the dataset of the faces' bytes without touching them and returns where they lie in the file.
std::uint64_t make_faces(hid_t file, const char* name, const Dimensions& dimensions) {
  const Hdf5Handle properties = untimed_dataset_properties();
  hdf5_checked(H5Pset_layout(properties, H5D_CONTIGUOUS), "making properties");
  hdf5_checked(H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY), "making properties");
  hdf5_checked(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), "making properties");
  const Hdf5Handle space = dataspace(dimensions);
  Hdf5Handle faces(H5Dcreate2(file, name, hdf5_type<std::uint8_t>(), space, H5P_DEFAULT, properties, H5P_DEFAULT),
                   H5Dclose, "making the dataset '" + std::string(name) + "'");
  const haddr_t offset = H5Dget_offset(faces);
  faces.close("closing the dataset '" + std::string(name) + "'");
  if (dimensions.front() == 0) return cache_format::pixels_offset;
  if (offset == HADDR_UNDEF) throw Hdf5Failure("HDF5 does not say where the images lie: " + hdf5_innermost_message());
  return offset;
}

/// count * bytes, or 2^62 - 1 when it is more than that: no disk has so many, which require_free() then says, and the
/// sum of two still fits into 64 bits.
std::uint64_t bytes_of(std::uint64_t count, std::uint64_t bytes) {
  constexpr std::uint64_t most = (std::uint64_t{1} << 62) - 1;
  std::uint64_t product = 0;
  return __builtin_mul_overflow(count, bytes, &product) ? most : std::min(product, most);
}

}  // namespace

struct FaceCacheWriter::State {
  PartialFile file;
  PixelFormat format;
  ForEach for_each;
  Provenance provenance;
  CacheTables tables;
  std::uint64_t stored = 0;           // bytes of faces in the file
  std::vector<std::uint8_t> waiting;  // pixels of the faces that are to be encoded next
  std::vector<std::string> ids, splits, void_ids, void_splits, void_reasons;
  enum { open, failed, finished } stage = open;

  State(const std::filesystem::path& path, const PixelFormat& pixel_format, Provenance given, ForEach each)
      : file(path), format(pixel_format), for_each(std::move(each)), provenance(std::move(given)) {
    if (is_encoded()) tables.offsets.push_back(0);
  }

  bool is_encoded() const { return format.encoding.codec != FaceCodec::raw; }

  /// The next face's bytes, as the file keeps them.
  void store(std::span<const std::uint8_t> bytes) {
    file.write_at(cache_format::pixels_offset + stored, bytes);
    stored += bytes.size();
    tables.checksums.push_back(checksum_of(bytes));
    if (is_encoded()) tables.offsets.push_back(stored);
  }

  /// Encodes the faces that wait, all at once, and stores them in their order.
  void encode_waiting() {
    const std::size_t face = format.shape.bytes();
    std::vector<std::vector<std::uint8_t>> encoded(waiting.size() / face);
    const auto encode = [&](std::size_t i) {
      encoded[i] = encode_jpeg(std::span(waiting).subspan(i * face, face), format.shape, format.encoding.quality);
    };
    if (for_each)
      for_each(encoded.size(), encode);
    else
      for (std::size_t i = 0; i < encoded.size(); ++i) encode(i);
    for (const auto& bytes : encoded) store(bytes);
    waiting.clear();
  }

  void append(std::span<const std::uint8_t> pixels) {
    if (!is_encoded()) return store(pixels);
    waiting.insert(waiting.end(), pixels.begin(), pixels.end());
    if (waiting.size() >= encoded_at_once * format.shape.bytes()) encode_waiting();
  }

  std::string named() const { return "The face cache '" + file.destination().string() + "'"; }

  void require_open() const {
    if (stage == finished) throw CacheError(named() + " is finished: make a new writer to write it anew.");
    if (stage == failed) throw CacheError(named() + " was not written because of an earlier failure: make it again.");
  }

  void require_text(const std::string& text, const char* what) const {
    if (text.find('\0') != std::string::npos)
      throw CacheError(named() + " cannot hold the " + what + " '" + text.c_str() +
                       "...' because a zero byte is in it: correct the dataset's table.");
  }

  void require_label(std::int64_t label, const std::string& id) const {
    const auto classes = static_cast<std::int64_t>(provenance.class_names.size());
    if (label < unknown_label || label >= classes)
      throw CacheError(named() + " has " + std::to_string(classes) + " classes, but '" + id + "' has the label " +
                       std::to_string(label) + ": give the index of a class, or -1 when it is unknown.");
  }

  void write_structure() {
    tables.ids = FixedText(ids);
    tables.splits = FixedText(splits);
    tables.void_ids = FixedText(void_ids);
    tables.void_splits = FixedText(void_splits);
    tables.void_reasons = FixedText(void_reasons);
    // HDF5 recovers badly from a disk that fills up under it: take all it will write beforehand.
    file.reserve(cache_format::pixels_offset + stored + stored_bytes(tables, provenance) + structure_bytes);

    const Hdf5Lock lock;
    const Hdf5Handle access = file_access();
    Hdf5Handle hdf5(H5Fopen(file.path().c_str(), H5F_ACC_RDWR, access), H5Fclose, "opening the file");
    const FaceShape shape = format.shape;
    const std::uint64_t offset = is_encoded() ? make_faces(hdf5, cache_format::dataset::encoded, {stored})
                                              : make_faces(hdf5, cache_format::dataset::images,
                                                           {tables.rows.size(), static_cast<hsize_t>(shape.height),
                                                            static_cast<hsize_t>(shape.width), 3});
    // Before anything else is placed in the file: until here all of it past the empty structure is pixels.
    file.move_bytes(cache_format::pixels_offset, offset, stored);
    write_tables(hdf5, format, tables, provenance);
    hdf5.close("closing the file");
    write_seal(file, {offset, stored});
  }
};

FaceCacheWriter::FaceCacheWriter(const std::filesystem::path& path, FaceShape shape, std::int64_t expected_faces,
                                 Provenance provenance, FaceEncoding encoding, ForEach for_each) {
  const std::string named = "The face cache '" + path.string() + "'";
  if (shape.height < 1 || shape.width < 1 || shape.height > cache_format::largest_side ||
      shape.width > cache_format::largest_side)
    throw CacheError(named + " cannot hold faces of " + std::to_string(shape.height) + "x" +
                     std::to_string(shape.width) + " pixels: give a height and a width from 1 to 65535.");
  if (encoding.quality < 1 || encoding.quality > 100)
    throw CacheError(named + " cannot hold faces of the quality " + std::to_string(encoding.quality) +
                     ": give a quality from 1 to 100.");
  if (encoding.codec == FaceCodec::jpeg && std::max(shape.height, shape.width) > largest_jpeg_side)
    throw CacheError(named + " cannot hold faces of " + std::to_string(shape.width) + "x" +
                     std::to_string(shape.height) + " pixels as JPEGs: keep them raw, or make them smaller.");
  if (expected_faces < 0) throw CacheError(named + " cannot expect a negative number of faces: give 0 or more.");
  if (!nlohmann::json::parse(provenance.versions_json, nullptr, false).is_object())
    throw CacheError(named + " needs its versions as the text of a JSON object: give '{}' when there are none.");
  try {
    static_cast<void>(nlohmann::json(provenance.class_names).dump());
  } catch (const nlohmann::json::exception&) {
    throw CacheError(named + " needs class names in UTF-8: correct the dataset's table.");
  }

  state_ = std::make_unique<State>(path, PixelFormat{shape, encoding}, std::move(provenance), std::move(for_each));
  state_->require_text(state_->provenance.pipeline, "pipeline");
  const auto faces = static_cast<std::uint64_t>(expected_faces);
  const std::uint64_t pixels = bytes_of(faces, expected_bytes(shape, encoding));
  state_->file.require_free(pixels + bytes_of(faces, expected_table_bytes_per_face) + structure_bytes);
  try {
    make_empty_file(state_->file.path().string());
  } catch (const Hdf5Failure& failure) {
    throw CacheError(named + " was not written: HDF5 failed (" + failure.what() +
                     "). Check the disk or write the cache elsewhere.");
  }
  state_->file.reserve(cache_format::pixels_offset + pixels);
}

std::size_t expected_bytes(FaceShape shape, const FaceEncoding& encoding) {
  return encoding.codec == FaceCodec::raw ? shape.bytes() : shape.bytes() / 3 + 1;
}

FaceCacheWriter::~FaceCacheWriter() = default;
FaceCacheWriter::FaceCacheWriter(FaceCacheWriter&&) noexcept = default;
FaceCacheWriter& FaceCacheWriter::operator=(FaceCacheWriter&&) noexcept = default;

void FaceCacheWriter::append(const Face& face) {
  State& state = *state_;
  state.require_open();
  const FaceShape shape = state.format.shape;
  if (face.pixels.size() != shape.bytes())
    throw CacheError(state.named() + " holds faces of " + std::to_string(shape.height) + "x" +
                     std::to_string(shape.width) + " RGB pixels (" + std::to_string(shape.bytes()) + " bytes), but '" +
                     face.id + "' has " + std::to_string(face.pixels.size()) + " bytes: resize it first.");
  state.require_label(face.label, face.id);
  state.require_text(face.id, "id");
  state.require_text(face.split, "split");

  CacheTables& tables = state.tables;
  state.stage = State::failed;  // Unless all of the following succeeds.
  state.append(face.pixels);
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  Landmarks landmarks;
  landmarks.fill(none);
  landmarks = face.landmarks.value_or(landmarks);
  const BoundingBox box = face.box.value_or(BoundingBox{none, none, none, none});
  tables.landmarks.insert(tables.landmarks.end(), landmarks.begin(), landmarks.end());
  tables.boxes.insert(tables.boxes.end(), box.begin(), box.end());
  tables.labels.push_back(face.label);
  state.ids.push_back(face.id);
  state.splits.push_back(face.split);
  tables.rows.push_back(face.row);
  state.stage = State::open;
}

void FaceCacheWriter::append_void(const MissingFace& sample) {
  State& state = *state_;
  state.require_open();
  state.require_label(sample.label, sample.id);
  state.require_text(sample.id, "id");
  state.require_text(sample.split, "split");
  state.require_text(sample.reason, "reason");
  state.stage = State::failed;
  state.tables.void_labels.push_back(sample.label);
  state.void_ids.push_back(sample.id);
  state.void_splits.push_back(sample.split);
  state.void_reasons.push_back(sample.reason);
  state.tables.void_rows.push_back(sample.row);
  state.stage = State::open;
}

std::int64_t FaceCacheWriter::size() const { return static_cast<std::int64_t>(state_->tables.rows.size()); }

void FaceCacheWriter::finish(AfterFinish after) {
  State& state = *state_;
  state.require_open();
  state.stage = State::failed;
  if (!state.waiting.empty()) state.encode_waiting();
  try {
    state.write_structure();
  } catch (const Hdf5Failure& failure) {
    throw CacheError(state.named() + " was not written: HDF5 failed (" + failure.what() +
                     "). Check the disk or write the cache elsewhere.");
  }
  state.file.publish();
  if (after == AfterFinish::drop_from_memory) state.file.drop_pages();
  state.stage = State::finished;
}

}  // namespace fergraph
