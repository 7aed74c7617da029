#include "cache/cache_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <system_error>

#include "cache/checksum.hpp"
#include "cache/format.hpp"
#include "cache/hdf5_values.hpp"
#include "cache/jpeg_face.hpp"
#include "cache/seal.hpp"
#include "cache/tables_file.hpp"

namespace fergraph {

namespace {

namespace attribute = cache_format::attribute;

Hdf5Handle open_file(const std::string& path) {
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "making properties");
  // A finished cache never changes, and read-only or network file systems may refuse locks.
  hdf5_checked(H5Pset_file_locking(access, false, true), "making properties");
  hdf5_checked(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), "making properties");
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose, "HDF5 cannot open it"};
}

// The version of the file's format, which is one that is known.
std::int64_t require_format(hid_t file, const std::string& path) {
  std::string format;
  try {
    format = read_text_attribute(file, attribute::format);
  } catch (const Hdf5Failure&) {  // Another program's file need not have such an attribute.
  }
  if (format != cache_format::name)
    throw CacheError("The file '" + path +
                     "' is an HDF5 file but not a fergraph face cache: correct the path or make the cache.");
  std::int64_t version = 0;
  read_number_attribute(file, attribute::version, hdf5_type<std::int64_t>(), &version);
  const std::string versions =
      "' has version " + std::to_string(version) + " of the format, and this fergraph reads versions " +
      std::to_string(cache_format::raw_version) + " and " + std::to_string(cache_format::encoded_version);
  if (version > cache_format::encoded_version)
    throw CacheError("The face cache '" + path + versions + ": use a newer fergraph or make the cache again.");
  if (version < cache_format::raw_version)
    throw CacheError("The face cache '" + path + versions + ": make the cache again.");
  return version;
}

struct OpenedCache {
  Hdf5Handle file;
  std::int64_t version = 0;
};

// Called under the lock of HDF5.
OpenedCache open_cache(const std::string& path) {
  const htri_t is_hdf5 = H5Fis_hdf5(path.c_str());
  if (is_hdf5 < 0)
    throw CacheError("The face cache '" + path + "' cannot be read (" + hdf5_innermost_message() +
                     "): give this user read access to it.");
  if (is_hdf5 == 0)
    throw CacheError("The file '" + path + "' is not an HDF5 file, so it is no face cache: correct the path or make " +
                     "the cache again.");
  Hdf5Handle file = open_file(path);
  const std::int64_t version = require_format(file, path);
  return {std::move(file), version};
}

// Runs what reads a file and names the file in whatever goes wrong.
template <class Read>
void reading(const std::filesystem::path& path, const Read& read) {
  const std::string named = "The face cache '" + path.string() + "'";
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw CacheError(named + " does not exist: make it first or correct the path.");
  if (!std::filesystem::is_regular_file(status)) throw CacheError(named + " is not a file: correct the path.");
  try {
    read();
  } catch (const CacheError&) {
    throw;
  } catch (const Hdf5Failure& failure) {
    throw CacheError(named + " is damaged or was cut short (" + failure.what() +
                     "): copy it again from where it is whole, or make it again.");
  } catch (const std::exception& failure) {  // of the system, or no memory
    throw CacheError(named + " cannot be read (" + failure.what() + "): check the disk and the limits on memory.");
  }
}

int descriptor_of(hid_t file) {
  void* descriptor = nullptr;
  hdf5_checked(H5Fget_vfd_handle(file, H5P_DEFAULT, &descriptor), "asking HDF5 for its file descriptor");
  return *static_cast<int*>(descriptor);
}

std::uint64_t size_of(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) throw std::system_error(errno, std::generic_category());
  return static_cast<std::uint64_t>(status.st_size);
}

FaceShape shape_of(const Dimensions& dimensions) {
  constexpr hsize_t largest = cache_format::largest_side;
  if (dimensions.size() != 4 || dimensions[3] != 3 || dimensions[1] - 1 >= largest || dimensions[2] - 1 >= largest)
    throw Hdf5Failure("its dataset '/images' has not the shape [faces, height, width, 3]");
  return {static_cast<int>(dimensions[1]), static_cast<int>(dimensions[2])};
}

