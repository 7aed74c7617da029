// Every relative link of the pages leads somewhere, and every picture is small.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/docs/markdown_page.hpp"

namespace fs = std::filesystem;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(links)

BOOST_AUTO_TEST_CASE(relative_links_and_anchors_exist) {
  const fs::path source = FERGRAPH_SOURCE_DIR;
  for (const fs::path& file : documentation_pages()) {
    const Page page = read_page(file);
    for (const PageLink& link : page.links) {
      if (link.target.find("://") != std::string::npos || link.target.starts_with("mailto:")) continue;
      const std::string where =
          fs::relative(file, source).string() + ":" + std::to_string(link.line) + ": " + link.target;
      const std::size_t hash = link.target.find('#');
      const std::string path = link.target.substr(0, hash);
      const fs::path target = path.empty() ? file : file.parent_path() / path;
      BOOST_TEST(fs::exists(target), where << " does not exist");
      if (hash == std::string::npos || !fs::exists(target)) continue;
      const std::vector<std::string> anchors = read_page(target).anchors;
      BOOST_TEST((std::find(anchors.begin(), anchors.end(), link.target.substr(hash + 1)) != anchors.end()),
                 where << " names a heading that the page does not have");
    }
  }
}

BOOST_AUTO_TEST_CASE(every_page_is_in_the_index) {
  const fs::path docs = fs::path(FERGRAPH_SOURCE_DIR) / "docs";
  const Page index = read_page(docs / "README.md");
  for (const auto& entry : fs::directory_iterator(docs)) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() != ".md" || name == "README.md") continue;
    BOOST_TEST(
        std::any_of(index.links.begin(), index.links.end(), [&](const PageLink& link) { return link.target == name; }),
        "docs/README.md has no link to " << name);
  }
}

BOOST_AUTO_TEST_CASE(pictures_are_small) {
  const fs::path pictures = fs::path(FERGRAPH_SOURCE_DIR) / "docs" / "images";
  for (const auto& entry : fs::directory_iterator(pictures))
    BOOST_TEST(entry.file_size() <= 400'000u, entry.path().filename() << " has " << entry.file_size() << " bytes");
}

BOOST_AUTO_TEST_SUITE_END()
