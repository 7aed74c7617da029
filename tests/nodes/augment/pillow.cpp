// The pixels of views against Pillow's and torchvision's: a pack that is kept here, and a larger one of the folder
// `shared` beside the repository, where it is.
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <functional>
#include <map>

#include "nodes/augment/colour.hpp"
#include "nodes/augment/erase.hpp"
#include "nodes/augment/geometry.hpp"
#include "nodes/augment/rand_augment.hpp"
#include "nodes/augment/resize.hpp"
#include "tests/nodes/augment/golden.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(augment_pillow)

namespace {

const std::filesystem::path source_folder = FERGRAPH_SOURCE_DIR;

using Apply = std::function<void(Canvas&, const std::vector<double>&)>;

Apply with_one(void (*change)(Canvas&, double)) {
  return [change](Canvas& canvas, const std::vector<double>& values) { change(canvas, values.at(0)); };
}
Apply alone(void (*change)(Canvas&)) {
  return [change](Canvas& canvas, const std::vector<double>&) { change(canvas); };
}
// One number is the side of a square.
Apply resized(Resampling how) {
  return [how](Canvas& canvas, const std::vector<double>& values) {
    resize(canvas, static_cast<int>(values.front()), static_cast<int>(values.at(values.size() > 1 ? 1 : 0)), how);
  };
}

const std::map<std::string, Apply> operations = {
    {"auto_contrast", alone(auto_contrast)},
    {"equalize", alone(equalize)},
    {"invert", alone(invert)},
    {"flip", [](Canvas& canvas, const auto&) { canvas.mirror(); }},
    {"posterize", with_one(posterize)},
    {"solarize", with_one(solarize)},
    {"brightness", with_one(brightness)},
    {"color", with_one(saturation)},
    {"saturation", with_one(saturation)},
    {"contrast", with_one(contrast)},
    {"sharpness", with_one(sharpness)},
    {"rotate", with_one(rotate)},
    {"shear_x", with_one(shear_x)},
    {"shear_y", with_one(shear_y)},
    {"translate_x", with_one(translate_x)},
    {"translate_y", with_one(translate_y)},
    {"resize_nearest", resized(Resampling::nearest)},
    {"resize_bilinear", resized(Resampling::bilinear)},
    {"resize_bicubic", resized(Resampling::bicubic)},
    {"resize_lanczos", resized(Resampling::lanczos)},
    {"cutout",
     [](Canvas& canvas, const auto& v) {
       cut_out(canvas, v.at(0), v.at(1), v.at(2), {125, 123, 114});
     }},
    {"torchvision",
     [](Canvas& canvas, const auto& v) {
       apply_torchvision(canvas, static_cast<int>(v.at(0)), static_cast<int>(v.at(1)), static_cast<int>(v.at(2)),
                         v.at(3) != 0);
     }},
};

void check_all(const std::vector<GoldenCase>& cases) {
  BOOST_TEST(cases.size() > 20U);
  for (const GoldenCase& each : cases) {
    BOOST_TEST_CONTEXT(each.operation << " " << each.values.front()) {
      for (std::size_t i = 0; i < each.from.size(); ++i) {
        const cv::Mat before = each.from[i].clone();
        Canvas canvas(each.from[i]);
        operations.at(each.operation)(canvas, each.values);
        const cv::Mat made = canvas.finish();
        BOOST_TEST_REQUIRE((made.size() == each.to[i].size()));
        BOOST_TEST(cv::norm(made, each.to[i], cv::NORM_INF) == 0);
        BOOST_TEST(cv::norm(before, each.from[i], cv::NORM_INF) == 0, "the source was written to");
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_pack_of_small_pictures_is_met_to_the_bit) {
  check_all(packed_cases(source_folder / "tests/packs/views.h5"));
}

BOOST_AUTO_TEST_CASE(the_reference_beside_the_repository_is_met_to_the_bit) {
  const std::filesystem::path file = source_folder / "../shared/reference/augment.h5";
  if (!std::filesystem::exists(file)) {
    std::printf("There is no augment.h5 beside the repository: not compared.\n");
    return;
  }
  check_all(grouped_cases(file));
}

BOOST_AUTO_TEST_SUITE_END()
