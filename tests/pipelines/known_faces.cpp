// Boxes and landmarks that a CSV gives, and what becomes of rows that have none.
#include "cache/reader.hpp"
#include "datasets/csv_reader.hpp"
#include "tests/pipelines/small_run.hpp"

using namespace fergraph;
using namespace fergraph::test;
namespace fs = std::filesystem;

namespace {

struct Row {
  std::string image;
  std::array<float, 10> landmarks{};
};

// A CSV of the suite's photographs with a folder of its own.
struct Table {
  Table() {
    CsvDatasetOptions options;
    options.label = "expression";
    for (const Sample& sample : read_csv_dataset(SmallFaces::folder / "photographs/faces.csv", options).samples)
      rows.push_back({sample.image, sample.landmarks.value()});
  }
  fs::path write(const std::string& text) const { return scratch.write("faces.csv", text); }
  FaceCache run(const fs::path& pipeline, std::vector<std::string> settings = {}) const {
    settings.insert(settings.end(),
                    {"csv=" + (scratch / "faces.csv").string(), "root=" + (SmallFaces::folder / "photographs").string(),
                     "size=48", "cache=" + (scratch / "faces.h5").string()});
    Run run(check_pipeline(load_document({pipeline, {}, settings}), registry()), {});
    run.preprocess();
    return FaceCache(scratch / "faces.h5");
  }
  Scratch scratch;
  std::vector<Row> rows;
};

const std::string head = "image,label,box_x,box_y,box_width,box_height\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(known_faces, *boost::unit_test::fixture<SmallFaces>())

BOOST_AUTO_TEST_CASE(boxes_of_the_file_and_of_a_detector_where_it_has_none) {
  const Table table;
  const FaceCache found = [&] {
    table.write("image,label\n" + table.rows[0].image + ",anger\n" + table.rows[1].image + ",anger\n");
    return table.run(pipelines / "faces/csv.yaml");
  }();
  table.write(head + table.rows[0].image + ",anger,10,20,60,70\n" + table.rows[1].image + ",anger,,,,\n" +
              table.rows[2].image + ",anger,10,nan,60,70\n");
  const FaceCache faces = table.run(pipelines / "faces/csv-boxes.yaml");
  BOOST_REQUIRE_EQUAL(found.size(), 2);
  BOOST_REQUIRE_EQUAL(faces.size(), 2);
  BOOST_TEST((faces.box(0).value() == BoundingBox{10, 20, 60, 70}));
  BOOST_TEST((found.box(0) != faces.box(0)));
  BOOST_TEST((faces.box(1) == found.box(1)));
  BOOST_REQUIRE_EQUAL(faces.voids().size(), 1u);
  BOOST_TEST(table.scratch.without(faces.voids()[0].reason) ==
             "faces.csv:4: box_y is 'nan', which is no finite number.");
}

BOOST_AUTO_TEST_CASE(rows_without_a_box_are_voids_where_no_detector_looks) {
  const Table table;
  table.write(head + table.rows[0].image + ",anger,10,20,60,70\n" + table.rows[1].image + ",anger,,,,\n");
  const fs::path file =
      table.scratch.write("boxes.yaml", "use: " + (pipelines / "faces/csv.yaml").string() +
                                            "\nstreams: {faces: {found: ~, face: {box: photo.box}, cache: {box: "
                                            "photo.box}}}\n");
  const FaceCache faces = table.run(file);
  BOOST_TEST(faces.size() == 1);
  BOOST_REQUIRE_EQUAL(faces.voids().size(), 1u);
  BOOST_TEST(faces.voids()[0].reason == "the data has no value for an input of face.");
}

BOOST_AUTO_TEST_CASE(all_68_points_in_one_column) {
  const Table table;
  const auto listed = [](const std::array<float, 10>& five) {
    std::string text;
    for (int i = 0; i < 68; ++i) {
      const std::size_t at = i >= 36 && i < 42 ? 0 : i >= 42 && i < 48 ? 2 : i == 48 ? 6 : i == 54 ? 8 : 4;
      text += (i ? ";" : "") + std::to_string(five[at]) + ";" + std::to_string(five[at + 1]);
    }
    return text;
  };
  std::string text = "image,label,points\n";
  for (std::size_t i = 0; i < 3; ++i) text += table.rows[i].image + ",anger," + listed(table.rows[i].landmarks) + "\n";
  table.write(text);
  const FaceCache faces =
      table.run(pipelines / "faces/csv-landmarks.yaml", {"landmark_list=points", "template=three-point"});
  BOOST_REQUIRE_EQUAL(faces.size(), 3);
  for (std::int64_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 10; ++k)
      BOOST_TEST(std::abs(faces.landmarks(i).value()[k] - table.rows[static_cast<std::size_t>(i)].landmarks[k]) <
                 1e-3F);
}

BOOST_AUTO_TEST_CASE(templates_are_known_by_name) {
  const Table table;
  table.write("image,label,points\n" + table.rows[0].image + ",anger,\n");
  BOOST_CHECK_EXCEPTION(
      table.run(pipelines / "faces/csv-landmarks.yaml", {"landmark_list=points", "template=arcfase"}), PipelineError,
      [](const PipelineError& error) {
        const std::string text = error.what();
        BOOST_TEST(text.find("Expected is one of the words 'arcface' and 'three-point', but here stands 'arcfase'.") !=
                       std::string::npos,
                   text);
        return true;
      });
}

BOOST_AUTO_TEST_SUITE_END()
