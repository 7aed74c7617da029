// Nodes over the faces of a photograph: one of them, and landmarks where only boxes are known.
#include <boost/test/unit_test.hpp>

#include "graph/context.hpp"
#include "nodes/face/choose_face.hpp"
#include "nodes/face/landmarks_of_boxes.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(face_lists)

namespace {

Faces two() { return sorted_by_size({{{10, 20, 40, 40, 1}, {}}, {{100, 100, 30, 30, 9}, Landmarks{1, 2, 3}}}); }

}  // namespace

BOOST_AUTO_TEST_CASE(one_face_is_chosen_and_stays_a_list) {
  const Image photograph{cv::Mat(200, 200, CV_8UC3)};
  const Faces largest = ChooseFace{}.run({photograph, two()}, {FaceChoice::largest}).faces;
  BOOST_REQUIRE_EQUAL(largest.all().size(), 1U);
  BOOST_TEST(largest.all().front().box.width == 40);
  const Faces best = ChooseFace{}.run({photograph, two()}, {FaceChoice::best}).faces;
  BOOST_TEST(best.all().front().box.width == 30);
  BOOST_TEST(best.all().front().landmarks.has_value());
  BOOST_CHECK_THROW(ChooseFace{}.run({photograph, Faces{}}, {}), Void);
}

BOOST_AUTO_TEST_CASE(landmarks_lie_in_their_box_and_known_ones_stay) {
  const Faces faces = LandmarksOfBoxes{}.run({two()}).faces;
  BOOST_REQUIRE_EQUAL(faces.all().size(), 2U);
  const Landmarks& made = *faces.all()[0].landmarks;
  for (std::size_t i = 0; i < made.size(); i += 2) {
    BOOST_TEST((made[i] > 10 && made[i] < 50));
    BOOST_TEST((made[i + 1] > 20 && made[i + 1] < 60));
  }
  BOOST_TEST(made[0] < made[2]);  // the left eye is left of the right one
  BOOST_TEST(made[1] < made[5]);  // and above the nose,
  BOOST_TEST(made[5] < made[7]);  // which is above the mouth
  BOOST_TEST((*faces.all()[1].landmarks == Landmarks{1, 2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
