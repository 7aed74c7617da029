// A few synthetic photographs, drawn once for all cases of a suite.
#pragma once

#include <memory>

#include "datasets/synthetic.hpp"
#include "tests/scratch_folder.hpp"

namespace fergraph::test {

/// A suite's fixture: *boost::unit_test::fixture<SmallPhotographs>(). 42 photographs to train and 14 to test are in
/// scratch->folder / "photographs", with their faces.csv.
struct SmallPhotographs {
  SmallPhotographs() {
    scratch = std::make_unique<Scratch>();
    SyntheticOptions options;
    options.directory = scratch->folder / "photographs";
    options.train = 42;
    options.test = 14;
    write_synthetic_faces(options);
  }
  ~SmallPhotographs() { scratch.reset(); }
  SmallPhotographs(const SmallPhotographs&) = delete;
  SmallPhotographs& operator=(const SmallPhotographs&) = delete;

  static inline std::unique_ptr<Scratch> scratch;
};

}  // namespace fergraph::test
