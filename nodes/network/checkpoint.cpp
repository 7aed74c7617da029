#include "nodes/network/checkpoint.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "cache/mapped_bytes.hpp"
#include "graph/problem.hpp"
#include "nodes/network/storage_archive.hpp"

namespace fergraph {
namespace {

constexpr std::array<std::string_view, 7> usual_places = {"state_dict", "model_state_dict", "model",  "net",
                                                          "network",    "module",           "weights"};
constexpr std::array<std::string_view, 2> wrappings = {"module.", "_orig_mod."};
constexpr int deepest_place = 4;

// Expanded tensors repeat their storage; beyond this the file means to fill the memory.
constexpr std::uint64_t most_copies = 16;

using Entry = std::pair<std::string, PickleId>;

// The entries of a dict that have names; of equal names the last one, at the place of the first. Nothing for what is no
// dict.
std::vector<Entry> entries_of(const Pickle& pickle, PickleId id, std::vector<std::string>* unnamed = nullptr) {
  std::vector<Entry> entries;
  const auto* dict = std::get_if<PickleDict>(&pickle[id]);
  if (!dict) return entries;
  std::map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
    const auto* key = std::get_if<PickleText>(&pickle[dict->items[i]]);
    if (!key) {
      if (unnamed) unnamed->emplace_back("an entry without a name");
      continue;
    }
    const auto [place, is_new] = places.emplace(key->text, entries.size());
    if (is_new)
      entries.emplace_back(key->text, dict->items[i + 1]);
    else
      entries[place->second].second = dict->items[i + 1];
  }
  return entries;
}

bool is_tensor(const Pickle& pickle, PickleId id) { return std::holds_alternative<PickleTensor>(pickle[id]); }

bool has_tensors(const Pickle& pickle, const std::vector<Entry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& each) { return is_tensor(pickle, each.second); });
}

struct Found {
  std::string place;
  PickleId id = 0;
};

std::string joined(const std::string& place, std::string_view key) {
  return place.empty() ? std::string(key) : place + "." + std::string(key);
}

// Nested usual places win over tensors beside them: {"best": tensor, "state_dict": {…}}.
std::optional<Found> search(const Pickle& pickle, const Found& from, int depth) {
  const std::vector<Entry> entries = entries_of(pickle, from.id);
  if (depth < deepest_place) {
    for (const std::string_view usual : usual_places) {
      const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.first == usual; });
      if (entry == entries.end()) continue;
      if (auto found = search(pickle, {joined(from.place, usual), entry->second}, depth + 1)) return found;
    }
  }
  if (has_tensors(pickle, entries)) return from;
  return std::nullopt;
}

std::string names_at(const std::vector<Entry>& entries) {
  if (entries.empty()) return "There is no dict with named entries";
  std::vector<std::string> names;
  for (const Entry& each : entries) names.push_back(each.first);
  if (names.size() > 12) {
    const std::size_t more = names.size() - 12;
    names.resize(12);
    return "Its entries are " + listed(names) + " and " + std::to_string(more) + " more";
  }
  return "Its entries are " + listed(names);
}

Found find_place(const Pickle& pickle, const std::string& place) {
  if (place.empty()) {
    if (auto found = search(pickle, {"", pickle.root}, 0)) return *found;
    throw std::runtime_error("no state dict is at its top or under the usual keys. " +
                             names_at(entries_of(pickle, pickle.root)) + "; say with --key which is the state dict");
  }
  // A key may itself have dots, so the longest one that fits is taken.
  Found found{"", pickle.root};
  std::string_view rest = place;
  while (!rest.empty()) {
    const std::vector<Entry> entries = entries_of(pickle, found.id);
    const Entry* best = nullptr;
    for (const Entry& each : entries)
      if ((rest == each.first || rest.starts_with(each.first + ".")) &&
          (!best || each.first.size() > best->first.size()))
        best = &each;
    if (!best) throw std::runtime_error("it has nothing at '" + joined(found.place, rest) + "'. " + names_at(entries));
    found = {joined(found.place, best->first), best->second};
    rest.remove_prefix(std::min(rest.size(), best->first.size() + 1));
  }
  if (!has_tensors(pickle, entries_of(pickle, found.id)))
    throw std::runtime_error("there is no state dict at '" + place + "'. " + names_at(entries_of(pickle, found.id)));
  return found;
}

std::string unwrapped(std::string name) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view wrapping : wrappings) {
      if (!name.starts_with(wrapping) || name.size() == wrapping.size()) continue;
      name.erase(0, wrapping.size());
      again = true;
    }
  }
  return name;
}

std::uint64_t elements_of(const PickleTensor& tensor) {
  std::uint64_t elements = 1;
  for (const std::int64_t size : tensor.shape) {
    if (size == 0) return 0;
    constexpr std::uint64_t most = std::uint64_t{1} << 60;
    const auto count = static_cast<std::uint64_t>(size);
    elements = elements > most / count ? most : elements * count;
  }
  return elements;
}

