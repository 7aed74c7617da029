#include "report/contact_sheet.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

#include "graph/random.hpp"
#include "report/lettering.hpp"

namespace fergraph {
namespace {

// RGB, as all pixels here are.
const cv::Scalar paper(250, 250, 248);
const cv::Scalar ink(32, 33, 36);
const cv::Scalar faint_ink(110, 113, 119);

// The size at which a face is shown.
cv::Size shown_size(cv::Size face) {
  constexpr int least = 96, most = 224;
  const int side = std::max(face.width, face.height);
  if (side > most) return {std::max(1, face.width * most / side), std::max(1, face.height * most / side)};
  return face * ((least + side - 1) / side);
}

cv::Mat shown(const cv::Mat& face, cv::Size size) {
  if (face.size() == size) return face;
  cv::Mat out;
  cv::resize(face, out, size, 0, 0, size.width < face.cols ? cv::INTER_AREA : cv::INTER_CUBIC);
  return out;
}

// Of "images/00031.jpg" the part that tells it from others: "00031".
std::string short_id(const std::string& id) {
  const std::string name = id.substr(id.find_last_of('/') + 1);
  const std::size_t dot = name.find_last_of('.');
  const bool is_ending = dot != std::string::npos && dot > 0 && name.size() - dot <= 5 &&
                         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(),
                                     [](unsigned char c) { return std::isalnum(c) != 0; });
  return is_ending ? name.substr(0, dot) : name;
}

// Columns that give a page of about four to three.
int columns_for(int count, cv::Size tile) {
  const double ideal = std::sqrt(count * 4.0 / 3.0 * tile.height / tile.width);
  return std::clamp(static_cast<int>(std::lround(ideal)), 1, std::max(1, count));
}

}  // namespace

std::vector<std::int64_t> choose_over_classes(std::span<const std::int64_t> labels, std::int64_t count,
                                              std::uint64_t seed) {
  std::map<std::int64_t, std::vector<std::int64_t>> by_class;
  for (std::size_t i = 0; i < labels.size(); ++i) by_class[labels[i]].push_back(static_cast<std::int64_t>(i));
  for (auto& [label, faces] : by_class) {
    Random random(seed, name_hash("contact sheet"), static_cast<std::uint64_t>(label));
    std::vector<std::int64_t> drawn;
    for (const std::int64_t place : random.permutation(static_cast<std::int64_t>(faces.size())))
      drawn.push_back(faces[static_cast<std::size_t>(place)]);
    faces = std::move(drawn);
  }
  // One of each class in turn, until there are enough or no more.
  std::vector<std::pair<std::int64_t, std::int64_t>> chosen;  // class, face
  for (std::size_t turn = 0, before = 1; static_cast<std::int64_t>(chosen.size()) < count && before > 0; ++turn) {
    before = 0;
    for (const auto& [label, faces] : by_class) {
      if (turn >= faces.size() || static_cast<std::int64_t>(chosen.size()) == count) continue;
      chosen.emplace_back(label, faces[turn]);
      ++before;
    }
  }
  std::sort(chosen.begin(), chosen.end());
  std::vector<std::int64_t> indices;
  indices.reserve(chosen.size());
  for (const auto& [label, face] : chosen) indices.push_back(face);
  return indices;
}

cv::Mat draw_contact_sheet(std::span<const SheetFace> faces, const std::string& title,
                           std::span<const std::string> lines) {
  const cv::Size face = faces.empty() ? cv::Size(96, 96) : shown_size(faces.front().pixels.size());
  const Letters large(17, 1.3), medium(10), strong(face.width >= 150 ? 11 : 9, 1.25), small(face.width >= 150 ? 9 : 8);
  constexpr int margin = 28, gap = 16, bar = 4;
  const int text_top = face.height + bar + 8;
  const int second_line = text_top + strong.height() + 8;
  const cv::Size tile(face.width, second_line + small.height() + 4);
  const int count = static_cast<int>(faces.size());
  const int columns = columns_for(count, {tile.width + gap, tile.height + gap});
  const int rows = (count + columns - 1) / columns;

  int heading_width = large.width(printable(title));
  for (const std::string& each : lines) heading_width = std::max(heading_width, medium.width(printable(each)));
  const int line_step = medium.height() + 11;
  const int top = margin + large.height() + 18 + static_cast<int>(lines.size()) * line_step + 14;
  const int width = 2 * margin + std::max(heading_width, columns * (tile.width + gap) - gap);
  cv::Mat page(top + rows * (tile.height + gap) - (rows > 0 ? gap : 0) + margin, width, CV_8UC3, paper);

  large.draw(page, {margin, margin}, printable(title), ink);
  for (std::size_t i = 0; i < lines.size(); ++i)
    medium.draw(page, {margin, margin + large.height() + 18 + static_cast<int>(i) * line_step}, printable(lines[i]),
                faint_ink);
  for (int i = 0; i < count; ++i) {
    const SheetFace& each = faces[static_cast<std::size_t>(i)];
    const cv::Point at(margin + i % columns * (tile.width + gap), top + i / columns * (tile.height + gap));
    shown(each.pixels, face).copyTo(page(cv::Rect(at, face)));
    page(cv::Rect(at.x, at.y + face.height, face.width, bar)) = class_colour(each.label);
    strong.draw(page, {at.x, at.y + text_top},
                strong.fitted(printable(each.class_name), tile.width, /*keep_end=*/false), ink);
    const std::string split = each.split.empty() ? std::string() : printable(each.split) + "  ";
    const std::string id = small.fitted(printable(short_id(each.id)), tile.width - small.width(split),
                                        /*keep_end=*/true);
    small.draw(page, {at.x, at.y + second_line}, split + id, faint_ink);
  }
  return page;
}

}  // namespace fergraph
