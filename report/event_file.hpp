// TensorBoard's event files: records of protocol buffers, framed by lengths and masked CRC-32C.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace fergraph {

/// One number under a name. The name's part before the first '/' is TensorBoard's section.
struct Scalar {
  std::string tag;
  float value = 0;
};

/// An event file of one run, written as it goes. What is written reaches the disk with flush().
class EventFile {
 public:
  /// Makes events.out.tfevents.<seconds>.fergraph in the folder, or one with a number behind it. `wall_time`: seconds
  /// since 1970.
  EventFile(const std::filesystem::path& directory, double wall_time);

  /// What other files of the folder say of this step and later ones no longer counts: the run goes on from before it.
  void restart_at(std::int64_t step, double wall_time);
  /// All of them at one step of the run.
  void add(std::int64_t step, double wall_time, std::span<const Scalar> scalars);
  /// Whether everything so far has reached the disk.
  bool flush() { return static_cast<bool>(file_.flush()); }

  const std::filesystem::path& path() const { return path_; }

 private:
  void write(std::string_view event);

  std::filesystem::path path_;
  std::ofstream file_;
};

/// CRC-32C of the bytes, rotated and offset as TFRecord's framing wants it.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace fergraph
