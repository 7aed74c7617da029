// The two containers that torch.save has written: where the pickle of a checkpoint starts, and the bytes of its
// storages.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "nodes/network/pickle.hpp"

namespace fergraph {

/// A checkpoint's pickle, and its storages by key.
struct StorageArchive {
  Pickle pickle;
  /// Throws std::runtime_error where there is no such storage or its size is another.
  std::function<std::vector<std::byte>(const PickleStorage&)> bytes_of;
};

/// `bytes` must outlive the archive. Both throw std::runtime_error without a full stop.
StorageArchive open_zip_archive(std::span<const std::byte> bytes);
/// Five pickles (magic number, protocol, machine, object, storage keys), then for each key the number of elements and
/// the elements.
StorageArchive open_legacy_archive(std::span<const std::byte> bytes);

}  // namespace fergraph
