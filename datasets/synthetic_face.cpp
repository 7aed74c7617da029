// Draws the face: the relief below everything, its parts in their order, then light on the relief.
#include "datasets/synthetic_face.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "datasets/synthetic_painter.hpp"

namespace fergraph::synthetic {

namespace {

const cv::Point2f first_shown(-1.75f, -1.95f), last_shown(1.75f, 2.1f);  // What the canvas shows.

cv::Size canvas_size(float scale) {
  return {cvCeil((last_shown.x - first_shown.x) * scale), cvCeil((last_shown.y - first_shown.y) * scale)};
}

}  // namespace

Painter::Painter(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random)
    : who_(identity),
      act_(actions),
      light_(light),
      random_(random),
      canvas_(canvas_size(scale), first_shown * -scale, scale),
      jaw_(0.26f * actions.jaw + 0.02f * actions.part),
      nose_y_(identity.nose_y - 0.05f * actions.nose_wrinkle),
      gap_up_(0.04f * actions.part + 0.08f * actions.jaw + 0.05f * mean(actions.upper_lip) * (actions.part > 0.1f)),
      gap_down_(0.09f * actions.part + 0.36f * actions.jaw),
      mouth_y_(identity.mouth_y + 0.06f * actions.jaw - 0.03f * actions.chin_raise + 0.05f * mean(actions.corner_pull) -
               0.04f * mean(actions.corner_depress) - 0.03f * mean(actions.upper_lip)),
      squareness_(std::clamp(actions.lower_teeth, 0.0f, 1.0f)),
      half_mouth_{},
      corner_y_{},
      iris_{},
      landmarks_{} {
  for (std::size_t side = 0; side < 2; ++side) {
    half_mouth_[side] = who_.mouth_width * (1 + 0.26f * act_.corner_pull[side] + 0.20f * act_.stretch -
                                            0.08f * act_.press - 0.05f * act_.chin_raise - 0.10f * act_.jaw);
    corner_y_[side] = -0.23f * act_.corner_pull[side] + 0.21f * act_.corner_depress[side] + 0.10f * act_.jaw +
                      0.02f * act_.stretch + 0.03f * act_.chin_raise + 0.02f * mean(act_.upper_lip);
    landmarks_[side] = {sign(side) * who_.eye_x, 0};
    landmarks_[3 + side] = {sign(side) * half_mouth_[side], mouth_y_ + corner_y_[side]};
  }
  landmarks_[2] = {0, nose_y_};

  const float w = who_.face_width, j = who_.jaw_width;
  const float chin = who_.chin_y + 0.85f * jaw_ - 0.03f * act_.chin_raise;
  const Points half = {{0, -1.24f},
                       {0.52f * w, -1.12f},
                       {0.88f * w, -0.74f},
                       {1.00f * w, -0.2f},
                       {0.98f * w, 0.32f},
                       {0.5f * (0.98f * w + j) + 0.05f, 0.78f + 0.3f * jaw_},
                       {j - 0.03f * act_.jaw, 1.10f + 0.6f * jaw_},
                       {0.40f, chin - 0.10f},
                       {0, chin}};
  Points through = half;
  for (std::size_t at = half.size() - 2; at > 0; --at) through.emplace_back(-half[at].x, half[at].y);
  outline_ = curve(through, true);

  base_relief();
  back_hair();
  ears();
  skin();
  if (who_.beard > 0 || who_.moustache) beard();
  nose();
  forehead();
  for (std::size_t side = 0; side < 2; ++side) {
    folds(side);
    eye(side);
    brow(side);
  }
  mouth();
  front_hair();
  light_up();
  if (who_.glasses != Glasses::none) glasses();
}

void Painter::base_relief() {
  const float scale = canvas_.scale();
  for (int row = 0; row < canvas_.relief.rows; ++row) {
    float* out = canvas_.relief.ptr<float>(row);
    const float y = (static_cast<float>(row) / scale + first_shown.y - 0.12f) / 1.6f;
    for (int column = 0; column < canvas_.relief.cols; ++column) {
      const float x = (static_cast<float>(column) / scale + first_shown.x) / 1.12f;
      // A paraboloid: steep enough to look round, flat enough for turning it not to fold over itself.
      out[column] = std::max(-0.25f, 0.72f * (1 - x * x - y * y));
    }
  }
}

void Painter::crease(const Points& line, float thickness, float strength) {
  if (strength < 0.05f) return;
  const Points smooth = curve(line, false);
  canvas_.lift(canvas_.stroke(smooth, 2.2f * thickness, 0.018f), -0.035f * strength);
  canvas_.shade(canvas_.stroke(smooth, thickness, 0.010f), 1 - 0.38f * std::min(strength, 1.3f));
}

void Painter::light_up() {
  const cv::Mat& relief = canvas_.relief;
  const float scale = canvas_.scale();
  cv::Mat soft, wide;
  cv::GaussianBlur(relief, soft, cv::Size(), std::max(0.5f, 0.014f * scale), 0, cv::BORDER_REPLICATE);
  const int side = 2 * cvRound(0.075f * scale) + 1;
  cv::blur(soft, wide, cv::Size(side, side), cv::Point(-1, -1), cv::BORDER_REPLICATE);
  cv::blur(wide, wide, cv::Size(side, side), cv::Point(-1, -1), cv::BORDER_REPLICATE);
  const cv::Mat mottle = smooth_noise(relief.size(), {26, 30}, random_);
  const cv::Vec3f l = light_.direction;
  cv::Vec3f halfway = l + cv::Vec3f(0, 0, 1);
  halfway *= 1 / std::sqrt(halfway.dot(halfway));
  for (int row = 0; row < relief.rows; ++row) {
    const float* z = soft.ptr<float>(row);
    const float* above = soft.ptr<float>(std::max(0, row - 1));
    const float* below = soft.ptr<float>(std::min(relief.rows - 1, row + 1));
    const float* around = wide.ptr<float>(row);
    const float* spots = mottle.ptr<float>(row);
    float* out = canvas_.colour.ptr<float>(row);
    for (int column = 0; column < relief.cols; ++column, out += 3) {
      const float dx = 0.5f * scale * (z[std::min(relief.cols - 1, column + 1)] - z[std::max(0, column - 1)]);
      const float dy = 0.5f * scale * (below[column] - above[column]);
      const float inverse = 1 / std::sqrt(1 + dx * dx + dy * dy);
      const float facing = (-dx * l[0] - dy * l[1] + l[2]) * inverse;
      // Skin lets light around the edge of its shadows: wrapped diffuse reflection.
      const float diffuse = std::max(0.0f, (facing + 0.25f) / 1.25f);
      const float hollow = std::clamp(1 + 2.6f * (z[column] - around[column]), 0.55f, 1.12f);
      float mirror = std::max(0.0f, (-dx * halfway[0] - dy * halfway[1] + halfway[2]) * inverse);
      mirror *= mirror;
      mirror *= mirror;
      mirror *= mirror;
      mirror *= mirror;
      const float gloss = 0.16f * light_.gloss * mirror * mirror * std::max(0.0f, facing);
      for (int c = 0; c < 3; ++c) {
        // Colours are display values, about square roots of light.
        const float amount =
            std::sqrt((light_.ambient[c] * (0.75f + 0.25f * inverse) + light_.key[c] * diffuse) * hollow);
        out[c] = std::clamp(out[c] * amount * (1 + 0.025f * spots[column]) + gloss * light_.key[c], 0.0f, 1.0f);
      }
    }
  }
  for (std::size_t eye = 0; eye < 2; ++eye) {
    const cv::Point2f at = iris_[eye] + cv::Point2f(0.045f * l[0], -0.035f);
    Patch spark = canvas_.fill(ellipse(at, {0.024f, 0.022f}), 0.006f);
    Canvas::intersect(spark, open_eye_[eye]);
    canvas_.paint(spark, Colour(1, 1, 1), 0.9f);
  }
}

Face Painter::finish() {
  Face face;
  face.lit.create(canvas_.colour.size(), CV_8UC4);
  for (int row = 0; row < face.lit.rows; ++row) {
    const float* colour = canvas_.colour.ptr<float>(row);
    const float* cover = canvas_.cover.ptr<float>(row);
    uchar* out = face.lit.ptr<uchar>(row);
    for (int column = 0; column < face.lit.cols; ++column, out += 4, colour += 3) {
      for (int c = 0; c < 3; ++c) out[c] = cv::saturate_cast<uchar>(255 * colour[c]);
      out[3] = cv::saturate_cast<uchar>(255 * cover[column]);
    }
  }
  const int side = 2 * cvRound(0.05f * canvas_.scale()) + 1;
  cv::blur(canvas_.relief, face.relief, cv::Size(side, side), cv::Point(-1, -1), cv::BORDER_REPLICATE);
  cv::blur(face.relief, face.relief, cv::Size(side, side), cv::Point(-1, -1), cv::BORDER_REPLICATE);
  face.origin = canvas_.origin();
  face.scale = canvas_.scale();
  face.landmarks = landmarks_;
  face.outline = outline_;
  return face;
}

Face draw_face(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random) {
  return Painter(identity, actions, light, scale, random).finish();
}

}  // namespace fergraph::synthetic