// Row-major bytes of a view, the last dimension innermost.
std::vector<std::byte> dense(const PickleTensor& tensor, const PickleStorage& storage,
                             std::span<const std::byte> storage_bytes) {
  const std::size_t element = storage.element_size;
  std::vector<std::byte> bytes(static_cast<std::size_t>(elements_of(tensor)) * element);
  if (bytes.empty()) return bytes;
  std::vector<std::int64_t> at(tensor.shape.size(), 0);
  std::uint64_t from = storage.view_begin + tensor.offset;
  // What lies dense at the end of the shape is copied at once.
  std::size_t rank = tensor.shape.size();
  std::size_t run = 1;
  while (rank > 0 && (tensor.shape[rank - 1] == 1 || tensor.strides[rank - 1] == static_cast<std::int64_t>(run)))
    run *= static_cast<std::size_t>(tensor.shape[--rank]);
  for (std::size_t to = 0; to < bytes.size(); to += run * element) {
    std::memcpy(bytes.data() + to, storage_bytes.data() + from * element, run * element);
    for (std::size_t i = rank; i-- > 0;) {
      from += static_cast<std::uint64_t>(tensor.strides[i]);
      if (++at[i] < tensor.shape[i]) break;
      from -= static_cast<std::uint64_t>(tensor.strides[i]) * static_cast<std::uint64_t>(tensor.shape[i]);
      at[i] = 0;
    }
  }
  return bytes;
}

Blobs arrays_of(const StorageArchive& archive, const std::vector<Entry>& tensors) {
  // Tied weights share a storage; each is read once and dropped after its last tensor.
  std::map<std::string, std::vector<const Entry*>> by_storage;
  const Pickle& pickle = archive.pickle;
  for (const Entry& each : tensors) {
    const auto& tensor = std::get<PickleTensor>(pickle[each.second]);
    by_storage[std::get<PickleStorage>(pickle[tensor.storage]).key].push_back(&each);
  }
  Blobs arrays;
  for (const auto& [key, sharing] : by_storage) {
    std::vector<std::byte> bytes;
    std::uint64_t room = 0;
    const PickleStorage* read = nullptr;
    for (const Entry* entry : sharing) {
      const auto& tensor = std::get<PickleTensor>(pickle[entry->second]);
      const auto& storage = std::get<PickleStorage>(pickle[tensor.storage]);
      if (!read) {
        bytes = archive.bytes_of(storage);
        room = most_copies * std::max<std::uint64_t>(bytes.size(), 256);
        read = &storage;
      } else if (storage.dtype != read->dtype || storage.elements != read->elements) {
        throw std::runtime_error("the storage '" + key + "' has two dtypes or sizes; the file is damaged");
      }
      const std::uint64_t size = elements_of(tensor);
      if (size > room / storage.element_size)
        throw std::runtime_error(
            "the tensor '" + entry->first + "' repeats its numbers so often that it takes more than " +
            std::to_string(most_copies) + " times the memory of its storage. Save it dense: " + "tensor.contiguous()");
      room -= size * storage.element_size;
      Blob blob{std::string(storage.dtype), tensor.shape, dense(tensor, storage, bytes)};
      // Any other byte would be no bool.
      if (blob.dtype == "BOOL")
        for (std::byte& each : blob.bytes) each = each == std::byte{0} ? std::byte{0} : std::byte{1};
      const std::string name = unwrapped(entry->first);
      if (!arrays.emplace(name, std::move(blob)).second)
        throw std::runtime_error("two of its tensors are called '" + name + "' without the leading 'module.'");
    }
  }
  return arrays;
}

}  // namespace

bool begins_like_checkpoint(std::span<const std::byte> bytes) {
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (bytes.size() < 4) return false;
  const bool zip = byte(0) == 'P' && byte(1) == 'K' && byte(2) == 3 && byte(3) == 4;
  // The length of a safetensors header may look like the start of a pickle, but then the header follows.
  const bool safetensors = bytes.size() > 8 && byte(5) == 0 && byte(6) == 0 && byte(7) == 0 && byte(8) == '{';
  const bool pickle = byte(0) == 0x80 && byte(1) <= 5 && !safetensors;
  return zip || pickle;
}

Checkpoint parse_checkpoint(std::span<const std::byte> bytes, const std::string& place) {
  if (!begins_like_checkpoint(bytes))
    throw std::runtime_error("it is no checkpoint of PyTorch: it begins neither like a zip file nor like a pickle");
  const bool zip = std::to_integer<char>(bytes[0]) == 'P';
  const StorageArchive archive = zip ? open_zip_archive(bytes) : open_legacy_archive(bytes);
  const Pickle& pickle = archive.pickle;
  const Found found = find_place(pickle, place);

  Checkpoint checkpoint;
  checkpoint.place = found.place;
  std::vector<Entry> tensors;
  for (Entry& each : entries_of(pickle, found.id, &checkpoint.left_out)) {
    if (is_tensor(pickle, each.second))
      tensors.push_back(std::move(each));
    else
      checkpoint.left_out.push_back(std::move(each.first));
  }
  checkpoint.arrays = arrays_of(archive, tensors);
  return checkpoint;
}

Checkpoint read_checkpoint(const std::filesystem::path& path, const std::string& place) {
  try {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw std::runtime_error("it does not exist or may not be read");
    MappedBytes mapped;
    try {
      const std::uintmax_t size = std::filesystem::file_size(path);
      if (size > 0) mapped = MappedBytes(descriptor, 0, static_cast<std::size_t>(size));
    } catch (...) {
      ::close(descriptor);
      throw;
    }
    ::close(descriptor);
    return parse_checkpoint(std::as_bytes(mapped.bytes()), place);
  } catch (const std::exception& error) {
    throw std::runtime_error("Cannot read '" + path.string() + "': " + error.what() + ".");
  }
}

}  // namespace fergraph
