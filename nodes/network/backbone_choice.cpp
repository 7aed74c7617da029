#include "nodes/network/backbone_choice.hpp"

namespace fergraph {
namespace {

constexpr std::string_view script_prefix = "torchscript:";

}  // namespace

BackboneChoice Codec<BackboneChoice>::parse(const Tree& tree, const Tree*) {
  std::vector<std::string> known;
  for (const auto& [word, name] : Words<BackboneChoice>::all) {
    known.emplace_back(word);
    if (tree.is_scalar() && tree.text == word && name != BackboneName::torchscript) return name;
  }
  if (tree.is_scalar() && tree.text.starts_with(script_prefix) && tree.text.size() > script_prefix.size())
    return {BackboneName::torchscript, tree.text.substr(script_prefix.size())};
  detail::wrong_value(tree, "one of the words " + listed(known), known);
}

std::string Codec<BackboneChoice>::type() {
  std::string text;
  for (const auto& [word, name] : Words<BackboneChoice>::all) text += (text.empty() ? "" : " | ") + std::string(word);
  return text;
}

std::string Codec<BackboneChoice>::show(const BackboneChoice& choice) {
  if (choice.name == BackboneName::torchscript) return std::string(script_prefix) + choice.script.string();
  for (const auto& [word, name] : Words<BackboneChoice>::all)
    if (name == choice.name) return std::string(word);
  return {};
}

}  // namespace fergraph
