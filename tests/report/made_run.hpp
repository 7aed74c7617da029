// A run directory as a training leaves it, made up: every record that a report has a figure for, and predictions.
#pragma once

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "graph/random.hpp"
#include "nodes/register.hpp"
#include "report/run_timing.hpp"
#include "tests/cache/made_cache.hpp"

namespace fergraph::test {

struct MadeRun {
  std::vector<std::string> classes = {"fear", "</script><b>joy</b>", "a \"quoted\", 'class' & more"};
  int samples = 90;
  int epochs = 3;
  double wrong = 0.2;  // share of given labels that are not the true ones
};

inline const Registry& all_nodes() {
  static const Registry registry = [] {
    Registry made;
    register_nodes(made);
    return made;
  }();
  return registry;
}

inline std::string csv_quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// The resolved file of a shipped method with these class names.
inline std::string resolved_pipeline(const std::filesystem::path& file, const std::vector<std::string>& classes) {
  std::vector<std::string> settings = {"classes=" + std::to_string(classes.size())};
  Pipeline pipeline = check_pipeline(load_document({file, {}, settings}), all_nodes());
  const std::size_t names = pipeline.text.find("class_names:");
  const std::size_t end = pipeline.text.find('\n', names);
  nlohmann::json list = classes;  // a list of strings in JSON is one in YAML
  return pipeline.text.replace(names, end - names, "class_names: " + list.dump());
}

inline std::string made_metrics(const MadeRun& made) {
  using Json = nlohmann::ordered_json;
  std::string text;
  const std::size_t c = made.classes.size();
  constexpr int steps = 4;
  for (int epoch = 1; epoch <= made.epochs; ++epoch) {
    for (int step = 1; step <= steps; ++step) {
      const int iteration = (epoch - 1) * steps + step;
      text += Json{{"section", "step"},
                   {"epoch", epoch},
                   {"step", step},
                   {"iteration", iteration},
                   {"loss.supervised", 1.5 / iteration},
                   {"loss.total", 2.0 / iteration},
                   {"mask.used", 0.5}}
                  .dump() +
              "\n";
    }
    const double better = 1 - 0.5 / epoch;
    const std::vector<double> of_class(c, better);
    Json line = {{"section", "epoch_end"},
                 {"epoch", epoch},
                 {"step", steps},
                 {"iteration", epoch * steps},
                 {"test.accuracy", better},
                 {"test_net2.accuracy", better - 0.1},
                 {"test.mean_recall", better},
                 {"test.macro_f1", better},
                 {"test.calibration_error", 0.1 / epoch},
                 {"lr", 1e-4 / epoch},
                 {"test.recall", of_class},
                 {"threshold", of_class},
                 {"pseudo.share", of_class},
                 {"pseudo.accuracy", of_class},
                 {"pseudo.share_all", better},
                 {"pseudo.accuracy_all", better},
                 {"noise.precision", better},
                 {"noise.recall", better},
                 {"noise.flagged", 0.2},
                 {"subset.clean", 50},
                 {"subset.ambiguous", 30},
                 {"subset.noisy", 10},
                 {"mixture.net1.alpha", {1.5, 6.0}},
                 {"mixture.net1.beta", {5.0, 1.5}},
                 {"mixture.net1.weight", {0.3, 0.7}},
                 {"mixture.net1.clean_component", 1},
                 {"weight.extra", 0.1 * epoch},
                 {"correct.count", std::vector<int>(c, epoch)}};
    line["pseudo.accuracy"][0] = nullptr;
    line["pseudo.counts"] = {{"shape", {c, 2, 3}}, {"values", std::vector<int>(c * 6, 10 * epoch)}};
    std::vector<int> confusion(c * c, 2);
    for (std::size_t i = 0; i < c; ++i) confusion[i * c + i] = 20;
    line["test.confusion"] = {{"shape", {c, c}}, {"values", confusion}};
    std::vector<double> reliability;
    for (int bin = 0; bin < 15; ++bin) reliability.insert(reliability.end(), {6.0, (bin + 0.5) / 15, bin / 15.0});
    line["test.reliability"] = {{"shape", {15, 3}}, {"values", reliability}};
    line["similarity.net1"] = {
        {"histogram", {{"low", 0}, {"high", 1}, {"counts", std::vector<int>(40, 3)}, {"n", 120}}}};
    std::vector<double> weights;
    for (int i = 0; i < 100; ++i) weights.push_back(i / 100.0);
    line["weights.net1"] = weights;
    text += line.dump() + "\n";
  }
  return text;
}

/// Predictions over the faces of a cache made by make_cache, the training samples with a weight each.
inline std::string made_predictions(const MadeRun& made, const std::string& cache, bool with_weights) {
  const auto c = static_cast<std::int64_t>(made.classes.size());
  std::string text = "index,id,cache,face,given,true,predicted,confidence";
  for (const std::string& name : made.classes) text += "," + csv_quoted("p_" + name);
  text += with_weights ? ",weights1\n" : "\n";
  for (int i = 0; i < made.samples; ++i) {
    Random random(1, name_hash("made predictions"), static_cast<std::uint64_t>(i));
    const std::int64_t actual = i % c;
    const std::int64_t given = with_weights && random.chance(made.wrong) ? (actual + 1) % c : actual;
    const std::int64_t predicted = random.chance(0.9) ? actual : (actual + 2) % c;
    const double confidence = 0.5 + 0.5 * random.uniform();
    const auto name = [&](std::int64_t of) { return csv_quoted(made.classes[static_cast<std::size_t>(of)]); };
    text += std::to_string(i) + ",test/<" + std::to_string(i) + ">.jpg," + csv_quoted(cache) + "," + std::to_string(i) +
            "," + name(given) + "," + name(actual) + "," + name(predicted) + "," + std::to_string(confidence);
    for (std::int64_t k = 0; k < c; ++k)
      text += "," + std::to_string(k == predicted ? confidence : (1 - confidence) / static_cast<double>(c - 1));
    text += with_weights ? "," + std::to_string(given == actual ? 0.9 : 0.1 * confidence) + "\n" : "\n";
  }
  return text;
}

/// A group of points for each class, far from the others.
inline std::string made_features(const MadeRun& made, std::int64_t columns = 8) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(made.samples) + ", " +
                       std::to_string(columns) + "), }";
  header += std::string((64 - (10 + header.size() + 1) % 64) % 64, ' ') + "\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 255);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  for (int i = 0; i < made.samples; ++i) {
    Random random(1, name_hash("made features"), static_cast<std::uint64_t>(i));
    for (std::int64_t k = 0; k < columns; ++k) {
      const bool own = k == i % static_cast<std::int64_t>(made.classes.size());
      const auto value = static_cast<float>(random.normal() + (own ? 20 : 0));
      char raw[sizeof value];
      std::memcpy(raw, &value, sizeof value);
      bytes.append(raw, sizeof value);
    }
  }
  return bytes;
}

