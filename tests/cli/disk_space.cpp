// What several files on one disk need together.
#include "report/disk_space.hpp"

#include <sys/stat.h>

#include "tests/cli/child.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(disk_space)

BOOST_AUTO_TEST_CASE(needs_on_one_file_system_are_summed) {
  const Scratch scratch;
  const std::vector<DiskNeed> needs = {{scratch.folder / "run", 300}, {scratch.folder / "none/such/faces.h5", 50}};
  const std::vector<DiskDemand> demands = by_file_system(needs);
  BOOST_REQUIRE_EQUAL(demands.size(), 1u);
  BOOST_TEST(demands[0].bytes == 350);
  BOOST_TEST(demands[0].free > 0u);
  BOOST_TEST(demands[0].places.size() == 2u);
}

BOOST_AUTO_TEST_CASE(other_file_systems_are_told_apart) {
  const Scratch scratch;
  struct stat here {};
  struct stat there {};
  ::stat(scratch.folder.c_str(), &here);
  if (::stat("/proc", &there) != 0 || here.st_dev == there.st_dev) return;
  BOOST_TEST(by_file_system({{scratch.folder, 300}, {"/proc/none", 50}, {scratch.folder, 5}}).size() == 2u);
}

BOOST_AUTO_TEST_CASE(each_may_fit_where_all_together_do_not) {
  const DiskDemand fits{{"run", "faces.h5"}, 3'000'000, 3'000'000};
  BOOST_CHECK_NO_THROW(expect_space(fits));
  const DiskDemand demand{{"run", "faces.h5"}, 3'000'000, 2'500'000};
  BOOST_CHECK_EXCEPTION(expect_space(demand), RunError, [](const RunError& error) {
    return std::string(error.what()) ==
           "The run needs about 3.0 MB of disk at 'run' and 'faces.h5', but only 2.5 MB are free. Free some, or choose "
           "another place.";
  });
}

BOOST_AUTO_TEST_SUITE_END()
