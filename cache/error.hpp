// The one exception of the face cache: a complete sentence naming the file and the way out.
#pragma once

#include <stdexcept>

namespace fergraph {

struct CacheError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace fergraph
