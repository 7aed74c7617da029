#include "graph/formula.hpp"

#include <muParser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "graph/parameter.hpp"

namespace fergraph {
namespace {

// muParser reads '=' as an assignment, so `when: epoch = 3` would always hold.
bool assigns(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') continue;
    if (i + 1 < text.size() && text[i + 1] == '=')
      ++i;
    else if (i == 0 || std::string_view("<>!").find(text[i - 1]) == std::string_view::npos)
      return true;
  }
  return false;
}

const std::array<const char*, 5> clock_names = {"epoch", "epochs", "step", "steps", "iteration"};

double clip(double x, double low, double high) { return std::min(std::max(x, low), high); }

// The list comes first and what is compared with it last: passed(milestones, epoch).
double passed(const double* values, int count) {
  return static_cast<double>(
      std::count_if(values, values + count - 1, [&](double entry) { return entry <= values[count - 1]; }));
}

const std::set<std::string>& functions() {
  static const std::set<std::string> names = [] {
    std::set<std::string> known = {"clip", "passed"};
    const mu::Parser parser;
    for (const auto& [name, function] : parser.GetFunDef()) known.insert(name);
    return known;
  }();
  return names;
}

// Replaces the parameters' names by what they hold, so that muParser sees only the clock and functions.
class Expansion {
 public:
  Expansion(const Tree* params, const Place& place) : params_(params), place_(place) {}

  std::string of(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      if (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '.') {
        const std::size_t end = number_end(text, i);
        out += text.substr(i, end - i);
        i = end;
      } else if (std::isalpha(static_cast<unsigned char>(text[i])) || text[i] == '_') {
        std::size_t end = i;
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
        out += name(text.substr(i, end - i));
        i = end;
      } else {
        out += text[i++];
      }
    }
    return out;
  }

 private:
  static std::size_t number_end(const std::string& text, std::size_t i) {
    while (i < text.size() && (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '.')) ++i;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
      std::size_t exponent = i + 1;
      if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
      if (exponent < text.size() && std::isdigit(static_cast<unsigned char>(text[exponent]))) {
        while (exponent < text.size() && std::isdigit(static_cast<unsigned char>(text[exponent]))) ++exponent;
        return exponent;
      }
    }
    return i;
  }

  std::string name(const std::string& word) {
    if (CompiledFormula::knows(word)) return word;
    const Tree* value = params_ ? params_->find(word) : nullptr;
    if (value && value->told) throw PipelineError(std::vector<Problem>{});
    if (!value && entry_)
      throw PipelineError(entry_->place, "The formula names the parameter '" + open_.back() + "', whose entry '" +
                                             entry_->text + "' is no number. Write a number here.");
    if (!value && !open_.empty())
      throw PipelineError(place_, "The formula names the parameter '" + open_.back() + "', which is '" +
                                      params_->find(open_.back())->text +
                                      "' and no number. Name a parameter that is one.");
    if (!value) {
      std::vector<std::string> known(clock_names.begin(), clock_names.end());
      if (params_)
        for (const std::string& key : params_->keys())
          if (!CompiledFormula::knows(key)) known.push_back(key);
      throw PipelineError(place_, "The formula names '" + word +
                                      "', which is neither a parameter, nor of the clock, nor a function. It knows " +
                                      listed(known) + "." + did_you_mean(word, known));
    }
    if (std::find(open_.begin(), open_.end(), word) != open_.end())
      throw PipelineError(value->place,
                          "The parameter '" + word + "' is defined by itself. Give it a value of its own.");
    open_.push_back(word);
    std::string out;
    if (value->is_list()) {
      for (const Tree& item : value->items) {
        entry_ = &item;
        out += (out.empty() ? "" : ",") + of(item.text);
      }
      entry_ = nullptr;
      if (out.empty()) out = "1e300";  // an empty list has no entry that is ever passed
    } else if (value->is_scalar()) {
      out = "(" + of(value->text) + ")";
    } else {
      throw PipelineError(place_, "The formula names the parameter '" + word + "', which is " + value->described() +
                                      " and no number. Name a parameter that is one.");
    }
    open_.pop_back();
    return out;
  }

  const Tree* params_;
  const Place& place_;
  std::vector<std::string> open_;  // the parameters that are being written out
  const Tree* entry_ = nullptr;    // of the list among them
};

}  // namespace

struct CompiledFormula::Parser {
  mu::Parser parser;
  std::array<double, 5> clock{};
  std::string text;
  Place place;
  bool uses_clock = false;
  double constant = 0;
};

CompiledFormula::CompiledFormula(const Tree& scalar, const Tree* params) : parser_(std::make_unique<Parser>()) {
  Parser& p = *parser_;
  p.text = scalar.text;
  p.place = scalar.place;
  if (!scalar.is_scalar()) detail::wrong_value(scalar, "a number or a formula");
  detail::refuse_out_of_range(scalar);
  if (assigns(scalar.text))
    throw PipelineError(scalar.place, "The formula '" + scalar.text + "' assigns with '='. To compare, write '=='.");
  try {
    p.parser.DefineFun("clip", clip);
    p.parser.DefineFun("passed", passed);
    for (std::size_t i = 0; i < clock_names.size(); ++i) p.parser.DefineVar(clock_names[i], &p.clock[i]);
    p.parser.SetExpr(Expansion(params, scalar.place).of(scalar.text));
    p.uses_clock = !p.parser.GetUsedVar().empty();
    p.clock.fill(1);
    p.constant = p.parser.Eval();
    if (p.parser.GetNumResults() > 1)
      throw PipelineError(
          scalar.place,
          "'" + scalar.text + "' gives " + std::to_string(p.parser.GetNumResults()) +
              " numbers, but one is needed. Write decimals with a point, and lists only as arguments of functions.");
  } catch (const mu::Parser::exception_type& error) {
    std::string reason = error.GetMsg();
    while (reason.ends_with('.')) reason.pop_back();
    throw PipelineError(
        scalar.place,
        "'" + scalar.text + "' is no number and no formula that can be read. muParser says: " + reason + ".");
  }
}
CompiledFormula::CompiledFormula(CompiledFormula&&) noexcept = default;
CompiledFormula& CompiledFormula::operator=(CompiledFormula&&) noexcept = default;
CompiledFormula::~CompiledFormula() = default;

double CompiledFormula::at(const Clock& clock) const {
  Parser& p = *parser_;
  double value = p.constant;
  if (p.uses_clock) {
    p.clock = {static_cast<double>(clock.epoch), static_cast<double>(clock.epochs), static_cast<double>(clock.step),
               static_cast<double>(clock.steps), static_cast<double>(clock.iteration)};
    value = p.parser.Eval();
  }
  if (!std::isfinite(value))
    throw RunError(p.place.text() + ": error: The formula '" + p.text + "' is not finite at epoch " +
                   std::to_string(clock.epoch) + ", step " + std::to_string(clock.step) +
                   ". Bound it, for example with max(x, low) under a division.");
  return value;
}

bool CompiledFormula::knows(const std::string& word) {
  return std::find(clock_names.begin(), clock_names.end(), word) != clock_names.end() || functions().count(word) > 0 ||
         word == "_pi" || word == "_e";
}

bool CompiledFormula::uses_clock() const { return parser_->uses_clock; }

}  // namespace fergraph
