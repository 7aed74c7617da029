#include "nodes/network/storage_archive.hpp"

#include <zip.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace fergraph {
namespace {

constexpr const char* save_anew = "save it anew on a little-endian machine";

std::runtime_error wrong_size(const PickleStorage& storage, std::uint64_t bytes) {
  return std::runtime_error("the storage '" + storage.key + "' should have " + std::to_string(storage.elements) +
                            " numbers of " + std::to_string(storage.element_size) + " bytes, but has " +
                            std::to_string(bytes) + " bytes; the file is damaged");
}

bool has_size(const PickleStorage& storage, std::uint64_t bytes) {
  return bytes % storage.element_size == 0 && bytes / storage.element_size == storage.elements;
}

// ---- zip

class ZipFile {
 public:
  explicit ZipFile(std::span<const std::byte> bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_ = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
    const std::string reason = zip_ ? std::string() : zip_error_strerror(&error);
    zip_error_fini(&error);
    if (zip_) return;
    if (source) zip_source_free(source);
    throw std::runtime_error("its zip directory cannot be read (" + reason + "), so it is damaged or cut short");
  }
  ~ZipFile() { zip_discard(zip_); }
  ZipFile(const ZipFile&) = delete;
  ZipFile& operator=(const ZipFile&) = delete;

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (zip_int64_t i = 0; i < zip_get_num_entries(zip_, 0); ++i)
      if (const char* name = zip_get_name(zip_, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW)) all.emplace_back(name);
    return all;
  }
  bool has(const std::string& name) const { return zip_name_locate(zip_, name.c_str(), ZIP_FL_ENC_RAW) >= 0; }

  /// An entry's bytes, its checksum compared. What the directory says of its length is not believed before it is there.
  std::vector<std::byte> read(const std::string& name, std::uint64_t longest) const {
    const zip_int64_t index = zip_name_locate(zip_, name.c_str(), ZIP_FL_ENC_RAW);
    if (index < 0) throw std::runtime_error("its entry '" + name + "' is missing; the file is damaged");
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
        zip_fopen_index(zip_, static_cast<zip_uint64_t>(index), 0), &zip_fclose);
    if (!file) throw damaged(name, zip_strerror(zip_));
    zip_stat_t entry;
    zip_stat_init(&entry);
    const bool is_told =
        zip_stat_index(zip_, static_cast<zip_uint64_t>(index), 0, &entry) == 0 && (entry.valid & ZIP_STAT_SIZE) != 0;
    constexpr std::uint64_t largest_chunk = std::uint64_t{1} << 20;
    const std::uint64_t told = is_told ? std::min(entry.size, longest) : 0;
    // One byte more than the entry is said to have, so that its end is met at once.
    const auto chunk = static_cast<std::size_t>(std::clamp(told + 1, std::uint64_t{4096}, largest_chunk));
    std::vector<std::byte> bytes;
    bytes.reserve(static_cast<std::size_t>(std::min(told + 1, 64 * largest_chunk)));
    for (;;) {
      const std::size_t before = bytes.size();
      bytes.resize(before + chunk);
      const zip_int64_t count = zip_fread(file.get(), bytes.data() + before, chunk);
      if (count < 0) throw damaged(name, zip_file_strerror(file.get()));
      bytes.resize(before + static_cast<std::size_t>(count));
      if (bytes.size() > longest)
        throw std::runtime_error("its entry '" + name + "' is longer than " + std::to_string(longest) + " bytes");
      if (count == 0) return bytes;
    }
  }

 private:
  static std::runtime_error damaged(const std::string& name, const char* reason) {
    return std::runtime_error("its entry '" + name + "' cannot be read (" + reason +
                              "), so it is damaged or cut short");
  }

  zip_t* zip_ = nullptr;
};

// ---- legacy

Pickle next_pickle(std::span<const std::byte> bytes, std::size_t& at) {
  Pickle pickle = read_pickle(bytes, at);
  at = pickle.end;
  return pickle;
}

void require_legacy_head(std::span<const std::byte> bytes, std::size_t& at) {
  // 0x1950a86a20f9469cfc6c
  constexpr std::string_view magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
  const Pickle first = next_pickle(bytes, at);
  const auto* number = std::get_if<PickleLong>(&first[first.root]);
  if (!number || number->bytes != magic)
    throw std::runtime_error(
        "it is a pickle but no checkpoint of PyTorch (its magic number is missing). Save it with torch.save");
  const Pickle second = next_pickle(bytes, at);
  const auto* protocol = std::get_if<std::int64_t>(&second[second.root]);
  if (!protocol || *protocol != 1001)
    throw std::runtime_error("its protocol is not 1001, the only one of the legacy format; the file is damaged");
  const Pickle machine = next_pickle(bytes, at);
  const auto* facts = std::get_if<PickleDict>(&machine[machine.root]);
  for (std::size_t i = 0; facts && i + 1 < facts->items.size(); i += 2) {
    const auto* key = std::get_if<PickleText>(&machine[facts->items[i]]);
    const auto* value = std::get_if<bool>(&machine[facts->items[i + 1]]);
    if (!key || key->text != "little_endian" || !value) continue;
    if (*value) return;
    throw std::runtime_error(std::string("its numbers are big-endian; ") + save_anew);
  }
  throw std::runtime_error("it does not say whether its numbers are little-endian; the file is damaged");
}

}  // namespace

