#include "nodes/face/layout_photographs.hpp"

#include <spdlog/spdlog.h>

#include "datasets/published_counts.hpp"

namespace fergraph {
namespace {

// A reader with the parameters that all have.
template <class Reader>
Reader reader_of(const LayoutParams& params) {
  Reader reader;
  reader.classes = {params.classes, params.aliases};
  return reader;
}

template <class Source>
Contract<Source> layout_contract(const char* name, const char* doc, const char* box, const char* landmarks) {
  return Contract<Source>(name, doc)
      .out(&PhotographSource::Out::photo, "photo", "photograph", "the sample, not read yet")
      .out(&PhotographSource::Out::box, "box", "float [4]", box)
      .out(&PhotographSource::Out::landmarks, "landmarks", "float [10]", landmarks);
}

// The parameters that all have, last.
template <class Source>
Contract<Source> with_classes(Contract<Source>&& contract) {
  return std::move(contract)
      .param(
          &LayoutParams::classes, "classes",
          "class names in the order of their numbers; the data set's where left out. Samples of classes that are not "
          "named are left out")
      .param(&LayoutParams::aliases, "aliases", "other words for the data set's classes; ~ leaves a class out");
}

constexpr const char* never = "never present";

}  // namespace

LayoutPhotographs::LayoutPhotographs(SampleTable read) : PhotographSource(std::move(read)) {
  for (const CountedSplit& split : counts_beside_published(table())) {
    std::string classes;
    for (const CountedClass& each : split.classes) {
      if (split.classes.size() > 20) break;
      classes += (classes.empty() ? ": " : ", ") + each.name + " " + std::to_string(each.found);
      if (each.published) classes += " of " + std::to_string(*each.published);
    }
    spdlog::info("{}{} samples{}{}", split.split.empty() ? "" : split.split + ": ", split.samples,
                 split.published ? " of " + std::to_string(*split.published) + " published" : "", classes);
  }
}

RafDbPhotographs::RafDbPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        RafDb reader = reader_of<RafDb>(params);
        reader.root = params.root;
        reader.images = params.images;
        reader.landmarks = params.landmarks;
        return reader.read();
      }()) {}

Contract<RafDbPhotographs> RafDbPhotographs::contract() {
  return with_classes(
      layout_contract<RafDbPhotographs>("raf_db_photographs",
                                        "The photographs or aligned faces of RAF-DB, basic expressions.",
                                        "the published box, of photographs", "five landmarks, of photographs")
          .details("EmoLabel/list_patition_label.txt, Image/{original,aligned} and Annotation (Li, Deng "
                   "and Du, CVPR 2017). Splits train and test.")
          .param(&Params::root, "root", "the folder 'basic', or the one that holds it", required)
          .param(&Params::images, "images", "photographs, or faces that were aligned to 100 pixels")
          .param(&Params::landmarks, "landmarks",
                 "five points by annotators, five of 37 that a program found, or none"));
}

FerPlusCsvPhotographs::FerPlusCsvPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        FerPlusCsv reader = reader_of<FerPlusCsv>(params);
        reader.pixels = params.pixels;
        reader.votes = params.votes;
        reader.rule = params.rule;
        return reader.read();
      }()) {}

namespace {
constexpr const char* rule_doc =
    "the label that ten votes make: unique (the most votes, ties left out), majority (FER+'s: more than half, single "
    "votes not counted), most (the first of a tie) or distribution (as most, with soft labels)";
}

Contract<FerPlusCsvPhotographs> FerPlusCsvPhotographs::contract() {
  return with_classes(
      layout_contract<FerPlusCsvPhotographs>("ferplus_csv_photographs",
                                             "The faces of FERPlus: pixels of fer2013.csv, votes of fer2013new.csv.",
                                             "the whole picture", never)
          .details(
              "48x48 grey pixels that stand in the CSV (Goodfellow et al., ICONIP 2013; Barsoum et al., ICMI 2016). "
              "Splits train, valid and test.")
          .param(&Params::pixels, "pixels", "fer2013.csv", required)
          .param(&Params::votes, "votes", "fer2013new.csv; beside the pixels where left out")
          .param(&Params::rule, "rule", rule_doc));
}

FerPlusFolderPhotographs::FerPlusFolderPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        FerPlusFolders reader = reader_of<FerPlusFolders>(params);
        reader.root = params.root;
        reader.rule = params.rule;
        return reader.read();
      }()) {}

Contract<FerPlusFolderPhotographs> FerPlusFolderPhotographs::contract() {
  return with_classes(
      layout_contract<FerPlusFolderPhotographs>("ferplus_folder_photographs",
                                                "The faces of FERPlus as folders of PNG files with label.csv.",
                                                "the published box", never)
          .details("FER2013Train, FER2013Valid, FER2013Test (Barsoum et al., ICMI 2016). Splits train, valid and test.")
          .param(&Params::root, "root", "the folder of the three", required)
          .param(&Params::rule, "rule", rule_doc));
}

AffectNetCsvPhotographs::AffectNetCsvPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        AffectNetCsv reader = reader_of<AffectNetCsv>(params);
        reader.root = params.root;
        reader.lists = params.lists;
        reader.images = params.images;
        return reader.read();
      }()) {}

Contract<AffectNetCsvPhotographs> AffectNetCsvPhotographs::contract() {
  return with_classes(
      layout_contract<AffectNetCsvPhotographs>("affectnet_csv_photographs",
                                               "The photographs of AffectNet's CSV release, manually annotated part.",
                                               "the published box", "five of the 68 published landmarks")
          .details(
              "Manually_Annotated_file_lists and Manually_Annotated_Images (Mollahosseini et al., IEEE TAFFC 2019). "
              "Splits train and valid. None, uncertain and no-face are left out where no classes are named.")
          .param(&Params::root, "root", "the folder of the two", required)
          .param(&Params::lists, "lists", "the folder of training.csv and validation.csv, where it is another")
          .param(&Params::images, "images", "the folder that image paths start at, where it is another"));
}

