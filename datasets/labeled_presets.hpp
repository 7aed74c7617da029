// How many samples of each class keep their label: the numbers that the papers on few labels share, by name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fergraph {

/// Labels per class; `others` stands for every class that is not named.
using LabelsByClass = std::map<std::string, std::int64_t>;

/// The protocol of Ada-CM (Li et al., CVPR 2022) and of those who follow it: `fer-100`, `fer-400`, `fer-1000`,
/// `fer-2000`, `fer-4000` for seven classes: so many labels in total, of which fear, the rarest, gives fewer.
/// Throws DatasetError for another name.
LabelsByClass labeled_preset(const std::string& name);
std::vector<std::string> labeled_preset_names();

/// One count per class, in their order. Throws DatasetError where a name is no class, and where a class is not named
/// and there are no `others`.
std::vector<std::int64_t> counts_by_class(const LabelsByClass& labels, const std::vector<std::string>& class_names);

}  // namespace fergraph
