// Draws brows and eyes by muscle action, and the glasses before them.
#include <algorithm>
#include <opencv2/core.hpp>

#include "datasets/synthetic_painter.hpp"

namespace fergraph::synthetic {

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
    if (who_.glasses == Glasses::dark) canvas_.paint(lens, Colour(0.07f, 0.06f, 0.06f), 0.93f);
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

}  // namespace fergraph::synthetic
