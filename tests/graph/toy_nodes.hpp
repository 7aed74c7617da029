// Nodes and states over plain numbers, for testing the engine without tensors.
#pragma once

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "graph/pipeline.hpp"

namespace fergraph::toy {

struct Real {
  static constexpr std::string_view type_name = "Real";
  double value = 0;
  NumericArray numbers() const { return NumericArray::number(value); }
};
struct Reals {
  static constexpr std::string_view type_name = "Reals";
  std::vector<double> values;
  NumericArray numbers() const { return {{static_cast<std::int64_t>(values.size())}, values}; }
};
struct Word {
  static constexpr std::string_view type_name = "Word";
  std::string text;
};

/// A state: one number.
class Cell : public State {
 public:
  static constexpr std::string_view kind_name = "cell";
  struct Params {
    Formula init = 0;
  };
  struct Links {
    Cell* copy_of = nullptr;
    std::vector<Cell*> of;
  };
  Cell(const Params& params, const Links& links, const StateScope&)
      : params_(params), value(links.copy_of ? links.copy_of->value : double(params.init)) {}
  static StateContract<Cell> contract() {
    return StateContract<Cell>("cell", "One number.")
        .param(&Params::init, "init", "its first value")
        .link(&Links::copy_of, "copy_of", "another cell to start from", LinkNeed::optional, false)
        .link(&Links::of, "of", "cells that it owns", LinkNeed::optional, true);
  }
  Blobs save() const override {
    Blob blob{"F64", {}, std::vector<std::byte>(sizeof(double))};
    std::memcpy(blob.bytes.data(), &value, sizeof value);
    return {{"value", blob}};
  }
  void restore(const Blobs& blobs) override { std::memcpy(&value, blobs.at("value").bytes.data(), sizeof value); }
  std::optional<NumericArray> numbers() const override { return NumericArray::number(value); }
  double current_init() const { return params_.init; }

 private:
  const Params& params_;

