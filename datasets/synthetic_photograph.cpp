// Places a drawn face in a picture: background, body, pose, things in front of the face, camera.
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "datasets/synthetic_face.hpp"

namespace fergraph::synthetic {

namespace {

Colour random_colour(Random& random) {
  const float grey = random.uniform(0.08f, 0.9f);
  const float first = random.uniform();
  const float second = random.uniform();
  const float tint = 0.28f * first * second;  // Mostly small.
  Colour colour;
  for (int c = 0; c < 3; ++c) colour[c] = std::clamp(grey + tint * random.uniform(-1, 1), 0.02f, 0.98f);
  return colour;
}

// Drawn small and enlarged: backgrounds are out of focus.
cv::Mat background(cv::Size size, Random& random) {
  const int divisor = random.chance(0.3f) ? 2 : 4;
  const cv::Size small(size.width / divisor + 1, size.height / divisor + 1);
  Canvas canvas(small, {0, 0}, static_cast<float>(small.width));  // The width is 1.
  const Colour top = random_colour(random);
  const Colour bottom = 0.6f * top + 0.4f * random_colour(random);
  const float slant = random.uniform(-0.5f, 0.5f);
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x) {
      const float t = std::clamp(static_cast<float>(y) / static_cast<float>(small.height) +
                                     slant * (static_cast<float>(x) / static_cast<float>(small.width) - 0.5f),
                                 0.0f, 1.0f);
      canvas.colour.at<Colour>(y, x) = top * (1 - t) + bottom * t;
    }
  const float softness = random.uniform(0.0f, 0.04f);
  const int kind = random.below(5);
  if (kind == 1 || kind == 4) {  // Leaves, crowds, lights: blobs.
    const float size_of = random.uniform(0.02f, 0.12f);
    for (int blob = 0; blob < 40; ++blob) {
      const float opacity = random.uniform(0.3f, 0.8f);
      const Colour ink = kind == 4 ? random_colour(random) : top * random.uniform(0.5f, 1.5f);
      const float turn = random.uniform(0, 3);
      cv::Point2f centre, radius;
      radius.x = size_of * random.uniform(0.5f, 1.5f);
      radius.y = size_of * random.uniform(0.5f, 1.5f);
      centre.x = random.uniform();
      centre.y = random.uniform(0, 1.25f);
      canvas.paint(canvas.fill(ellipse(centre, radius, turn), softness), ink, opacity);
    }
  } else if (kind == 2 || kind == 3) {  // Rooms and streets: upright and level boxes.
    const int boxes = 4 + random.below(10);
    for (int box = 0; box < boxes; ++box) {
      const float x = random.uniform(-0.1f, 1), y = random.uniform(-0.1f, 1.1f);
      const float w = random.uniform(0.05f, 0.4f), h = random.uniform(0.05f, kind == 2 ? 0.5f : 1.2f);
      const float opacity = random.uniform(0.3f, 0.95f);
      const Colour ink = random_colour(random);
      canvas.paint(canvas.fill({{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}, softness), ink, opacity);
    }
  }
  const float grain = random.uniform(0, 0.12f);
  cv::Size cells;
  cells.width = small.width / (1 + random.below(6));
  cells.height = small.height / (1 + random.below(6));
  const cv::Mat noise = smooth_noise(small, cells, random);
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x) canvas.colour.at<Colour>(y, x) *= 1 + grain * noise.at<float>(y, x);
  cv::Mat large;
  cv::resize(canvas.colour, large, size, 0, 0, cv::INTER_LINEAR);
  return large;
}

struct Pose {
  float roll, yaw, pitch, scale;
  cv::Point2f centre;

