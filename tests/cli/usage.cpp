// Help, and what the program says to a command line that it does not understand.
#include <algorithm>
#include <sstream>

#include "tests/cli/child.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(usage)

// The commands that a help text lists, by one word each.
std::vector<std::string> commands_in(const std::string& help) {
  std::vector<std::string> commands;
  std::istringstream lines(help.substr(std::min(help.find("Subcommands:\n"), help.size())));
  std::string line;
  for (std::getline(lines, line); std::getline(lines, line) && line.starts_with("  ");)
    if (line[2] != ' ') commands.push_back(line.substr(2, line.find(' ', 2) - 2));
  return commands;
}

BOOST_AUTO_TEST_CASE(every_command_has_help_with_an_example) {
  const Scratch scratch;
  const Outcome all = run(scratch.folder, {"--help"});
  BOOST_TEST(all.code == 0);
  BOOST_TEST(
      has(all.out, "Exit codes: 0 done, 1 failed, 2 wrong usage or a file that does not check, 130 interrupted."));
  std::vector<std::vector<std::string>> calls;
  for (const std::string& command : commands_in(all.out)) calls.push_back({command});
  BOOST_TEST(calls.size() >= 11u);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    std::string name;
    for (const std::string& word : calls[i]) name += " " + word;
    std::vector<std::string> arguments = calls[i];
    arguments.emplace_back("--help");
    const Outcome help = run(scratch.folder, arguments);
    BOOST_TEST(help.code == 0, name);
    BOOST_TEST(help.err == "", name);
    BOOST_TEST(has(help.out, "\nExample"), name);
    BOOST_TEST(has(help.out, "\n  fergraph" + name), name);
    for (const std::string& command : commands_in(help.out)) {
      calls.push_back(calls[i]);
      calls.back().push_back(command);
    }
  }
  BOOST_TEST(run(scratch.folder, {"--version"}).out.starts_with("fergraph "));
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_is_a_failure) {
  const Scratch scratch;
  for (const std::string& command :
       std::vector<std::string>{"graph " + pipelines + "/methods/baseline.yaml", std::string("schema"),
                                std::string("nodes"), std::string("--help")}) {
    const std::string line =
        std::string(FERGRAPH_PROGRAM) + " " + command + " >/dev/full 2>" + (scratch.folder / "err").string();
    const int status = std::system(line.c_str());
    BOOST_TEST(WEXITSTATUS(status) == 1, command);
    BOOST_TEST(text_of(scratch.folder / "err") ==
               "The output could not be written: the disk that it goes to is full, or it is closed.\n");
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_command_is_named_and_the_nearest_is_offered) {
  const Scratch scratch;
  const Outcome outcome = run(scratch.folder, {"chek", "file.yaml"});
  BOOST_TEST(outcome.code == 2);
  BOOST_TEST(outcome.err ==
             "There is no command 'chek'. Known are 'run', 'check', 'graph', 'data', 'nodes', 'schema', 'diff', "
             "'evaluate', 'replay', 'synthesize', 'weights', 'cache', 'report', 'export', 'predict' and 'sweep'. "
             "Did you mean 'check'?\n");
  const Outcome nothing = run(scratch.folder, {});
  BOOST_TEST(nothing.code == 2);
  BOOST_TEST(has(nothing.err, "Subcommands:"));
}

BOOST_AUTO_TEST_CASE(threads_are_counted_from_0_everywhere) {
  const Scratch scratch;
  for (const std::string command : {"run", "replay"}) {
    const Outcome outcome = run(scratch.folder, {command, "file", "--threads", "-1"});
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, "--threads: Value -1 not in range"));
  }
}

BOOST_AUTO_TEST_CASE(a_device_that_is_not_there_is_told_with_the_remedy) {
  const Scratch scratch;
  const Outcome far = run(scratch.folder, {"run", pipelines + "/methods/baseline.yaml", "--device", "cuda:99"});
  BOOST_TEST(far.code == 2);
  BOOST_TEST(has(far.err,
                 "CUDA devices here, so 'cuda:99' cannot be used. Use cpu, or a LibTorch and a machine with "
                 "CUDA."));
  for (const std::string device : {"meta", "gpu"}) {
    const Outcome outcome = run(scratch.folder, {"run", pipelines + "/methods/baseline.yaml", "--device", device});
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, "'" + device + "' is no device. Use cpu, cuda or cuda:1."));
  }
}

BOOST_AUTO_TEST_CASE(wrong_options_end_with_2_before_anything_is_done) {
  const Scratch scratch;
  const std::string file = pipelines + "/methods/baseline.yaml";
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& message) {
    const Outcome outcome = run(scratch.folder, arguments);
    BOOST_TEST(outcome.code == 2);
    BOOST_TEST(has(outcome.err, message));
  };
  refused({"run", file, "--nonsense"}, "The following argument was not expected: --nonsense");
  refused({"run"}, "file is required");
  refused({"run", file, "--seed", "-1"}, "a seed is a whole number from 0 on, and not -1.");
  refused({"run", file, "--seed", "one"}, "--seed");
  refused({"run", file, "--threads", "-2"}, "--threads");
  refused({"run", file, "--lanes", "0"}, "--lanes");
  refused({"run", file, "--device", "meta"}, "'meta' is no device. Use cpu, cuda or cuda:1.");
  refused({"run", file, "--device", "cuda:99"}, "so 'cuda:99' cannot be used.");
  refused({"cache", "destroy", "faces.h5"},
          "There is no command 'cache destroy'. Known are 'info', 'verify' and 'preview'.");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "runs"));
}

BOOST_AUTO_TEST_SUITE_END()
