#include "cli/sweep_jobs.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

#include "cli/child_process.hpp"
#include "cli/sweep_folder.hpp"
#include "report/epoch_records.hpp"
#include "report/progress.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::filesystem::path log_of(const SweepRun& run) { return run.directory / "log.txt"; }

// What the command line says below every message about wrong usage.
bool points_to_help(const std::string& line) {
  return line.starts_with("Run with ") && line.ends_with(" for more information.");
}

std::string last_line_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && !points_to_help(line)) last = line;
  return last;
}

std::filesystem::path result_of(const SweepRun& run, const SweepEvaluation& evaluation) {
  return run.directory / "predictions" / (evaluation.result() + ".json");
}

bool names(const std::vector<std::string>& options, const std::string& option) {
  return std::any_of(options.begin(), options.end(),
                     [&](const std::string& each) { return each == option || each.starts_with(option + "="); });
}

// One run that a child works on, then its evaluations, one after the other.
struct Job {
  std::size_t run = 0;
  std::size_t slot = 0;
  RunClaim claim;
  RunMark mark;
  SteadyClock::time_point begin = SteadyClock::now();
  std::size_t next_evaluation = 0;
  bool trains = true;  // else it evaluates
  std::unique_ptr<ChildProcess> child;
};

class Jobs {
 public:
  Jobs(const SweepPlan& plan, const std::vector<std::size_t>& wanted, const SweepJobsOptions& options,
       std::stop_token stop)
      : plan_(plan), options_(options), stop_(std::move(stop)), progress_(options.quiet) {
    // Each of several processes begins at another place, so that they seldom want the same run.
    const std::size_t first =
        wanted.size() * static_cast<std::size_t>(options.share.index) / static_cast<std::size_t>(options.share.count);
    for (std::size_t i = 0; i < wanted.size(); ++i) pending_.push_back(wanted[(first + i) % wanted.size()]);
    for (const std::size_t each : wanted) {
      const auto mark = read_mark(plan_.runs[each].directory);
      attempts_[each] = mark ? mark->attempts : 0;
    }
    threads_ = threads_of_job(options.jobs, options.processes_here);
  }