  // Where a point of the relief appears, in face units before roll and placing.
  cv::Point2f turn(float x, float y, float z) const {
    const float back = -x * std::sin(yaw) + z * std::cos(yaw);
    return {x * std::cos(yaw) + z * std::sin(yaw), y * std::cos(pitch) - back * std::sin(pitch)};
  }
  cv::Point2f place(cv::Point2f point) const {
    return centre + scale * cv::Point2f(std::cos(roll) * point.x - std::sin(roll) * point.y,
                                        std::sin(roll) * point.x + std::cos(roll) * point.y);
  }
};

float height_at(const Face& face, cv::Point2f point) {
  const int x = std::clamp(cvRound(face.origin.x + face.scale * point.x), 0, face.relief.cols - 1);
  const int y = std::clamp(cvRound(face.origin.y + face.scale * point.y), 0, face.relief.rows - 1);
  return face.relief.at<float>(y, x);
}

cv::Point2f seen(const Face& face, const Pose& pose, cv::Point2f point) {
  return pose.place(pose.turn(point.x, point.y, height_at(face, point)));
}

// The face as seen in the picture: CV_8UC4.
cv::Mat turned(const Face& face, const Pose& pose, cv::Size size) {
  // The map is smooth, so every second pixel is enough; sample k lies at 2 k + 0.5, where cv::resize expects it.
  cv::Mat_<cv::Vec2f> coarse((size.height + 1) / 2, (size.width + 1) / 2);
  const float cosine = std::cos(pose.roll) / pose.scale, sine = std::sin(pose.roll) / pose.scale;
  const float sy = std::sin(pose.yaw), cy = std::cos(pose.yaw), sp = std::sin(pose.pitch);
  const float per_cy = 1 / cy, per_cp = 1 / std::cos(pose.pitch);
  for (int row = 0; row < coarse.rows; ++row)
    for (int column = 0; column < coarse.cols; ++column) {
      const float u = 2 * static_cast<float>(column) + 0.5f - pose.centre.x;
      const float v = 2 * static_cast<float>(row) + 0.5f - pose.centre.y;
      const float across = cosine * u + sine * v, down = -sine * u + cosine * v;
      // The relief's height at the point sought decides where the point is: a few steps settle it.
      float x = across, y = down;
      for (int step = 0; step < 4; ++step) {
        const float z = height_at(face, {x, y});
        x = (across - z * sy) * per_cy;
        y = (down + (-x * sy + z * cy) * sp) * per_cp;
      }
      coarse(row, column) = {face.origin.x + face.scale * x, face.origin.y + face.scale * y};
    }
  cv::Mat from;
  cv::resize(coarse, from, coarse.size() * 2, 0, 0, cv::INTER_LINEAR);
  cv::Mat result;
  cv::remap(face.lit, result, from(cv::Rect(cv::Point(), size)), cv::noArray(), cv::INTER_LINEAR, cv::BORDER_CONSTANT,
            cv::Scalar::all(0));
  return result;
}

void body(Canvas& photo, const Identity& who, const Colour& lamp, float chin, Random& random) {
  const Colour skin = who.skin.mul(lamp) * 0.86f;
  const float neck = 0.50f * who.face_width + random.uniform(-0.04f, 0.06f), wide = random.uniform(1.6f, 2.3f);
  const float low = chin + random.uniform(0.35f, 0.55f);
  const Points shoulders = curve({{-neck - 0.05f, low - 0.12f},
                                  {-0.6f * wide, low + 0.12f},
                                  {-wide, low + 0.45f},
                                  {-wide - 0.2f, low + 3},
                                  {wide + 0.2f, low + 3},
                                  {wide, low + 0.45f},
                                  {0.6f * wide, low + 0.12f},
                                  {neck + 0.05f, low - 0.12f}},
                                 true);
  const Canvas::Patch torso = photo.fill(shoulders, 0.01f);
  const Colour cloth = random_colour(random);
  const Canvas::Patch throat = photo.fill({{-neck, 0.6f},
                                           {neck, 0.6f},
                                           {neck + 0.04f, low},
                                           {neck * 0.5f, low + 0.4f},
                                           {-neck * 0.5f, low + 0.4f},
                                           {-neck - 0.04f, low}},
                                          0.015f);
  photo.paint(throat, skin);
  photo.paint(torso, cloth);
  if (random.chance(0.4f)) {
    const float step = random.uniform(0.15f, 0.4f);
    const Colour other = random_colour(random);
    const bool level = random.chance(0.5f);
    for (float at = -3; at < 3.5f; at += 2 * step) {
      Canvas::Patch stripe =
          level ? photo.fill({{-3, low + at}, {3, low + at}, {3, low + at + step}, {-3, low + at + step}}, 0.01f)
                : photo.fill({{at, 0}, {at + step, 0}, {at + step, 5}, {at, 5}}, 0.01f);
      Canvas::intersect(stripe, torso);
      photo.paint(stripe, other, 0.7f);
    }
  }
  photo.paint(photo.fill(curve({{-neck, low - 0.1f},
                                {-0.25f, low + 0.28f},
                                {0, low + random.uniform(0.25f, 0.6f)},
                                {0.25f, low + 0.28f},
                                {neck, low - 0.1f},
                                {0, low - 0.3f}},
                               true),
                         0.012f),
              skin);
  // The chin's shadow falls on the neck, not on the wall behind.
  Canvas::Patch shadow = photo.fill(ellipse({0, chin + 0.02f}, {neck + 0.1f, 0.24f}), 0.07f);
  Canvas::intersect(shadow, throat);
  photo.shade(shadow, 0.55f);
  Canvas::Patch flank =
      photo.fill({{-neck - 0.1f, 0.9f}, {-neck + 0.12f, 0.9f}, {-neck + 0.08f, low}, {-neck - 0.1f, low}}, 0.05f);
  Canvas::intersect(flank, throat);
  photo.shade(flank, 0.75f);
  for (int fold = 0; fold < 4; ++fold) {
    const float x = random.uniform(-1.4f, 1.4f);
    photo.shade(photo.stroke({{x, low + 0.2f}, {x * 1.1f + 0.05f, low + 0.7f}, {x * 1.15f, low + 1.3f}}, 0.14f, 0.05f),
                random.uniform(0.75f, 1.15f));
  }
}

// A limb or a finger: a thick line, darker at its edges.
void limb(Canvas& photo, const Points& along, float thickness, const Colour& ink) {
  const Points smooth = curve(along, false);
  for (const auto& [share, factor] : {std::pair{1.0f, 0.62f}, std::pair{0.86f, 0.86f}, std::pair{0.55f, 1.0f}}) {
    Points outline;
    for (const float side : {1.0f, -1.0f})
      for (std::size_t step = 0; step < smooth.size(); ++step) {
        const std::size_t at = side > 0 ? step : smooth.size() - 1 - step;
        const cv::Point2f way = smooth[std::min(at + 1, smooth.size() - 1)] - smooth[at > 0 ? at - 1 : 0];
        const float half = 0.5f * share * thickness / std::max(1e-6f, std::hypot(way.x, way.y));
        outline.push_back(smooth[at] + side * half * cv::Point2f(-way.y, way.x));
      }
    const Canvas::Patch line = photo.fill(outline, 0.012f);
    photo.paint(line, ink * factor);
    photo.paint(photo.fill(ellipse(smooth.back(), {0.5f * share * thickness, 0.5f * share * thickness}), 0.012f),
                ink * factor);
  }
}

void something_in_front(Canvas& photo, const Identity& who, const Colour& lamp, float chin, Random& random) {
  const Colour skin = who.skin.mul(lamp) * 0.95f;
  const float side = random.chance(0.5f) ? 1.0f : -1.0f;
  switch (random.below(5)) {
    case 0: {  // A hand at the cheek or chin.
      cv::Point2f palm;
      palm.y = random.uniform(1.1f, 1.7f);
      palm.x = side * random.uniform(0.7f, 1.1f);
      const float lean = -side * random.uniform(-0.1f, 0.55f);
      limb(photo, {{palm.x + side * 0.3f, 3.2f}, {palm.x + side * 0.12f, 2.2f}, palm}, 0.52f, skin);
      for (int finger = 0; finger < 4; ++finger) {
        const float spread = 0.19f * (static_cast<float>(finger) - 1.5f);
        const cv::Point2f root = palm + cv::Point2f(spread, -0.15f);
        const float length = random.uniform(0.55f, 0.75f);
        limb(photo,
             {root, root + cv::Point2f(0.5f * lean * length + 0.2f * spread, -0.55f * length),
              root + cv::Point2f(lean * length + 0.4f * spread, -length)},
             0.19f, skin);
      }
      break;
    }
    case 1: {  // A scarf up to the chin or over it.
      const Colour cloth = random_colour(random);
      const float top = chin - random.uniform(-0.05f, 0.35f);
      photo.paint(photo.fill(curve({{-1.25f, top - 0.3f},
                                    {-0.5f, top + 0.05f},
                                    {0, top + 0.1f},
                                    {0.5f, top + 0.05f},
                                    {1.25f, top - 0.3f},
                                    {1.35f, chin + 0.5f},
                                    {0, chin + 0.9f},
                                    {-1.35f, chin + 0.5f}},
                                   true),
                             0.012f),
                  cloth);
      for (int fold = 0; fold < 5; ++fold) {
        const float y = top + 0.14f + 0.15f * static_cast<float>(fold);
        const float factor = random.uniform(0.6f, 1.3f);
        const float middle_x = 0.1f * random.normal();
        const float end_y = y - 0.25f + 0.05f * random.normal();
        photo.shade(
            photo.stroke(curve({{-1.2f, y - 0.3f}, {middle_x, y + 0.05f}, {1.2f, end_y}}, false), 0.09f, 0.025f),
            factor);
      }
      break;
    }
    case 2: {  // Hair over one side of the face.
      for (int lock = 0; lock < 9; ++lock) {
        const float x = side * random.uniform(0.25f, 0.8f);
        const Colour ink = who.hair.mul(lamp) * random.uniform(0.7f, 1.2f);
        const float thickness = random.uniform(0.03f, 0.10f);
        cv::Point2f tip;
        tip.x = x + side * random.uniform(0.0f, 0.35f);
        tip.y = random.uniform(0.4f, 1.1f);
        const Points lock_line = {{0.2f * x, -1.25f}, {0.9f * x, -0.7f}, {x + side * 0.15f, 0.0f}, tip};
        photo.paint(photo.stroke(curve(lock_line, false), thickness, 0.010f), ink, 0.9f);
      }
      break;
    }
    case 3: {  // A cup or microphone.
      cv::Point2f at;
      at.y = random.uniform(1.25f, 1.6f);
      at.x = side * random.uniform(0.3f, 0.8f);
      const Colour ink = random_colour(random);
      limb(photo, {{at.x + side * 0.35f, at.y + 1.5f}, {at.x + side * 0.15f, at.y + 0.6f}, at},
           random.uniform(0.25f, 0.4f), ink);
      break;
    }
    default: {  // Somebody's shoulder, a plant, a pole at the picture's edge of the face.
      const Colour ink = random_colour(random);
      const float x = side * random.uniform(0.65f, 1.1f), lean = random.uniform(-0.3f, 0.3f);
      photo.paint(photo.fill({{x - lean, -3}, {x + side * 0.5f - lean, -3}, {x + side * 0.6f + lean, 4}, {x + lean, 4}},
                             random.uniform(0.02f, 0.12f)),
                  ink);
    }
  }
}

// Exposure, tone curve and white balance by channel, then the sensor's noise.
cv::Mat developed(const cv::Mat& scene, Random& random) {
  constexpr int steps = 1024;
  const float exposure = std::exp(0.14f * random.normal()), gamma = std::exp(0.13f * random.normal());
  const float warmth = 0.07f * random.normal(), green = 0.03f * random.normal();
  const float black = random.chance(0.3f) ? random.uniform(0, 0.12f) : 0.0f;
  const float colourfulness = random.chance(0.12f) ? random.uniform(0, 0.2f) : random.uniform(0.75f, 1.15f);
  std::array<std::array<float, steps + 1>, 3> curves;
  const std::array<float, 3> gains = {exposure * (1 - warmth), exposure * (1 + green), exposure * (1 + warmth)};
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t step = 0; step <= steps; ++step) {
      const float value = std::pow(gains[c] * static_cast<float>(step) / steps, gamma);
      // A soft shoulder instead of clipping, as cameras have.
      const float rolled = value < 0.8f ? value : 0.8f + 0.2f * std::tanh((value - 0.8f) / 0.2f);
      curves[c][step] = 255 * (black + (1 - black) * rolled);
    }
  const float noise = 255 * 0.025f * std::pow(random.uniform(), 1.5f);
  cv::Mat image(scene.size(), CV_8UC3);
  for (int y = 0; y < scene.rows; ++y) {
    const float* in = scene.ptr<float>(y);
    uchar* out = image.ptr<uchar>(y);
    for (int x = 0; x < scene.cols; ++x, in += 3, out += 3) {
      std::array<float, 3> value;
      for (std::size_t c = 0; c < 3; ++c)
        value[c] = curves[c][static_cast<std::size_t>(std::clamp(in[c], 0.0f, 1.0f) * steps)];
      const float grey = 0.11f * value[0] + 0.59f * value[1] + 0.3f * value[2];
      // Four 16-bit uniforms are near enough to a normal here; all pixels have the same number of draws.
      const std::uint64_t word = random.bits();
      const auto part = [&](int shift) { return static_cast<float>(word >> shift & 0xffff) / 65536.0f - 0.5f; };
      const float shared = 1.4f * (part(0) + part(16) + part(32) + part(48));
      for (std::size_t c = 0; c < 3; ++c)
        out[c] = cv::saturate_cast<uchar>(grey + colourfulness * (value[c] - grey) +
                                          noise * (shared + part(16 * static_cast<int>(c))));
    }
  }
  return image;
}

}  // namespace