// Where `count` parts of this size lie, one behind the other from the beginning of a dataset.
FaceBytes find_dataset(hid_t file, hid_t dataset, const char* name, std::size_t count, std::size_t part) {
  if (count == 0) return {};
  const haddr_t offset = H5Dget_offset(dataset);
  if (offset == HADDR_UNDEF) throw Hdf5Failure("its dataset '" + std::string(name) + "' is not in one piece");
  const std::uint64_t length = size_of(descriptor_of(file));
  // Reading a mapping past the file's end would kill the process.
  if (offset > length || count > (length - offset) / part)
    throw Hdf5Failure("the file ends at byte " + std::to_string(length) + ", before its last image");
  return {offset, count * part};
}

hsize_t length_of(hid_t dataset, const char* name) {
  const Dimensions dimensions = dimensions_of(dataset);
  if (dimensions.size() != 1) throw Hdf5Failure("its dataset '" + std::string(name) + "' is no list");
  return dimensions.front();
}

// What read() needs beside the bytes themselves: each face's place among them, and no more memory than they can fill.
void require_offsets(const std::vector<std::uint64_t>& offsets, std::uint64_t bytes, FaceShape shape) {
  if (offsets.front() != 0 || offsets.back() != bytes || !std::ranges::is_sorted(offsets))
    throw Hdf5Failure("its dataset '/offsets' does not fit to its dataset '/encoded'");
  // A JPEG spends two bits on every block of 8x8 numbers at the least.
  constexpr std::uint64_t most_packed = 256;
  if (offsets.size() > 1 && shape.bytes() / most_packed > bytes / (offsets.size() - 1))
    throw Hdf5Failure("its faces are said to be of " + std::to_string(shape.width) + "x" +
                      std::to_string(shape.height) + " pixels, more than their bytes can hold");
}

bool any_nan(std::span<const float> numbers) {
  return std::ranges::any_of(numbers, [](float number) { return std::isnan(number); });
}

template <std::size_t Count>
std::optional<std::array<float, Count>> numbers_at(const std::vector<float>& column, std::size_t index) {
  const std::span<const float> numbers = std::span(column).subspan(index * Count, Count);
  if (any_nan(numbers)) return std::nullopt;
  std::array<float, Count> found;
  std::ranges::copy(numbers, found.begin());
  return found;
}

}  // namespace

FaceCacheFile::FaceCacheFile(const std::filesystem::path& path) : path_(path) {
  reading(path, [this] { load(); });
}

void FaceCacheFile::load() {
  namespace dataset = cache_format::dataset;
  const Hdf5Lock lock;
  const OpenedCache opened = open_cache(path_.string());
  const hid_t file = opened.file;

  std::size_t count = 0;
  FaceBytes faces;
  if (opened.version == cache_format::raw_version) {
    const Hdf5Handle images = open_dataset(file, dataset::images);
    const Dimensions dimensions = dimensions_of(images);
    format_.shape = shape_of(dimensions);
    require_dataset(images, dataset::images, hdf5_type<std::uint8_t>(), dimensions);
    count = dimensions[0];
    faces = find_dataset(file, images, dataset::images, count, format_.shape.bytes());
    read_tables(file, format_, count, tables_, provenance_);
  } else {
    format_ = read_pixel_format(file);
    const Hdf5Handle encoded = open_dataset(file, dataset::encoded);
    const hsize_t bytes = length_of(encoded, dataset::encoded);
    require_dataset(encoded, dataset::encoded, hdf5_type<std::uint8_t>(), {bytes});
    faces = find_dataset(file, encoded, dataset::encoded, bytes, 1);
    const hsize_t offsets = length_of(open_dataset(file, dataset::offsets), dataset::offsets);
    if (offsets == 0) throw Hdf5Failure("its dataset '/offsets' is empty");
    count = offsets - 1;
    read_tables(file, format_, count, tables_, provenance_);
    require_offsets(tables_.offsets, bytes, format_.shape);
  }
  // Caches of the first programs have no seal. It is looked at last: what is known to be wrong says more.
  if (has_attribute(file, attribute::sealed)) {
    if (const std::string broken = broken_seal(descriptor_of(file), faces); !broken.empty()) throw Hdf5Failure(broken);
  }
  if (faces.count > 0) pixels_ = {descriptor_of(file), faces.begin, faces.count};

  for (std::size_t i = 0; i < tables_.void_rows.size(); ++i)
    voids_.push_back({tables_.void_rows[i], std::string(tables_.void_ids.at(i)), std::string(tables_.void_splits.at(i)),
                      tables_.void_labels[i], std::string(tables_.void_reasons.at(i))});
  known_intact_ = std::make_unique<std::atomic<std::uint64_t>[]>(count / 64 + 1);
}

