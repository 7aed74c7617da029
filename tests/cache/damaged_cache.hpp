// A face cache that tests damage, and what is then said of it. Needs HDF5.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "cache/hdf5_values.hpp"
#include "tests/cache/made_cache.hpp"

namespace fergraph::test {

/// A face cache of its own in a scratch folder, to be damaged.
struct DamagedCache {
  Scratch folder;
  std::filesystem::path path = folder / "faces.h5";
  std::string named = "The face cache '" + path.string() + "' ";

  /// Why the cache is not read; empty where it is.
  std::string refusal() const {
    return message_of([&] { FaceCache{path}; });
  }

  /// Changes the file through HDF5, as another program might.
  template <typename Change>
  void change(Change work) const {
    const Hdf5Lock lock;
    const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "opening");
    work(hid_t{file});
  }

  void replace(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
};

}  // namespace fergraph::test
