// A folder of a test's own in which it writes a data set's layout, and what tests ask of the table that is read from
// it.
#pragma once

#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "datasets/dataset_error.hpp"
#include "datasets/sample_table.hpp"

namespace fergraph::test {

using Texts = std::vector<std::string>;

struct LayoutTree {
  LayoutTree() {
    static std::atomic<int> number{0};
    root = std::filesystem::temp_directory_path() /
           ("fergraph_layout_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    std::filesystem::create_directories(root);
  }
  ~LayoutTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  LayoutTree(const LayoutTree&) = delete;
  LayoutTree& operator=(const LayoutTree&) = delete;

  void write(const std::string& file, const std::string& bytes) const {
    std::filesystem::create_directories((root / file).parent_path());
    std::ofstream(root / file, std::ios::binary) << bytes;
  }
  /// Files that readers only list.
  void touch(const Texts& files) const {
    for (const std::string& file : files) write(file, "x");
  }

  /// The message of the reader's error, with the root as ROOT.
  template <class Reader>
  std::string error(const Reader& reader) const {
    try {
      reader.read();
    } catch (const DatasetError& caught) {
      return without_root(caught.what());
    }
    return "no error";
  }
  std::string without_root(std::string text) const {
    const std::string path = root.string();
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path))
      text.replace(at, path.size(), "ROOT");
    return text;
  }
  /// The warnings but those about published counts, which small trees cannot have.
  Texts warnings(const SampleTable& table) const {
    Texts kept;
    for (const std::string& each : table.warnings)
      if (each.find("published") == std::string::npos) kept.push_back(without_root(each));
    return kept;
  }

  std::filesystem::path root;
};

/// "id split class" of every sample; "?" where the label is unknown.
inline Texts rows_of(const SampleTable& table) {
  Texts rows;
  for (const Sample& sample : table.samples)
    rows.push_back(sample.id + " " + sample.split + " " +
                   (sample.label < 0 ? "?" : table.class_names.at(static_cast<std::size_t>(sample.label))));
  return rows;
}

/// The published count of a class ("" for the whole split), or -1.
inline std::int64_t published(const SampleTable& table, const std::string& split, const std::string& name) {
  for (const PublishedCount& each : table.published)
    if (each.split == split &&
        (each.label < 0 ? name.empty() : table.class_names.at(static_cast<std::size_t>(each.label)) == name))
      return each.count;
  return -1;
}

inline void expect_texts(const Texts& found, const Texts& expected) {
  BOOST_TEST(found == expected, boost::test_tools::per_element());
}

template <std::size_t N>
void expect_numbers(const std::optional<std::array<float, N>>& found, const std::vector<float>& expected) {
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(*found == expected, boost::test_tools::per_element());
}

}  // namespace fergraph::test
