// `fergraph replay` on a pack of this repository (tests/packs/make_packs.py) and on damaged copies of it.
#include <hdf5.h>

#include "tests/cli/child.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(replay)

namespace {

const std::filesystem::path tiny = source_folder / "tests/packs/tiny.h5";

// A copy of the pack, open for changes.
class Altered {
 public:
  explicit Altered(const Scratch& scratch) {
    const std::filesystem::path file = scratch.folder / "altered.h5";
    std::filesystem::copy_file(tiny, file, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(file, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    file_ = H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    BOOST_REQUIRE(file_ >= 0);
  }
  ~Altered() { H5Fclose(file_); }
  Altered(const Altered&) = delete;
  Altered& operator=(const Altered&) = delete;

  void remove(const std::string& path) const { BOOST_REQUIRE(H5Ldelete(file_, path.c_str(), H5P_DEFAULT) >= 0); }
  void put(const std::string& path, double value) const {
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t set = H5Dcreate2(file_, path.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    BOOST_REQUIRE(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0);
    H5Dclose(set);
    H5Sclose(space);
  }
  // Changes the first number of an array.
  void put_first(const std::string& path, double value) const {
    const hid_t set = H5Dopen2(file_, path.c_str(), H5P_DEFAULT);
    const hid_t space = H5Dget_space(set);
    std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    BOOST_REQUIRE_GT(values.size(), 1u);
    BOOST_REQUIRE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    values.front() = value;
    BOOST_REQUIRE(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Sclose(space);
    H5Dclose(set);
  }
  void copy(const std::string& from, const std::string& to) const {
    BOOST_REQUIRE(H5Ocopy(file_, from.c_str(), file_, to.c_str(), H5P_DEFAULT, H5P_DEFAULT) >= 0);
  }
  double number(const std::string& path) const {
    double value = 0;
    const hid_t set = H5Dopen2(file_, path.c_str(), H5P_DEFAULT);
    BOOST_REQUIRE(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) >= 0);
    H5Dclose(set);
    return value;
  }
  void attribute(const std::string& name, const std::string& text) const {
    H5Adelete(file_, name.c_str());
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, text.size());
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(file_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    BOOST_REQUIRE(H5Awrite(attribute, type, text.data()) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }

 private:
  hid_t file_ = -1;
};

Outcome replayed(const Scratch& scratch, const std::string& pack = "altered.h5") {
  return run(scratch.folder, {"replay", pack, "--pipelines", pipelines});
}

template <class Change>
void fails(const Change& change, const std::string& message, int code = 1) {
  const Scratch scratch;
  change(Altered(scratch));
  const Outcome outcome = replayed(scratch);
  BOOST_TEST(outcome.code == code);
  BOOST_TEST(has(outcome.err, message));
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_pack_of_this_repository_passes) {
  const Scratch scratch;
  const Outcome outcome = replayed(scratch, tiny.string());
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out.starts_with("tiny.h5 (baseline, adam) through pipelines/methods/baseline.yaml\nterm "));
  BOOST_TEST(outcome.out.ends_with("\npassed\n"));
  for (const std::string term :
       {"final net ", "loss.supervised ", "loss.total ", "lr ", "test.accuracy ", "test.logits "})
    BOOST_TEST(has(outcome.out, "\n" + term));
  const Outcome verbose = run(scratch.folder, {"replay", tiny.string(), "--pipelines", pipelines, "--verbose"});
  BOOST_TEST(has(verbose.out, "epoch 2, step 1"));
  // Without a folder pipelines here, the files that came with the program are taken.
  const Outcome elsewhere = Child(scratch.folder, {"replay", tiny.string()}).wait();
  BOOST_TEST(elsewhere.code == 0, elsewhere.err);
  // The number of lanes and of stream threads changes nothing that the tolerances see.
  BOOST_TEST(run(scratch.folder, {"replay", tiny.string(), "--pipelines", pipelines, "--lanes", "2"}).code == 0);
}

BOOST_AUTO_TEST_CASE(one_altered_number_fails_and_is_placed) {
  const Scratch scratch;
  {
    const Altered pack(scratch);
    const double loss = pack.number("/expect/2/1/loss.supervised");
    pack.remove("/expect/2/1/loss.supervised");
    pack.put("/expect/2/1/loss.supervised", loss * 1.001);
  }
  const Outcome outcome = replayed(scratch);
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.out, "BEYOND, first at epoch 2, step 1"));
  BOOST_TEST(outcome.out.ends_with("\nFAILED\n"));
}

BOOST_AUTO_TEST_CASE(a_number_that_is_not_finite_fails) {
  const Scratch scratch;
  {
    const Altered pack(scratch);
    pack.remove("/expect/1/2/loss.total");
    pack.put("/expect/1/2/loss.total", std::numeric_limits<double>::quiet_NaN());
  }
  BOOST_TEST(replayed(scratch).code == 1);
}

BOOST_AUTO_TEST_CASE(a_first_number_that_is_not_finite_fails_an_array_of_good_ones) {
  for (const double wrong : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Scratch scratch;
    Altered(scratch).put_first("/expect/1/end/test.logits", wrong);
    const Outcome outcome = replayed(scratch);
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(has(outcome.out, "BEYOND, first at epoch 1, end"));
  }
}

BOOST_AUTO_TEST_CASE(an_expected_number_without_a_record_fails) {
  const Scratch scratch;
  Altered(scratch).put("/expect/1/2/loss.contrastive", 1);
  const Outcome outcome = replayed(scratch);
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.out, "\nloss.contrastive "));
  BOOST_TEST(has(outcome.out, "NO RECORD (1)"));
  BOOST_TEST(outcome.out.ends_with("\nFAILED\n"));
}