  SweepOutcome run() {
    bool asked = false;
    while (true) {
      if (stop_.stop_requested() && !asked) {
        asked = true;
        for (const auto& job : running_) job->child->interrupt();
        if (!running_.empty()) progress_.line("Stopping; the runs write their checkpoints.");
      }
      if (!asked) start_jobs();
      if (running_.empty()) break;
      for (std::size_t i = 0; i < running_.size();) {
        const std::optional<ChildEnd> end = running_[i]->child->ended();
        if (!end || goes_on(*running_[i], *end)) {
          ++i;
          continue;
        }
        done_epochs_ += of(*running_[i]).epochs;
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      }
      show();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    outcome_.interrupted = asked;
    return std::move(outcome_);
  }

 private:
  const SweepRun& of(const Job& job) const { return plan_.runs[job.run]; }

  void start_jobs() {
    while (static_cast<int>(running_.size()) < options_.jobs) {
      if (pending_.empty() && !look_again()) return;
      const std::size_t run = pending_.front();
      pending_.erase(pending_.begin());
      start(run);
    }
  }

  // Runs of other processes that have ended meanwhile without being finished (killed, say) are taken over.
  bool look_again() {
    for (auto each = outcome_.elsewhere.begin(); each != outcome_.elsewhere.end();) {
      const std::size_t run = *each;
      const RunState state = state_of(plan_.runs[run].directory);
      if (state == RunState::running) {
        ++each;
        continue;
      }
      each = outcome_.elsewhere.erase(each);
      if (state == RunState::finished && is_evaluated(plan_.runs[run])) continue;
      pending_.push_back(run);
    }
    return !pending_.empty();
  }

  void start(std::size_t index) {
    const SweepRun& run = plan_.runs[index];
    std::optional<RunClaim> claim = RunClaim::take(run.directory);
    if (!claim) {
      outcome_.elsewhere.push_back(index);
      return;
    }
    const std::optional<RunMark> mark = read_mark(run.directory);
    const RunState state = left_state(run.directory);
    if (state == RunState::finished && is_evaluated(run)) return;
    if (state == RunState::failed && mark && mark->attempts > attempts_[index]) {
      // Another process has just tried it.
      outcome_.failures.push_back({index, mark->cause, log_of(run), last_line_of(log_of(run))});
      return;
    }
    auto job = std::make_unique<Job>(Job{index, free_slot(), std::move(*claim), mark.value_or(RunMark{})});
    ++job->mark.attempts;
    job->trains = state != RunState::finished;
    if (job->trains) {
      const bool resumes = std::filesystem::exists(run.directory / "pipeline.yaml") && has_checkpoint(run.directory) &&
                           !(state == RunState::failed && job->mark.resumed);
      train(*job, resumes);
    } else if (!evaluate(*job)) {
      return;
    }
    running_.push_back(std::move(job));
  }

  std::size_t free_slot() const {
    std::set<std::size_t> taken;
    for (const auto& job : running_) taken.insert(job->slot);
    std::size_t slot = 0;
    while (taken.count(slot) > 0) ++slot;
    return slot;
  }

  void launch(Job& job, std::vector<std::string> arguments) {
    std::vector<std::string> environment;
    // Threads that wait by turning would take the cores from the other jobs.
    if (options_.jobs * options_.processes_here > 1 && !std::getenv("OMP_WAIT_POLICY"))
      environment.emplace_back("OMP_WAIT_POLICY=passive");
    job.child = std::make_unique<ChildProcess>(arguments, log_of(of(job)), job.claim.descriptor(), environment);
  }

  void add_device(const Job& job, std::vector<std::string>& arguments) const {
    if (options_.devices.empty()) return;
    arguments.insert(arguments.end(), {"--device", options_.devices[job.slot % options_.devices.size()]});
  }

  void train(Job& job, bool resumes) {
    const SweepRun& run = of(job);
    job.mark.resumed = resumes;
    std::vector<std::string> arguments = {"run"};
    if (resumes) {
      arguments.insert(arguments.end(), {"--resume", run.directory.string()});
    } else {
      clear_run(run.directory);
      // The run is what was checked, even if files change while it waits for its turn.
      write_whole(run.directory / "sweep.yaml", run.text);
      arguments.insert(arguments.end(), {(run.directory / "sweep.yaml").string(), "--out", run.directory.string(),
                                         "--seed", std::to_string(run.seed)});
    }
    arguments.push_back("--quiet");
    add_device(job, arguments);
    if (threads_ > 0 && !names(options_.run_options, "--threads"))
      arguments.insert(arguments.end(), {"--threads", std::to_string(threads_)});
    // A run that goes on keeps the number that its sums were made with.
    if (threads_ > 0 && !resumes && !names(options_.run_options, "--compute-threads"))
      arguments.insert(arguments.end(), {"--compute-threads", std::to_string(threads_)});
    arguments.insert(arguments.end(), options_.run_options.begin(), options_.run_options.end());
    progress_.line((resumes ? "goes on: " : "begins:  ") + run.title);
    launch(job, arguments);
  }

  // Starts the next evaluation; false where none is left.
  bool evaluate(Job& job) {
    const SweepRun& run = of(job);
    while (job.next_evaluation < run.evaluations.size() &&
           std::filesystem::exists(result_of(run, run.evaluations[job.next_evaluation])))
      ++job.next_evaluation;
    if (job.next_evaluation == run.evaluations.size()) return false;
    job.trains = false;
    const SweepEvaluation& evaluation = run.evaluations[job.next_evaluation];
    // The command itself adds the checkpoint to the name, as result() does.
    std::vector<std::string> arguments = {"evaluate",      run.directory.string(), "--name",
                                          evaluation.name, "--checkpoint",         evaluation.checkpoint};
    for (const NamedFile& data : evaluation.data) arguments.insert(arguments.end(), {"--data", data.path.string()});
    for (const SweepSetting& each : evaluation.set)
      arguments.insert(arguments.end(), {"--set", each.name + "=" + each.value.flow()});
    add_device(job, arguments);
    if (threads_ > 0)
      arguments.insert(arguments.end(),
                       {"--threads", std::to_string(threads_), "--compute-threads", std::to_string(threads_)});
    launch(job, arguments);
    return true;
  }

  // What follows on the end of a job's child; false where the job is over.
  bool goes_on(Job& job, const ChildEnd& end) {
    const SweepRun& run = of(job);
    job.mark.seconds += std::chrono::duration<double>(SteadyClock::now() - job.begin).count();
    job.begin = SteadyClock::now();
    if (end.code == 0 && !job.trains && !std::filesystem::exists(result_of(run, run.evaluations[job.next_evaluation])))
      return fail(job, "no result of the evaluation");
    if (end.code == 0) {
      job.mark.state = RunState::finished;
      job.mark.cause.clear();
      write_mark(run.directory, job.mark);
      if (!stop_.stop_requested() && evaluate(job)) return true;
      if (!is_evaluated(run)) return false;
      ++outcome_.made;
      progress_.line("done:    " + run.title + ", " + readable_seconds(job.mark.seconds));
      return false;
    }
    if (was_interrupted(end, stop_.stop_requested())) {
      if (job.trains) {
        job.mark.state = RunState::interrupted;
        write_mark(run.directory, job.mark);
      }
      return false;
    }
    return fail(job, end.signal > 0 ? "signal " + std::to_string(end.signal) +
                                          (end.signal == 9 ? ", perhaps for want "
                                                             "of memory"
                                                           : "")
                                    : "exit code " + std::to_string(end.code));
  }

  bool fail(Job& job, const std::string& cause) {
    const SweepRun& run = of(job);
    // Networks that are trained stay trained where it is the evaluation that fails.
    if (job.trains) {
      job.mark.state = RunState::failed;
      job.mark.cause = cause;
      write_mark(run.directory, job.mark);
    }
    outcome_.failures.push_back({job.run, cause, log_of(run), last_line_of(log_of(run))});
    progress_.warning(run.title + " failed (" + cause + "): " + outcome_.failures.back().last_line);
    return false;
  }

  void show() {
    if (!progress_.due()) return;
    // In epochs, of which there are many in a run: the time that is left can be told early.
    std::int64_t done = done_epochs_, total = done_epochs_;
    for (const std::size_t each : pending_) total += plan_.runs[each].epochs;
    for (const auto& job : running_) {
      const SweepRun& run = of(*job);
      total += run.epochs;
      done +=
          job->trains ? std::clamp<std::int64_t>(last_recorded_epoch(run.directory) - 1, 0, run.epochs) : run.epochs;
    }
    progress_.update("sweep", done, total, "epochs",
                     std::to_string(running_.size()) + " running, " + std::to_string(pending_.size()) + " to come");
  }

  const SweepPlan& plan_;
  SweepJobsOptions options_;
  std::stop_token stop_;
  Progress progress_;
  int threads_ = 0;
  std::int64_t done_epochs_ = 0;  // of the jobs that are over
  std::vector<std::size_t> pending_;
  std::map<std::size_t, int> attempts_;  // of each run before this sweep began
  std::vector<std::unique_ptr<Job>> running_;
  SweepOutcome outcome_;
};

}  // namespace

int threads_of_job(int jobs, int processes) {
  const int all = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  const int own = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  // A launcher that binds its processes to cores has divided them already.
  const int sharing = jobs * (own < all ? 1 : std::max(processes, 1));
  return sharing > 1 ? std::max(1, own / sharing) : 0;
}

bool is_evaluated(const SweepRun& run) {
  return std::all_of(run.evaluations.begin(), run.evaluations.end(),
                     [&](const SweepEvaluation& each) { return std::filesystem::exists(result_of(run, each)); });
}

SweepOutcome run_jobs(const SweepPlan& plan, const std::vector<std::size_t>& wanted, const SweepJobsOptions& options,
                      std::stop_token stop) {
  return Jobs(plan, wanted, options, std::move(stop)).run();
}

}  // namespace fergraph
