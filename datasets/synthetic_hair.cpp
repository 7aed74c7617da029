// Draws the hair behind the face and the hair, or the cap, before it.
#include <algorithm>

#include "datasets/synthetic_painter.hpp"

namespace fergraph::synthetic {

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
    case HairStyle::long_hair:
      shape = {{0, -1.38f - v},
               {0.75f * w, -1.2f - v},
               {1.08f * w + v, -0.5f},
               {1.1f * w + v, 0.4f},
               {1.12f * w + v, 1.2f},
               {0.8f * w + v, 1.75f},
               {0, 1.5f}};
      break;
    case HairStyle::fringe:
      shape = {{0, -1.38f - v},
               {0.75f * w, -1.2f - v},
               {1.1f * w + v, -0.5f},
               {1.12f * w + v, 0.4f},
               {1.0f * w + v, 1.0f},
               {0.6f * w, 1.15f},
               {0, 1.0f}};
      break;
    case HairStyle::curly:
      shape = {{0, -1.5f - 1.5f * v},  {0.75f * w, -1.32f - 1.5f * v},
               {1.15f * w + v, -0.7f}, {1.14f * w + v, 0.0f},
               {0.9f * w, 0.35f},      {0, 0.3f}};
      break;
    default:
      return;
  }
  for (std::size_t at = shape.size() - 2; at > 0; --at) shape.emplace_back(-shape[at].x, shape[at].y);
  Points smooth = curve(shape, true);
  if (who_.hair_style == HairStyle::curly)
    for (cv::Point2f& point : smooth) point += 0.035f * normal_point(random_);
  const Patch patch = canvas_.fill(smooth, 0.02f);
  canvas_.paint(patch, who_.hair * 0.75f);
  canvas_.add_cover(patch);
  if (who_.hair_style != HairStyle::curly)
    strands({{-0.9f, -0.9f}, {-1.0f, -0.5f}, {1.0f, -0.5f}, {0.9f, -0.9f}},
            {{-1.1f, 1.5f}, {-1, 1.7f}, {1, 1.7f}, {1.1f, 1.5f}}, patch, who_.hair * 0.75f, 30, 0.05f);
}

void Painter::front_hair() {
  const float v = who_.hair_volume, w = who_.face_width, line = who_.hairline;
  Points shape;
  bool smooth = true;
  switch (who_.hair_style) {
    case HairStyle::bald: {
      const Patch side = canvas_.fill(
          curve({{1.02f * w, -0.05f}, {1.03f * w, -0.5f}, {0.93f * w, -0.75f}, {0.92f * w, -0.4f}}, true), 0.03f);
      const Patch other = canvas_.fill(
          curve(mirrored({{1.02f * w, -0.05f}, {1.03f * w, -0.5f}, {0.93f * w, -0.75f}, {0.92f * w, -0.4f}}), true),
          0.03f);
      canvas_.paint(side, who_.hair, 0.45f);
      canvas_.paint(other, who_.hair, 0.45f);
      return;
    }
    case HairStyle::short_hair:
    case HairStyle::curly:
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
    case HairStyle::parted:
    case HairStyle::long_hair: {
      const float drop = who_.hair_style == HairStyle::long_hair ? 0.55f : 0.0f;
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
    case HairStyle::fringe: {
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
    case HairStyle::cap: {
      Colour cloth;
      for (const int channel : {2, 1, 0}) cloth[channel] = random_.uniform(0.1f, 0.8f);
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
  if (who_.hair_style == HairStyle::curly) {
    smooth = false;
    for (cv::Point2f& point : border) point += 0.03f * normal_point(random_);
  }
  const Patch shadow = canvas_.fill(border, 0.06f);
  canvas_.shade(shadow, 0.75f);
  const Patch hair = canvas_.fill(border, 0.016f);
  canvas_.paint(hair, who_.hair);
  canvas_.add_cover(hair);
  canvas_.lift(canvas_.fill(border, 0.09f), 0.08f);
  if (smooth) {
    const float part =
        who_.hair_style == HairStyle::short_hair || who_.hair_style == HairStyle::fringe ? 0.0f : who_.hair_part;
    strands({{part - 0.55f, -1.42f}, {part - 0.1f, -1.3f}, {part + 0.1f, -1.3f}, {part + 0.55f, -1.42f}},
            {{-1.1f, 0.1f}, {-0.95f, -0.4f}, {-0.6f, -0.75f}, {0.6f, -0.75f}, {0.95f, -0.4f}, {1.1f, 0.1f}}, hair,
            who_.hair, 50, random_.uniform(-0.2f, 0.2f));
  } else {
    for (int curl = 0; curl < 60; ++curl) {
      const float turn = random_.uniform(0, 3);
      cv::Point2f centre;
      centre.x = 0.6f * random_.normal();
      centre.y = -1.0f + 0.35f * random_.normal();
      Patch patch = canvas_.fill(ellipse(centre, {0.07f, 0.05f}, turn), 0.015f);
      Canvas::intersect(patch, hair);
      canvas_.shade(patch, random_.uniform(0.65f, 1.4f));
    }
  }
}

}  // namespace fergraph::synthetic
