#include "nodes/network/traced_network.hpp"

#include <torch/csrc/jit/frontend/tracer.h>

#include <stdexcept>

namespace fergraph {
namespace {

using torch::Tensor;
using Script = torch::jit::Module;
using Units = std::shared_ptr<torch::jit::CompilationUnit>;

constexpr double tolerance = 1e-5;

Script new_module(const std::string& name, const Units& units) {
  Script made(c10::QualifiedName("fergraph." + name), units, /*shouldMangle=*/true);
  // Python's modules have it, and its Module.eval() looks for it.
  made.register_attribute("training", c10::BoolType::get(), false);
  return made;
}

// "layer1.0.conv1.weight" becomes an attribute of modules within modules.
void add_value(Script module, const std::string& path, const Tensor& value, bool is_buffer, const Units& units) {
  std::size_t begin = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    const std::string part = path.substr(begin, dot - begin);
    if (!module.hasattr(part)) module.register_module(part, new_module("Part", units));
    module = module.attr(part).toModule();
    begin = dot + 1;
  }
  module.register_parameter(path.substr(begin), value, is_buffer);
}

// What the module gives, by the networks themselves.
Tensor scores_of(const std::vector<const Network*>& networks, const Tensor& images) {
  std::vector<Tensor> logits;
  for (const Network* each : networks) logits.push_back(each->eval_forward(images).logits);
  if (logits.size() == 1) return logits.front();
  for (Tensor& each : logits) each = torch::log_softmax(each, 1);
  return torch::logsumexp(torch::stack(logits), 0) - std::log(static_cast<double>(logits.size()));
}

// Other numbers of images, so that a size that was taken for a constant comes to light.
void compare(const Script& script, const std::vector<const Network*>& networks, const Tensor& example) {
  const at::NoGradGuard no_grad;
  for (const Tensor& images : {example, example.narrow(0, 0, 1), torch::cat({example, example.flip({1})})}) {
    const Tensor ours = scores_of(networks, images);
    const Tensor theirs = Script(script).forward({images}).toTensor();
    const double difference = (ours - theirs).abs().max().item<double>();
    const double limit = tolerance * std::max(1.0, ours.abs().max().item<double>());
    // Written so that NaN is a difference.
    if (!(difference <= limit))
      throw std::runtime_error("the traced module gives other scores than the network for " +
                               std::to_string(images.size(0)) + " images, by " + std::to_string(difference) + ".");
  }
}

}  // namespace

torch::jit::Module trace_networks(const std::vector<const Network*>& networks, const std::vector<std::string>& names,
                                  const Tensor& example) {
  const auto units = std::make_shared<torch::jit::CompilationUnit>();
  Script script = new_module("Model", units);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const std::string prefix = networks.size() == 1 ? std::string() : names[i] + ".";
    for (const auto& [name, value] : networks[i]->parameters()) add_value(script, prefix + name, value, false, units);
    for (const auto& [name, value] : networks[i]->buffers()) add_value(script, prefix + name, value, true, units);
  }
  // With gradients the networks compute by LibTorch's operations alone, which is what can be traced.
  const at::AutoGradMode gradients(true);
  torch::jit::tracer::setWarn([](const std::string&) {});
  try {
    const auto [state, out] = torch::jit::tracer::trace(
        {example},
        [&](torch::jit::Stack in) -> torch::jit::Stack { return {scores_of(networks, in.at(0).toTensor())}; },
        [](const torch::autograd::Variable&) { return std::string(); }, /*strict=*/true, /*force_outplace=*/false,
        &script, {"images"});
    torch::jit::Function* forward = script._ivalue()->compilation_unit()->create_function(
        c10::QualifiedName(*script.type()->name(), "forward"), state->graph);
    script.type()->addMethod(forward);
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    throw std::runtime_error("the network cannot be traced: " + text.substr(0, text.find('\n')));
  }
  compare(script, networks, example);
  return script;
}

}  // namespace fergraph
