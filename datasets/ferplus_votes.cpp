#include "datasets/ferplus_votes.hpp"

#include <algorithm>
#include <numeric>

#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

constexpr std::size_t expressions = 8, contempt = 7;

}  // namespace

std::vector<std::string> ferplus_classes() {
  return {"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"};
}

std::optional<std::size_t> ferplus_winner(const FerPlusVotes& given, FerPlusRule rule) {
  FerPlusVotes votes = given;
  if (rule == FerPlusRule::majority)
    for (float& each : votes) each = each > 1 ? each : 0;
  const auto best = std::max_element(votes.begin(), votes.end());
  if (!(*best > 0) || best - votes.begin() >= static_cast<std::ptrdiff_t>(expressions)) return std::nullopt;
  if (rule == FerPlusRule::unique && std::count(votes.begin(), votes.end(), *best) > 1) return std::nullopt;
  if (rule == FerPlusRule::majority && !(2 * *best > std::accumulate(votes.begin(), votes.end(), 0.0f)))
    return std::nullopt;
  return static_cast<std::size_t>(best - votes.begin());
}

std::optional<FerPlusVotes> ferplus_votes(std::span<const std::string_view> fields) {
  FerPlusVotes votes{};
  if (fields.size() != votes.size()) return std::nullopt;
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const std::optional<float> vote = finite_number(fields[i]);
    if (!vote || *vote < 0) return std::nullopt;
    votes[i] = *vote;
  }
  return votes;
}

void add_ferplus_face(LayoutTable& table, Sample sample, const FerPlusVotes& votes, FerPlusRule rule,
                      const std::string& place) {
  const std::optional<std::size_t> winner = ferplus_winner(votes, rule);
  if (!winner) {
    table.note("faces to whose votes the rule gives no class, left out", place);
    return;
  }
  if (!table.add(std::move(sample), *winner, place) || rule != FerPlusRule::distribution) return;
  std::vector<float> shares(table.classes(), 0.0f);
  float sum = 0;
  for (std::size_t c = 0; c < expressions; ++c) {
    if (table.label(c) < 0) continue;
    shares[static_cast<std::size_t>(table.label(c))] += votes[c];
    sum += votes[c];
  }
  std::vector<float>& all = table.table().soft_labels;
  for (const float share : shares) all.push_back(share / sum);
}

void publish_ferplus(LayoutTable& table, FerPlusRule rule) {
  bool seven = true;
  for (std::size_t c = 0; c < contempt; ++c) seven = seven && table.label(c) >= 0;
  if (!seven) return;
  if (table.label(contempt) < 0) {
    if (rule == FerPlusRule::unique) table.publish_split("train", 26778);
    return;
  }
  const std::array<std::int64_t, 3> counts =
      rule == FerPlusRule::unique     ? std::array<std::int64_t, 3>{26940, 3396, 3376}
      : rule == FerPlusRule::majority ? std::array<std::int64_t, 3>{25060, 3199, 3153}
                                      : std::array<std::int64_t, 3>{28389, 3553, 3546};
  table.publish_split("train", counts[0]);
  table.publish_split("valid", counts[1]);
  table.publish_split("test", counts[2]);
}

}  // namespace fergraph
