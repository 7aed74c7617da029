// A writer that does not come to its end leaves nothing under the cache's name, and no obstacle to the next.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstddef>

#include "cache/partial_file.hpp"
#include "tests/cache/made_cache.hpp"

namespace fergraph::test {

namespace {

constexpr FaceShape shape{32, 32};

void limit_file_size(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

/// Makes this process's locks of open files fail with ENOLCK, as on a network drive without a lock server. False where
/// the system does not let it.
bool refuse_locks() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + sizeof(std::uint64_t)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_OFD_SETLK, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(program), program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

void check_too_large(const std::string& message, const std::filesystem::path& path) {
  BOOST_TEST(message.starts_with("The face cache '" + path.string() + "' was not written: "), message);
  BOOST_TEST(message.ends_with("('" + path.string() +
                               ".partial': File too large). The file may not grow so large: raise the limit "
                               "(ulimit -f) or write the cache elsewhere."),
             message);
  BOOST_TEST(!std::filesystem::exists(path));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache_unfinished)

BOOST_AUTO_TEST_CASE(a_writer_destroyed_early_removes_its_file) {
  const Scratch folder;
  {
    FaceCacheWriter writer(folder / "faces.h5", shape, 5, made_provenance());
    append_made(writer, shape, 0, 3);
    BOOST_TEST(std::filesystem::exists(folder / "faces.h5.partial"));
    BOOST_TEST(!std::filesystem::exists(folder / "faces.h5"));
  }
  BOOST_TEST(folder.count_of_files() == 0U);
}

BOOST_AUTO_TEST_CASE(a_killed_writer_is_followed_by_a_good_one) {
  const Scratch folder;
  make_cache(folder / "wanted.h5", shape, 12, 12);
  const std::string said = in_child([&] {
    FaceCacheWriter writer(folder / "faces.h5", shape, 5000, made_provenance());
    append_made(writer, shape, 0, 300);
    _exit(0);
    return std::string();
  });
  BOOST_TEST(said.empty(), said);
  BOOST_TEST(!std::filesystem::exists(folder / "faces.h5"));
  BOOST_TEST(std::filesystem::exists(folder / "faces.h5.partial"));
  make_cache(folder / "faces.h5", shape, 12, 12);
  BOOST_TEST((text_of(folder / "faces.h5") == text_of(folder / "wanted.h5")));
  BOOST_TEST(!std::filesystem::exists(folder / "faces.h5.partial"));
}

BOOST_AUTO_TEST_CASE(a_failed_writer_leaves_the_older_cache) {
  const Scratch folder;
  make_cache(folder / "faces.h5", shape, 3, 3);
  const std::string older = text_of(folder / "faces.h5");
  {
    FaceCacheWriter writer(folder / "faces.h5", shape, 9, made_provenance());
    append_made(writer, shape, 0, 9);
  }
  BOOST_TEST((text_of(folder / "faces.h5") == older));
}

BOOST_AUTO_TEST_CASE(a_forked_child_does_not_remove_its_parents_file) {
  const Scratch folder;
  FaceCacheWriter writer(folder / "faces.h5", shape, 3, made_provenance());
  in_child([&] {
    const FaceCacheWriter taken = std::move(writer);
    return std::string();
  });
  append_made(writer, shape, 0, 3);
  writer.finish();
  BOOST_TEST(FaceCache(folder / "faces.h5").size() == 3);
}

BOOST_AUTO_TEST_CASE(two_writers_of_one_cache_do_not_mix) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  FaceCacheWriter first(path, shape, 3, made_provenance());
  append_made(first, shape, 0, 3);
  const std::string wanted = "The face cache '" + path.string() +
                             "' is being written by another process or writer: wait for it or give another name.";
  BOOST_TEST(message_of([&] { FaceCacheWriter(path, shape, 3, made_provenance()); }) == wanted);
  const std::string from_child =
      in_child([&] { return message_of([&] { FaceCacheWriter(path, shape, 3, made_provenance()); }); });
  BOOST_TEST(from_child == wanted);
  first.finish();
  BOOST_TEST(FaceCache(path).verify().empty());
}

BOOST_AUTO_TEST_CASE(a_file_system_without_locks_is_refused) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  const std::string said = in_child([&] {
    if (!refuse_locks()) return std::string("no filter");
    return message_of([&] { FaceCacheWriter(path, shape, 3, made_provenance()); });
  });
  if (said == "no filter") return;
  BOOST_TEST(said == "The face cache '" + path.string() + "' was not written: its file system cannot lock '" +
                         path.string() +
                         ".partial' against other writers (No locks available). Write the cache on a local disk and "
                         "move it when it is complete.");
}

BOOST_AUTO_TEST_CASE(no_room_at_the_start) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  check_too_large(in_child([&] {
                    limit_file_size(100000);
                    return message_of([&] { FaceCacheWriter(path, shape, 100, made_provenance()); });
                  }),
                  path);
  BOOST_TEST(folder.count_of_files() == 0U);
}

BOOST_AUTO_TEST_CASE(no_room_for_a_face) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  const std::string message = in_child([&] {
    FaceCacheWriter writer(path, shape, 100, made_provenance());
    limit_file_size(100000);
    std::string first = message_of([&] { append_made(writer, shape, 0, 100); });
    const std::string then = message_of([&] { writer.finish(); });
    if (then != "The face cache '" + path.string() + "' was not written because of an earlier failure: make it again.")
      first += then;
    return first;
  });
  check_too_large(message, path);
}

