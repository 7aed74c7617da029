// Files of faces: all that can be asked of one that opens, or a CacheError.
#include "cache/cache_file.hpp"

#include <vector>

#include "tests/fuzz/input.hpp"
#include "tests/memory_folder.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fergraph;
  static const test::MemoryFolder folder;
  const std::filesystem::path path = folder.write("faces.h5", fuzz::text_of(data, size));
  try {
    read_stamp(path);
  } catch (const CacheError&) {
  }
  try {
    const FaceCacheFile cache(path);
    std::vector<std::uint8_t> buffer(cache.buffer_size());
    std::size_t sum = cache.provenance().class_names.size();
    for (const std::int64_t index : cache.verify())
      fuzz::expect(index >= 0 && index < cache.size(), "a damaged face is none");
    for (std::int64_t i = 0; i < cache.size(); ++i) {
      sum += cache.id(i).size() + cache.split(i).size();
      sum += cache.landmarks(i).has_value() + cache.box(i).has_value();
      sum += cache.stored(i).size();
      try {
        sum += cache.read(i, buffer)[cache.shape().bytes() - 1];
      } catch (const CacheError&) {
      }
    }
    for (const MissingFace& each : cache.voids()) sum += each.reason.size();
    fuzz::expect(sum != 0, "there is nothing");
  } catch (const CacheError&) {
  }
  return 0;
}
