// How lists of operations are written, and what is told of those that are wrong: whole messages.
#include <boost/test/unit_test.hpp>

#include "nodes/augment/augment.hpp"
#include "tests/nodes/augment/views.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(augment_parsing)

namespace {

std::string problems(const std::string& text) {
  try {
    operations(text);
    return "";
  } catch (const PipelineError& error) {
    return error.what();
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_ways_of_writing_an_operation) {
  BOOST_TEST(operations("[{flip: 0.5}, {crop: {padding: 8, probability: 0.5}}, {rand_augment: {operations: 3}}, "
                        "{resize: 224}, {random_erasing: {scale: [0.02, 0.25]}}, {cutout: {side: 0.5}}, equalize, "
                        "{invert: ~}, {rotate: [-30, 30]}, {solarize: 128}, {resize: {size: [96, 112], filter: "
                        "bicubic}}, {colour: {strength: 0.4, probability: 0.8}}]")
                 .size() == 12U);
  BOOST_TEST(operations("{flip: 0.5}").size() == 1U);
  BOOST_TEST(operations("[]").empty());
  BOOST_TEST(operations("[{crop: 4}]").front().operation->probability == 1.0);
  BOOST_TEST(operations("[flip]").front().operation->probability == 0.5);
  BOOST_TEST(operations("[{crop: {padding: 4, probability: 0.25}}]").front().operation->probability == 0.25);
  const auto shown = operations("[{flip: 0.5}, {crop: {padding: 8}}]");
  BOOST_TEST(Codec<std::vector<ViewOperation>>::show(shown) == "[{flip: 0.5}, {crop: {padding: 8}}]");
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_in_a_list_is_told) {
  BOOST_TEST(
      problems("[{flip: 2}, {crop: {paddin: 4, fill: [1, 2]}}, {rotat: 3}, 5, {cutout: {side: [0.5, 0.1]}}]") ==
      "views.yaml:1:14: error: 'probability' must lie in 0 … 1, but it is 2.\n"
      "views.yaml:1:26: error: The operation 'crop' has no parameter 'paddin'. It knows 'padding', 'size', 'fill' "
      "and 'probability'. Did you mean 'padding'?\n"
      "views.yaml:1:19: error: The operation 'crop' needs 'padding' (pixels added on every side first).\n"
      "views.yaml:1:43: error: Expected is a colour [red, green, blue] or one level, but here stands a list.\n"
      "views.yaml:1:54: error: There is no operation 'rotat' of views. Known are 'flip', 'crop', 'rotate', "
      "'shear_x', 'shear_y', 'translate_x', 'translate_y', 'resize', 'colour', 'auto_contrast', 'equalize', "
      "'invert', 'posterize', 'solarize', 'brightness', 'contrast', 'saturation', 'sharpness', 'noise', "
      "'cutout', 'random_erasing' and 'rand_augment'. Did you mean 'rotate'?\n"
      "views.yaml:1:65: error: Expected is one operation, such as {flip: 0.5} or {crop: {padding: 4}}, but here "
      "stands '5'.\n"
      "views.yaml:1:84: error: The lower end 0.5 stands above the upper end 0.1. Exchange the two.");
}

BOOST_AUTO_TEST_CASE(magnitudes_that_are_wrong) {
  BOOST_TEST(problems("[{rotate: [30, -30]}]") ==
             "views.yaml:1:16: error: The lower end 30 stands above the upper end -30. Exchange the two.");
  BOOST_TEST(problems("[{rotate: [1, 2, 3]}]") ==
             "views.yaml:1:16: error: Expected is a number, or the two ends [low, high], but here stands a list.");
  BOOST_TEST(problems("[{posterize: 0}]") == "views.yaml:1:19: error: 'bits' must lie in 1 … 9, but it is 0.");
  BOOST_TEST(problems("[{random_erasing: {ratio: [0, 1]}}]") ==
             "views.yaml:1:32: error: 'ratio' must be above 0, but it is 0.");
  BOOST_TEST(problems("[{cutout: {fill: 300}}]") ==
             "views.yaml:1:23: error: The levels of a colour must lie in 0 … 255, but here stands 300.");
  BOOST_TEST(
      problems("[{random_erasing: {fill: nois}}]") ==
      "views.yaml:1:31: error: Expected is a colour [red, green, blue], one level, or the word 'noise', but here "
      "stands 'nois'. Did you mean 'noise'?");
  BOOST_TEST(problems("[{resize: {size: [1, 2, 3]}}]") ==
             "views.yaml:1:23: error: Expected is a size in pixels, or [width, height], but here stands a list.");
  BOOST_TEST(problems("[{resize: {size: 32, filter: bilinaer}}]") ==
             "views.yaml:1:35: error: Expected is one of the words 'nearest', 'bilinear', 'bicubic' and 'lanczos', but "
             "here stands 'bilinaer'. Did you mean 'bilinear'?");
  BOOST_TEST(
      problems("[{rand_augment: {pool: torchvision, magnitude: 31}}]") ==
      "views.yaml:1:8: error: The magnitude 31 is not one of the 31 bins, which count from 0. Lower it, or raise "
      "'bins'.");
}

BOOST_AUTO_TEST_CASE(the_contract_tells_of_all_operations) {
  const std::string details = Augment::contract().type().details;
  for (const OperationType& type : operation_types()) {
    BOOST_TEST(details.find("\n  " + type.name + ": ") != std::string::npos, type.name);
    BOOST_TEST(!type.doc.empty(), type.name);
    BOOST_TEST(!type.parameters.empty(), type.name);
    for (const ParameterInfo& each : type.parameters) BOOST_TEST(!each.doc.empty(), type.name << "." << each.name);
  }
  BOOST_TEST(details.find("padding: pixels added on every side first (whole number, required; must lie in 0 … 4096)") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
