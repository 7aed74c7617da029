#include "nodes/network/load_weights.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <set>

#include "graph/problem.hpp"
#include "nodes/network/weights_file.hpp"

namespace fergraph {
namespace {

constexpr std::string_view head_word = "head";
// What training programs wrap a network in before they save it.
constexpr std::array<std::string_view, 8> wrappers = {"module.",    "_orig_mod.", "backbone.", "encoder.",
                                                      "encoder_q.", "model.",     "net.",      "network."};

std::string first_part(const std::string& name) { return name.substr(0, name.find('.')); }

bool is_in(const std::string& name, const std::string& part) {
  return name.starts_with(part) && (name.size() == part.size() || name[part.size()] == '.');
}

bool is_counter(const std::string& name) { return name.ends_with("num_batches_tracked"); }

// Takes one wrapper after another off all names. A name that the network knows stays as it is.
std::string unwrap(Blobs& arrays, const std::set<std::string>& known) {
  std::string taken;
  for (bool again = true; again && !arrays.empty();) {
    again = false;
    if (std::any_of(arrays.begin(), arrays.end(), [&](const auto& entry) { return known.contains(entry.first); }))
      break;
    for (const std::string_view wrapper : wrappers) {
      if (!std::all_of(arrays.begin(), arrays.end(), [&](const auto& entry) {
            return entry.first.starts_with(wrapper) && entry.first.size() > wrapper.size();
          }))
        continue;
      Blobs bare;
      for (auto& [name, blob] : arrays) bare.emplace(name.substr(wrapper.size()), std::move(blob));
      arrays = std::move(bare);
      taken += wrapper;
      again = true;
      break;
    }
  }
  return taken;
}

// The parts that need not fit. Throws for one that is nowhere.
std::vector<std::string> excepted_parts(const WeightsTarget& target, const Blobs& arrays) {
  std::vector<std::string> parts;
  for (const std::string& word : target.except) {
    const std::string part = word == head_word ? target.head : word;
    const auto in_network = [&](const auto& entry) { return is_in(entry.first, part); };
    if (std::none_of(target.tensors.begin(), target.tensors.end(), in_network) &&
        std::none_of(arrays.begin(), arrays.end(), in_network)) {
      std::set<std::string> known = {std::string(head_word)};
      for (const auto& [name, tensor] : target.tensors) known.insert(first_part(name));
      for (const auto& [name, blob] : arrays) known.insert(first_part(name));
      throw std::runtime_error("The part '" + word +
                               "' of 'weights_except' is neither in the network nor in its file of weights." +
                               did_you_mean(word, {known.begin(), known.end()}));
    }
    parts.push_back(part);
  }
  return parts;
}

bool fits(const Blob& blob, const torch::Tensor& tensor) {
  const bool is_float = blob.dtype.starts_with("F") || blob.dtype.starts_with("BF");
  return blob.shape == tensor.sizes().vec() && is_float == tensor.is_floating_point();
}

std::string difference(const Blob& blob, const torch::Tensor& tensor) {
  return blob.dtype + " " + shape_text(blob.shape) + " in the file, " + dtype_name(tensor.scalar_type()) + " " +
         shape_text(tensor.sizes().vec()) + " here";
}

}  // namespace

std::string WeightsReport::told(const std::filesystem::path& file) const {
  std::string text = "took " + std::to_string(loaded.size()) + (loaded.size() == 1 ? " array" : " arrays") + " from '" +
                     file.string() + "'";
  if (!wrapper.empty()) text += " without the leading '" + wrapper + "'";
  if (!kept.empty()) text += "; initial values stay in " + first_few(kept);
  if (!unused.empty()) text += "; unused are the file's " + first_few(unused);
  if (counters > 0) text += "; " + std::to_string(counters) + " counters of batches, which it lacks, are 0";
  return text + ".";
}

WeightsReport load_weights(const std::filesystem::path& file, const WeightsTarget& target) {
  Blobs arrays = read_weights(file);
  std::set<std::string> known;
  for (const auto& [name, tensor] : target.tensors) known.insert(name);

  WeightsReport report;
  report.wrapper = unwrap(arrays, known);
  const std::vector<std::string> parts = excepted_parts(target, arrays);
  const auto excepted = [&](const std::string& name) {
    return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) { return is_in(name, part); });
  };

  NamedTensors loading;
  std::vector<std::string> missing, unexpected, different;
  for (const auto& [name, tensor] : target.tensors) {
    const auto found = arrays.find(name);
    if (found == arrays.end()) {
      if (excepted(name))
        report.kept.push_back(name + " (absent)");
      else if (is_counter(name))
        ++report.counters;
      else
        missing.push_back(name);
    } else if (fits(found->second, tensor)) {
      loading.emplace_back(name, tensor);
      report.loaded.push_back(name);
    } else {
      (excepted(name) ? report.kept : different).push_back(name + " (" + difference(found->second, tensor) + ")");
    }
  }
  for (const auto& [name, blob] : arrays)
    if (!known.contains(name)) (excepted(name) ? report.unused : unexpected).push_back(name);

  std::string message;
  if (!missing.empty()) message += " Missing: " + first_few(missing) + ".";
  if (!unexpected.empty()) message += " Unexpected: " + first_few(unexpected) + ".";
  if (!different.empty()) message += " Different: " + first_few(different) + ".";
  if (!message.empty())
    throw std::runtime_error(
        "The weights '" + file.string() + "' do not fit " + target.owner + "." + message +
        " Choose the 'backbone' that they are of, or name the parts that need not fit in 'weights_except' (the "
        "classifier, '" +
        target.head + "', is also called head).");

  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : loading) torch::Tensor(tensor).copy_(tensor_of(arrays.at(name)));
  return report;
}

}  // namespace fergraph