BOOST_AUTO_TEST_CASE(no_room_for_the_tables) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  check_too_large(in_child([&] {
                    FaceCacheWriter writer(path, shape, 20, made_provenance());
                    append_made(writer, shape, 0, 20);
                    limit_file_size(4096 + 20 * shape.bytes());
                    return message_of([&] { writer.finish(); });
                  }),
                  path);
}

BOOST_AUTO_TEST_CASE(too_little_free_space_is_said_before_the_work) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  // 3 * 2^54 faces: their tables alone take 3 * 2^62 bytes, which with the pixels wraps round to next to nothing.
  for (const std::int64_t faces :
       {std::int64_t{1} << 50, std::int64_t{3} << 54, std::numeric_limits<std::int64_t>::max()}) {
    const std::string message = message_of([&] { FaceCacheWriter(path, shape, faces, made_provenance()); });
    BOOST_TEST(message.starts_with("The face cache '" + path.string() + "' needs "), message);
    BOOST_TEST(message.find(" bytes and its disk has ") != std::string::npos, message);
    BOOST_TEST(message.ends_with(" available: free some space or write the cache elsewhere."), message);
    BOOST_TEST(folder.count_of_files() == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_folder_and_a_folder_are_refused) {
  const Scratch folder;
  const auto path = folder / "none" / "faces.h5";
  BOOST_TEST(message_of([&] { FaceCacheWriter(path, shape, 1, made_provenance()); }) ==
             "The face cache '" + path.string() + "' was not written: it cannot be made ('" + path.string() +
                 ".partial': No such file or directory). Make its folder first or correct the path.");
  const auto taken = folder / "taken";
  std::filesystem::create_directory(taken);
  BOOST_TEST(message_of([&] { FaceCacheWriter(taken, shape, 1, made_provenance()); }) ==
             "The face cache '" + taken.string() +
                 "' cannot be written because that is a folder: give the name of a file.");
}

BOOST_AUTO_TEST_CASE(wrong_faces_are_refused_and_do_no_harm) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  const std::string named = "The face cache '" + path.string() + "' ";
  FaceCacheWriter writer(path, {4, 4}, 2, made_provenance());
  const std::vector<std::uint8_t> pixels(48), few(47);
  BOOST_TEST(message_of([&] {
               writer.append({few, 0, "a.jpg", "train", 0});
             }) == named + "holds faces of 4x4 RGB pixels (48 bytes), but 'a.jpg' has 47 bytes: resize it first.");
  BOOST_TEST(
      message_of([&] {
        writer.append({pixels, 0, "a.jpg", "train", 3});
      }) == named + "has 3 classes, but 'a.jpg' has the label 3: give the index of a class, or -1 when it is unknown.");
  BOOST_TEST(message_of([&] {
               writer.append_void({0, std::string("a\0b", 3), "train", 0, "none"});
             }) == named + "cannot hold the id 'a...' because a zero byte is in it: correct the dataset's table.");
  writer.append({pixels, 0, "a.jpg", "train", 0});
  writer.finish();
  BOOST_TEST(FaceCache(path).size() == 1);
  BOOST_TEST(message_of([&] { writer.finish(); }) == named + "is finished: make a new writer to write it anew.");
}

BOOST_AUTO_TEST_CASE(wrong_shapes_and_provenance_are_refused) {
  const Scratch folder;
  const auto path = folder / "faces.h5";
  const std::string named = "The face cache '" + path.string() + "' ";
  BOOST_TEST(message_of([&] {
               FaceCacheWriter(path, {0, 48}, 1, made_provenance());
             }) == named + "cannot hold faces of 0x48 pixels: give a height and a width from 1 to 65535.");
  BOOST_TEST(message_of([&] { FaceCacheWriter(path, shape, -1, made_provenance()); }) ==
             named + "cannot expect a negative number of faces: give 0 or more.");
  Provenance provenance = made_provenance();
  provenance.versions_json = "[1]";
  BOOST_TEST(message_of([&] { FaceCacheWriter(path, shape, 1, provenance); }) ==
             named + "needs its versions as the text of a JSON object: give '{}' when there are none.");
  provenance = made_provenance();
  provenance.class_names.emplace_back("\xff");
  BOOST_TEST(message_of([&] { FaceCacheWriter(path, shape, 1, provenance); }) ==
             named + "needs class names in UTF-8: correct the dataset's table.");
}

BOOST_AUTO_TEST_CASE(bytes_move_within_a_file_in_both_directions) {
  const Scratch folder;
  std::vector<std::uint8_t> bytes(9'000'001);  // more than two of the pieces it is moved in
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13);
  for (const auto& [from, to] : {std::pair{5000, 800}, {800, 5000}, {800, 6'000'000}}) {
    PartialFile file(folder / "bytes");
    file.write_at(static_cast<std::uint64_t>(from), bytes);
    file.move_bytes(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to), bytes.size());
    file.publish();
    const std::string found = text_of(folder / "bytes").substr(static_cast<std::size_t>(to), bytes.size());
    BOOST_TEST(std::ranges::equal(found, bytes, [](char a, std::uint8_t b) { return std::uint8_t(a) == b; }));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fergraph::test
