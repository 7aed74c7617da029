// Draws the mouth by muscle action: lips, teeth, tongue and the chin below.
#include <algorithm>
#include <cmath>

#include "datasets/synthetic_painter.hpp"

namespace fergraph::synthetic {

cv::Point2f Painter::lip_line(float t, float rise) const {
  const std::size_t side = t < 0 ? 0 : 1;
  const float profile = std::pow(std::max(0.0f, 1 - t * t), 0.85f - 0.4f * squareness_);
  return {t * half_mouth_[side], mouth_y_ + corner_y_[side] * std::pow(std::abs(t), 1.7f) + rise * profile};
}

void Painter::mouth() {
  constexpr int steps = 12;
  const float pull = mean(act_.corner_pull), lift = mean(act_.upper_lip);
  const float thin = std::clamp(1 - 0.75f * act_.press, 0.2f, 1.0f);
  const float upper = who_.upper_lip * thin * (1 - 0.30f * pull - 0.2f * std::max(0.0f, act_.stretch));
  const float lower =
      who_.lower_lip * thin * (1 - 0.20f * pull - 0.2f * std::max(0.0f, act_.stretch)) + 0.012f * act_.chin_raise;
  Points outer, inner, inner_top, inner_bottom;
  for (int step = -steps; step <= steps; ++step) {
    const float t = static_cast<float>(step) / steps;
    const float bow = 1 - 0.22f * std::exp(-t * t / 0.02f) +
                      0.35f * lift * std::exp(-(std::abs(t) - 0.45f) * (std::abs(t) - 0.45f) / 0.05f);
    outer.push_back(lip_line(t, -gap_up_ - upper * bow));
    inner_top.push_back(lip_line(t, -gap_up_));
  }
  for (int step = steps; step >= -steps; --step) {
    const float t = static_cast<float>(step) / steps;
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
    const cv::Point2f normal = normal_point(random_);
    const cv::Point2f at(0.11f * normal.x, chin - 0.2f + 0.05f * normal.y);
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

}  // namespace fergraph::synthetic
