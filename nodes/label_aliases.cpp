#include "nodes/label_aliases.hpp"

namespace fergraph {

LabelAliases Codec<LabelAliases>::parse(const Tree& tree, const Tree*) {
  if (!tree.is_map()) detail::wrong_value(tree, "a map such as {happy: happiness, contempt: ~}");
  LabelAliases aliases;
  for (const Tree::Member& member : tree.members) {
    if (!member.value.is_scalar() && !member.value.is_nothing())
      detail::wrong_value(member.value, "the name of a class or ~");
    aliases[member.key] = member.value.is_nothing() ? std::nullopt : std::optional(member.value.text);
  }
  return aliases;
}

}  // namespace fergraph
