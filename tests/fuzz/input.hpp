// What the harnesses share: the fuzzer's bytes as texts and files, and how a wrong result is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "graph/state.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fergraph::fuzz {

/// Ends the process, which the fuzzer takes for a crash, and says why.
[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "FAILED: %s\n", what.c_str());
  std::abort();
}
inline void expect(bool holds, const char* what) {
  if (!holds) fail(what);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Where one input stands for several files, this line divides them.
inline constexpr std::string_view divider = "\n%%\n";

/// The pieces between the dividers, at least one.
inline std::vector<std::string> files_of(std::string_view text) {
  std::vector<std::string> files;
  for (;;) {
    const std::size_t end = text.find(divider);
    files.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return files;
    text.remove_prefix(end + divider.size());
  }
}

/// What must hold of arrays that a file was found to have.
inline void expect_whole(const Blobs& arrays, std::size_t (*size_of)(std::string_view)) {
  for (const auto& [name, blob] : arrays) {
    std::size_t bytes = size_of(blob.dtype);
    expect(bytes > 0, "an array has an unknown dtype");
    for (const std::int64_t size : blob.shape) {
      expect(size >= 0, "an array has a negative size");
      expect(!__builtin_mul_overflow(bytes, static_cast<std::size_t>(size), &bytes), "an array is larger than memory");
    }
    expect(bytes == blob.bytes.size(), "an array's bytes are not those of its shape");
  }
}

}  // namespace fergraph::fuzz
