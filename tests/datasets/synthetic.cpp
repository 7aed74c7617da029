#include "datasets/synthetic.hpp"

#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    static int count = 0;
    path = fs::temp_directory_path() /
           ("fergraph_synthetic_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    fs::create_directories(path);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path;
};

fergraph::SyntheticOptions small(const fs::path& directory) {
  fergraph::SyntheticOptions options;
  options.directory = directory;
  options.train = 14;
  options.test = 7;
  options.threads = 2;
  return options;
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Every file of a set with its bytes.
std::map<std::string, std::string> files(const fs::path& directory) {
  std::map<std::string, std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file()) found[fs::relative(entry.path(), directory).string()] = content(entry.path());
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
  const Folder folder;
  int reported = 0;
  BOOST_TEST(fergraph::write_synthetic_faces(small(folder.path), [&](int done, int total) {
    BOOST_TEST(total == 21);
    reported = done;
  }));
  BOOST_TEST(reported == 21);
  BOOST_TEST(files(folder.path).size() == 23U);

  const std::vector<Row> rows = table(folder.path);
  BOOST_TEST_REQUIRE(rows.size() == 21U);
  std::map<std::string, std::set<std::string>> people;
  std::map<std::string, int> expressions;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const Row& row = rows[at];
    BOOST_TEST(row.at("split") == (at < 14 ? "train" : "test"));
    people[row.at("split")].insert(row.at("identity"));
    ++expressions[row.at("split") + " " + row.at("expression")];

    const cv::Mat image = cv::imread((folder.path / row.at("image")).string());
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
  const Folder one, three, other;
  fergraph::SyntheticOptions options = small(one.path);
  options.threads = 1;
  fergraph::write_synthetic_faces(options);
  options.directory = three.path;
  options.threads = 3;
  fergraph::write_synthetic_faces(options);
  BOOST_TEST((files(one.path) == files(three.path)));
  options.directory = other.path;
  options.seed = 2;
  fergraph::write_synthetic_faces(options);
  BOOST_TEST(content(one.path / "faces.csv") != content(other.path / "faces.csv"));
  BOOST_TEST(content(one.path / "images/00000.jpg") != content(other.path / "images/00000.jpg"));
}

// The set is frozen, whichever compiler made the program.
BOOST_AUTO_TEST_CASE(the_first_rows_are_pinned) {
  const Folder folder;
  fergraph::write_synthetic_faces(small(folder.path));
  const std::string text = content(folder.path / "faces.csv");
  const std::size_t first = text.find('\n') + 1;
  const std::string wanted =
      "images/00000.jpg,surprise,train,0,48,54,95,121,73.3,108.8,119.3,111.9,96.9,137.3,76.2,166.0,114.5,166.1\n"
      "images/00001.jpg,disgust,train,0,80,25,85,101,104.3,69.5,142.2,69.0,124.5,94.7,104.5,113.7,141.2,111.3\n"
      "images/00002.jpg,sadness,train,0,30,33,106,128,52.4,88.2,91.4,97.2,66.6,115.5,41.9,144.1,81.0,156.4\n";
  BOOST_TEST(text.substr(first, wanted.size()) == wanted);
}

BOOST_AUTO_TEST_CASE(complete_sets_are_left_alone_and_others_made_again) {
  const Folder folder;
  fergraph::SyntheticOptions options = small(folder.path);
  BOOST_TEST(fergraph::write_synthetic_faces(options));
  const auto first = files(folder.path);
  options.threads = 1;
  BOOST_TEST(!fergraph::write_synthetic_faces(options));

  // Interrupted: no table yet, one photograph half written, one missing.
  fs::remove(folder.path / "faces.csv");
  fs::remove(folder.path / "images/00003.jpg");
  std::ofstream(folder.path / "images/00004.jpg.partial") << "half";
  BOOST_TEST(fergraph::write_synthetic_faces(options));
  BOOST_TEST((files(folder.path) == first));

  // Fewer photographs: the surplus goes, what is not of this dataset stays.
  std::ofstream(folder.path / "images/notes.txt") << "kept";
  options.train = 7;
  BOOST_TEST(fergraph::write_synthetic_faces(options));
  BOOST_TEST(table(folder.path).size() == 14U);
  BOOST_TEST(files(folder.path).size() == 17U);
  BOOST_TEST(content(folder.path / "images/notes.txt") == "kept");
}

BOOST_AUTO_TEST_CASE(refuses_what_it_cannot_do) {
  const Folder folder;
  fergraph::SyntheticOptions options = small(folder.path);
  options.width = 20;
  BOOST_CHECK_THROW(fergraph::write_synthetic_faces(options), std::invalid_argument);
  options = small(folder.path);
  options.train = options.test = 0;
  BOOST_CHECK_THROW(fergraph::write_synthetic_faces(options), std::invalid_argument);
  std::ofstream(folder.path / "file") << "not a folder";
  options = small(folder.path / "file");
  BOOST_CHECK_EXCEPTION(fergraph::write_synthetic_faces(options), std::runtime_error,
                        [&](const std::runtime_error& error) {
                          return std::string(error.what()).find((folder.path / "file").string()) != std::string::npos;
                        });
  // What the progress function throws ends the work; the set stays incomplete.
  options = small(folder.path);
  BOOST_CHECK_THROW(fergraph::write_synthetic_faces(options, [](int, int) { throw std::logic_error("enough"); }),
                    std::logic_error);
  BOOST_TEST(!fs::exists(folder.path / "faces.csv"));
}

BOOST_AUTO_TEST_SUITE_END()
