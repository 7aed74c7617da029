#include "datasets/synthetic.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/scratch_folder.hpp"

using fergraph::test::Scratch;
using fergraph::test::text_of;
namespace fs = std::filesystem;

namespace {

fergraph::SyntheticOptions small(const fs::path& directory) {
  fergraph::SyntheticOptions options;
  options.directory = directory;
  options.train = 14;
  options.test = 7;
  options.threads = 2;
  return options;
}

// Every file of a set with its bytes.
std::map<std::string, std::string> files(const fs::path& directory) {
  std::map<std::string, std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) found[fs::relative(entry.path(), directory).string()] = text_of(entry.path());
  return found;
}

using Row = std::map<std::string, std::string>;

std::vector<Row> table(const fs::path& directory) {
  std::ifstream in(directory / "faces.csv");
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
    return cells;
  };
  std::string line;
  std::getline(in, line);
  BOOST_TEST(line ==
             "image,expression,split,identity,box_x,box_y,box_width,box_height,left_eye_x,left_eye_y,right_eye_x,"
             "right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y");
  const std::vector<std::string> names = split(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = split(line);
    BOOST_TEST_REQUIRE(cells.size() == names.size());
    Row row;
    for (std::size_t at = 0; at < names.size(); ++at) row[names[at]] = cells[at];
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(synthetic)

BOOST_AUTO_TEST_CASE(writes_the_promised_files) {
  const Scratch scratch;
  int reported = 0;
  BOOST_TEST(fergraph::write_synthetic_faces(small(scratch.folder), [&](int done, int total) {
    BOOST_TEST(total == 21);
    reported = done;
  }));
  BOOST_TEST(reported == 21);
  BOOST_TEST(files(scratch.folder).size() == 23U);

  const std::vector<Row> rows = table(scratch.folder);
  BOOST_TEST_REQUIRE(rows.size() == 21U);
  std::map<std::string, std::set<std::string>> people;
  std::map<std::string, int> expressions;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const Row& row = rows[at];
    BOOST_TEST(row.at("split") == (at < 14 ? "train" : "test"));
    people[row.at("split")].insert(row.at("identity"));
    ++expressions[row.at("split") + " " + row.at("expression")];

    const cv::Mat image = cv::imread((scratch.folder / row.at("image")).string());
    BOOST_TEST_REQUIRE(image.cols == 176);
    BOOST_TEST(image.rows >= 176);
    BOOST_TEST(image.rows <= 220);
    const int x = std::stoi(row.at("box_x")), y = std::stoi(row.at("box_y"));
    const int right = x + std::stoi(row.at("box_width")), bottom = y + std::stoi(row.at("box_height"));
    BOOST_TEST((x >= 0 && y >= 0 && right <= image.cols && bottom <= image.rows));
    BOOST_TEST((right - x > 40 && bottom - y > 40));
    for (const char* point : {"left_eye", "right_eye", "nose", "mouth_left", "mouth_right"}) {
      const double px = std::stod(row.at(std::string(point) + "_x")), py = std::stod(row.at(std::string(point) + "_y"));
      BOOST_TEST((px >= x && px <= right - 1 && py >= y && py <= bottom - 1));
    }
    BOOST_TEST(std::stod(row.at("left_eye_x")) < std::stod(row.at("right_eye_x")));
    BOOST_TEST(std::stod(row.at("mouth_left_x")) < std::stod(row.at("mouth_right_x")));
    BOOST_TEST(std::stod(row.at("left_eye_y")) < std::stod(row.at("mouth_left_y")));
  }
  for (const std::string& person : people["test"]) BOOST_TEST(!people["train"].contains(person));
  BOOST_TEST(expressions.size() == 14U);
  for (const char* name : {"surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"}) {
    BOOST_TEST(expressions[std::string("train ") + name] == 2);
    BOOST_TEST(expressions[std::string("test ") + name] == 1);
  }
}

