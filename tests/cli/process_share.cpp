// How a process learns which part of the work is its own.
#include "cli/process_share.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

using namespace fergraph;

namespace {

// Sets variables for one case and takes all that matter away around it.
struct Environment {
  static constexpr const char* names[] = {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "RANK",
                                          "WORLD_SIZE",           "SLURM_PROCID",         "SLURM_NTASKS"};
  Environment() { clear(); }
  ~Environment() { clear(); }
  static void clear() {
    for (const char* name : names) ::unsetenv(name);
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(process_share, Environment)

BOOST_AUTO_TEST_CASE(what_is_a_share) {
  BOOST_TEST(parse_share("0/1")->count == 1);
  BOOST_TEST(parse_share("3/4")->index == 3);
  for (const char* text : {"", "1", "4/4", "-1/4", "1/0", "a/b", "1/4x", " 1/4", "1/", "/4", "1//4", "99999999999/4"})
    BOOST_TEST(!parse_share(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(everything_where_nobody_says_otherwise) {
  BOOST_TEST(share_of_process("").share.count == 1);
  set("RANK", "1");  // without its size it means nothing
  BOOST_TEST(share_of_process("").share.count == 1);
}

BOOST_AUTO_TEST_CASE(each_launcher_is_known) {
  set("SLURM_PROCID", "5");
  set("SLURM_NTASKS", "8");
  BOOST_TEST(share_of_process("").share.index == 5);
  set("RANK", "2");
  set("WORLD_SIZE", "3");
  BOOST_TEST(share_of_process("").share.index == 2);
  set("OMPI_COMM_WORLD_RANK", "1");
  set("OMPI_COMM_WORLD_SIZE", "2");
  BOOST_TEST(share_of_process("").share.index == 1);
  BOOST_TEST(share_of_process("").giver == "OMPI_COMM_WORLD_RANK and OMPI_COMM_WORLD_SIZE");
  BOOST_TEST(share_of_process("7/9").share.index == 7);
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused) {
  set("RANK", "4");
  set("WORLD_SIZE", "4");
  BOOST_CHECK_EXCEPTION(share_of_process(""), std::runtime_error, [](const std::runtime_error& error) {
    return std::string(error.what()) ==
           "The environment says RANK=4 and WORLD_SIZE=4, which is no share of work. Unset them, or say --shard "
           "INDEX/COUNT.";
  });
}

BOOST_AUTO_TEST_SUITE_END()