/// Writes all of it below scratch / "run", with the cache in scratch / "faces.h5".
inline std::filesystem::path write_made_run(const Scratch& scratch, const std::filesystem::path& method,
                                            const MadeRun& made = {}) {
  make_cache(scratch / "faces.h5", {20, 20}, made.samples, made.samples);
  scratch.write("run/pipeline.yaml", resolved_pipeline(method, made.classes));
  scratch.write("run/provenance.json", R"({"format": 1, "seed": 7, "device": "cpu", "started": "2026-01-02T03:04:05",
    "versions": {"libtorch": "<1>"}, "cache_settings": {"faces.h5": {"size": 20}}})");
  scratch.write("run/metrics.jsonl", made_metrics(made));
  scratch.write("run/voids.csv", "stream,node,sample,name,reason\nlabeled,faces,3,\"<i>a</i>, b.jpg\",no face found\n");
  scratch.write("run/predictions/labeled.csv", made_predictions(made, "faces.h5", true));
  scratch.write("run/predictions/test.csv", made_predictions(made, "faces.h5", false));
  scratch.write("run/predictions/test.features.npy", made_features(made));
  RunTiming timing{1, 100, {5, 70, 20, {{"labeled", 5}}}, {}};
  timing.nodes = {{"streams.labeled.weak", "augment", 400, 30},
                  {"step.learn", "optimize", 12, 40},
                  {"step.total", "weighted_sum", 12, 0.5},
                  {"epoch_end.tested", "pass", 3, 18}};
  scratch.write("run/timing.json", timing_text(timing));
  return scratch / "run";
}

}  // namespace fergraph::test