BOOST_AUTO_TEST_CASE(a_network_that_the_wiring_lacks_fails) {
  const Scratch scratch;
  Altered(scratch).copy("/expect/final/net", "/expect/final/ghost");
  const Outcome outcome = replayed(scratch);
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.out, "\nfinal ghost "));
  BOOST_TEST(has(outcome.out, "NO RECORD (18)"));
  fails([](const Altered& pack) { pack.copy("/init/net", "/init/ghost"); },
        "The pack has initial weights of 'ghost', but the pipeline has no such state. Name its networks as the pack "
        "does.\n");
}

// Of the hyper-parameters, whole numbers may be floats; texts, truth values, nothing and the noise of the labels only
// document.
BOOST_AUTO_TEST_CASE(a_pack_may_write_its_numbers_in_any_way) {
  const Scratch scratch;
  Altered(scratch).attribute("hyper",
                             R"({"optimizer": "adam", "lr": 0.001, "weight_decay": 0, "beta1": 0.9, "beta2": 0.999,
                                 "eps": 1e-08, "nesterov": 0.0, "momentum": null, "noise_ratio": 0.3,
                                 "schedule": "lr*(1 + cos(x)): # {documents}", "use_hard_label": true})");
  const Outcome outcome = replayed(scratch);
  BOOST_TEST(outcome.code == 0, outcome.err);
}

BOOST_AUTO_TEST_CASE(packs_that_do_not_fit_are_refused) {
  fails(
      [](const Altered& pack) { pack.attribute("hyper", R"({"lr": 0.001, "frobnicate": 3})"); },
      "The pack gives the number 'frobnicate', but 'pipelines/methods/baseline.yaml' has no parameter of that name. It "
      "stands in for the pack's own variant, whose file 'pipelines/methods/baseline.adam.yaml' does not exist. Write "
      "that, name the parameter so, or choose another wiring with --pipeline.\n");
  fails([](const Altered& pack) { pack.attribute("hyper", R"({"lr": 0.001, "frobnicate": [1, 2]})"); },
        "The pack gives the value 'frobnicate', but ");
  fails([](const Altered& pack) { pack.remove("/expect"); },
        "The pack 'altered.h5' has nothing in '/expect', so there is nothing to compare with. Make the pack again.\n");
  fails([](const Altered& pack) { pack.attribute("hyper", R"({"weight_decya": 0.5})"); },
        " Did you mean 'weight_decay'?");
  fails([](const Altered& pack) { pack.attribute("hyper", R"({"lr": )"); },
        "The attribute 'hyper' of the pack 'altered.h5' is no JSON map of hyper-parameters. Make the pack again.\n");
  fails([](const Altered& pack) { pack.attribute("method", "nonsense"); },
        "There is no wiring for the pack: neither 'pipelines/methods/nonsense.adam.yaml' nor "
        "'pipelines/methods/nonsense.yaml' exists.");
  fails([](const Altered& pack) { pack.attribute("epochs", "two"); },
        "has no whole number 'epochs' among its attributes; it is no parity pack.");
}

BOOST_AUTO_TEST_CASE(packs_with_holes_are_refused_at_the_hole) {
  fails(
      [](const Altered& pack) { pack.remove("/batches/1/2"); },
      "The pack 'altered.h5' has no '/batches/1/2/labeled.weak'. Make the pack again with it, or choose a wiring that "
      "does not read it with --pipeline.\n");
  fails([](const Altered& pack) { pack.remove("/batches/2/1/labeled.label"); },
        "The pack 'altered.h5' has no '/batches/2/1/labeled.label'. Make the pack again with it, ");
  fails([](const Altered& pack) { pack.remove("/init/net/conv1.weight"); },
        "The network 'net' cannot be restored from these arrays. Missing: 'conv1.weight'.\n");
  const auto single = [](const std::string& path) {
    return [path](const Altered& pack) {
      pack.remove(path);
      pack.put(path, 1);
    };
  };
  fails(single("/data/labeled/images"), "The pack 'altered.h5' has a single number at '/data/labeled/images'");
  fails(single("/data/labeled/labels"),
        "The pack 'altered.h5' must have one whole number per picture at '/data/labeled/labels'; make it again.\n");
  fails(single("/batches/1/1/labeled.label"),
        "'/batches/1/1/labeled.label' of the pack is F64, but I64 is expected.\n");
}

BOOST_AUTO_TEST_CASE(files_that_are_no_packs_are_refused) {
  const Scratch scratch;
  const auto refused = [&](const std::string& file, const std::string& message) {
    const Outcome outcome = replayed(scratch, file);
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(outcome.err.starts_with("The pack '" + file + "' "));
    BOOST_TEST(outcome.err.ends_with(message + "\n"));
  };
  refused("none.h5", "does not exist. Check the path.");
  scratch.write("text.h5", "no pack");
  refused("text.h5", "cannot be read as HDF5. It may be cut short or something else; get it again.");
  const std::string whole = text_of(tiny);
  scratch.write("short.h5", whole.substr(0, whole.size() / 2));
  refused("short.h5", "cannot be read as HDF5. It may be cut short or something else; get it again.");
  const hid_t other = H5Fcreate((scratch.folder / "other.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(other);
  refused("other.h5", "; it is no parity pack.");
}

BOOST_AUTO_TEST_SUITE_END()
