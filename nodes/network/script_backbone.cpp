#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <mutex>
#include <set>

#include "nodes/network/backbone.hpp"
#include "nodes/network/initialise.hpp"

namespace fergraph {
namespace {

using Script = torch::jit::Module;
using Slots = c10::intrusive_ptr<c10::ivalue::Object>;

// A tree of module objects over the same parameters. Whether a script trains is an attribute of its module objects, and
// several forwards may read one network at the same time, so each forward has objects of its own. Buffers are shared or
// copied.
Slots twin_of(const Slots& original, bool own_buffers) {
  const Slots twin = original->copy();
  const c10::ClassTypePtr type = twin->type();
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    const c10::IValue slot = original->getSlot(i);
    if (type->getAttribute(i)->is_module())
      twin->setSlot(i, twin_of(slot.toObject(), own_buffers));
    else if (own_buffers && slot.isTensor() && slot.toTensor().defined() && !type->is_parameter(i))
      twin->setSlot(i, slot.toTensor().detach().clone());
  }
  return twin;
}

// A script may move a buffer by making it anew; the network's own tensor then takes its numbers.
void take_buffers(const Slots& from, const Slots& into) {
  const c10::ClassTypePtr type = into->type();
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    const c10::IValue slot = into->getSlot(i);
    if (type->getAttribute(i)->is_module()) {
      take_buffers(from->getSlot(i).toObject(), slot.toObject());
    } else if (slot.isTensor() && slot.toTensor().defined() && !type->is_parameter(i)) {
      const torch::Tensor moved = from->getSlot(i).toTensor();
      if (!moved.is_same(slot.toTensor())) slot.toTensor().copy_(moved);
    }
  }
}

// LibTorch's modules over a script's tensors, so that everything that knows a network's values knows these. What is
// shared between modules is registered once; parameters that the script froze count as buffers.
void mirror(const Script& script, torch::nn::Module& into, std::set<const void*>& seen) {
  const auto is_new = [&](const torch::Tensor& tensor) {
    return tensor.defined() && seen.insert(tensor.unsafeGetTensorImpl()).second;
  };
  for (const auto& entry : script.named_parameters(/*recurse=*/false)) {
    if (!is_new(entry.value)) continue;
    if (entry.value.requires_grad())
      into.register_parameter(entry.name, entry.value);
    else
      into.register_buffer(entry.name, entry.value);
  }
  for (const auto& entry : script.named_buffers(/*recurse=*/false))
    if (is_new(entry.value)) into.register_buffer(entry.name, entry.value);
  for (const auto& entry : script.named_children())
    mirror(entry.value, *into.register_module(entry.name, std::make_shared<torch::nn::Module>()), seen);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string reason_of(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::string text = torch_error ? torch_error->what_without_backtrace() : error.what();
  // Messages from within a script quote it first and end in the cause.
  while (text.ends_with('\n')) text.pop_back();
  if (text.starts_with("The following operation failed") && text.find('\n') != std::string::npos)
    return text.substr(text.rfind('\n') + 1);
  return first_line(text);
}

class ScriptBackbone : public Backbone {
 public:
  ScriptBackbone(const std::filesystem::path& file, std::int64_t classes, std::int64_t input_size)
      : file_("'torchscript:" + file.string() + "'") {
    if (!std::filesystem::is_regular_file(file))
      throw std::runtime_error("There is no file for the backbone " + file_ +
                               ". Make one with torch.jit.script(model).save(FILE).");
    try {
      script_ = torch::jit::load(file.string(), at::kCPU);
      script_.eval();
    } catch (const std::exception& error) {
      throw std::runtime_error("The backbone " + file_ + " cannot be loaded: " + first_line(reason_of(error)) +
                               " Export the module, not its state dict: torch.jit.script(model).save(FILE).");
    }
    std::set<const void*> seen;
    mirror(script_, *register_module("script", std::make_shared<torch::nn::Module>()), seen);
    if (parameters().empty())
      throw std::runtime_error("The backbone " + file_ +
                               " has no parameters: it is frozen, so that nothing in it could train. Export it without "
                               "torch.jit.freeze.");
    add_classifier("classifier", probed_width(input_size), classes);
  }

  torch::Tensor maps(const torch::Tensor& images, NormMode mode, const Dropout& dropout) const override {
    // What the script draws for itself comes from LibTorch's one generator, so that is seeded with the forward's draws
    // and belongs to this forward until it is done.
    static std::mutex generator_owner;
    std::unique_lock<std::mutex> owner;
    if (Random* draws = dropout.draws()) {
      owner = std::unique_lock(generator_owner);
      const at::Generator generator = at::globalContext().defaultGenerator(images.device());
      at::Generator(generator).set_current_seed(draws->bits64() >> 1);
    }
    // Plain execution: a profiled graph would round differently from the third forward on.
    const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);
    const Slots object = script_._ivalue();
    Script script(twin_of(object, /*own_buffers=*/mode == NormMode::leave));
    script.train(mode != NormMode::running);
    const c10::IValue result = script.forward({images});
    if (mode == NormMode::update) {
      const at::NoGradGuard no_grad;
      take_buffers(script._ivalue(), object);
    }
    return as_maps(result, images.size(0));
  }

  // The script's own values are what it was exported with.
  void initialise(Random& random) override { fergraph::initialise(*this, {}, random); }

 private:
  torch::Tensor as_maps(const c10::IValue& result, std::int64_t images) const {
    const std::string wanted =
        "its forward must take float [N,3,H,W] and give one float tensor, features [N,D] or maps "
        "[N,D,h,w]. Wrap the model in a module that returns them, and export that.";
    if (!result.isTensor())
      throw std::runtime_error("The backbone " + file_ + " gives a " + result.tagKind() + ", but " + wanted);
    const torch::Tensor out = result.toTensor();
    if (!out.is_floating_point() || (out.dim() != 2 && out.dim() != 4) || out.size(0) != images) {
      std::string shape = "[";
      for (const std::int64_t size : out.sizes()) shape += (shape.size() > 1 ? ", " : "") + std::to_string(size);
      throw std::runtime_error("The backbone " + file_ + " gives a tensor of " + std::string(out.dtype().name()) + " " +
                               shape + "] for " + std::to_string(images) + " images, but " + wanted);
    }
    return out.dim() == 4 ? out : out.reshape({out.size(0), out.size(1), 1, 1});
  }

  std::int64_t probed_width(std::int64_t input_size) const {
    const at::NoGradGuard no_grad;
    const torch::Tensor images = torch::zeros({2, 3, input_size, input_size});
    c10::IValue result;
    try {
      result = Script(script_).forward({images});
    } catch (const std::exception& error) {
      throw std::runtime_error("The backbone " + file_ + " cannot be run on float images [2, 3, " +
                               std::to_string(input_size) + ", " + std::to_string(input_size) +
                               "]: " + reason_of(error) +
                               ". If it needs images of another size, say their side with "
                               "'input_size'.");
    }
    return as_maps(result, 2).size(1);
  }

  std::string file_;
  Script script_;
};

}  // namespace

std::shared_ptr<Backbone> make_script_backbone(const std::filesystem::path& file, std::int64_t classes,
                                               std::int64_t input_size) {
  return std::make_shared<ScriptBackbone>(file, classes, input_size);
}

}  // namespace fergraph
