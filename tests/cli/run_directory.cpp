// The lock and the name of a run's directory where several processes want them at once.
#include "report/run_directory.hpp"

#include <barrier>
#include <set>

#include "tests/cli/child.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(run_directory)

BOOST_AUTO_TEST_CASE(one_run_at_a_time_holds_a_directory) {
  const Scratch scratch;
  std::atomic<int> holders{0};
  std::atomic<int> most{0};
  std::atomic<int> held{0};
  {
    std::vector<std::jthread> runs;
    for (int i = 0; i < 4; ++i)
      runs.emplace_back([&] {
        for (int k = 0; k < 12000; ++k) {
          try {
            const RunDirectory directory(scratch.folder / "out", Pipeline(), 1);
            const int now = ++holders;
            if (now > most) most = now;
            // Long enough for another one to come in, if it can.
            for (int wait = 0; wait < 20; ++wait) std::this_thread::yield();
            ++held;
            --holders;
          } catch (const RunError&) {
            // Another one holds it.
          }
        }
      });
  }
  BOOST_TEST(held > 0);
  BOOST_TEST(most == 1);
  BOOST_TEST(scratch.ending("run.lock").empty());
}

BOOST_AUTO_TEST_CASE(runs_that_start_in_the_same_second_get_directories_of_their_own) {
  const Scratch scratch;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.folder);
  Pipeline pipeline;
  pipeline.name = "same";
  constexpr int count = 8;
  std::vector<std::unique_ptr<RunDirectory>> directories(count);
  {
    std::barrier together(count);
    std::vector<std::jthread> runs;
    for (auto& directory : directories)
      runs.emplace_back([&] {
        together.arrive_and_wait();
        try {
          directory = std::make_unique<RunDirectory>("", pipeline, 1);
        } catch (const RunError&) {
          // Told below: its directory is absent.
        }
      });
  }
  std::set<std::filesystem::path> paths;
  for (const auto& directory : directories)
    if (directory) paths.insert(directory->path());
  directories.clear();
  std::filesystem::current_path(before);
  BOOST_TEST(paths.size() == static_cast<std::size_t>(count));
}

BOOST_AUTO_TEST_SUITE_END()
