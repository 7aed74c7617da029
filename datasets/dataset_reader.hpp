// What a reader of a published layout is: a struct of its options that reads into a table.
#pragma once

#include <concepts>
#include <filesystem>
#include <string_view>

#include "datasets/layout_table.hpp"

namespace fergraph {

/// A reader names its layout, takes the classes that are wanted, and reads the whole of it into one table: labels by
/// name, splits `train`, `valid` and `test`, published counts beside those that were found, everything that was lived
/// with in the warnings. read() throws DatasetError with file:line where the layout is not the one that is described;
/// single rows that cannot be used are kept with Sample::problem. Images are not opened.
template <class R>
concept DatasetReader = requires(const R& reader) {
  { R::layout } -> std::convertible_to<std::string_view>;
  { reader.classes } -> std::convertible_to<ClassChoice>;
  { reader.read() } -> std::same_as<SampleTable>;
};

}  // namespace fergraph
