// Sizes that must agree before a node walks over raw numbers, told in sentences where they do not.
#pragma once

#include <torch/types.h>

#include <string>

namespace fergraph {

/// Throws std::runtime_error where the first axis of `tensor` (the input `name`) is not `rows` long, as that of the
/// input `other` is.
void expect_rows(const std::string& name, const torch::Tensor& tensor, const std::string& other, std::int64_t rows);

/// Throws std::runtime_error where the last axis of a table's values (the state `name`) is not `classes` long.
void expect_classes(const std::string& name, const torch::Tensor& values, std::int64_t classes);

/// Throws std::runtime_error for a label (int64 [N]) outside -1 (unknown) … classes-1. Labels on another device than
/// the host are not looked at: that would wait for the device in every step.
void expect_labels(const torch::Tensor& labels, std::int64_t classes);

/// The sentence of expect_labels.
std::string wrong_label(std::int64_t label, std::int64_t classes);

}  // namespace fergraph