Photograph take_photograph(const Identity& identity, Expression expression, int width, Random& random) {
  Identity who = identity;
  if (who.glasses == Glasses::none && random.chance(0.01f)) who.glasses = Glasses::dark;
  // Between two photographs of a person the hair and beard change a little.
  who.hair_volume = std::max(0.0f, who.hair_volume + 0.02f * random.normal());
  if (random.chance(0.06f)) who.hair_style = HairStyle::cap;
  const Actions actions = random_actions(expression, who, random);

  const cv::Size size(width, cvRound(static_cast<float>(width) * random.uniform(1.0f, 1.25f)));
  Pose pose{};
  pose.roll = std::clamp(0.14f * random.normal(), -0.45f, 0.45f);
  pose.yaw = std::clamp(0.19f * random.normal(), -0.45f, 0.45f);
  pose.pitch = std::clamp(0.13f * random.normal(), -0.3f, 0.3f);
  pose.scale = static_cast<float>(width) * random.uniform(0.215f, 0.29f);
  const float spare_x = 0.5f * static_cast<float>(size.width) - 1.05f * pose.scale;
  const float spare_y = 0.5f * static_cast<float>(size.height) - 1.45f * pose.scale;
  pose.centre.x = 0.5f * static_cast<float>(size.width) + spare_x * random.uniform(-0.85f, 0.85f);
  pose.centre.y = 0.5f * static_cast<float>(size.height) - 0.15f * pose.scale + spare_y * random.uniform(-0.9f, 0.9f);

  Light light{};
  const float azimuth = std::clamp(0.6f * random.normal(), -1.2f, 1.2f), elevation = random.uniform(-0.25f, 0.9f);
  // In the face's coordinates: turning the head turns the light the other way.
  light.direction = {std::sin(azimuth - pose.yaw) * std::cos(elevation), -std::sin(elevation - pose.pitch),
                     std::cos(azimuth - pose.yaw) * std::cos(elevation)};
  light.direction *= 1 / std::sqrt(light.direction.dot(light.direction));
  const float contrast = random.uniform(0.35f, 0.95f), tint = 0.07f * random.normal();
  light.key = Colour(1 - tint, 1, 1 + tint) * contrast;
  light.ambient = Colour(1 + 0.6f * tint, 1, 1 - 0.6f * tint) * (1.02f - 0.62f * contrast);
  light.gloss = random.uniform(0, 1.2f);

  const Face face = draw_face(who, actions, light, 1.1f * pose.scale, random);
  const float chin = face.outline.empty() ? 1.5f : who.chin_y + 0.2f * actions.jaw;

  // The body leans less than the head; both share the neck's place.
  Canvas photo(size, pose.centre, pose.scale, 0.5f * pose.roll);
  photo.colour = background(size, random);
  Colour lamp;
  for (int c = 0; c < 3; ++c) lamp[c] = std::sqrt(light.ambient[c] + 0.6f * light.key[c]);
  body(photo, who, lamp, chin, random);

  const cv::Mat head = turned(face, pose, size);
  for (int y = 0; y < size.height; ++y) {
    const uchar* in = head.ptr<uchar>(y);
    float* out = photo.colour.ptr<float>(y);
    for (int x = 0; x < size.width; ++x, in += 4, out += 3) {
      const float weight = in[3] / 255.0f;
      for (int c = 0; c < 3; ++c) out[c] += weight * (in[c] / 255.0f - out[c]);
    }
  }
  if (random.chance(0.07f)) something_in_front(photo, who, lamp, chin, random);

  const float blur = 0.9f * static_cast<float>(width) / 176 * random.uniform();
  if (blur > 0.35f) cv::GaussianBlur(photo.colour, photo.colour, cv::Size(), blur, blur, cv::BORDER_REPLICATE);
  if (random.chance(0.12f)) {  // Camera shake.
    const float angle = random.uniform(0, 3.14f), reach = 0.012f * static_cast<float>(width) * random.uniform();
    cv::Mat moved;
    const cv::Matx23f by(1, 0, reach * std::cos(angle), 0, 1, reach * std::sin(angle));
    cv::warpAffine(photo.colour, moved, by, size, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    photo.colour = 0.5 * (photo.colour + moved);
  }

  Photograph result;
  result.image = developed(photo.colour, random);
  result.quality = 60 + random.below(36);

  const cv::Rect2f inside(1, 1, static_cast<float>(size.width - 3), static_cast<float>(size.height - 3));
  const auto kept = [&](cv::Point2f point) {
    return cv::Point2f(std::clamp(point.x, inside.x, inside.x + inside.width),
                       std::clamp(point.y, inside.y, inside.y + inside.height));
  };
  // As inexact as a simple detector's: shifted, turned and too large or small as a whole, and every point slips a bit.
  // This keeps the task from being one of comparing aligned pixels.
  std::array<cv::Point2f, 5> exact;
  cv::Point2f middle;
  for (std::size_t at = 0; at < exact.size(); ++at) {
    exact[at] = seen(face, pose, face.landmarks[at]);
    middle += exact[at] / 5;
  }
  const cv::Point2f shift = 0.10f * pose.scale * normal_point(random);
  const float grow = std::exp(0.065f * random.normal()), turn = 0.085f * random.normal();
  for (std::size_t at = 0; at < exact.size(); ++at) {
    const cv::Point2f from = grow * (exact[at] - middle);
    const cv::Point2f slip = 0.02f * pose.scale * normal_point(random);
    result.landmarks[at] = kept(middle + shift + slip +
                                cv::Point2f(std::cos(turn) * from.x - std::sin(turn) * from.y,
                                            std::sin(turn) * from.x + std::cos(turn) * from.y));
  }
  // The face from about the hairline to the chin.
  cv::Point2f least(1e9f, 1e9f), most(-1e9f, -1e9f);
  const auto extend = [&](cv::Point2f point) {
    least = {std::min(least.x, point.x), std::min(least.y, point.y)};
    most = {std::max(most.x, point.x), std::max(most.y, point.y)};
  };
  for (const cv::Point2f& point : face.outline)
    if (point.y > -1.0f) extend(kept(seen(face, pose, point)));
  for (const cv::Point2f& point : result.landmarks) extend(point);
  const cv::Point first(cvFloor(least.x), cvFloor(least.y)), last(cvCeil(most.x) + 1, cvCeil(most.y) + 1);
  result.box = cv::Rect(first, last) & cv::Rect(cv::Point(), size);
  return result;
}

}  // namespace fergraph::synthetic
