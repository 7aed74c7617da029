#include "nodes/augment/augment.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fergraph {
namespace {

using Kind = ViewOperation::Kind;

// Crops the image's size at a random place of the image padded with black on every side.
cv::Mat padded_crop(const cv::Mat& image, int padding, Random& random) {
  const int dx = static_cast<int>(random.below(2 * padding + 1)) - padding;
  const int dy = static_cast<int>(random.below(2 * padding + 1)) - padding;
  cv::Mat out(image.size(), image.type(), cv::Scalar::all(0));
  const cv::Rect from = cv::Rect(dx, dy, image.cols, image.rows) & cv::Rect(0, 0, image.cols, image.rows);
  if (!from.empty()) image(from).copyTo(out(from - cv::Point(dx, dy)));
  return out;
}

// A square of grey, (125,123,114), of a side drawn up to `side`, about a centre drawn anywhere.
void cut_out(cv::Mat& image, double side, Random& random) {
  const int length = static_cast<int>(random.uniform() * side * image.cols);
  const int x = static_cast<int>(random.below(image.cols)) - length / 2;
  const int y = static_cast<int>(random.below(image.rows)) - length / 2;
  const cv::Rect square = cv::Rect(x, y, length, length) & cv::Rect(0, 0, image.cols, image.rows);
  if (!square.empty()) image(square).setTo(cv::Scalar(125, 123, 114));
}

// Brightness, contrast about the mean grey, and saturation, each by a factor drawn from 1 ± strength.
void change_colour(cv::Mat& image, double strength, Random& random) {
  const double brightness = random.uniform(1 - strength, 1 + strength);
  const double contrast = random.uniform(1 - strength, 1 + strength);
  const double saturation = random.uniform(1 - strength, 1 + strength);
  const cv::Scalar mean = cv::mean(image);
  const double grey_mean = brightness * (0.299 * mean[0] + 0.587 * mean[1] + 0.114 * mean[2]);
  const auto level = [](double value) { return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L)); };
  for (int y = 0; y < image.rows; ++y) {
    auto* pixel = image.ptr<cv::Vec3b>(y);
    for (int x = 0; x < image.cols; ++x) {
      const double grey = 0.299 * pixel[x][0] + 0.587 * pixel[x][1] + 0.114 * pixel[x][2];
      for (int c = 0; c < 3; ++c)
        pixel[x][c] =
            level(grey_mean + contrast * (brightness * (grey + saturation * (pixel[x][c] - grey)) - grey_mean));
    }
  }
}

}  // namespace

ViewOperation Codec<ViewOperation>::parse(const Tree& tree, const Tree* params) {
  if (!tree.is_map() || tree.members.size() != 1)
    detail::wrong_value(tree, "one operation, such as {flip: 0.5} or {crop: {padding: 4}}");
  const auto& [name, place, value] = tree.members.front();
  ViewOperation operation;
  std::vector<ParameterInfo> infos;
  const ParameterInfo probability =
      detail::describe_parameter(&ViewOperation::probability, "probability", "how often it is applied", in_range(0, 1));
  if (name == "flip") {
    operation.kind = Kind::flip;
  } else if (name == "crop") {
    operation = {Kind::crop, 1.0};
    infos.push_back(detail::describe_parameter(&ViewOperation::padding, "padding", "pixels on every side", required,
                                               in_range(0, 4096)));
  } else if (name == "cutout") {
    operation = {Kind::cutout, 1.0};
    infos.push_back(
        detail::describe_parameter(&ViewOperation::side, "side", "largest side as a fraction", in_range(0, 1)));
  } else if (name == "colour") {
    operation = {Kind::colour, 1.0};
    infos.push_back(detail::describe_parameter(&ViewOperation::strength, "strength", "largest relative change",
                                               required, in_range(0, 1)));
  } else {
    const std::vector<std::string> known = {"flip", "crop", "cutout", "colour"};
    throw PipelineError(place, "There is no operation '" + name + "' of views. Known are " + listed(known) + "." +
                                   did_you_mean(name, known));
  }
  infos.push_back(probability);
  if (value.is_scalar()) {
    // A single number is the operation's first parameter: {flip: 0.5}, {crop: 4}.
    read_parameter(infos.front(), value, params, &operation);
    return operation;
  }
  if (!value.is_map() && !value.is_nothing())
    detail::wrong_value(value, "a number, or a map of the operation's parameters");
  std::vector<std::string> known;
  for (const ParameterInfo& info : infos) known.push_back(info.name);
  for (const Tree::Member& member : value.members)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      throw PipelineError(member.key_place, "The operation '" + name + "' has no parameter '" + member.key +
                                                "'. It knows " + listed(known) + "." + did_you_mean(member.key, known));
  for (const ParameterInfo& info : infos) {
    if (const Tree* given = value.find(info.name))
      read_parameter(info, *given, params, &operation);
    else if (info.is_required)
      throw PipelineError(place, "The operation '" + name + "' needs '" + info.name + "' (" + info.doc + ").");
  }
  return operation;
}

std::string Codec<ViewOperation>::show(const ViewOperation& operation) {
  const char* names[] = {"flip", "crop", "cutout", "colour"};
  return std::string("{") + names[static_cast<int>(operation.kind)] + ": …}";
}

Contract<Augment> Augment::contract() {
  return Contract<Augment>("augment", "A random view of a face.")
      .details(
          "Draws are keyed by (seed, node, running position): two passes over a sample differ, and the threads do not "
          "matter. Operations: "
          "flip (left-right), crop (padding in pixels, black), cutout (side as a fraction, grey), colour (strength of "
          "brightness, contrast and saturation); each with a probability.")
      .in(&In::image, "image", "uint8 [H,W,3]", "the face")
      .out(&Out::image, "image", "uint8 [H,W,3]", "the view, of the same size")
      .param(&Params::ops, "ops", "the operations, in their order: [{flip: 0.5}, {crop: {padding: 4}}]");
}

Augment::Out Augment::run(const In& in, const Params& params, const Context& context) const {
  Random random = context.random();
  cv::Mat image = in.image.pixels;
  bool own = false;
  for (const ViewOperation& operation : params.ops) {
    if (!random.chance(operation.probability)) continue;
    switch (operation.kind) {
      case Kind::flip: {
        cv::Mat flipped;
        cv::flip(image, flipped, 1);
        image = flipped;
        own = true;
        break;
      }
      case Kind::crop:
        image = padded_crop(image, operation.padding, random);
        own = true;
        break;
      case Kind::cutout:
      case Kind::colour:
        if (!own) image = image.clone();
        own = true;
        if (operation.kind == Kind::cutout)
          cut_out(image, operation.side, random);
        else
          change_colour(image, operation.strength, random);
        break;
    }
  }
  return {{image}};
}

}  // namespace fergraph
