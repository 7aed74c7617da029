// Who is photographed and what the face does: random identities and muscle actions.
#include <algorithm>
#include <cmath>

#include "datasets/synthetic_face.hpp"

namespace fergraph::synthetic {

namespace {

Colour rgb(float red, float green, float blue) { return {blue / 255, green / 255, red / 255}; }

template <std::size_t count>
Colour pick(const std::array<Colour, count>& palette, float spread, Random& random) {
  // Between two neighbours of the palette, with a little of its own tint.
  const int first = random.below(static_cast<int>(count) - 1);
  const float t = random.uniform();
  Colour colour = palette[static_cast<std::size_t>(first)] * (1 - t) + palette[static_cast<std::size_t>(first) + 1] * t;
  const float brightness = 1 + spread * random.normal();
  for (int c = 0; c < 3; ++c)
    colour[c] = std::clamp(colour[c] * brightness * (1 + 0.3f * spread * random.normal()), 0.02f, 0.98f);
  return colour;
}

// The order of Actions' members, brows first; one line is one way to show an expression at full strength.
struct Pattern {
  float inner_brow, outer_brow, lower_brow, upper_lid, cheek, tighten, droop, nose_wrinkle, upper_lip, corner_pull,
      corner_depress, chin_raise, stretch, press, part, jaw, upper_teeth, lower_teeth;
};

const std::array<std::vector<Pattern>, expression_count> patterns_of = {{
    // surprise: round open mouth; or mostly the eyes and brows
    {{1, 1, 0, .8f, 0, 0, 0, 0, 0, 0, 0, 0, -.35f, 0, .5f, .9f, .2f, 0},
     {1, 1, 0, .7f, 0, 0, 0, 0, 0, 0, 0, 0, -.2f, 0, .4f, .4f, .3f, 0},
     {1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, -.4f, 0, .4f, .3f, 0, 0}},
    // fear: brows up and drawn together, wide eyes, stretched mouth
    {{1, .1f, .5f, .9f, 0, .1f, 0, 0, 0, 0, .3f, 0, 1, 0, .5f, .3f, .4f, .6f},
     {1, .1f, .5f, .9f, 0, .1f, 0, 0, 0, 0, .25f, 0, .8f, 0, .3f, .1f, .1f, .5f},
     {1, .15f, .5f, 1, 0, .1f, 0, 0, .1f, 0, .2f, 0, .9f, 0, .5f, .3f, .3f, .6f}},
    // disgust: wrinkled nose, raised upper lip
    {{0, 0, .6f, 0, .5f, .6f, 0, 1, .9f, 0, .35f, .5f, 0, 0, 0, 0, 0, 0},
     {0, 0, .5f, 0, .6f, .7f, 0, .9f, 1, 0, .2f, .2f, .1f, 0, .4f, .1f, .8f, 0},
     {.1f, 0, .5f, 0, .4f, .5f, .2f, .9f, .9f, 0, .5f, 0, 0, 0, .35f, .4f, .3f, .2f}},
    // happiness: closed smile, smile with teeth, laughter
    {{0, 0, 0, 0, .7f, .25f, 0, 0, 0, 1, 0, 0, .1f, 0, 0, 0, 0, 0},
     {0, 0, 0, 0, .8f, .3f, 0, 0, .2f, 1, 0, 0, .15f, 0, .5f, .1f, 1, 0},
     {.1f, .2f, 0, 0, 1, .4f, 0, .1f, .3f, 1, 0, 0, .1f, 0, .6f, .6f, 1, .1f}},
    // sadness: inner brows up, corners down, heavy lids
    {{1, 0, .3f, 0, 0, 0, .4f, 0, 0, 0, 1, .6f, 0, 0, 0, 0, 0, 0},
     {.8f, 0, .25f, 0, .1f, .1f, .8f, 0, 0, 0, .8f, .2f, 0, .3f, 0, 0, 0, 0},
     {1, 0, .4f, 0, .5f, .4f, .2f, 0, .2f, 0, .9f, .4f, .4f, 0, .3f, .1f, .1f, .2f}},
    // anger: lowered brows, hard look; lips pressed, or open with teeth
    {{0, .2f, 1.1f, .2f, 0, .5f, 0, .1f, 0, 0, .2f, .3f, -.1f, 1, 0, 0, 0, 0},
     {0, .3f, 1.1f, .3f, 0, .4f, 0, .3f, .4f, 0, .2f, 0, .1f, 0, .5f, .5f, .8f, .8f},
     {0, .2f, 1.1f, .2f, 0, .6f, 0, .2f, .2f, 0, .4f, .1f, .1f, .5f, .3f, .1f, .5f, .7f}},
    // neutral: at rest; lips may be parted or the lids heavy
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .25f, .05f, .2f, 0},
     {0, 0, 0, 0, 0, 0, .15f, 0, 0, .05f, 0, 0, 0, .1f, 0, 0, 0, 0}},
}};

}  // namespace

