#include "cache/cache_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <system_error>

#include "cache/checksum.hpp"
#include "cache/format.hpp"
#include "cache/hdf5_values.hpp"
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

void require_format(hid_t file, const std::string& path) {
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
  const std::string versions = "' has version " + std::to_string(version) +
                               " of the format, and this fergraph reads version " +
                               std::to_string(cache_format::version);
  if (version > cache_format::version)
    throw CacheError("The face cache '" + path + versions + ": use a newer fergraph or make the cache again.");
  if (version < cache_format::version)
    throw CacheError("The face cache '" + path + versions + ": make the cache again.");
}

// Called under the lock of HDF5.
Hdf5Handle open_cache(const std::string& path) {
  const htri_t is_hdf5 = H5Fis_hdf5(path.c_str());
  if (is_hdf5 < 0)
    throw CacheError("The face cache '" + path + "' cannot be read (" + hdf5_innermost_message() +
                     "): give this user read access to it.");
  if (is_hdf5 == 0)
    throw CacheError("The file '" + path + "' is not an HDF5 file, so it is no face cache: correct the path or make " +
                     "the cache again.");
  Hdf5Handle file = open_file(path);
  require_format(file, path);
  return file;
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

MappedBytes map_images(hid_t file, hid_t images, std::size_t count, std::size_t face_bytes) {
  const haddr_t offset = H5Dget_offset(images);
  if (count == 0) return {};
  if (offset == HADDR_UNDEF) throw Hdf5Failure("its dataset '/images' is not in one piece");
  const int descriptor = descriptor_of(file);
  const std::uint64_t length = size_of(descriptor);
  // Reading a mapping past the file's end would kill the process.
  if (offset > length || count > (length - offset) / face_bytes)
    throw Hdf5Failure("the file ends at byte " + std::to_string(length) + ", before its last image");
  return {descriptor, offset, count * face_bytes};
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
  const Hdf5Lock lock;
  const Hdf5Handle file = open_cache(path_.string());

  const Hdf5Handle images = open_dataset(file, cache_format::dataset::images);
  const Dimensions dimensions = dimensions_of(images);
  shape_ = shape_of(dimensions);
  require_dataset(images, cache_format::dataset::images, hdf5_type<std::uint8_t>(), dimensions);
  const std::size_t count = dimensions[0];
  pixels_ = map_images(file, images, count, shape_.bytes());
  read_tables(file, count, tables_, provenance_);

  for (std::size_t i = 0; i < tables_.void_rows.size(); ++i)
    voids_.push_back({tables_.void_rows[i], std::string(tables_.void_ids.at(i)), std::string(tables_.void_splits.at(i)),
                      tables_.void_labels[i], std::string(tables_.void_reasons.at(i))});
  known_intact_ = std::make_unique<std::atomic<std::uint64_t>[]>(count / 64 + 1);
}

void FaceCacheFile::refuse(std::int64_t index) const {
  throw CacheError("The face cache '" + path_.string() + "' has " + std::to_string(size()) + " faces, so there is no " +
                   "face " + std::to_string(index) + ": ask for 0 to " + std::to_string(size() - 1) + ".");
}

std::span<const std::uint8_t> FaceCacheFile::image(std::int64_t index) const {
  return pixels_.bytes().subspan(checked(index) * shape_.bytes(), shape_.bytes());
}

bool FaceCacheFile::is_intact(std::size_t index) const {
  return checksum_of(image(static_cast<std::int64_t>(index))) == tables_.checksums[index];
}

std::span<const std::uint8_t> FaceCacheFile::image_checked(std::int64_t index) const {
  const std::size_t place = checked(index);
  std::atomic<std::uint64_t>& word = known_intact_[place / 64];
  const std::uint64_t bit = std::uint64_t{1} << (place % 64);
  // Relaxed: a bit lost between threads only costs a second check, and the bytes themselves never change.
  if ((word.load(std::memory_order_relaxed) & bit) == 0) {
    if (!is_intact(place))
      throw CacheError("The face cache '" + path_.string() + "' is damaged at face " + std::to_string(index) + " ('" +
                       std::string(id(index)) + "', row " + std::to_string(row(index)) +
                       "): copy it again from where it is whole, or make it again.");
    word.fetch_or(bit, std::memory_order_relaxed);
  }
  return image(index);
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
    if (!is_intact(static_cast<std::size_t>(i))) damaged.push_back(i);
  return damaged;
}

CacheStamp read_stamp(const std::filesystem::path& path) {
  CacheStamp stamp;
  reading(path, [&] {
    const Hdf5Lock lock;
    const Hdf5Handle file = open_cache(path.string());
    stamp.fingerprint.hash = read_text_attribute(file, attribute::fingerprint);
    stamp.fingerprint.json = read_text_attribute(file, attribute::fingerprint_of);
    stamp.files = read_text_attribute(file, attribute::files);
  });
  return stamp;
}

}  // namespace fergraph
