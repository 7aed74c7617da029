// A program that names the expressions in pictures, with a model that `fergraph export` made:
//   embedded_predictor MODEL PICTURE...
#include <cstdio>

#include "nodes/face/decode.hpp"
#include "report/model/predictor.hpp"

int main(int count, char** arguments) try {
  if (count < 3) {
    std::fprintf(stderr, "usage: embedded_predictor MODEL PICTURE...\n");
    return 2;
  }
  // The model's folder has its weights and how faces are found and cut out for it.
  fergraph::Predictor predictor(arguments[1]);
  for (int i = 2; i < count; ++i) {
    // Pixels may come from anywhere: uint8 [H,W,3] in the order red, green, blue.
    const fergraph::Decoded picture = fergraph::decode_file(arguments[i]);
    if (!picture) {
      std::fprintf(stderr, "%s: %s\n", arguments[i], picture.reason.c_str());
      continue;
    }
    for (const fergraph::FacePrediction& face : predictor.predict(picture.pixels)) {
      const std::string& expression = predictor.class_names()[face.best()];
      std::printf("%s: %s, %.1f %%", arguments[i], expression.c_str(), 100 * face.probabilities[face.best()]);
      if (face.box) std::printf(", at %.0f,%.0f", face.box->x, face.box->y);
      std::printf("\n");
    }
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
