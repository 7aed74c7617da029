// The words by which files write enumerations.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "graph/feed.hpp"

namespace fergraph {

/// Specialise for an enumeration that a file writes as a word:
/// `template <> struct Words<Mode> { static constexpr std::array<std::pair<std::string_view, Mode>, 2> all = {{...}};
/// };`
template <class T>
struct Words;

template <>
struct Words<Order> {
  static constexpr std::array<std::pair<std::string_view, Order>, 2> all = {
      {{"shuffled", Order::shuffled}, {"sequential", Order::sequential}}};
};
template <>
struct Words<Last> {
  static constexpr std::array<std::pair<std::string_view, Last>, 2> all = {
      {{"drop", Last::drop}, {"keep", Last::keep}}};
};

}  // namespace fergraph
