#include "cli/prediction_output.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "datasets/csv.hpp"

namespace fergraph {
namespace {

__attribute__((format(printf, 1, 2))) std::string printed(const char* format, ...) {
  std::array<char, 512> text{};
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return text.data();
}

// Letters, not bytes, so that columns stand below each other.
int letters_in(const std::string& text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::size_t> best_first(const std::vector<float>& probabilities) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  return order;
}

double rounded(float value, double unit) { return std::round(static_cast<double>(value) / unit) * unit; }

// Coordinates to a hundredth of a pixel.
nlohmann::ordered_json number(float value) {
  return nlohmann::ordered_json::parse(printed("%.2f", rounded(value, 0.01)));
}

// As a float has digits.
nlohmann::ordered_json share(float probability) {
  if (!std::isfinite(probability)) return nullptr;
  return nlohmann::ordered_json::parse(printed("%.7g", static_cast<double>(probability)));
}

}  // namespace

PredictionText::PredictionText(PredictionFormat format, const std::vector<std::string>& class_names, std::size_t top)
    : format_(format), class_names_(class_names), top_(std::min(top, class_names.size())) {
  for (const std::string& each : class_names_) widest_ = std::max(widest_, letters_in(each));
}

std::string PredictionText::heading() const {
  if (format_ != PredictionFormat::csv) return {};
  std::string text = "image,face,x,y,width,height,expression,confidence";
  for (const std::string& each : class_names_) text.append(",").append(csv_field("p_" + each));
  return text + ",reason\n";
}

std::string PredictionText::of(const PhotographPrediction& photograph, const std::optional<FramePlace>& frame) const {
  switch (format_) {
    case PredictionFormat::json:
      return json(photograph, frame);
    case PredictionFormat::csv:
      return csv(photograph, frame ? std::to_string(frame->number) : photograph.name);
    case PredictionFormat::columns:
      break;
  }
  return columns(photograph, frame
                                 ? printed("frame %lld (%.2f s)", static_cast<long long>(frame->number), frame->seconds)
                                 : photograph.name);
}

std::string PredictionText::columns(const PhotographPrediction& photograph, const std::string& title) const {
  if (photograph.faces.empty()) return title + "\n  " + photograph.reason + "\n";
  std::string text = title + "\n";
  for (const FacePrediction& face : photograph.faces) {
    // Upper left corner and size.
    std::string place;
    if (face.box)
      place = printed("%4.0f,%-4.0f %4.0fx%-4.0f", face.box->x, face.box->y, face.box->width, face.box->height);
    text += "  " + place;
    const std::vector<std::size_t> order = best_first(face.probabilities);
    for (std::size_t i = 0; i < top_; ++i) {
      const std::string& name = class_names_[order[i]];
      text += (i == 0 && place.empty() ? "" : "  ") + name +
              std::string(static_cast<std::size_t>(widest_ - letters_in(name)), ' ') +
              printed(" %5.1f %%", 100.0 * face.probabilities[order[i]]);
    }
    text += "\n";
  }
  return text;
}

std::string PredictionText::json(const PhotographPrediction& photograph, const std::optional<FramePlace>& frame) const {
  nlohmann::ordered_json object;
  if (frame)
    object = {{"frame", frame->number}, {"seconds", frame->seconds}};
  else
    object = {{"image", photograph.name}};
  object["faces"] = nlohmann::ordered_json::array();
  for (const FacePrediction& face : photograph.faces) {
    nlohmann::ordered_json one;
    one["box"] = nullptr;
    if (face.box) {
      one["box"] = nlohmann::ordered_json::array();
      for (const float value : {face.box->x, face.box->y, face.box->width, face.box->height})
        one["box"].push_back(number(value));
    }
    if (face.landmarks) {
      one["landmarks"] = nlohmann::ordered_json::array();
      for (std::size_t i = 0; i < face.landmarks->size(); i += 2)
        one["landmarks"].push_back({number((*face.landmarks)[i]), number((*face.landmarks)[i + 1])});
    }
    one["expression"] = class_names_[face.best()];
    one["confidence"] = share(face.probabilities[face.best()]);
    one["probabilities"] = nlohmann::ordered_json::object();
    for (const std::size_t i : best_first(face.probabilities))
      one["probabilities"][class_names_[i]] = share(face.probabilities[i]);
    object["faces"].push_back(std::move(one));
  }
  if (!photograph.reason.empty()) object[photograph.is_damaged ? "error" : "reason"] = photograph.reason;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string PredictionText::csv(const PhotographPrediction& photograph, const std::string& title) const {
  std::string text;
  const std::string name = csv_field(title);
  if (photograph.faces.empty())
    return name + std::string(8 + class_names_.size(), ',') + csv_field(photograph.reason) + "\n";
  for (std::size_t k = 0; k < photograph.faces.size(); ++k) {
    const FacePrediction& face = photograph.faces[k];
    text.append(name).append(",").append(std::to_string(k));
    if (face.box)
      text += printed(",%.2f,%.2f,%.2f,%.2f", face.box->x, face.box->y, face.box->width, face.box->height);
    else
      text += ",,,,";
    text.append(",").append(csv_field(class_names_[face.best()]));
    text.append(printed(",%.6g", face.probabilities[face.best()]));
    for (const float each : face.probabilities) text += printed(",%.6g", each);
    text += ",\n";
  }
  return text;
}

}  // namespace fergraph
