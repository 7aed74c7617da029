#include "cli/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace fergraph {
namespace {

// Exact by nature, although some packs store them as floats.
bool is_discrete(const std::string& name, const NumericArray& expected) {
  static const std::array<std::string, 8> prefixes = {
      "mask.",          "labels.", "candidate.set", "candidate.initialised",
      "complementary.", "subset",  "selected.",     "correct.count"};
  if (expected.is_integer() || name.ends_with(".label") || name == "relabel.log" || name.ends_with("clean_component"))
    return true;
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return name.starts_with(prefix); });
}

// How far step k may be off, relative to the largest number of an array. Two runs of 30 to 60 steps by PyTorch alone,
// with other kernels or initial weights 2e-7 apart, used up to 72 % of it as long as all decisions stayed the same (and
// one of them, of Co-teaching, ended with tensors beyond what those are allowed). Where a decision falls out
// differently, such as the interval of a similarity, two right runs part.
double tolerance(std::int64_t k) { return std::min(5e-3, 1e-4 * std::pow(1.35, static_cast<double>(k))); }

double scale_of(const NumericArray& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (std::isfinite(expected.at(i))) largest = std::max(largest, std::abs(expected.at(i)));
  return std::max(0.01, largest);
}

// Whether the value stands beside the expected one in the table.
bool are_neighbours(double value, double wanted, const NumericArray& table, double within) {
  const auto entry = [&](std::size_t i) { return std::clamp(table.at(i), 1e-4, 1 - 1e-4); };
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (!(std::abs(entry(i) - wanted) <= within)) continue;
    if (i > 0 && std::abs(entry(i - 1) - value) <= within) return true;
    if (i + 1 < table.size() && std::abs(entry(i + 1) - value) <= within) return true;
  }
  return false;
}

NumericArray numbers_of_blob(const Blob& blob) {
  NumericArray out;
  out.shape = blob.shape;
  const auto read = [&]<class Stored, class Wide>(Stored, Wide) {
    std::vector<Wide> values(blob.bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
      Stored stored;
      std::memcpy(&stored, blob.bytes.data() + i * sizeof(Stored), sizeof(Stored));
      values[i] = static_cast<Wide>(stored);
    }
    out.values = std::move(values);
  };
  if (blob.dtype == "F32")
    read(float{}, double{});
  else if (blob.dtype == "F64")
    read(double{}, double{});
  else if (blob.dtype == "I64")
    read(std::int64_t{}, std::int64_t{});
  else
    read(std::uint8_t{}, std::int64_t{});
  return out;
}

}  // namespace

Comparison::Comparison(const Pack& pack, bool verbose)
    : pack_(pack), verbose_(verbose), steps_(pack.integer("steps_per_epoch")), epochs_(pack.integer("epochs")) {
  for (const std::string& epoch : pack.names("/expect")) {
    if (epoch == "final") continue;
    for (const std::string& at : pack.names("/expect/" + epoch))
      for (const std::string& name : pack.names("/expect/" + epoch + "/" + at))
        open_[epoch + "/" + at + "/" + name] = false;
  }
}

void Comparison::settle(const std::string& name, const std::string& place, double error, double share) {
  TermResult& term = terms_[name];
  ++term.compared;
  // A NaN compares as false everywhere; it must not pass.
  const bool beyond = !(share <= 1);
  if (beyond) {
    ++term.failed;
    if (term.failed_place.empty()) term.failed_place = place;
  }
  if (term.worst_place.empty() || !(share <= term.worst_share)) {
    term.worst_share = share;
    term.worst_error = error;
    term.worst_place = place;
  }
  if (verbose_)
    std::printf("  %-34s %-20s error %.3g  %5.1f %% of tolerance%s\n", name.c_str(), place.c_str(), error, 100 * share,
                beyond ? "  BEYOND" : "");
}

void Comparison::compare(const std::string& name, const std::string& place, const NumericArray& value,
                         const NumericArray& expected, std::int64_t k, bool first_step) {
  if (value.size() != expected.size()) {
    settle(name,
           place + " (" + std::to_string(value.size()) + " values instead of " + std::to_string(expected.size()) + ")",
           INFINITY, INFINITY);
    return;
  }
  double difference = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double wanted = expected.at(i);
    // Equal infinities have a NaN as their difference, and what is undefined in the pack must be undefined here; any
    // other NaN counts as infinitely far off.
    const bool undefined = std::isnan(wanted) && std::isnan(value.at(i));
    const double each = value.at(i) == wanted || undefined ? 0 : std::abs(value.at(i) - wanted);
    difference = std::max(difference, std::isnan(each) ? INFINITY : each);
  }
  const double error = difference / scale_of(expected);
  const std::int64_t steps_in_all = steps_ * epochs_;
  if (name.starts_with("test") && name.ends_with(".logits"))
    settle(name, place, error, difference / (steps_in_all <= 9 ? 5e-3 : 5e-2));
  else if (name.starts_with("test") && name.ends_with(".probabilities"))
    settle(name, place, error, difference / (steps_in_all <= 9 ? 5e-3 / 4 : 5e-2 / 4));
  else if (name.starts_with("test") && name.ends_with(".accuracy"))
    settle(name, place, error, difference * 64 / 1.001);  // one of the 64 images
  else if (is_discrete(name, expected))
    settle(name, place, error, difference == 0 ? 0 : INFINITY);
  else if (first_step && name.starts_with("loss."))
    settle(name, place, error, error / 1e-5);
  else
    settle(name, place, error, error / tolerance(k));
}

