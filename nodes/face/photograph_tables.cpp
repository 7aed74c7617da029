#include "nodes/face/photograph_tables.hpp"

#include "nodes/face/layout_photographs.hpp"

namespace fergraph {
namespace {

template <class Source>
bool read_by(const NodePlan& plan, std::shared_ptr<const SampleTable>& table) {
  static const std::string name = Source::contract().type().name;
  if (plan.type->name != name) return false;
  const auto source =
      std::make_shared<const Source>(*static_cast<const typename Source::Params*>(plan.parameters.get()));
  table = {source, &source->table()};
  return true;
}

template <class... Sources>
void read_by_any(const NodePlan& plan, std::shared_ptr<const SampleTable>& table) {
  (void)(read_by<Sources>(plan, table) || ...);
}

}  // namespace

std::shared_ptr<const SampleTable> read_photographs(const NodePlan& plan) {
  std::shared_ptr<const SampleTable> table;
  try {
    read_by_any<CsvPhotographs, FolderPhotographs, RafDbPhotographs, FerPlusCsvPhotographs, FerPlusFolderPhotographs,
                AffectNetCsvPhotographs, AffectNetNumpyPhotographs, SfewPhotographs, CkPlusPhotographs, ExpwPhotographs,
                Cifar10Photographs, Cifar100Photographs>(plan, table);
  } catch (const std::exception& error) {
    throw PipelineError(plan.place, plan.qualified + " (" + plan.type->name + ") cannot be prepared: " + error.what());
  }
  return table;
}

}  // namespace fergraph