BOOST_AUTO_TEST_CASE(bytes_depend_on_the_options_alone) {
  const Scratch one, three, other;
  fergraph::SyntheticOptions options = small(one.folder);
  options.threads = 1;
  fergraph::write_synthetic_faces(options);
  options.directory = three.folder;
  options.threads = 3;
  fergraph::write_synthetic_faces(options);
  BOOST_TEST((files(one.folder) == files(three.folder)));
  options.directory = other.folder;
  options.seed = 2;
  fergraph::write_synthetic_faces(options);
  BOOST_TEST(text_of(one.folder / "faces.csv") != text_of(other.folder / "faces.csv"));
  BOOST_TEST(text_of(one.folder / "images/00000.jpg") != text_of(other.folder / "images/00000.jpg"));
}

// The set is frozen, whichever compiler made the program.
BOOST_AUTO_TEST_CASE(the_first_rows_are_pinned) {
  const Scratch scratch;
  fergraph::write_synthetic_faces(small(scratch.folder));
  const std::string text = text_of(scratch.folder / "faces.csv");
  const std::size_t first = text.find('\n') + 1;
  const std::string wanted =
      "images/00000.jpg,surprise,train,0,48,54,95,121,73.3,108.8,119.3,111.9,96.9,137.3,76.2,166.0,114.5,166.1\n"
      "images/00001.jpg,disgust,train,0,80,25,85,101,104.3,69.5,142.2,69.0,124.5,94.7,104.5,113.7,141.2,111.3\n"
      "images/00002.jpg,sadness,train,0,30,33,106,128,52.4,88.2,91.4,97.2,66.6,115.5,41.9,144.1,81.0,156.4\n";
  BOOST_TEST(text.substr(first, wanted.size()) == wanted);
}

BOOST_AUTO_TEST_CASE(complete_sets_are_left_alone_and_others_made_again) {
  const Scratch scratch;
  fergraph::SyntheticOptions options = small(scratch.folder);
  BOOST_TEST(fergraph::write_synthetic_faces(options));
  const auto first = files(scratch.folder);
  options.threads = 1;
  BOOST_TEST(!fergraph::write_synthetic_faces(options));

  // Interrupted: no table yet, one photograph half written, one missing.
  fs::remove(scratch.folder / "faces.csv");
  fs::remove(scratch.folder / "images/00003.jpg");
  std::ofstream(scratch.folder / "images/00004.jpg.partial") << "half";
  BOOST_TEST(fergraph::write_synthetic_faces(options));
  BOOST_TEST((files(scratch.folder) == first));

  // Fewer photographs: the surplus goes, what is not of this dataset stays.
  std::ofstream(scratch.folder / "images/notes.txt") << "kept";
  options.train = 7;
  BOOST_TEST(fergraph::write_synthetic_faces(options));
  BOOST_TEST(table(scratch.folder).size() == 14U);
  BOOST_TEST(files(scratch.folder).size() == 17U);
  BOOST_TEST(text_of(scratch.folder / "images/notes.txt") == "kept");
}

BOOST_AUTO_TEST_CASE(refuses_what_it_cannot_do) {
  const Scratch scratch;
  fergraph::SyntheticOptions options = small(scratch.folder);
  const auto refused = [&](const std::string& message) {
    BOOST_CHECK_EXCEPTION(fergraph::write_synthetic_faces(options), std::invalid_argument,
                          [&](const std::invalid_argument& error) {
                            BOOST_TEST(error.what() == message);
                            return true;
                          });
  };
  options.width = 20;
  refused("The width of the photographs is 20; it must be from 96 to 640 pixels.");
  options = small(scratch.folder);
  options.train = -1;
  refused("The number of photographs to train is -1; it must be from 0 to 10000000.");
  options.train = options.test = 0;
  refused("No photographs are asked for; ask for at least one to train or to test.");
  std::ofstream(scratch.folder / "file") << "not a folder";
  options = small(scratch.folder / "file");
  BOOST_CHECK_EXCEPTION(
      fergraph::write_synthetic_faces(options), std::runtime_error, [&](const std::runtime_error& error) {
        return std::string(error.what()) == "'" + (scratch.folder / "file/images").string() +
                                                "' cannot be made. Check the path, its permissions and the free space.";
      });
  // What the progress function throws ends the work; the set stays incomplete.
  options = small(scratch.folder);
  BOOST_CHECK_THROW(fergraph::write_synthetic_faces(options, [](int, int) { throw std::logic_error("enough"); }),
                    std::logic_error);
  BOOST_TEST(!fs::exists(scratch.folder / "faces.csv"));
}

BOOST_AUTO_TEST_SUITE_END()