bool Comparison::compare_binned(const std::string& name, const std::string& place, const NumericArray& value,
                                const NumericArray& expected, const NumericArray& table, std::int64_t k) {
  const double within = tolerance(k) * scale_of(expected);
  NumericArray kept = expected;
  std::size_t changed = 0;
  if (value.size() == expected.size()) {
    std::vector<double> others;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const bool neighbour = !(std::abs(value.at(i) - expected.at(i)) <= within) &&
                             are_neighbours(value.at(i), expected.at(i), table, within);
      others.push_back(neighbour ? value.at(i) : expected.at(i));
      changed += neighbour;
    }
    if (changed <= std::max<std::size_t>(1, value.size() / 100)) kept.values = std::move(others);
  }
  compare(name, place, value, kept, k, false);
  terms_[name].exempt += changed > 0;
  return changed > 0;
}

void Comparison::settle_losses() {
  for (const NotedLoss& loss : losses_) {
    if (loss.place == bin_changed_at_)
      ++terms_[loss.name].exempt;
    else
      compare(loss.name, loss.place, loss.value, loss.expected, loss.k, loss.k == 1);
  }
  losses_.clear();
}

void Comparison::note(Section section, const Clock& clock, const std::string& name, const NumericArray& value) {
  const std::string at = section == Section::step          ? std::to_string(clock.step)
                         : section == Section::epoch_start ? "start"
                                                           : "end";
  const auto expected = open_.find(std::to_string(clock.epoch) + "/" + at + "/" + name);
  if (expected == open_.end()) return;
  if (expected->second) throw RunError("Two records give '" + name + "' at one place. Keep one of them in 'records'.");
  expected->second = true;
  const std::int64_t k = section == Section::step          ? (clock.epoch - 1) * steps_ + clock.step
                         : section == Section::epoch_start ? (clock.epoch - 1) * steps_
                                                           : clock.epoch * steps_;
  const std::string place = "epoch " + std::to_string(clock.epoch) + (section == Section::step ? ", step " : ", ") + at;
  const NumericArray wanted = pack_.numbers("/expect/" + expected->first);
  if (!losses_.empty() && losses_.front().place != place) settle_losses();
  const std::string table =
      "/expect/" + std::to_string(clock.epoch - 1) + "/end/mixture." + name.substr(name.find('.') + 1) + ".lookup";
  if (section == Section::step && name.starts_with("loss."))
    losses_.push_back({name, place, value, wanted, k});
  else if (section != Section::step || !name.starts_with("weights.") || !pack_.has(table))
    compare(name, place, value, wanted, k, false);
  else if (compare_binned(name, place, value, wanted, pack_.numbers(table), k))
    bin_changed_at_ = place;
}

void Comparison::note_final(const std::string& network, const Blobs& arrays) {
  settle_losses();
  const std::string name = "final " + network;
  for (const std::string& array : pack_.names("/expect/final/" + network)) {
    const auto found = arrays.find(array);
    if (found == arrays.end()) {
      ++terms_[name].missing;
      continue;
    }
    const NumericArray value = numbers_of_blob(found->second);
    const NumericArray expected = pack_.numbers("/expect/final/" + network + "/" + array);
    if (expected.is_integer()) {
      compare(name, array, value, expected, 0, false);
      continue;
    }
    // In norm, against how far the tensor moved: single elements may be off by an Adam step.
    const NumericArray initial = pack_.numbers("/init/" + network + "/" + array);
    double off = 0;
    double moved = 0;
    if (value.size() != expected.size()) off = INFINITY;
    for (std::size_t i = 0; i < std::min(value.size(), expected.size()); ++i) {
      off += (value.at(i) - expected.at(i)) * (value.at(i) - expected.at(i));
      moved += (expected.at(i) - initial.at(i)) * (expected.at(i) - initial.at(i));
    }
    off = std::sqrt(off);
    moved = std::sqrt(moved);
    settle(name, array, off / std::max(moved, 1e-12), off / (1e-2 * moved + 1e-5));
  }
}

void Comparison::close() {
  settle_losses();
  for (const auto& [path, noted] : open_) {
    if (noted) continue;
    TermResult& term = terms_[path.substr(path.find('/', path.find('/') + 1) + 1)];
    ++term.missing;
    if (term.failed_place.empty()) term.failed_place = path.substr(0, path.rfind('/'));
  }
}

bool Comparison::passed() const {
  return !terms_.empty() && std::all_of(terms_.begin(), terms_.end(), [](const auto& term) {
    return term.second.failed == 0 && term.second.missing == 0;
  });
}

std::string Comparison::table() const {
  std::array<char, 256> line{};
  std::snprintf(line.data(), line.size(), "%-34s %8s  %12s  %10s  %-22s\n", "term", "compared", "worst error",
                "tolerance", "where");
  std::string text = line.data();
  for (const auto& [name, term] : terms_) {
    const std::string verdict = term.missing  ? "NO RECORD (" + std::to_string(term.missing) + ")"
                                : term.failed ? "BEYOND, first at " + term.failed_place
                                : term.exempt ? "a weight fell into the next bin (" + std::to_string(term.exempt) + ")"
                                              : "";
    std::snprintf(line.data(), line.size(), "%-34s %8lld  %12.2e  %8.1f %%  %-22s %s\n", name.c_str(),
                  static_cast<long long>(term.compared), term.worst_error, 100 * term.worst_share,
                  term.worst_place.c_str(), verdict.c_str());
    text += line.data();
  }
  return text;
}

}  // namespace fergraph
