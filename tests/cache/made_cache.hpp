// What the cache's tests share: made-up faces and caches, messages of failures, work done in a child.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cache/reader.hpp"
#include "cache/writer.hpp"
#include "tests/scratch_folder.hpp"

namespace fergraph::test {

inline Provenance made_provenance() {
  const Setting settings[] = {{"size", "48"}, {"detector", "yunet"}};
  return {{"anger", "joy", "überrascht"}, "resize(48)\n", R"({"opencv":"4.6.0"})", make_fingerprint(settings)};
}

/// Pixels that differ from face to face and within a face.
inline std::vector<std::uint8_t> made_pixels(FaceShape shape, std::int64_t number) {
  std::vector<std::uint8_t> pixels(shape.bytes());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>((i * 31 + static_cast<std::size_t>(number) * 97 + 7) >> 2);
  return pixels;
}

/// Face `number`, whose row, label, split, landmarks and box follow from its number. `pixels` must outlive it.
inline Face made_face(const std::vector<std::uint8_t>& pixels, std::int64_t number) {
  Face face{pixels, 1000 - number, "train/" + std::to_string(number) + ".jpg", number % 2 ? "test" : "train",
            number % 4 - 1};
  const auto start = static_cast<float>(number);
  if (number % 3 != 0) face.landmarks = {start, 1, 2, 3, 4, 5, 6, 7, 8, 9.5F};
  if (number % 3 != 1) face.box = {start, 2, 30, 40.25F};
  return face;
}

inline void append_made(FaceCacheWriter& writer, FaceShape shape, std::int64_t first, std::int64_t end) {
  for (std::int64_t number = first; number < end; ++number)
    writer.append(made_face(made_pixels(shape, number), number));
}

inline void make_cache(const std::filesystem::path& path, FaceShape shape, std::int64_t faces,
                       std::int64_t expected_faces, FaceEncoding encoding = {}) {
  FaceCacheWriter writer(path, shape, expected_faces, made_provenance(), encoding);
  append_made(writer, shape, 0, faces);
  writer.append_void({3, "test/Ärger.jpg", "test", 0, "no face found"});
  writer.append_void({4, "train/black.jpg", "train", unknown_label, "not an image"});
  writer.finish();
}

/// The message of the CacheError that `work` throws; empty when it throws none.
inline std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const CacheError& error) {
    return error.what();
  }
  return {};
}

/// Does `work` in a child process that then ends at once, with no destructor run, and returns what it returned.
inline std::string in_child(const std::function<std::string()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no child");
  if (child == 0) {
    const std::string text = work();
    const bool sent = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char piece[512];
  for (ssize_t got; (got = read(ends[0], piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : text + " (the child failed)";
}

}  // namespace fergraph::test