void FaceCacheFile::refuse(std::int64_t index) const {
  throw CacheError("The face cache '" + path_.string() + "' has " + std::to_string(size()) + " faces, so there is no " +
                   "face " + std::to_string(index) + ": ask for 0 to " + std::to_string(size() - 1) + ".");
}

std::span<const std::uint8_t> FaceCacheFile::stored(std::int64_t index) const {
  const std::size_t place = checked(index);
  if (tables_.offsets.empty()) return pixels_.bytes().subspan(place * shape().bytes(), shape().bytes());
  return pixels_.bytes().subspan(tables_.offsets[place], tables_.offsets[place + 1] - tables_.offsets[place]);
}

std::size_t FaceCacheFile::buffer_size() const { return encoding().codec == FaceCodec::raw ? 0 : shape().bytes(); }

bool FaceCacheFile::matches_checksum(std::size_t index) const {
  return checksum_of(stored(static_cast<std::int64_t>(index))) == tables_.checksums[index];
}

bool FaceCacheFile::is_intact(std::int64_t index) const {
  if (!matches_checksum(checked(index))) return false;
  if (encoding().codec == FaceCodec::raw) return true;
  std::vector<std::uint8_t> pixels(shape().bytes());
  return decode_jpeg(stored(index), shape(), pixels).empty();
}

std::string FaceCacheFile::damage_of(std::int64_t index) const {
  return "The face cache '" + path_.string() + "' is damaged at face " + std::to_string(index) + " ('" +
         std::string(id(index)) + "', row " + std::to_string(row(index)) +
         "): copy it again from where it is whole, or make it again.";
}

std::span<const std::uint8_t> FaceCacheFile::read(std::int64_t index, std::span<std::uint8_t> buffer) const {
  const std::size_t place = checked(index);
  std::atomic<std::uint64_t>& word = known_intact_[place / 64];
  const std::uint64_t bit = std::uint64_t{1} << (place % 64);
  // Relaxed: a bit lost between threads only costs a second check, and the bytes themselves never change.
  if ((word.load(std::memory_order_relaxed) & bit) == 0) {
    if (!matches_checksum(place)) throw CacheError(damage_of(index));
    word.fetch_or(bit, std::memory_order_relaxed);
  }
  if (encoding().codec == FaceCodec::raw) return stored(index);
  if (buffer.size() < shape().bytes())
    throw CacheError("A face of the cache '" + path_.string() + "' needs a buffer of " +
                     std::to_string(shape().bytes()) + " bytes and was given one of " + std::to_string(buffer.size()) +
                     ": make it of buffer_size() bytes.");
  // The checksum holds, so this is a file that another program made.
  if (const std::string wrong = decode_jpeg(stored(index), shape(), buffer); !wrong.empty())
    throw CacheError("The face cache '" + path_.string() + "' has a face " + std::to_string(index) + " ('" +
                     std::string(id(index)) + "') that cannot be decoded (" + wrong + "): make it again.");
  return buffer.first(shape().bytes());
}

std::optional<Landmarks> FaceCacheFile::landmarks(std::int64_t index) const {
  return numbers_at<10>(tables_.landmarks, checked(index));
}

std::optional<BoundingBox> FaceCacheFile::box(std::int64_t index) const {
  return numbers_at<4>(tables_.boxes, checked(index));
}

std::vector<std::int64_t> FaceCacheFile::verify() const {
  std::vector<std::int64_t> damaged;
  for (std::int64_t i = 0; i < size(); ++i)
    if (!is_intact(i)) damaged.push_back(i);
  return damaged;
}

CacheStamp read_stamp(const std::filesystem::path& path) {
  CacheStamp stamp;
  reading(path, [&] {
    const Hdf5Lock lock;
    const OpenedCache opened = open_cache(path.string());
    const hid_t file = opened.file;
    stamp.fingerprint.hash = read_text_attribute(file, attribute::fingerprint);
    stamp.fingerprint.json = read_text_attribute(file, attribute::fingerprint_of);
    stamp.files = read_text_attribute(file, attribute::files);
  });
  return stamp;
}

}  // namespace fergraph