Identity random_identity(Random& random) {
  static const std::array<Colour, 6> skins = {rgb(250, 222, 203), rgb(240, 200, 172), rgb(222, 172, 136),
                                              rgb(192, 138, 102), rgb(142, 94, 68),   rgb(92, 60, 46)};
  static const std::array<Colour, 6> hairs = {rgb(28, 22, 20),   rgb(58, 40, 30),    rgb(98, 66, 42),
                                              rgb(150, 104, 60), rgb(196, 160, 104), rgb(180, 178, 176)};
  static const std::array<Colour, 5> irises = {rgb(52, 32, 20), rgb(94, 60, 34), rgb(104, 106, 66), rgb(92, 124, 134),
                                               rgb(86, 118, 168)};
  Identity who{};
  const bool soft = random.chance(0.5f);  // Softer features, no beard, more often long hair.
  who.face_width = random.uniform(0.90f, 1.06f);
  who.jaw_width = (soft ? 0.66f : 0.74f) + 0.06f * random.normal();
  who.chin_y = (soft ? 1.45f : 1.53f) + 0.05f * random.normal();
  who.eye_x = random.uniform(0.40f, 0.48f);
  who.eye_width = random.uniform(0.225f, 0.27f);
  who.eye_height = random.uniform(0.095f, 0.130f) + (soft ? 0.01f : 0.0f);
  who.eye_tilt = 0.10f * random.normal();
  who.lid_crease = random.uniform();
  who.brow_y = random.uniform(-0.37f, -0.29f) - (soft ? 0.02f : 0.0f);
  who.brow_thickness = random.uniform(0.045f, 0.080f) * (soft ? 0.8f : 1.1f);
  who.brow_arch = random.uniform(0.0f, 0.07f);
  who.nose_width = random.uniform(0.15f, 0.24f);
  who.nose_y = random.uniform(0.49f, 0.62f);
  who.nose_relief = random.uniform(0.2f, 0.34f);
  who.mouth_y = random.uniform(0.90f, 1.03f);
  who.mouth_width = random.uniform(0.35f, 0.45f);
  who.upper_lip = random.uniform(0.045f, 0.085f);
  who.lower_lip = random.uniform(0.06f, 0.12f);
  who.ear = random.uniform(0.8f, 1.15f);
  const float age = random.uniform();
  who.wrinkles = age * age * 0.9f;
  who.freckles = random.chance(0.2f) ? random.uniform(0.3f, 1) : 0;
  who.skin = pick(skins, 0.04f, random);
  const bool dark = who.skin[1] < 0.5f;
  who.hair = pick(hairs, 0.1f, random);
  if (dark) who.hair = who.hair * 0.35f + rgb(20, 15, 12) * 0.4f;
  if (age > 0.85f && random.chance(0.6f)) who.hair = rgb(190, 188, 184) * random.uniform(0.7f, 1.05f);
  const float brow_skin = random.uniform(0.02f, 0.2f);
  const float brow_hair = random.uniform(0.5f, 0.95f);
  who.brow = who.hair * brow_hair + who.skin * brow_skin;
  who.lip = who.skin.mul(Colour(0.70f, 0.66f, 0.90f));
  if (soft && random.chance(0.35f)) {
    const float strength = random.uniform(0.3f, 0.75f);
    who.lip = who.lip * (1 - strength) + rgb(176, 36, 56) * random.uniform(0.7f, 1.1f) * strength;
  }
  who.iris = pick(irises, 0.1f, random);
  if (dark) who.iris = who.iris * 0.2f + irises[0] * 0.6f;
  who.beard = !soft && random.chance(0.45f) ? random.uniform(0.15f, 1) : 0;
  who.moustache = !soft && (who.beard > 0.5f || random.chance(0.12f));
  who.hairline = random.uniform(-0.95f, -0.72f);
  who.hair_volume = random.uniform(0.04f, 0.26f);
  who.hair_part = random.uniform(-0.6f, 0.6f);
  who.rest_brow = 0.35f * random.normal();
  who.rest_corner = 0.35f * random.normal();
  static constexpr std::array<HairStyle, 6> soft_styles = {HairStyle::long_hair, HairStyle::long_hair,
                                                           HairStyle::fringe,    HairStyle::parted,
                                                           HairStyle::curly,     HairStyle::cap};
  static constexpr std::array<HairStyle, 6> other_styles = {HairStyle::short_hair, HairStyle::short_hair,
                                                            HairStyle::parted,     HairStyle::bald,
                                                            HairStyle::curly,      HairStyle::cap};
  who.hair_style = (soft ? soft_styles : other_styles)[static_cast<std::size_t>(random.below(6))];
  who.glasses = random.chance(0.10f) ? Glasses::clear : Glasses::none;
  return who;
}

