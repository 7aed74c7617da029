#include "nodes/network/safetensors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nodes/dtype_size.hpp"

namespace fergraph {
namespace {

constexpr std::uint64_t longest_header = 100'000'000;  // the format's own limit

// The length of the header is little-endian whatever the machine.
std::array<char, 8> length_bytes(std::uint64_t length) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i) & 0xFF);
  return bytes;
}

std::uint64_t length_of(const std::array<char, 8>& bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < 8; ++i) length |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return length;
}

struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// One entry of the header, without its bytes. Throws std::runtime_error with the reason.
std::pair<Blob, Extent> read_entry(const std::string& name, const nlohmann::json& entry, std::uint64_t data_size) {
  Blob blob{entry.at("dtype").get<std::string>(), entry.at("shape").get<std::vector<std::int64_t>>(), {}};
  const auto offsets = entry.at("data_offsets").get<std::array<std::uint64_t, 2>>();
  const std::size_t element = dtype_size(blob.dtype);
  if (element == 0) throw std::runtime_error("the array '" + name + "' has the unknown dtype '" + blob.dtype + "'");
  std::uint64_t bytes = element;
  for (const std::int64_t size : blob.shape) {
    if (size < 0 || (size > 0 && bytes > data_size / static_cast<std::uint64_t>(size)))
      throw std::runtime_error("the array '" + name + "' is larger than the file");
    bytes *= static_cast<std::uint64_t>(size);
  }
  if (offsets[0] > offsets[1] || offsets[1] > data_size || offsets[1] - offsets[0] != bytes)
    throw std::runtime_error("the place of the array '" + name + "' does not fit its shape or the file");
  return {std::move(blob), {offsets[0], offsets[1]}};
}

Safetensors read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("it does not exist or may not be read");
  const std::uint64_t size = std::filesystem::file_size(path);
  std::array<char, 8> prefix{};
  if (size < prefix.size() || !file.read(prefix.data(), prefix.size())) throw std::runtime_error("it is cut short");
  const std::uint64_t header_size = length_of(prefix);
  if (header_size > longest_header || header_size > size - prefix.size())
    throw std::runtime_error("its header is longer than the file, so it is cut short or no safetensors file");
  std::string header(header_size, '\0');
  if (!file.read(header.data(), static_cast<std::streamsize>(header_size))) throw std::runtime_error("it is cut short");
  const nlohmann::json entries = nlohmann::json::parse(header);
  if (!entries.is_object()) throw std::runtime_error("its header is no JSON object");

  const std::uint64_t data_begin = prefix.size() + header_size;
  Safetensors out;
  for (const auto& [name, entry] : entries.items()) {
    if (name == "__metadata__") {
      out.metadata = entry.get<Metadata>();
      continue;
    }
    auto [blob, extent] = read_entry(name, entry, size - data_begin);
    blob.bytes.resize(extent.end - extent.begin);
    file.seekg(static_cast<std::streamoff>(data_begin + extent.begin));
    if (!blob.bytes.empty() &&
        !file.read(reinterpret_cast<char*>(blob.bytes.data()), static_cast<std::streamsize>(blob.bytes.size())))
      throw std::runtime_error("the array '" + name + "' is cut short");
    out.arrays.emplace(name, std::move(blob));
  }
  return out;
}

// Puts a file or a folder on the disk; errno's number where that fails. Some file systems cannot sync a folder and say
// EINVAL.
int sync_error(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (descriptor < 0) return errno;
  const int error = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  return error;
}

}  // namespace

Safetensors read_safetensors_file(const std::filesystem::path& path) {
  try {
    return read(path);
  } catch (const std::exception& error) {
    std::string reason = error.what();
    if (dynamic_cast<const nlohmann::json::exception*>(&error)) reason = "its header is damaged (" + reason + ")";
    throw std::runtime_error("Cannot read '" + path.string() + "': " + reason + ".");
  }
}

Blobs read_safetensors(const std::filesystem::path& path) { return read_safetensors_file(path).arrays; }

void write_safetensors(const std::filesystem::path& path, const Blobs& arrays, const Metadata& metadata) {
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, blob] : arrays) {
    header[name] = {
        {"dtype", blob.dtype}, {"shape", blob.shape}, {"data_offsets", {offset, offset + blob.bytes.size()}}};
    offset += blob.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // the arrays begin aligned, as the format recommends

  const std::filesystem::path partial = path.string() + ".partial." + std::to_string(::getpid());
  std::ofstream file(partial, std::ios::binary | std::ios::trunc);
  const std::array<char, 8> length = length_bytes(text.size());
  file.write(length.data(), length.size());
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const auto& [name, blob] : arrays)
    file.write(reinterpret_cast<const char*>(blob.bytes.data()), static_cast<std::streamsize>(blob.bytes.size()));
  file.close();
  std::error_code error;
  // Renamed before its bytes are on the disk, an empty file could stand in place of the old one after a loss of power.
  const bool whole = file && sync_error(partial, 0) == 0;
  if (whole) std::filesystem::rename(partial, path, error);
  if (!whole || error) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw std::runtime_error("Cannot write '" + path.string() + "': the folder is absent, not writable or full.");
  }
  const int folder = sync_error(path.has_parent_path() ? path.parent_path() : ".", O_DIRECTORY);
  if (folder != 0 && folder != EACCES)  // a folder may be writable but not readable
    throw std::runtime_error("'" + path.string() + "' is written, but its folder cannot be put on the disk (" +
                             std::generic_category().message(folder) + "). Check the disk.");
}

}  // namespace fergraph