 public:
  double value;
};

/// A state of another kind: it holds nothing.
class Note : public State {
 public:
  static constexpr std::string_view kind_name = "note";
  struct Params {};
  struct Links {};
  Note(const Params&, const Links&, const StateScope&) {}
  static StateContract<Note> contract() { return {"note", "Nothing."}; }
  Blobs save() const override { return {}; }
  void restore(const Blobs&) override {}
};

/// A source: 0, 1, 2, …
struct Count {
  struct Out {
    Real value;
    Real index;
  };
  struct Params {
    std::int64_t samples = 10;
    std::int64_t fail_at = -1;
    std::vector<std::int64_t> void_at;
  };
  explicit Count(const Params& params) : samples(params.samples) {}
  static Contract<Count> contract() {
    return Contract<Count>("count", "Counts from 0.")
        .out(&Out::value, "value", "float []", "the number")
        .out(&Out::index, "index", "float []", "the number again")
        .param(&Params::samples, "samples", "how many there are", at_least(0))
        .param(&Params::fail_at, "fail_at", "the sample that throws")
        .param(&Params::void_at, "void_at", "the samples that are void");
  }
  std::int64_t size() const { return samples; }
  std::vector<std::int64_t> labels() const { return std::vector<std::int64_t>(static_cast<std::size_t>(samples), 3); }
  std::string sample_name(std::int64_t sample) const { return "number-" + std::to_string(sample); }
  Out run(const Params& params, const Context& context) const {
    if (context.sample == params.fail_at) throw std::runtime_error("broken on purpose");
    for (const std::int64_t each : params.void_at)
      if (each == context.sample) throw Void{"void on purpose"};
    return {{static_cast<double>(context.sample)}, {static_cast<double>(context.sample)}};
  }
  std::int64_t samples;
};

/// x + amount.
struct Add {
  struct In {
    Real x;
  };
  struct Out {
    Real value;
  };
  struct Params {
    Formula amount = 1;
  };
  static Contract<Add> contract() {
    return Contract<Add>("add", "Adds a number.")
        .in(&In::x, "x", "float []", "what is added to")
        .out(&Out::value, "value", "float []", "the sum")
        .param(&Params::amount, "amount", "what is added");
  }
  Out run(const In& in, const Params& params) const { return {{in.x.value + params.amount}}; }
};

/// A draw keyed by the call.
struct Draw {
  struct Out {
    Real value;
  };
  static Contract<Draw> contract() {
    return Contract<Draw>("draw", "A random number.").out(&Out::value, "value", "float []", "in [0, 1)");
  }
  Out run(const Context& context) const { return {{context.random().uniform()}}; }
};

/// x plus a draw: a per-sample node with randomness.
struct Jitter {
  struct In {
    Real x;
  };
  struct Out {
    Real value;
  };
  static Contract<Jitter> contract() {
    return Contract<Jitter>("jitter", "Adds a draw.")
        .in(&In::x, "x", "float []", "a number")
        .out(&Out::value, "value", "float []", "moved");
  }
  Out run(const In& in, const Context& context) const { return {{in.x.value + context.random().uniform()}}; }
};

/// A number or a formula.
struct Constant {
  struct Out {
    Real value;
    Reals values;
    Word word;
  };
  struct Params {
    Formula value = 0;
  };
  static Contract<Constant> contract() {
    return Contract<Constant>("constant", "A number.")
        .out(&Out::value, "value", "float []", "the number")
        .out(&Out::values, "values", "float [N]", "the number in a list")
        .out(&Out::word, "word", "text", "a word")
        .param(&Params::value, "value", "the number");
  }
  Out run(const Params& params) const { return {{params.value}, {{params.value}}, {"word"}}; }
};

/// The sum of a list of numbers; with an optional extra one.
struct Sum {
  struct In {
    std::vector<Real> terms;
    std::optional<Real> extra;
  };
  struct Out {
    Real value;
    Reals all;
    std::vector<Reals> parts;
  };
  static Contract<Sum> contract() {
    return Contract<Sum>("sum", "Adds numbers up.")
        .in(&In::terms, "terms", "float []", "the numbers")
        .in(&In::extra, "extra", "float []", "one more")
        .out(&Out::value, "value", "float []", "their sum")
        .out(&Out::all, "all", "float [N*]", "all of them")
        .parts(&Out::parts, "all", "terms");
  }
  Out run(const In& in) const {
    Out out;
    for (const Real& term : in.terms)
      out.value.value += term.value, out.all.values.push_back(term.value), out.parts.push_back({{term.value}});
    if (in.extra) out.value.value += in.extra->value;
    return out;
  }
};

/// Weighted numbers.
struct Blend {
  struct In {
    std::vector<Weighted<Real>> terms;
  };
  struct Out {
    std::optional<Real> value;
  };
  static Contract<Blend> contract() {
    return Contract<Blend>("blend", "A weighted sum.")
        .in(&In::terms, "terms", "float []", "numbers and weights")
        .out(&Out::value, "value", "float []", "absent without terms");
  }
  Out run(const In& in) const {
    Out out;
    for (const auto& [value, weight] : in.terms)
      out.value = Real{(out.value ? out.value->value : 0) + weight * value.value};
    return out;
  }
};

/// Reads, and writes, a cell.
struct Get {
  struct State {
    Read<Cell> cell;
  };
  struct Out {
    Real value;
  };
  static Contract<Get> contract() {
    return Contract<Get>("get", "Reads a cell.")
        .state(&State::cell, "cell", "the cell")
        .out(&Out::value, "value", "float []", "what it holds");
  }
  Out run(const State& state) const { return {{state.cell->value}}; }
};
struct Put {
  struct In {
    Real x;
  };
  struct State {
    std::vector<Write<Cell>> cell;
  };
  static Contract<Put> contract() {
    return Contract<Put>("put", "Writes cells.")
        .in(&In::x, "x", "float []", "the value")
        .state(&State::cell, "cell", "the cells");
  }
  void run(const In& in, const State& state) const {
    for (const Write<Cell>& cell : state.cell) cell->value = in.x.value;
  }
};
/// Writes each number into the cell beside it.
struct PutEach {
  struct In {
    std::vector<Real> x;
  };
  struct State {
    std::vector<Write<Cell>> cell;
  };
  static Contract<PutEach> contract() {
    return Contract<PutEach>("put_each", "Writes each number into its cell.")
        .in(&In::x, "x", "float []", "the values")
        .state(&State::cell, "cell", "the cells")
        .in_pairs("cell", "x");
  }
  void run(const In& in, const State& states) const {
    for (std::size_t i = 0; i < in.x.size(); ++i) states.cell[i]->value = in.x[i].value;
  }
};
enum class Mode { look, change };
struct Touch {
  struct State {
    Use<Cell> cell;
  };
  struct Params {
    Mode mode = Mode::look;
  };
  static Contract<Touch> contract();
  void run(const Params& params, const State& state) const {
    if (params.mode == Mode::change) state.cell->value += 1;
  }
};

/// The mean of a batch, and of a whole stream.
struct Mean {
  struct In {
    Reals values;
    std::optional<Reals> others;
  };
  struct Out {
    Real value;
  };
  static Contract<Mean> contract() {
    return Contract<Mean>("mean", "The mean of a batch.")
        .in(&In::values, "values", "float [N]", "numbers")
        .in(&In::others, "others", "float [N]", "more numbers, row by row")
        .out(&Out::value, "value", "float []", "their mean");
  }
  Out run(const In& in) const {
    double sum = 0;
    for (const double value : in.values.values) sum += value;
    return {{in.values.values.empty() ? 0 : sum / static_cast<double>(in.values.values.size())}};
  }
};
struct MeanOfAll {
  struct In {
    View<Reals> values;
  };
  struct Out {
    Real value;
    Reals all;
  };
  struct Params {
    bool keep = true;
  };
  static Contract<MeanOfAll> contract() {
    return Contract<MeanOfAll>("mean_of_all", "The mean of a whole stream.")
        .in(&In::values, "values", "float [N]", "a stream's item")
        .out(&Out::value, "value", "float []", "the mean")
        .out(&Out::all, "all", "float [N]", "every number in order")
        .param(&Params::keep, "keep", "a last batch that is not full");
  }
  Out run(const In& in, const Params& params, const Context& context) const {
    Out out;
    FeedRequest request{context.section,   std::string(context.node),
                        context.clock,     {},
                        Order::sequential, params.keep ? Last::keep : Last::drop};
    in.values.for_each(request, [&](const Reals& values, const Batch&) {
      out.all.values.insert(out.all.values.end(), values.values.begin(), values.values.end());
    });
    for (const double value : out.all.values) out.value.value += value / static_cast<double>(out.all.values.size());
    return out;
  }
};

/// Throws.
struct Fail {
  struct In {
    std::optional<Real> x;
  };
  struct Out {
    Real value;
  };
  static Contract<Fail> contract() {
    return Contract<Fail>("fail", "Throws.")
        .in(&In::x, "x", "float []", "anything")
        .out(&Out::value, "value", "float []", "never");
  }
  Out run(const In&) const { throw std::runtime_error("broken on purpose"); }
};

/// x, after a call of what the test has put under this name.
struct Hook {
  struct In {
    Real x;
  };
  struct Out {
    Real value;
  };
  struct Params {
    std::string name;
  };
  using Function = std::function<void(const Context&)>;
  static std::map<std::string, Function>& all() {
    static std::map<std::string, Function> functions;
    return functions;
  }
  static Contract<Hook> contract() {
    return Contract<Hook>("hook", "Calls the test.")
        .in(&In::x, "x", "float []", "a number")
        .out(&Out::value, "value", "float []", "the number")
        .param(&Params::name, "name", "of the function", required);
  }
  explicit Hook(const Params& params) : function(all().at(params.name)) {}
  Out run(const In& in, const Context& context) const {
    function(context);
    return {in.x};
  }
  Function function;
};

/// Numbers within limits.
struct Limited {
  struct Out {
    Real value;
  };
  struct Params {
    double share = 0.5;
    std::int64_t count = 1;
    Formula rate = 1;
    std::optional<double> maybe;
    std::vector<double> many;
  };
  static Contract<Limited> contract() {
    return Contract<Limited>("limited", "Numbers within limits.")
        .out(&Out::value, "value", "float []", "the rate")
        .param(&Params::share, "share", "a share", in_range(0, 1))
        .param(&Params::count, "count", "how many", at_least(1))
        .param(&Params::rate, "rate", "a rate", above(0))
        .param(&Params::maybe, "maybe", "a share, or none", in_range(0, 1))
        .param(&Params::many, "many", "shares", in_range(0, 1));
  }
  Out run(const Params& params) const { return {{params.rate}}; }
};

/// A sink that keeps what it is given, by file name, for the test to look at.
struct Keep {
  struct In {
    Real x;
  };
  struct Params {
    std::string name = "kept";
    std::int64_t every = 0;  // this many samples wanted, as many not, and so on
  };
  struct Kept {
    std::vector<double> values;
    std::vector<std::string> voids;
    std::vector<SampleRange> wanted;
    bool finished = false;
  };
  static Kept& kept(const std::string& name) {
    static std::mutex mutex;
    static std::map<std::string, Kept> all;
    const std::lock_guard lock(mutex);
    return all[name];
  }
  explicit Keep(const Params& params, const Preparation& preparation) : mine(kept(params.name)) {
    mine = Kept{};
    if (params.every > 0)
      for (std::int64_t i = 0; i < preparation.samples; i += 2 * params.every)
        mine.wanted.push_back({i, std::min(i + params.every, preparation.samples)});
    else
      mine.wanted = {{0, preparation.samples}};
  }
  static Contract<Keep> contract() {
    return Contract<Keep>("keep", "Keeps numbers.")
        .in(&In::x, "x", "float []", "a number")
        .param(&Params::name, "name", "under which it keeps")
        .param(&Params::every, "every", "how many samples it wants between gaps as long");
  }
  std::vector<SampleRange> pending() const { return mine.wanted; }
  void run(const In& in) { mine.values.push_back(in.x.value); }
  void write_void(const VoidSample& sample) { mine.voids.push_back(sample.name + ": " + sample.reason); }
  void finish() { mine.finished = true; }
  Kept& mine;
};

}  // namespace fergraph::toy

template <>
struct fergraph::Words<fergraph::toy::Mode> {
  static constexpr std::array<std::pair<std::string_view, fergraph::toy::Mode>, 2> all = {
      {{"look", fergraph::toy::Mode::look}, {"change", fergraph::toy::Mode::change}}};
};

namespace fergraph::toy {

inline Contract<Touch> Touch::contract() {
  return Contract<Touch>("touch", "Looks at a cell or changes it.")
      .param(&Params::mode, "mode", "which of the two")
      .state(&State::cell, "cell", "the cell",
             [](const Params& params) { return params.mode == Mode::change ? Access::write : Access::read; });
}

Registry registry();

/// A checked pipeline of YAML text.
inline Pipeline checked(const std::string& yaml, const Registry& registry) {
  Document document;
  document.files = {"test.yaml"};
  document.root = parse_yaml(yaml, "test.yaml");
  return check_pipeline(document, registry);
}

/// All problems of a text, one per line, or "".
inline std::string problems_of(const std::string& yaml) {
  try {
    checked(yaml, registry());
    return "";
  } catch (const PipelineError& error) {
    return error.what();
  }
}

}  // namespace fergraph::toy
