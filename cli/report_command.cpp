#include <cstdio>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "report/html_report.hpp"

namespace fergraph {
namespace {

struct ReportCommand {
  std::filesystem::path run;
  std::filesystem::path out;  // <run>/report.html where empty
};

int report(const ReportCommand& command, const Registry& registry) {
  const std::filesystem::path out = command.out.empty() ? command.run / "report.html" : command.out;
  for (const std::string& problem : write_report(command.run, out, registry))
    std::fprintf(stderr, "warning: %s\n", problem.c_str());
  std::printf("The report is %s\n", out.c_str());
  return 0;
}

}  // namespace

void add_report_command(CLI::App& app, Actions& actions) {
  auto report_of = std::make_shared<ReportCommand>();
  CLI::App* command =
      app.add_subcommand("report", "Make the report of a run: one HTML file with its figures, which needs no network");
  command->add_option("run", report_of->run, "The run's directory")->required()->type_name("DIR");
  command->add_option("--out,-o", report_of->out, "The file to write (default: report.html in the run's directory)")
      ->type_name("FILE.html");
  add_manual(*command,
             {.about = "Each training run makes its report by itself at its end; this makes it again, also while a run "
                       "is at work. It has a figure for whatever the run recorded.",
              .writes = "The file of --out.",
              .codes = {},
              .examples = {"fergraph report runs/try", "fergraph report runs/try -o try.html"}});
  actions.on(command, [report_of](Surroundings& around) { return report(*report_of, around.registry()); });
}

}  // namespace fergraph
