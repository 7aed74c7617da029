#include "nodes/face/photograph_list.hpp"

namespace fergraph {

Contract<PhotographList> PhotographList::contract() {
  return Contract<PhotographList>("photograph_list", "Photographs that the program itself names.")
      .out(&Out::photo, "photo", "photograph", "the sample, not read yet")
      .out(&Out::box, "box", "float [4]", "never present")
      .out(&Out::landmarks, "landmarks", "float [10]", "never present");
}

std::vector<std::int64_t> PhotographList::labels() const {
  return std::vector<std::int64_t>(static_cast<std::size_t>(size()), -1);
}

std::string PhotographList::sample_name(std::int64_t index) const {
  return table_->path(table_->samples[static_cast<std::size_t>(index)]).string();
}

PhotographList::Out PhotographList::run(const Context& context) const { return {{table_, context.sample}, {}, {}}; }

}  // namespace fergraph
