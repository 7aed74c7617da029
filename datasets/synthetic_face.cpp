// Draws the face: skin, features by muscle action, hair, then light on the relief.
#include "datasets/synthetic_face.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fergraph::synthetic {

namespace {

using Patch = Canvas::Patch;

const cv::Point2f kFirst(-1.75f, -1.95f), kLast(1.75f, 2.1f);  // What the canvas shows.

class Painter {
 public:
  Painter(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random);
  Face finish();

 private:
  void base_relief();
  void back_hair();
  void ears();
  void skin();
  void beard();
  void brow(std::size_t side);
  void eye(std::size_t side);
  void nose();
  void folds(std::size_t side);
  void forehead();
  void mouth();
  void front_hair();
  void strands(const Points& from, const Points& to, const Patch& within, const Colour& ink, int count, float bend);
  void glasses();
  void crease(const Points& line, float thickness, float strength);
  void light_up();

  static float sign(std::size_t side) { return side == 0 ? -1.0f : 1.0f; }
  float mean(const std::array<float, 2>& pair) const { return 0.5f * (pair[0] + pair[1]); }
  // Outline of the mouth: t runs from -1 (picture left corner) to 1.
  cv::Point2f lip_line(float t, float rise) const;

  const Identity& who_;
  const Actions& act_;
  const Light& light_;
  Random& random_;
  Canvas canvas_;
  float jaw_;     // How far the lower jaw has dropped.
  float nose_y_;  // With the nose's wrinkling.
  float gap_up_, gap_down_, mouth_y_, squareness_;
  std::array<float, 2> half_mouth_, corner_y_;
  Points outline_;
  std::array<Patch, 2> open_eye_;
  std::array<cv::Point2f, 2> iris_;
  std::array<cv::Point2f, 5> landmarks_;
};

cv::Size canvas_size(float scale) {
  return {cvCeil((kLast.x - kFirst.x) * scale), cvCeil((kLast.y - kFirst.y) * scale)};
}

Painter::Painter(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random)
    : who_(identity),
      act_(actions),
      light_(light),
      random_(random),
      canvas_(canvas_size(scale), kFirst * -scale, scale),
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
  if (who_.glasses != Glasses::kNone) glasses();
}

