#include "datasets/npy.hpp"

#include <cmath>

#include "tests/datasets/layout_tree.hpp"
#include "tests/datasets/npy_bytes.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(npy_files)

namespace {

NpyArray parsed(const std::string& bytes, const NpyLimits& limits = {}) {
  return parse_npy({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "a.npy", limits);
}
template <class T>
std::vector<T> values(const std::string& bytes) {
  return std::get<std::vector<T>>(parsed(bytes).values);
}
using Integers = std::vector<std::int64_t>;
using Floats = std::vector<double>;

std::string refusal(const std::string& bytes, const NpyLimits& limits = {}) {
  try {
    parsed(bytes, limits);
  } catch (const DatasetError& error) {
    return std::string(error.what()).substr(std::string("a.npy: this is no NumPy file that can be read: ").size());
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(integers) {
  BOOST_TEST((values<std::int64_t>(npy("<i8", "()", little(5, 8))) == Integers{5}));
  BOOST_TEST(parsed(npy("<i8", "()", little(5, 8))).is_scalar);
  BOOST_TEST((values<std::int64_t>(npy("<i2", "(2,)", "\xff\xff\x01\x02")) == Integers{-1, 513}));
  BOOST_TEST((values<std::int64_t>(npy(">i2", "(2,)", "\xff\xfe\x01\x02")) == Integers{-2, 258}));
  BOOST_TEST((values<std::int64_t>(npy("|i1", "(2,)", "\x80\x7f")) == Integers{-128, 127}));
  BOOST_TEST((values<std::int64_t>(npy("|u1", "(1,)", "\xff")) == Integers{255}));
  BOOST_TEST((values<std::int64_t>(npy("|b1", "(2,)", std::string("\1\0", 2))) == Integers{1, 0}));
  BOOST_TEST((values<std::int64_t>(npy("<u8", "(1,)", little(1ull << 62, 8))) == Integers{std::int64_t{1} << 62}));
  BOOST_TEST(values<std::int64_t>(npy("<i8", "(0,)", "")).empty());
}

BOOST_AUTO_TEST_CASE(floats) {
  BOOST_TEST((values<double>(npy("<f8", "(2,)", float64(3) + float64(-0.25))) == Floats{3, -0.25}));
  BOOST_TEST((values<double>(npy(">f4", "()", std::string("\x40\x40\0\0", 4))) == Floats{3}));
  BOOST_TEST((values<double>(npy("<f2", "(4,)", std::string("\0\x3c\0\xc0\1\0\xff\x7b", 8))) ==
              Floats{1, -2, std::ldexp(1.0, -24), 65504}));
  BOOST_TEST(std::isinf(values<double>(npy("<f2", "()", std::string("\0\x7c", 2)))[0]));
}

BOOST_AUTO_TEST_CASE(strings) {
  BOOST_TEST((values<std::string>(npy("|S4", "(2,)", std::string("ab\0\0wxyz", 8))) == Texts{"ab", "wxyz"}));
  BOOST_TEST((values<std::string>(npy("<U2", "()", std::string("\xe9\0\0\0\0\xf6\1\0", 8))) == Texts{"é😀"}));
  BOOST_TEST((values<std::string>(npy(">U1", "()", std::string("\0\0\x20\xac", 4))) == Texts{"€"}));
  BOOST_TEST((values<std::string>(npy("<U0", "(2,)", "")) == Texts{"", ""}));
}

BOOST_AUTO_TEST_CASE(versions_and_headers) {
  for (const int version : {1, 2, 3})
    BOOST_TEST((values<std::int64_t>(npy("<i4", "()", little(7, 4), version)) == Integers{7}));
  BOOST_TEST((values<std::int64_t>(npy_with_header(R"({"shape":(1,),"descr":"<i4","fortran_order":True})",
                                                   little(9, 4))) == Integers{9}));
}

BOOST_AUTO_TEST_CASE(refusals) {
  BOOST_TEST(refusal("") == "it does not begin as one does.");
  BOOST_TEST(refusal("\x93NUMPY\4") == "it does not begin as one does.");
  BOOST_TEST(refusal(npy("<i4", "()", little(7, 4), 4)) ==
             "its format version is 4.0, and 1.0, 2.0 and 3.0 are known.");
  BOOST_TEST(refusal(std::string("\x93NUMPY\1\0\xff\xff{}", 12)) == "it ends in its header.");
  BOOST_TEST(refusal(std::string("\x93NUMPY\3\0\xff\xff\xff\xff{}", 14)) == "it ends in its header.");
  for (const std::string descr : {"|O", "|O8"})
    BOOST_TEST(refusal(npy(descr, "()", std::string(8, 'x'))) ==
               "it holds pickled objects, which are code and are never run.");
  BOOST_TEST(refusal(npy("<c8", "()", std::string(8, 'x'))) ==
             "its elements are of the type '<c8'; numbers and strings are read.");
  BOOST_TEST(refusal(npy("<i3", "()", "xxx")) == "its elements are of the type '<i3'; numbers and strings are read.");
  BOOST_TEST(refusal(npy("<i4", "(1, 1)", little(7, 4))) == "it has 2 dimensions, and one is read.");
  BOOST_TEST(refusal(npy("<i4", "(2,)", little(7, 4))) ==
             "it holds 4 bytes behind its header, which declares 2 elements of 4.");
  BOOST_TEST(refusal(npy("<i4", "()", little(7, 5))) ==
             "it holds 5 bytes behind its header, which declares 1 elements of 4.");
  BOOST_TEST(refusal(npy("<i4", "(99999999999,)", "")) ==
             "it declares 99999999999 elements, more than the limit of 1048576.");
  BOOST_TEST(refusal(npy("<U999999999999", "(1000,)", "")) ==
             "its elements are of the type '<U999999999999'; numbers and strings are read.");
  BOOST_TEST(refusal(npy("<U4000000", "(1000,)", "")).starts_with("it holds 0 bytes behind its header"));
  BOOST_TEST(refusal(npy("<u8", "()", std::string(8, '\xff'))) == "it holds a number beyond the largest of int64.");
  BOOST_TEST(refusal(npy("<U1", "()", std::string("\0\xd8\0\0", 4))) == "its strings are no Unicode.");
  BOOST_TEST(refusal(npy_with_header("{'descr': '<i4', 'shape': ()}", little(1, 4))) ==
             "its header lacks one of the keys 'descr', 'fortran_order' and 'shape'.");
  BOOST_TEST(refusal(npy_with_header("{'descr': '<i4', 'descr': '<i4'}", little(1, 4))) ==
             "its header has the key 'descr' where 'descr', 'fortran_order' and 'shape' stand once each.");
  BOOST_TEST(refusal(npy_with_header("{'descr': [('a', '<i4')], }", little(1, 4))) ==
             "it holds records with named fields, which are not read.");
  BOOST_TEST(refusal(npy_with_header("import os", "")) == "its header is damaged where '{' must stand.");
}

BOOST_AUTO_TEST_CASE(no_mutation_does_more_than_throw) {
  const std::string whole = npy("<U3", "(4,)", std::string(48, 'a'), 2);
  std::uint32_t state = 1;
  const auto draw = [&] { return state = state * 1664525 + 1013904223, state >> 8; };
  std::size_t refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = whole.substr(0, i % 4 ? whole.size() : draw() % whole.size());
    for (std::uint32_t flips = draw() % 4; flips-- > 0 && !bytes.empty();)
      bytes[draw() % bytes.size()] = static_cast<char>(draw());
    try {
      parsed(bytes, {1 << 12, 1 << 10});
    } catch (const DatasetError&) {
      ++refused;
    }
  }
  BOOST_TEST(refused > 5000);
}

BOOST_FIXTURE_TEST_CASE(files, LayoutTree) {
  write("a.npy", npy("<i8", "()", little(5, 8)));
  BOOST_TEST((std::get<Integers>(read_npy(root / "a.npy").values) == Integers{5}));
  const auto fails = [&](const std::string& file, const NpyLimits& limits, const std::string& message) {
    BOOST_CHECK_EXCEPTION(read_npy(root / file, limits), DatasetError, [&](const DatasetError& error) {
      BOOST_TEST(without_root(error.what()) == message);
      return true;
    });
  };
  fails("b.npy", {}, "ROOT/b.npy: the file cannot be read (No such file or directory).");
  fails("a.npy", {10, 10}, "ROOT/a.npy: the file has 84 bytes, more than the limit of 10.");
}

BOOST_AUTO_TEST_SUITE_END()
