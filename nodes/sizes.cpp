#include "nodes/sizes.hpp"

namespace fergraph {

void expect_rows(const std::string& name, const torch::Tensor& tensor, const std::string& other, std::int64_t rows) {
  if (tensor.dim() > 0 && tensor.size(0) == rows) return;
  throw std::runtime_error("'" + name + "' has " + (tensor.dim() > 0 ? std::to_string(tensor.size(0)) : "no") +
                           " rows but '" + other + "' has " + std::to_string(rows) +
                           ". Both must come from the same rows; check which stream or pass each refers to.");
}

void expect_classes(const std::string& name, const torch::Tensor& values, std::int64_t classes) {
  if (values.dim() > 0 && values.size(-1) == classes) return;
  throw std::runtime_error(
      "The table in '" + name + "' has " + (values.dim() > 0 ? std::to_string(values.size(-1)) : "no") +
      " numbers along its last axis for " + std::to_string(classes) +
      " classes. Make its last axis 'classes', and give network and table the same number of them.");
}

std::string wrong_label(std::int64_t label, std::int64_t classes) {
  return "There is a sample with the label " + std::to_string(label) + ", but there are " + std::to_string(classes) +
         " classes (0 … " + std::to_string(classes - 1) +
         "). Set 'classes' and 'class_names' in the data file to those of the data set.";
}

void expect_labels(const torch::Tensor& labels, std::int64_t classes) {
  if (!labels.is_cpu() || labels.numel() == 0) return;
  for (const std::int64_t label : {labels.min().item<std::int64_t>(), labels.max().item<std::int64_t>()})
    if (label < -1 || label >= classes) throw std::runtime_error(wrong_label(label, classes));
}

}  // namespace fergraph
