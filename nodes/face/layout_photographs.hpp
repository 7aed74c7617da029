// Sources of preprocessing streams for the layouts in which data sets are published: one node per layout.
#pragma once

#include "datasets/affectnet_csv.hpp"
#include "datasets/affectnet_numpy.hpp"
#include "datasets/cifar.hpp"
#include "datasets/ck_plus.hpp"
#include "datasets/expw.hpp"
#include "datasets/ferplus_csv.hpp"
#include "datasets/ferplus_folders.hpp"
#include "datasets/raf_db.hpp"
#include "datasets/sfew.hpp"
#include "graph/registry.hpp"
#include "nodes/face/photographs.hpp"

namespace fergraph {

template <>
struct Words<RafDbImages> {
  static constexpr std::array<std::pair<std::string_view, RafDbImages>, 2> all = {
      {{"original", RafDbImages::original}, {"aligned", RafDbImages::aligned}}};
};
template <>
struct Words<RafDbLandmarks> {
  static constexpr std::array<std::pair<std::string_view, RafDbLandmarks>, 3> all = {
      {{"manual", RafDbLandmarks::manual}, {"automatic", RafDbLandmarks::automatic}, {"none", RafDbLandmarks::none}}};
};
template <>
struct Words<FerPlusRule> {
  static constexpr std::array<std::pair<std::string_view, FerPlusRule>, 4> all = {
      {{"unique", FerPlusRule::unique},
       {"majority", FerPlusRule::majority},
       {"most", FerPlusRule::most},
       {"distribution", FerPlusRule::distribution}}};
};
template <>
struct Words<SfewImages> {
  static constexpr std::array<std::pair<std::string_view, SfewImages>, 2> all = {
      {{"original", SfewImages::original}, {"aligned", SfewImages::aligned}}};
};
template <>
struct Words<Cifar100Labels> {
  static constexpr std::array<std::pair<std::string_view, Cifar100Labels>, 2> all = {
      {{"fine", Cifar100Labels::fine}, {"coarse", Cifar100Labels::coarse}}};
};

/// What the sources of all layouts share: the counts that were found are told beside the published ones.
class LayoutPhotographs : public PhotographSource {
 public:
  using Out = PhotographSource::Out;

 protected:
  explicit LayoutPhotographs(SampleTable table);
};

/// The parameters that all layouts have.
struct LayoutParams {
  std::vector<std::string> classes;
  LabelAliases aliases;
};

struct RafDbPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    RafDbImages images = RafDbImages::original;
    RafDbLandmarks landmarks = RafDbLandmarks::manual;
  };
  explicit RafDbPhotographs(const Params& params);
  static Contract<RafDbPhotographs> contract();
};

struct FerPlusCsvPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path pixels;
    std::filesystem::path votes;
    FerPlusRule rule = FerPlusRule::unique;
  };
  explicit FerPlusCsvPhotographs(const Params& params);
  static Contract<FerPlusCsvPhotographs> contract();
};

struct FerPlusFolderPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    FerPlusRule rule = FerPlusRule::unique;
  };
  explicit FerPlusFolderPhotographs(const Params& params);
  static Contract<FerPlusFolderPhotographs> contract();
};

struct AffectNetCsvPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    std::filesystem::path lists;
    std::filesystem::path images;
  };
  explicit AffectNetCsvPhotographs(const Params& params);
  static Contract<AffectNetCsvPhotographs> contract();
};

struct AffectNetNumpyPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    bool landmarks = true;
  };
  explicit AffectNetNumpyPhotographs(const Params& params);
  static Contract<AffectNetNumpyPhotographs> contract();
};

struct SfewPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    SfewImages images = SfewImages::original;
  };
  explicit SfewPhotographs(const Params& params);
  static Contract<SfewPhotographs> contract();
};

struct CkPlusPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    int peak_frames = 1;
    bool neutral = true;
  };
  explicit CkPlusPhotographs(const Params& params);
  static Contract<CkPlusPhotographs> contract();
};

struct ExpwPhotographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path labels;
    std::filesystem::path images;
  };
  explicit ExpwPhotographs(const Params& params);
  static Contract<ExpwPhotographs> contract();
};

struct Cifar10Photographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
  };
  explicit Cifar10Photographs(const Params& params);
  static Contract<Cifar10Photographs> contract();
};

struct Cifar100Photographs : LayoutPhotographs {
  using Out = PhotographSource::Out;
  struct Params : LayoutParams {
    std::filesystem::path root;
    Cifar100Labels labels = Cifar100Labels::fine;
  };
  explicit Cifar100Photographs(const Params& params);
  static Contract<Cifar100Photographs> contract();
};

/// All of them, for register_nodes().
void register_layout_photographs(Registry& registry);

}  // namespace fergraph
