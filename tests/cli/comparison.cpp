// What a replay lets pass: a pack of two epochs of one step, whose weights come from a table of a hundred bins.
#include "cli/comparison.hpp"

#include <hdf5.h>

#include <boost/test/unit_test.hpp>
#include <limits>

#include "tests/scratch_folder.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(comparison)

namespace {

using Numbers = std::vector<double>;

double entry(int bin) { return 0.01 * bin; }

NumericArray array(const Numbers& numbers) { return {{static_cast<std::int64_t>(numbers.size())}, numbers}; }

// Each row's weight is that of bin 40.
const Numbers weights(200, entry(40));

class WrittenPack {
 public:
  WrittenPack() : file_(scratch_.folder / "binned.h5") {
    const hid_t file = H5Fcreate(file_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (const auto& [name, value] : {std::pair("epochs", 2), std::pair("steps_per_epoch", 1)}) {
      const hid_t space = H5Screate(H5S_SCALAR);
      const hid_t at = H5Acreate2(file, name, H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT);
      H5Awrite(at, H5T_NATIVE_INT, &value);
      H5Aclose(at);
      H5Sclose(space);
    }
    Numbers table;
    for (int bin = 0; bin < 100; ++bin) table.push_back(entry(bin));
    put(file, "/expect/1/end/mixture.net.lookup", table);
    put(file, "/expect/2/1/weights.net", weights);
    put(file, "/expect/2/1/weights.other", weights);
    put(file, "/expect/2/1/loss.total", {2});
    put(file, "/expect/2/1/loss.supervised", {1});
    H5Fclose(file);
    pack_ = std::make_unique<Pack>(file_);
  }
  const Pack& operator*() const { return *pack_; }

 private:
  static void put(hid_t file, const std::string& path, const Numbers& numbers) {
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hsize_t size = numbers.size();
    const hid_t space = H5Screate_simple(1, &size, nullptr);
    const hid_t set = H5Dcreate2(file, path.c_str(), H5T_NATIVE_DOUBLE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(links);
  }

  Scratch scratch_;
  std::filesystem::path file_;
  std::unique_ptr<Pack> pack_;
};

// The comparison after a run that gave these weights and, before them or after them, losses that are far off.
Comparison compared(const WrittenPack& pack, const Numbers& given, bool losses_first, const std::string& name = "net") {
  Comparison comparison(*pack, false);
  const Clock second{2, 2, 1, 1, 2};
  const auto losses = [&] {
    comparison.note(Section::step, second, "loss.total", array({2.5}));
    comparison.note(Section::step, second, "loss.supervised", array({1}));
  };
  if (losses_first) losses();
  comparison.note(Section::step, second, "weights." + name, array(given));
  if (!losses_first) losses();
  comparison.note(Section::step, second, name == "net" ? "weights.other" : "weights.net", array(weights));
  Clock end = second;
  comparison.note(Section::epoch_end, end, "lr", array({1}));
  return comparison;
}

Numbers with(std::vector<double> changed) {
  Numbers given = weights;
  std::copy(changed.begin(), changed.end(), given.begin() + 3);
  return given;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_weight_may_fall_into_the_next_bin_and_excuses_the_losses) {
  const WrittenPack pack;
  for (const bool losses_first : {true, false})
    for (const int bin : {39, 41}) {
      Comparison one = compared(pack, with({entry(bin)}), losses_first);
      one.close();
      BOOST_TEST(one.terms().at("weights.net").failed == 0);
      BOOST_TEST(one.terms().at("weights.net").exempt == 1);
      BOOST_TEST(one.terms().at("loss.total").failed == 0);
      BOOST_TEST(one.terms().at("loss.total").exempt == 1);
      BOOST_TEST(one.terms().at("loss.total").compared == 0);
      BOOST_TEST(one.table().find("a weight fell into the next bin (1)") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(losses_are_compared_where_every_weight_agrees) {
  const WrittenPack pack;
  for (const bool losses_first : {true, false}) {
    Comparison same = compared(pack, weights, losses_first);
    same.close();
    BOOST_TEST(same.terms().at("weights.net").failed == 0);
    BOOST_TEST(same.terms().at("weights.net").exempt == 0);
    BOOST_TEST(same.terms().at("loss.total").failed == 1);
    BOOST_TEST(same.terms().at("loss.supervised").failed == 0);
    BOOST_TEST(same.terms().at("loss.supervised").compared == 1);
    BOOST_TEST(!same.passed());
  }
}

BOOST_AUTO_TEST_CASE(one_weight_in_a_hundred_may_change_its_bin) {
  const WrittenPack pack;
  const auto failed = [&](const std::vector<double>& changed, const std::string& name = "net") {
    Comparison comparison = compared(pack, with(changed), true, name);
    comparison.close();
    return comparison.terms().at("weights." + name).failed == 1;
  };
  BOOST_TEST(!failed({entry(41), entry(39)}));
  BOOST_TEST(failed({entry(41), entry(39), entry(41)}));
  BOOST_TEST(failed({entry(42)}));
  BOOST_TEST(failed({0.5 * (entry(40) + entry(41))}));
  BOOST_TEST(failed({std::numeric_limits<double>::quiet_NaN()}));
  // There is no table of these weights.
  BOOST_TEST(failed({entry(41)}, "other"));
}

BOOST_AUTO_TEST_SUITE_END()