void Painter::base_relief() {
  const float scale = canvas_.scale();
  for (int row = 0; row < canvas_.relief.rows; ++row) {
    float* out = canvas_.relief.ptr<float>(row);
    const float y = (static_cast<float>(row) / scale + kFirst.y - 0.12f) / 1.6f;
    for (int column = 0; column < canvas_.relief.cols; ++column) {
      const float x = (static_cast<float>(column) / scale + kFirst.x) / 1.12f;
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

void Painter::strands(const Points& from, const Points& to, const Patch& within, const Colour& ink, int count,
                      float bend) {
  for (int strand = 0; strand < count; ++strand) {
    const float place = random_.uniform();
    const auto along = [&](const Points& line) {
      const float at = std::clamp(place + 0.02f * random_.normal(), 0.0f, 0.999f) * static_cast<float>(line.size() - 1);
      const auto first = static_cast<std::size_t>(at);
      const float t = at - static_cast<float>(first);
      return line[first] * (1 - t) + line[first + 1] * t;
    };
    const cv::Point2f a = along(from), b = along(to);
    const cv::Point2f middle = 0.5f * (a + b) + bend * cv::Point2f(b.y - a.y, a.x - b.x);
    const Points line = {a, 0.5625f * a + 0.375f * middle + 0.0625f * b, 0.25f * (a + b) + 0.5f * middle,
                         0.0625f * a + 0.375f * middle + 0.5625f * b, b};
    Patch patch = canvas_.stroke(line, random_.uniform(0.03f, 0.08f), 0.006f);
    Canvas::intersect(patch, within);
    canvas_.paint(patch, ink * (1 + random_.uniform(-0.45f, 0.5f)), 0.45f);
  }
}

void Painter::back_hair() {
  const float v = who_.hair_volume, w = who_.face_width;
  Points shape;
  switch (who_.hair_style) {
    case HairStyle::kLong:
      shape = {{0, -1.38f - v},
               {0.75f * w, -1.2f - v},
               {1.08f * w + v, -0.5f},
               {1.1f * w + v, 0.4f},
               {1.12f * w + v, 1.2f},
               {0.8f * w + v, 1.75f},
               {0, 1.5f}};
      break;
    case HairStyle::kFringe:
      shape = {{0, -1.38f - v},
               {0.75f * w, -1.2f - v},
               {1.1f * w + v, -0.5f},
               {1.12f * w + v, 0.4f},
               {1.0f * w + v, 1.0f},
               {0.6f * w, 1.15f},
               {0, 1.0f}};
      break;
    case HairStyle::kCurly:
      shape = {{0, -1.5f - 1.5f * v},  {0.75f * w, -1.32f - 1.5f * v},
               {1.15f * w + v, -0.7f}, {1.14f * w + v, 0.0f},
               {0.9f * w, 0.35f},      {0, 0.3f}};
      break;
    default:
      return;
  }
  for (std::size_t at = shape.size() - 2; at > 0; --at) shape.emplace_back(-shape[at].x, shape[at].y);
  Points smooth = curve(shape, true);
  if (who_.hair_style == HairStyle::kCurly)
    for (cv::Point2f& point : smooth) point += 0.035f * cv::Point2f(random_.normal(), random_.normal());
  const Patch patch = canvas_.fill(smooth, 0.02f);
  canvas_.paint(patch, who_.hair * 0.75f);
  canvas_.add_cover(patch);
  if (who_.hair_style != HairStyle::kCurly)
    strands({{-0.9f, -0.9f}, {-1.0f, -0.5f}, {1.0f, -0.5f}, {0.9f, -0.9f}},
            {{-1.1f, 1.5f}, {-1, 1.7f}, {1, 1.7f}, {1.1f, 1.5f}}, patch, who_.hair * 0.75f, 30, 0.05f);
}

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
    const cv::Point2f at(0.4f * random_.normal(), 0.38f + 0.16f * random_.normal());
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

void Painter::brow(std::size_t side) {
  const float s = sign(side), x = who_.eye_x, y = who_.brow_y, thick = who_.brow_thickness;
  const float in = act_.inner_brow[side], out = act_.outer_brow[side], low = act_.lower_brow[side];
  const cv::Point2f inner(x - 0.28f - 0.05f * low,
                          y + 0.02f - 0.24f * in + 0.21f * low - 0.05f * out + 0.04f * act_.nose_wrinkle);
  const cv::Point2f middle(x + 0.02f - 0.02f * low,
                           y - who_.brow_arch - 0.10f * in - 0.15f * out + 0.11f * low + 0.02f * act_.nose_wrinkle);
  const cv::Point2f outer(x + 0.31f, y + 0.06f - 0.13f * out + 0.05f * in + 0.02f * low);
  const cv::Point2f half(0.25f * thick, thick);
  Points shape = curve({inner - 0.72f * half, middle - half, outer - 0.2f * half, outer + 0.2f * half,
                        middle + 0.75f * half, inner + 0.8f * half},
                       true);
  for (cv::Point2f& point : shape) point.x *= s;
  const Patch patch = canvas_.fill(shape, 0.016f);
  canvas_.paint(patch, who_.brow, 0.82f);
  for (int hair = 0; hair < 12; ++hair) {
    const float t = random_.uniform();
    const cv::Point2f on = t < 0.5f ? inner + 2 * t * (middle - inner) : middle + (2 * t - 1) * (outer - middle);
    const cv::Point2f root(s * on.x, on.y + thick * (0.8f - 0.5f * t));
    const cv::Point2f tip = root + cv::Point2f(s * (0.03f + 0.07f * t), -thick * (1.7f - 1.2f * t));
    canvas_.shade(canvas_.stroke({root, 0.5f * (root + tip), tip}, 0.016f, 0.004f), random_.uniform(0.6f, 0.9f));
  }
  canvas_.lift(patch, 0.015f);
}

void Painter::eye(std::size_t side) {
  const float s = sign(side), width = who_.eye_width, height = who_.eye_height;
  const float squint = act_.tighten[side], cheek = act_.cheek[side];
  const float up =
      std::max(0.016f, height * (1 + 0.75f * act_.upper_lid[side] - 0.36f * squint - 0.30f * cheek -
                                 0.62f * act_.droop[side] - 0.15f * act_.lower_brow[side] - 0.3f * act_.nose_wrinkle));
  const float down =
      std::max(0.004f, height * 0.62f * (1 + 0.40f * act_.upper_lid[side] - 0.55f * squint - 0.6f * cheek));
  const auto place = [&](float x, float y) {  // x: -1 at the inner corner, 1 at the outer one.
    return cv::Point2f(s * (who_.eye_x + width * x), y - who_.eye_tilt * width * x);
  };
  const cv::Point2f centre = place(0, 0);
  canvas_.bump({centre.x, -0.03f}, {0.40f, 0.27f}, -0.10f);
  canvas_.bump(centre, {width * 1.15f, 0.19f}, 0.075f);
  canvas_.shade(canvas_.fill(ellipse({centre.x * 0.93f, -0.07f}, {0.24f, 0.11f}), 0.06f), 0.86f);

  const Points upper = curve(
      {place(-1, 0.022f), place(-0.62f, -0.72f * up), place(0, -up), place(0.6f, -0.78f * up), place(1.02f, -0.004f)},
      false);
  const Points lower = curve({place(1.02f, -0.004f), place(0.55f, 0.82f * down), place(-0.05f, down),
                              place(-0.6f, 0.72f * down + 0.005f), place(-1, 0.022f)},
                             false);
  Points open = upper;
  open.insert(open.end(), lower.begin() + 1, lower.end() - 1);
  open_eye_[side] = canvas_.fill(open, 0.007f);
  const Patch& inside = open_eye_[side];
  canvas_.paint(inside, Colour(0.84f, 0.87f, 0.90f));
  Patch corner = canvas_.fill(ellipse(place(-0.93f, 0.02f), {0.035f, 0.03f}), 0.008f);
  Canvas::intersect(corner, inside);
  canvas_.paint(corner, Colour(0.5f, 0.5f, 0.75f), 0.7f);

  const float droop = 0.5f * act_.droop[side];
  iris_[side] = centre + cv::Point2f(0.11f * std::clamp(act_.gaze.x, -1.0f, 1.0f),
                                     -0.012f + 0.03f * act_.gaze.y + 0.03f * droop - 0.01f * cheek);
  const auto disc = [&](cv::Point2f at, float radius, const Colour& ink, float opacity) {
    Patch patch = canvas_.fill(ellipse(at, {radius, radius}), 0.006f);
    Canvas::intersect(patch, inside);
    canvas_.paint(patch, ink, opacity);
  };
  disc(iris_[side], 0.115f, who_.iris * 0.35f, 1);
  disc(iris_[side], 0.097f, who_.iris, 1);
  disc(iris_[side] + cv::Point2f(0, 0.03f), 0.06f, who_.iris * 1.35f, 0.6f);
  disc(iris_[side], 0.048f, Colour(0.03f, 0.03f, 0.03f), 1);
  Patch lid_shadow = canvas_.stroke(upper, 0.09f, 0.018f);
  Canvas::intersect(lid_shadow, inside);
  canvas_.shade(lid_shadow, 0.55f);

  Points lash = upper;
  for (cv::Point2f& point : lash) point.y -= 0.010f;
  canvas_.paint(canvas_.stroke(lash, 0.042f, 0.007f), who_.brow * 0.35f, 0.9f);
  Points rim = lower;
  for (cv::Point2f& point : rim) point.y += 0.012f;
  canvas_.shade(canvas_.stroke(rim, 0.024f, 0.008f), 0.72f);
  const float fold = std::max(0.02f, 0.055f + 0.02f * act_.upper_lid[side] - 0.04f * act_.lower_brow[side]);
  crease({place(-0.95f, -0.03f - 0.4f * fold), place(-0.5f, -0.75f * up - fold), place(0.1f, -up - fold),
          place(0.7f, -0.72f * up - fold), place(1.12f, -0.03f)},
         0.022f, 0.35f + 0.6f * who_.lid_crease);
  crease({place(-0.85f, down + 0.05f), place(0, down + 0.085f), place(0.85f, down + 0.03f)}, 0.026f,
         0.12f + 0.35f * who_.wrinkles + 0.5f * squint + 0.45f * cheek);
  for (int line = -1; line <= 1; ++line) {
    const float spread = 0.07f * static_cast<float>(line);
    crease({place(1.2f, 0.3f * spread), place(1.5f, spread), place(1.75f, 1.7f * spread + 0.01f)}, 0.018f,
           cheek * (0.25f + 0.75f * who_.wrinkles));
  }
}

cv::Point2f Painter::lip_line(float t, float rise) const {
  const std::size_t side = t < 0 ? 0 : 1;
  const float profile = std::pow(std::max(0.0f, 1 - t * t), 0.85f - 0.4f * squareness_);
  return {t * half_mouth_[side], mouth_y_ + corner_y_[side] * std::pow(std::abs(t), 1.7f) + rise * profile};
}

void Painter::mouth() {
  constexpr int kSteps = 12;
  const float pull = mean(act_.corner_pull), lift = mean(act_.upper_lip);
  const float thin = std::clamp(1 - 0.75f * act_.press, 0.2f, 1.0f);
  const float upper = who_.upper_lip * thin * (1 - 0.30f * pull - 0.2f * std::max(0.0f, act_.stretch));
  const float lower =
      who_.lower_lip * thin * (1 - 0.20f * pull - 0.2f * std::max(0.0f, act_.stretch)) + 0.012f * act_.chin_raise;
  Points outer, inner, inner_top, inner_bottom;
  for (int step = -kSteps; step <= kSteps; ++step) {
    const float t = static_cast<float>(step) / kSteps;
    const float bow = 1 - 0.22f * std::exp(-t * t / 0.02f) +
                      0.35f * lift * std::exp(-(std::abs(t) - 0.45f) * (std::abs(t) - 0.45f) / 0.05f);
    outer.push_back(lip_line(t, -gap_up_ - upper * bow));
    inner_top.push_back(lip_line(t, -gap_up_));
  }
  for (int step = kSteps; step >= -kSteps; --step) {
    const float t = static_cast<float>(step) / kSteps;
    outer.push_back(lip_line(t, gap_down_ + lower));
    inner_bottom.push_back(lip_line(t, gap_down_));
  }
  inner = inner_top;
  inner.insert(inner.end(), inner_bottom.begin() + 1, inner_bottom.end() - 1);

  const float chin = who_.chin_y + 0.85f * jaw_;
  canvas_.bump({0, chin - 0.2f}, {0.36f, 0.26f}, 0.08f + 0.06f * act_.chin_raise);
  crease({{-0.2f, mouth_y_ + gap_down_ + lower + 0.12f},
          {0, mouth_y_ + gap_down_ + lower + 0.085f},
          {0.2f, mouth_y_ + gap_down_ + lower + 0.12f}},
         0.06f, 0.35f + 0.5f * act_.chin_raise);
  for (int dimple = 0; act_.chin_raise > 0.3f && dimple < 5; ++dimple) {
    const cv::Point2f at(0.11f * random_.normal(), chin - 0.2f + 0.05f * random_.normal());
    canvas_.shade(canvas_.fill(ellipse(at, {0.03f, 0.022f}), 0.014f), 1 - 0.25f * act_.chin_raise);
  }
  canvas_.bump({0, mouth_y_}, {0.55f, 0.36f}, 0.05f);
  canvas_.shade(canvas_.fill({{-0.035f, nose_y_ + 0.16f},
                              {0.035f, nose_y_ + 0.16f},
                              {0.03f, mouth_y_ - gap_up_ - upper},
                              {-0.03f, mouth_y_ - gap_up_ - upper}},
                             0.018f),
                0.9f);

  const Patch lips = canvas_.fill(outer, 0.011f);
  canvas_.paint(lips, who_.lip, 0.86f);
  canvas_.lift(canvas_.fill(outer, 0.028f), 0.045f * thin);
  Points top_lip = inner_top;
  for (cv::Point2f& point : top_lip) point.y -= 0.45f * upper;
  Patch top = canvas_.stroke(top_lip, upper * 1.2f, 0.012f);
  Canvas::intersect(top, lips);
  canvas_.shade(top, 0.88f);
  Points shine;
  for (int step = -4; step <= 4; ++step)
    shine.push_back(lip_line(0.12f * static_cast<float>(step), gap_down_ + 0.45f * lower));
  canvas_.paint(canvas_.stroke(shine, 0.45f * lower, 0.012f), Colour(1, 1, 1), 0.06f + 0.10f * light_.gloss);

  const float gap = gap_up_ + gap_down_;
  if (gap > 0.018f) {
    const Patch cavity = canvas_.fill(inner, 0.008f);
    canvas_.paint(cavity, Colour(0.10f, 0.09f, 0.21f));
    if (gap > 0.12f) {
      Patch tongue =
          canvas_.fill(ellipse({0, mouth_y_ + gap_down_ * 0.95f}, {0.6f * who_.mouth_width, 0.4f * gap}), 0.025f);
      Canvas::intersect(tongue, cavity);
      canvas_.paint(tongue, Colour(0.32f, 0.30f, 0.60f), 0.85f);
    }
    const auto teeth = [&](float from, float length, bool above) {
      if (length < 0.012f) return;
      Points band;
      for (int step = -8; step <= 8; ++step) band.push_back(lip_line(0.105f * static_cast<float>(step), from));
      for (int step = 8; step >= -8; --step)
        band.push_back(
            lip_line(0.105f * static_cast<float>(step), from) +
            cv::Point2f(0, (above ? 1.0f : -1.0f) * length * (1 - 0.004f * static_cast<float>(step * step))));
      Patch patch = canvas_.fill(band, 0.008f);
      Canvas::intersect(patch, cavity);
      canvas_.paint(patch, Colour(0.80f, 0.88f, 0.92f), 0.95f);
      for (int tooth = -3; tooth <= 3; ++tooth) {
        const float t = 0.2f * static_cast<float>(tooth);
        const cv::Point2f at = lip_line(t, from);
        Patch slit = canvas_.stroke({at - cv::Point2f(0, length), at, at + cv::Point2f(0, length)}, 0.010f, 0.004f);
        Canvas::intersect(slit, patch);
        canvas_.shade(slit, 0.75f);
      }
    };
    teeth(-gap_up_ - 0.01f, std::min(0.13f, 0.85f * gap) * act_.upper_teeth, true);
    teeth(gap_down_ + 0.01f, std::min(0.09f, 0.5f * gap) * act_.lower_teeth, false);
    Patch shadow = canvas_.stroke(inner_top, 0.07f, 0.015f);
    Canvas::intersect(shadow, cavity);
    canvas_.shade(shadow, 0.55f);
  } else {
    canvas_.paint(canvas_.stroke(inner_top, 0.032f, 0.008f), who_.lip * 0.32f, 0.9f);
  }
  for (std::size_t side = 0; side < 2; ++side)
    canvas_.shade(canvas_.fill(ellipse(landmarks_[3 + side], {0.03f, 0.022f}), 0.012f), 0.6f);
}

void Painter::front_hair() {
  const float v = who_.hair_volume, w = who_.face_width, line = who_.hairline;
  Points shape;
  bool smooth = true;
  switch (who_.hair_style) {
    case HairStyle::kBald: {
      const Patch side = canvas_.fill(
          curve({{1.02f * w, -0.05f}, {1.03f * w, -0.5f}, {0.93f * w, -0.75f}, {0.92f * w, -0.4f}}, true), 0.03f);
      const Patch other = canvas_.fill(
          curve(mirrored({{1.02f * w, -0.05f}, {1.03f * w, -0.5f}, {0.93f * w, -0.75f}, {0.92f * w, -0.4f}}), true),
          0.03f);
      canvas_.paint(side, who_.hair, 0.45f);
      canvas_.paint(other, who_.hair, 0.45f);
      return;
    }
    case HairStyle::kShort:
    case HairStyle::kCurly:
      shape = {{-1.02f * w, 0.0f},
               {-1.06f * w - 0.3f * v, -0.5f},
               {-0.85f * w - 0.3f * v, -1.05f - 0.5f * v},
               {-0.35f, -1.34f - v},
               {0.3f, -1.34f - v},
               {0.85f * w + 0.3f * v, -1.05f - 0.5f * v},
               {1.06f * w + 0.3f * v, -0.5f},
               {1.02f * w, 0.0f},
               {0.93f * w, -0.32f},
               {0.82f * w, -0.66f},
               {0.5f, line - 0.02f},
               {0, line - 0.05f},
               {-0.5f, line - 0.02f},
               {-0.82f * w, -0.66f},
               {-0.93f * w, -0.32f}};
      break;
    case HairStyle::kParted:
    case HairStyle::kLong: {
      const float drop = who_.hair_style == HairStyle::kLong ? 0.55f : 0.0f;
      const float part = who_.hair_part;
      shape = {{-1.02f * w, 0.05f + drop},
               {-1.09f * w - 0.5f * v, -0.4f},
               {-0.87f * w - 0.4f * v, -1.05f - 0.5f * v},
               {-0.35f, -1.36f - v},
               {0.3f, -1.36f - v},
               {0.87f * w + 0.4f * v, -1.05f - 0.5f * v},
               {1.09f * w + 0.5f * v, -0.4f},
               {1.02f * w, 0.05f + drop},
               {0.93f * w, -0.2f},
               {0.84f * w, -0.6f},
               {0.5f * (0.8f + part), line + 0.12f - 0.1f * part},
               {part, line - 0.14f},
               {0.5f * (-0.8f + part), line + 0.12f + 0.1f * part},
               {-0.84f * w, -0.6f},
               {-0.93f * w, -0.2f}};
      break;
    }
    case HairStyle::kFringe: {
      const float low = std::min(-0.46f, line + 0.35f);
      shape = {{-1.03f * w, 0.6f},
               {-1.12f * w - 0.5f * v, -0.4f},
               {-0.87f * w - 0.4f * v, -1.05f - 0.5f * v},
               {-0.35f, -1.37f - v},
               {0.3f, -1.37f - v},
               {0.87f * w + 0.4f * v, -1.05f - 0.5f * v},
               {1.12f * w + 0.5f * v, -0.4f},
               {1.03f * w, 0.6f},
               {0.92f * w, 0.0f},
               {0.85f * w, low + 0.08f},
               {0.45f, low},
               {0.1f, low + 0.04f},
               {-0.2f, low - 0.02f},
               {-0.5f, low + 0.03f},
               {-0.85f * w, low + 0.06f},
               {-0.92f * w, 0.0f}};
      break;
    }
    case HairStyle::kCap: {
      const Colour cloth(random_.uniform(0.1f, 0.8f), random_.uniform(0.1f, 0.8f), random_.uniform(0.1f, 0.8f));
      const float brim = std::min(-0.55f, line + 0.2f);
      const Patch cap = canvas_.fill(curve({{-1.06f * w, brim + 0.2f},
                                            {-1.1f * w, -0.8f},
                                            {-0.7f * w, -1.38f},
                                            {0, -1.55f - v},
                                            {0.7f * w, -1.38f},
                                            {1.1f * w, -0.8f},
                                            {1.06f * w, brim + 0.2f},
                                            {0.5f * w, brim + 0.05f},
                                            {0, brim},
                                            {-0.5f * w, brim + 0.05f}},
                                           true),
                                     0.012f);
      canvas_.paint(cap, cloth);
      canvas_.add_cover(cap);
      canvas_.lift(canvas_.fill(ellipse({0, brim - 0.35f}, {0.95f * w, 0.45f}), 0.1f), 0.08f);
      canvas_.shade(canvas_.stroke(curve({{-1.07f * w, brim - 0.02f},
                                          {-0.5f * w, brim - 0.2f},
                                          {0, brim - 0.25f},
                                          {0.5f * w, brim - 0.2f},
                                          {1.07f * w, brim - 0.02f}},
                                         false),
                                   0.04f, 0.015f),
                    0.7f);
      Patch shadow = canvas_.fill(ellipse({0, brim + 0.06f}, {0.9f * w, 0.07f}), 0.04f);
      canvas_.shade(shadow, 0.82f);
      return;
    }
  }
  Points border = curve(shape, true);
  if (who_.hair_style == HairStyle::kCurly) {
    smooth = false;
    for (cv::Point2f& point : border) point += 0.03f * cv::Point2f(random_.normal(), random_.normal());
  }
  const Patch shadow = canvas_.fill(border, 0.06f);
  canvas_.shade(shadow, 0.75f);
  const Patch hair = canvas_.fill(border, 0.016f);
  canvas_.paint(hair, who_.hair);
  canvas_.add_cover(hair);
  canvas_.lift(canvas_.fill(border, 0.09f), 0.08f);
  if (smooth) {
    const float part =
        who_.hair_style == HairStyle::kShort || who_.hair_style == HairStyle::kFringe ? 0.0f : who_.hair_part;
    strands({{part - 0.55f, -1.42f}, {part - 0.1f, -1.3f}, {part + 0.1f, -1.3f}, {part + 0.55f, -1.42f}},
            {{-1.1f, 0.1f}, {-0.95f, -0.4f}, {-0.6f, -0.75f}, {0.6f, -0.75f}, {0.95f, -0.4f}, {1.1f, 0.1f}}, hair,
            who_.hair, 50, random_.uniform(-0.2f, 0.2f));
  } else {
    for (int curl = 0; curl < 60; ++curl) {
      Patch patch = canvas_.fill(
          ellipse({0.6f * random_.normal(), -1.0f + 0.35f * random_.normal()}, {0.07f, 0.05f}, random_.uniform(0, 3)),
          0.015f);
      Canvas::intersect(patch, hair);
      canvas_.shade(patch, random_.uniform(0.65f, 1.4f));
    }
  }
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

void Painter::glasses() {
  const Colour frame = random_.chance(0.6f) ? Colour(0.08f, 0.08f, 0.1f) : Colour(0.25f, 0.4f, 0.5f);
  const float round = random_.uniform(0.15f, 0.22f), thick = random_.uniform(0.025f, 0.05f);
  for (std::size_t side = 0; side < 2; ++side) {
    const float s = sign(side), x = s * who_.eye_x;
    const Points rim = curve({{x - 0.27f, 0.02f},
                              {x - 0.22f, -round * 0.8f},
                              {x, -round},
                              {x + 0.22f, -round * 0.8f},
                              {x + 0.27f, 0.02f},
                              {x + 0.2f, round},
                              {x, round * 1.2f},
                              {x - 0.2f, round}},
                             true);
    Points inner;
    for (const cv::Point2f& point : rim)
      inner.push_back(cv::Point2f(x, 0.01f) + (1 - thick / 0.22f) * (point - cv::Point2f(x, 0.01f)));
    Patch ring = canvas_.fill(rim, 0.006f);
    const Patch lens = canvas_.fill(inner, 0.006f);
    cv::Mat hole(ring.mask, lens.where - ring.where.tl());
    cv::subtract(hole, lens.mask, hole);
    if (who_.glasses == Glasses::kDark) canvas_.paint(lens, Colour(0.07f, 0.06f, 0.06f), 0.93f);
    Patch glare = canvas_.fill({{x - 0.1f, -0.2f}, {x + 0.02f, -0.2f}, {x - 0.1f, 0.25f}, {x - 0.2f, 0.25f}}, 0.02f);
    Canvas::intersect(glare, lens);
    canvas_.paint(glare, Colour(1, 1, 1), 0.14f);
    canvas_.paint(ring, frame, 0.92f);
    canvas_.paint(canvas_.stroke({{x + s * 0.26f, -0.03f}, {x + s * 0.45f, -0.04f}, {s * who_.face_width, -0.03f}},
                                 0.035f, 0.006f),
                  frame, 0.85f);
  }
  const float gap = who_.eye_x - 0.27f;
  canvas_.paint(canvas_.stroke(curve({{-gap - 0.02f, 0}, {0, -0.04f}, {gap + 0.02f, 0}}, false), 0.045f, 0.006f), frame,
                0.9f);
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

}  // namespace

Face draw_face(const Identity& identity, const Actions& actions, const Light& light, float scale, Random& random) {
  return Painter(identity, actions, light, scale, random).finish();
}

}  // namespace fergraph::synthetic