AffectNetNumpyPhotographs::AffectNetNumpyPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        AffectNetNumpy reader = reader_of<AffectNetNumpy>(params);
        reader.root = params.root;
        reader.landmarks = params.landmarks;
        return reader.read();
      }()) {}

Contract<AffectNetNumpyPhotographs> AffectNetNumpyPhotographs::contract() {
  return with_classes(layout_contract<AffectNetNumpyPhotographs>("affectnet_numpy_photographs",
                                                                 "The photographs of AffectNet's NumPy release.", never,
                                                                 "five of the 68 published landmarks")
                          .details("train_set and val_set with images and annotations (*_exp.npy, *_lnd.npy). Splits "
                                   "train and valid.")
                          .param(&Params::root, "root", "the folder of the two", required)
                          .param(&Params::landmarks, "landmarks", "whether *_lnd.npy are read"));
}

SfewPhotographs::SfewPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        Sfew reader = reader_of<Sfew>(params);
        reader.root = params.root;
        reader.images = params.images;
        return reader.read();
      }()) {}

Contract<SfewPhotographs> SfewPhotographs::contract() {
  return with_classes(
      layout_contract<SfewPhotographs>("sfew_photographs", "The stills of SFEW 2.0.", never, never)
          .details(
              "Train, Val and Test with folders of classes (Dhall et al., ICMI 2015). Splits train, valid and test; "
              "the test's labels were never published.")
          .param(&Params::root, "root", "the folder of the three", required)
          .param(&Params::images, "images", "which of the two published sets it is, for their counts"));
}

CkPlusPhotographs::CkPlusPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        CkPlus reader = reader_of<CkPlus>(params);
        reader.root = params.root;
        reader.peak_frames = params.peak_frames;
        reader.neutral = params.neutral;
        return reader.read();
      }()) {}

Contract<CkPlusPhotographs> CkPlusPhotographs::contract() {
  return with_classes(
      layout_contract<CkPlusPhotographs>("ck_plus_photographs", "The labeled sequences of CK+: first and last frames.",
                                         never, "five of the 68 published landmarks, where Landmarks is there")
          .details(
              "cohn-kanade-images, Emotion and, where it is there, Landmarks (Lucey et al., CVPR Workshops 2010). No "
              "splits.")
          .param(&Params::root, "root", "the folder of these", required)
          .param(&Params::peak_frames, "peak_frames", "frames at the end that show the expression", at_least(1))
          .param(&Params::neutral, "neutral", "whether first frames are taken as neutral"));
}

ExpwPhotographs::ExpwPhotographs(const Params& params)
    : LayoutPhotographs([&] {
        Expw reader = reader_of<Expw>(params);
        reader.labels = params.labels;
        reader.images = params.images;
        return reader.read();
      }()) {}

Contract<ExpwPhotographs> ExpwPhotographs::contract() {
  return with_classes(
      layout_contract<ExpwPhotographs>("expw_photographs", "The faces of ExpW, several in one photograph.",
                                       "the published box", never)
          .details("label.lst and a folder of images (Zhang et al., IJCV 2018). No splits.")
          .param(&Params::labels, "labels", "label.lst", required)
          .param(&Params::images, "images", "the folder of the images; found near the list where left out"));
}

Cifar10Photographs::Cifar10Photographs(const Params& params)
    : LayoutPhotographs([&] {
        Cifar10 reader = reader_of<Cifar10>(params);
        reader.root = params.root;
        return reader.read();
      }()) {}

Contract<Cifar10Photographs> Cifar10Photographs::contract() {
  return with_classes(
      layout_contract<Cifar10Photographs>("cifar10_photographs", "The pictures of CIFAR-10, binary version.", never,
                                          never)
          .details("32x32 RGB pixels that stand in the files (Krizhevsky, 2009). Splits train and test.")
          .param(&Params::root, "root", "the folder of data_batch_1.bin, or the one above it", required));
}

Cifar100Photographs::Cifar100Photographs(const Params& params)
    : LayoutPhotographs([&] {
        Cifar100 reader = reader_of<Cifar100>(params);
        reader.root = params.root;
        reader.labels = params.labels;
        return reader.read();
      }()) {}

Contract<Cifar100Photographs> Cifar100Photographs::contract() {
  return with_classes(
      layout_contract<Cifar100Photographs>("cifar100_photographs", "The pictures of CIFAR-100, binary version.", never,
                                           never)
          .details("32x32 RGB pixels that stand in the files (Krizhevsky, 2009). Splits train and test.")
          .param(&Params::root, "root", "the folder of train.bin, or the one above it", required)
          .param(&Params::labels, "labels", "the 100 classes or the 20 that they make"));
}

void register_layout_photographs(Registry& registry) {
  registry.node<RafDbPhotographs>();
  registry.node<FerPlusCsvPhotographs>();
  registry.node<FerPlusFolderPhotographs>();
  registry.node<AffectNetCsvPhotographs>();
  registry.node<AffectNetNumpyPhotographs>();
  registry.node<SfewPhotographs>();
  registry.node<CkPlusPhotographs>();
  registry.node<ExpwPhotographs>();
  registry.node<Cifar10Photographs>();
  registry.node<Cifar100Photographs>();
}

}  // namespace fergraph
