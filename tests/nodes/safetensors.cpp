#include "nodes/network/safetensors.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "nodes/tensor_blob.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(safetensors)

namespace {

struct File {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "fergraph_test.safetensors";
  ~File() { std::filesystem::remove(path); }
  std::string bytes() const {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
  // A header in front of eight bytes of data.
  void write_header(const std::string& header) const {
    std::string length(8, '\0');
    length[0] = static_cast<char>(header.size());
    write(length + header + std::string(8, 'x'));
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(arrays_come_back) {
  const File file;
  const Blobs arrays = blobs_of({{"a.weight", torch::rand({2, 3})},
                                 {"count", torch::tensor(5, torch::kInt64)},
                                 {"empty", torch::zeros({0, 4})},
                                 {"flag", torch::ones({3}, torch::kBool)},
                                 {"wide", torch::rand({2}, torch::kFloat64)}});
  write_safetensors(file.path, arrays);
  const Blobs back = read_safetensors(file.path);
  BOOST_TEST(back.size() == arrays.size());
  for (const auto& [name, blob] : arrays) {
    BOOST_TEST(back.at(name).dtype == blob.dtype);
    BOOST_TEST(back.at(name).shape == blob.shape);
    BOOST_TEST((back.at(name).bytes == blob.bytes));
  }
  BOOST_TEST(tensor_of(back.at("count")).item<std::int64_t>() == 5);
  // The layout of the format: the header's length, then JSON, padded to eight bytes.
  const std::string bytes = file.bytes();
  BOOST_TEST(static_cast<unsigned char>(bytes[0]) % 8 == 0);
  BOOST_TEST(bytes[8] == '{');
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused) {
  const File file;
  BOOST_TEST(
      fails_with("Cannot read '" + file.path.string() + "': it does not exist", [&] { read_safetensors(file.path); }));
  write_safetensors(file.path, blobs_of({{"a", torch::rand({4})}}));
  const std::string good = file.bytes();
  file.write(good.substr(0, 5));
  BOOST_TEST(fails_with("cut short", [&] { read_safetensors(file.path); }));
  file.write(good.substr(0, 20));
  BOOST_TEST(fails_with("header is longer than the file", [&] { read_safetensors(file.path); }));
  file.write(good.substr(0, good.size() - 1));
  BOOST_TEST(fails_with("the array 'a' is larger than the file", [&] { read_safetensors(file.path); }));
  std::string garbled = good;
  garbled[9] = '}';
  file.write(garbled);
  BOOST_TEST(fails_with("its header is damaged", [&] { read_safetensors(file.path); }));
  file.write_header(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})");
  BOOST_TEST(fails_with("the array 'a' is larger than the file", [&] { read_safetensors(file.path); }));
  file.write_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})");
  BOOST_TEST(fails_with("the place of the array 'a' does not fit", [&] { read_safetensors(file.path); }));
  file.write_header(R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})");
  BOOST_TEST(fails_with("unknown dtype 'F31'", [&] { read_safetensors(file.path); }));
  file.write_header(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})");
  BOOST_TEST(read_safetensors(file.path).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_nothing_behind) {
  const std::filesystem::path path = "/proc/nowhere/x.safetensors";
  BOOST_TEST(fails_with("Cannot write", [&] { write_safetensors(path, {}); }));
}

BOOST_AUTO_TEST_SUITE_END()
