// FER+ (Barsoum, Zhang, Canton Ferrer and Zhang, ICMI 2016): ten annotators per face, and the rules that make a label
// of their votes.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/layout_table.hpp"

namespace fergraph {

/// Votes in the order of fer2013new.csv: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt,
/// unknown, NF (no face).
using FerPlusVotes = std::array<float, 10>;

/// In all rules a face whose winner is `unknown` or `NF` is left out, and so is one whose row names no image.
enum class FerPlusRule {
  unique,        ///< the column with most votes; ties are left out (Progressive Teacher's 26,778 faces of 7 classes)
  majority,      ///< FER+'s: single votes count as none, then more than half of the rest
  most,          ///< the column with most votes, the first of a tie
  distribution,  ///< the faces and labels of `most`, with the shares of the classes in the votes as soft labels
};

/// The eight classes, in the order of the votes.
std::vector<std::string> ferplus_classes();

/// The winning class (0 to 7), or none where the face is left out.
std::optional<std::size_t> ferplus_winner(const FerPlusVotes& votes, FerPlusRule rule);

/// Ten numbers that are not negative, or none.
std::optional<FerPlusVotes> ferplus_votes(std::span<const std::string_view> fields);

/// Adds a face with its votes by the rule; `place` is file:line. Soft labels go to the table, over its classes alone.
void add_ferplus_face(LayoutTable& table, Sample sample, const FerPlusVotes& votes, FerPlusRule rule,
                      const std::string& place);

/// Adds the numbers of faces that were published for the rule, where all eight classes (or seven, without contempt, of
/// the rule `unique`) are wanted.
void publish_ferplus(LayoutTable& table, FerPlusRule rule);

}  // namespace fergraph
