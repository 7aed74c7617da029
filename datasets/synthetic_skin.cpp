// Draws the bare face: ears, skin, beard, nose, and the folds and wrinkles that muscles and age make.
#include <algorithm>
#include <cmath>

#include "datasets/synthetic_painter.hpp"

namespace fergraph::synthetic {

void Painter::ears() {
  for (std::size_t side = 0; side < 2; ++side) {
    const float x = sign(side) * (who_.face_width * 1.01f);
    const Patch patch =
        canvas_.fill(ellipse({x, 0.14f}, {0.12f * who_.ear, 0.27f * who_.ear}, sign(side) * 0.18f), 0.01f);
    canvas_.paint(patch, who_.skin.mul(Colour(0.88f, 0.88f, 0.98f)));
    canvas_.add_cover(patch);
    canvas_.lift(canvas_.fill(ellipse({x, 0.14f}, {0.11f * who_.ear, 0.25f * who_.ear}, sign(side) * 0.18f), 0.03f),
                 0.08f);
    canvas_.shade(canvas_.fill(ellipse({x, 0.12f}, {0.05f, 0.15f * who_.ear}, sign(side) * 0.18f), 0.02f), 0.72f);
  }
}

void Painter::skin() {
  const Patch face = canvas_.fill(outline_, 0.012f);
  canvas_.paint(face, who_.skin);
  canvas_.add_cover(face);
  const auto tint = [&](cv::Point2f centre, cv::Point2f radius, const Colour& by, float strength) {
    canvas_.paint(canvas_.fill(ellipse(centre, radius), 0.08f), who_.skin.mul(by), strength);
  };
  const float flush = random_.uniform(0.2f, 1);
  for (std::size_t side = 0; side < 2; ++side) {
    tint({sign(side) * 0.54f, 0.45f}, {0.22f, 0.16f}, {0.82f, 0.80f, 1.03f}, 0.6f * flush);
    tint({sign(side) * who_.eye_x, 0.16f}, {0.2f, 0.06f}, {0.86f, 0.82f, 0.88f}, 0.5f);
  }
  tint({0, nose_y_}, {0.13f, 0.12f}, {0.82f, 0.82f, 1.03f}, 0.5f * flush);
  for (int spot = 0; spot < cvRound(who_.freckles * 40); ++spot) {
    const cv::Point2f normal = normal_point(random_);
    const cv::Point2f at(0.4f * normal.x, 0.38f + 0.16f * normal.y);
    canvas_.shade(canvas_.fill(ellipse(at, {0.016f, 0.014f}), 0.005f), random_.uniform(0.72f, 0.9f));
  }
}

void Painter::beard() {
  const float w = who_.face_width, j = who_.jaw_width;
  const float chin = who_.chin_y + 0.85f * jaw_;
  const float lip_end = mouth_y_ + gap_down_ + who_.lower_lip;
  const float opacity = 0.15f + 0.7f * who_.beard * who_.beard;
  const Colour ink = who_.hair * 0.8f + who_.skin * 0.08f;
  Patch area;
  if (who_.beard > 0) {
    Points half = {{1.0f * w, 0.15f},        {0.98f * w, 0.4f},     {0.5f * (w + j) + 0.05f, 0.8f + 0.3f * jaw_},
                   {j, 1.12f + 0.6f * jaw_}, {0.41f, chin - 0.09f}, {0, chin + 0.02f}};
    const Points inner = {{0.13f, lip_end + 0.10f},
                          {0.30f, lip_end + 0.10f},
                          {who_.mouth_width + 0.17f, mouth_y_ + 0.05f},
                          {0.68f, 0.72f},
                          {0.86f, 0.35f}};
    Points shape = half;
    for (std::size_t at = half.size() - 1; at-- > 0;) shape.emplace_back(-half[at].x, half[at].y);
    for (std::size_t at = inner.size(); at-- > 0;) shape.emplace_back(-inner[at].x, inner[at].y);
    shape.insert(shape.end(), inner.begin(), inner.end());
    area = canvas_.fill(shape, 0.035f);
    canvas_.paint(area, ink, opacity);
    if (who_.beard > 0.6f)
      strands({{-0.8f, 0.8f}, {-0.3f, 1.15f}, {0.3f, 1.15f}, {0.8f, 0.8f}},
              {{-0.75f, 1.3f}, {-0.2f, chin}, {0.2f, chin}, {0.75f, 1.3f}}, area, ink, 25, 0.03f);
  }
  if (who_.moustache) {
    const float top = nose_y_ + 0.17f, bottom = mouth_y_ - gap_up_ - 0.3f * who_.upper_lip;
    const Points shape = curve({{0, top + 0.03f},
                                {0.16f, top},
                                {half_mouth_[1] * 0.85f, 0.5f * (top + bottom) + 0.05f},
                                {half_mouth_[1] + 0.06f, mouth_y_ + corner_y_[1] + 0.04f},
                                {0.2f, bottom},
                                {0, bottom},
                                {-0.2f, bottom},
                                {-half_mouth_[0] - 0.06f, mouth_y_ + corner_y_[0] + 0.04f},
                                {-half_mouth_[0] * 0.85f, 0.5f * (top + bottom) + 0.05f},
                                {-0.16f, top}},
                               true);
    canvas_.paint(canvas_.fill(shape, 0.022f), ink, std::max(0.55f, opacity));
  }
}

void Painter::nose() {
  const float y = nose_y_, w = who_.nose_width * (1 + 0.12f * act_.nose_wrinkle + 0.06f * mean(act_.corner_pull));
  const float height = who_.nose_relief;
  canvas_.bump({0, 0.26f}, {0.2f, 0.56f}, 0.62f * height);
  canvas_.bump({0, y - 0.02f}, {0.23f, 0.24f}, 0.72f * height);
  for (std::size_t side = 0; side < 2; ++side) {
    const float s = sign(side);
    canvas_.bump({s * w * 0.80f, y + 0.05f}, {0.14f, 0.13f}, 0.34f * height);
    canvas_.paint(canvas_.fill(ellipse({s * w * 0.50f, y + 0.115f}, {0.052f, 0.026f}, s * 0.35f), 0.012f),
                  who_.skin.mul(Colour(0.22f, 0.22f, 0.34f)), 0.9f);
    crease({{s * w * 1.0f, y - 0.06f}, {s * w * 1.14f, y + 0.04f}, {s * w * 0.95f, y + 0.12f}}, 0.026f, 0.75f);
    canvas_.shade(canvas_.fill({{s * 0.07f, 0}, {s * 0.16f, 0.1f}, {s * w, y}, {s * 0.09f, y - 0.06f}}, 0.04f), 0.93f);
    // Wrinkles beside the bridge.
    for (int line = 0; line < 3; ++line) {
      const float top = 0.0f + 0.09f * static_cast<float>(line);
      crease({{s * 0.03f, top - 0.01f}, {s * 0.10f, top + 0.02f}, {s * 0.17f, top + 0.09f}}, 0.026f,
             1.2f * act_.nose_wrinkle);
    }
  }
  canvas_.shade(canvas_.fill(ellipse({0, y + 0.145f}, {0.17f, 0.045f}), 0.03f), 0.8f);
  // The shadow which the nose throws to the side away from the light.
  const float away = light_.direction[0] > 0 ? -1.0f : 1.0f;
  const float depth = std::min(0.45f, 0.6f * std::abs(light_.direction[0]));
  const float reach = 0.12f + 0.35f * std::abs(light_.direction[0]);
  canvas_.shade(canvas_.fill({{away * 0.05f, -0.02f},
                              {away * 0.10f, 0.1f},
                              {away * (0.06f + reach), y},
                              {away * (0.08f + reach), y + 0.12f},
                              {0, y + 0.18f},
                              {away * 0.08f, y - 0.05f}},
                             0.035f),
                1 - depth);
}

void Painter::folds(std::size_t side) {
  const float s = sign(side);
  const float raise = act_.cheek[side], pull = act_.corner_pull[side], lip = act_.upper_lip[side];
  canvas_.bump({s * (0.53f + 0.03f * pull), 0.47f - 0.07f * raise}, {0.42f, 0.36f},
               0.05f + 0.10f * raise + 0.05f * pull);
  const cv::Point2f corner = landmarks_[3 + side];
  const float strength =
      0.15f + 0.45f * who_.wrinkles + 0.45f * pull + 0.35f * lip + 0.25f * act_.nose_wrinkle + 0.15f * act_.stretch;
  const cv::Point2f start(s * (who_.nose_width * 1.2f), nose_y_ - 0.02f - 0.05f * lip);
  const cv::Point2f end(corner.x + s * (0.10f + 0.05f * pull), corner.y + 0.06f - 0.08f * (lip + pull));
  crease({start, 0.5f * (start + end) + cv::Point2f(s * (0.04f + 0.04f * pull), -0.05f), end}, 0.032f, strength);
  // From the corner down, with sad mouths and age.
  crease({corner + cv::Point2f(s * 0.03f, 0.0f), corner + cv::Point2f(s * 0.07f, 0.07f),
          corner + cv::Point2f(s * 0.08f, 0.16f)},
         0.028f, 0.75f * act_.corner_depress[side] + 0.25f * who_.wrinkles);
  crease({corner + cv::Point2f(s * 0.05f, -0.06f), corner + cv::Point2f(s * 0.075f, 0),
          corner + cv::Point2f(s * 0.05f, 0.06f)},
         0.022f, 0.5f * pull + 0.4f * act_.press);
}

void Painter::forehead() {
  for (int line = 0; line < 3; ++line) {
    const float y = -0.50f - 0.11f * static_cast<float>(line) + 0.012f * random_.normal();
    const float wobble = 0.015f * random_.normal();
    const float inner = mean(act_.inner_brow), outer = mean(act_.outer_brow);
    const float wide = inner > 1.6f * outer ? 0.34f : 0.55f;
    crease({{-wide, y + 0.03f}, {-0.3f * wide, y - wobble}, {0.3f * wide, y + wobble}, {wide, y + 0.03f}}, 0.030f,
           (0.55f * std::max(inner, outer)) * (0.45f + 0.55f * who_.wrinkles) + 0.18f * who_.wrinkles);
  }
  for (std::size_t side = 0; side < 2; ++side) {
    const float s = sign(side), strength = act_.lower_brow[side] * (0.55f + 0.4f * who_.wrinkles);
    crease({{s * 0.055f, -0.34f}, {s * 0.075f, -0.22f}, {s * 0.055f, -0.10f}}, 0.030f, strength);
    canvas_.bump({s * who_.eye_x * 0.85f, who_.brow_y + 0.02f}, {0.42f, 0.2f}, 0.05f + 0.05f * act_.lower_brow[side]);
  }
}

}  // namespace fergraph::synthetic