StorageArchive open_zip_archive(std::span<const std::byte> bytes) {
  const auto zip = std::make_shared<const ZipFile>(bytes);
  std::string prefix;
  bool found = false;
  for (const std::string& name : zip->names()) {
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos || name.substr(slash) != "/data.pkl") continue;
    prefix = name.substr(0, slash + 1);
    found = true;
    break;
  }
  if (!found)
    throw std::runtime_error(
        "it is a zip file without an entry 'data.pkl', so no checkpoint of PyTorch. Save it with torch.save");
  if (zip->has(prefix + "constants.pkl"))
    throw std::runtime_error(
        "it is a TorchScript archive, which holds a program. Load it with torch.jit.load and save its state dict "
        "alone: "
        "torch.save(model.state_dict(), FILE)");
  if (zip->has(prefix + "byteorder")) {
    const std::vector<std::byte> order = zip->read(prefix + "byteorder", 64);
    const std::string_view text(reinterpret_cast<const char*>(order.data()), order.size());
    if (text != "little")
      throw std::runtime_error(text == "big"
                                   ? std::string("its numbers are big-endian; ") + save_anew
                                   : "its entry 'byteorder' is neither 'little' nor 'big'; the file is damaged");
  }
  StorageArchive archive;
  const std::string entry = prefix + "data.pkl";
  const std::vector<std::byte> text = zip->read(entry, PickleLimits{}.bytes);
  try {
    archive.pickle = read_pickle(text);
  } catch (const PickleError& error) {
    throw PickleError(std::string(error.what()).insert(0, "in its entry '" + entry + "', "));
  }
  archive.bytes_of = [zip, prefix](const PickleStorage& storage) {
    // One more than what is wanted, so that a longer entry is told from a fitting one.
    const std::uint64_t wanted =
        std::min(storage.elements, (std::uint64_t{1} << 60) / storage.element_size) * storage.element_size;
    std::vector<std::byte> found_bytes = zip->read(prefix + "data/" + storage.key, wanted);
    if (!has_size(storage, found_bytes.size())) throw wrong_size(storage, found_bytes.size());
    return found_bytes;
  };
  return archive;
}

StorageArchive open_legacy_archive(std::span<const std::byte> bytes) {
  std::size_t at = 0;
  require_legacy_head(bytes, at);
  StorageArchive archive;
  archive.pickle = next_pickle(bytes, at);
  const Pickle keys = next_pickle(bytes, at);
  const auto* list = std::get_if<PickleList>(&keys[keys.root]);
  if (!list) throw std::runtime_error("its storage keys are no list; the file is damaged");

  std::map<std::string, std::size_t> element_sizes;
  for (const PickleValue& value : archive.pickle.values)
    if (const auto* storage = std::get_if<PickleStorage>(&value)) element_sizes[storage->key] = storage->element_size;

  std::map<std::string, std::span<const std::byte>> storages;
  for (const PickleId id : list->items) {
    const auto* key = std::get_if<PickleText>(&keys[id]);
    const auto size = key ? element_sizes.find(key->text) : element_sizes.end();
    if (size == element_sizes.end()) throw std::runtime_error("it has a storage of no tensor; the file is damaged");
    const std::string cut = "it is cut short in the storage '" + key->text + "' at byte " + std::to_string(at);
    if (bytes.size() - at < 8) throw std::runtime_error(cut);
    std::uint64_t elements = 0;
    for (std::size_t i = 0; i < 8; ++i) elements |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
    at += 8;
    if (elements > (bytes.size() - at) / size->second) throw std::runtime_error(cut);
    const auto length = static_cast<std::size_t>(elements) * size->second;
    storages[key->text] = bytes.subspan(at, length);
    at += length;
  }
  archive.bytes_of = [storages = std::move(storages)](const PickleStorage& storage) {
    const auto found = storages.find(storage.key);
    if (found == storages.end())
      throw std::runtime_error("the storage '" + storage.key + "' is missing; the file is damaged");
    if (!has_size(storage, found->second.size())) throw wrong_size(storage, found->second.size());
    return std::vector<std::byte>(found->second.begin(), found->second.end());
  };
  return archive;
}

}  // namespace fergraph
