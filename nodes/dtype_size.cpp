#include "nodes/dtype_size.hpp"

#include <array>
#include <utility>

namespace fergraph {

std::size_t dtype_size(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 10> sizes = {{{"F32", 4},
                                                                               {"F64", 8},
                                                                               {"F16", 2},
                                                                               {"BF16", 2},
                                                                               {"I64", 8},
                                                                               {"I32", 4},
                                                                               {"I16", 2},
                                                                               {"U8", 1},
                                                                               {"I8", 1},
                                                                               {"BOOL", 1}}};
  for (const auto& [known, size] : sizes)
    if (name == known) return size;
  return 0;
}

}  // namespace fergraph