Actions random_actions(Expression expression, const Identity& who, Random& random) {
  const std::vector<Pattern>& patterns = patterns_of[static_cast<std::size_t>(expression)];
  const Pattern pattern = patterns[static_cast<std::size_t>(random.below(static_cast<int>(patterns.size())))];
  const float intensity = 0.8f + 0.45f * random.uniform();
  // Every muscle has its own strength in this moment, and the two sides differ a little.
  const auto one = [&](float full) {
    const float strength = 1 + 0.11f * random.normal();
    const float rest = 0.02f * random.normal();
    return full * intensity * strength + rest;
  };
  const auto both = [&](float full) {
    const float middle = one(full);
    const float tilt = 0.10f * random.normal();
    return std::array<float, 2>{std::max(0.0f, middle * (1 - tilt)), std::max(0.0f, middle * (1 + tilt))};
  };
  const auto teeth = [&](float full) {
    if (full <= 0) return 0.0f;
    const float shown = one(full);
    return std::clamp(shown + 0.15f * random.normal(), 0.0f, 1.0f);
  };
  Actions act;
  act.inner_brow = both(pattern.inner_brow);
  act.outer_brow = both(pattern.outer_brow);
  act.lower_brow = both(pattern.lower_brow);
  act.upper_lid = both(pattern.upper_lid);
  act.cheek = both(pattern.cheek);
  act.tighten = both(pattern.tighten);
  act.droop = both(pattern.droop);
  act.upper_lip = both(pattern.upper_lip);
  act.corner_pull = both(pattern.corner_pull);
  act.corner_depress = both(pattern.corner_depress);
  act.nose_wrinkle = std::max(0.0f, one(pattern.nose_wrinkle));
  act.chin_raise = std::max(0.0f, one(pattern.chin_raise));
  act.stretch = one(pattern.stretch);
  act.press = std::max(0.0f, one(pattern.press));
  act.part = pattern.part > 0 ? std::max(0.0f, one(pattern.part)) : 0;
  act.jaw = pattern.jaw > 0 ? std::max(0.0f, one(pattern.jaw)) : 0;
  act.upper_teeth = teeth(pattern.upper_teeth);
  act.lower_teeth = teeth(pattern.lower_teeth);
  // A face at rest has its own cast, which is no expression.
  const float brow = 0.12f * who.rest_brow, corner = 0.12f * who.rest_corner;
  for (std::size_t side = 0; side < 2; ++side) {
    (brow > 0 ? act.outer_brow : act.lower_brow)[side] += std::abs(brow);
    (corner > 0 ? act.corner_pull : act.corner_depress)[side] += std::abs(corner);
  }
  act.gaze.x = 0.35f * random.normal();
  act.gaze.y = 0.2f * random.normal();
  return act;
}

}  // namespace fergraph::synthetic
