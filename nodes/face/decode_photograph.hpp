// The node `decode`: a photograph from its file. What cannot be decoded becomes a void.
#pragma once

#include <optional>

#include "graph/contract.hpp"
#include "nodes/face/photograph.hpp"
#include "nodes/values.hpp"

namespace fergraph {

struct Decode {
  struct In {
    Photograph photo;
    std::optional<Region> region;
  };
  struct Out {
    Image image;
  };
  struct Params {
    std::int64_t max_bytes = std::int64_t{64} << 20;
    std::int64_t max_pixels = 100'000'000;
    bool shrink = true;
  };
  static Contract<Decode> contract();
  Out run(const In& in, const Params& params) const;
};

}  // namespace fergraph
