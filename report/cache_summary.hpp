// What is in a face cache, for people: `fergraph cache info`.
#pragma once

#include <string>

#include "cache/survey.hpp"

namespace fergraph {

/// Size, codec, shards, what the faces were made with, counts per split and class, reasons of voids.
std::string text_of(const CacheSurvey& cache);

/// The name of a class, or "unknown" for a label that is none.
std::string class_name(const Provenance& provenance, std::int64_t label);

}  // namespace fergraph
