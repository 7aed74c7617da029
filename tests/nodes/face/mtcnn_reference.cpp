// The cascade with published weights on photographs, against what facenet-pytorch finds there: where the folder
// `shared` beside the repository has them.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nodes/face/decode.hpp"
#include "nodes/face/detect_mtcnn.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(mtcnn_reference)

namespace {

const std::filesystem::path shared = std::filesystem::path(FERGRAPH_SOURCE_DIR) / "../shared";

double intersection_over_union(const FaceBox& a, const std::array<double, 4>& corners) {
  const double width = std::min<double>(a.x + a.width, corners[2]) - std::max<double>(a.x, corners[0]);
  const double height = std::min<double>(a.y + a.height, corners[3]) - std::max<double>(a.y, corners[1]);
  if (width <= 0 || height <= 0) return 0;
  const double inner = width * height;
  return inner / (a.width * a.height + (corners[2] - corners[0]) * (corners[3] - corners[1]) - inner);
}

}  // namespace

BOOST_AUTO_TEST_CASE(finds_the_same_faces) {
  const auto list = shared / "reference/mtcnn.json", models = shared / "models/mtcnn", images = shared / "faces/images";
  if (!std::filesystem::exists(list) || !std::filesystem::exists(models) || !std::filesystem::exists(images)) {
    std::printf("There are no photographs with MTCNN's faces beside the repository: every case skipped.\n");
    return;
  }
  const auto reference = nlohmann::json::parse(std::ifstream(list)).at("images");
  for (const MtcnnKernels* kernels : mtcnn_kernels()) {
    const MtcnnDetector detector({}, read_mtcnn_weights(models), *kernels);
    int expected = 0, same = 0, photographs_of_other_counts = 0;
    double worst_overlap = 1, worst_distance = 0;
    for (const auto& [name, wanted] : reference.items()) {
      const Decoded photograph = decode_file(images / name, {});
      BOOST_REQUIRE(photograph);
      const std::vector<MtcnnFace> faces = detector.detect(photograph.pixels);
      if (faces.size() != wanted.at("boxes").size()) ++photographs_of_other_counts;
      for (std::size_t i = 0; i < wanted.at("boxes").size(); ++i) {
        ++expected;
        const auto corners = wanted.at("boxes")[i].get<std::array<double, 4>>();
        const auto points = wanted.at("landmarks")[i].get<std::array<std::array<double, 2>, 5>>();
        double overlap = 0, distance = 1e9;
        for (const MtcnnFace& face : faces) {
          const double each = intersection_over_union(face.box, corners);
          if (each <= overlap) continue;
          overlap = each;
          distance = 0;
          for (std::size_t k = 0; k < 5; ++k)
            distance = std::max(
                distance, std::hypot(face.landmarks[2 * k] - points[k][0], face.landmarks[2 * k + 1] - points[k][1]));
        }
        if (overlap >= 0.98 && distance <= 1) ++same;
        worst_overlap = std::min(worst_overlap, overlap);
        worst_distance = std::max(worst_distance, distance);
        if (overlap < 0.98 || distance > 1)
          BOOST_TEST_MESSAGE(name << ": overlap " << overlap << ", landmarks " << distance << " pixels");
      }
    }
    std::printf("%s: %d of %d faces the same, IoU %.6f and landmarks %.4f pixels at worst\n", kernels->name, same,
                expected, worst_overlap, worst_distance);
    BOOST_TEST(photographs_of_other_counts == 0);
    BOOST_TEST(same >= 0.97 * expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
