// Checkpoints as torch.save writes them: tests/packs/make_checkpoints.py makes the files.
#include "nodes/network/checkpoint.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>
#include <sstream>

#include "nodes/network/safetensors.hpp"
#include "nodes/network/weights_file.hpp"
#include "nodes/tensor_blob.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(checkpoint)

namespace {

const std::filesystem::path folder = std::filesystem::path(FERGRAPH_SOURCE_DIR) / "tests/packs/checkpoints";

std::string bytes_of(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(folder / name, std::ios::binary).rdbuf();
  return text.str();
}

std::string refusal(const std::string& bytes, const std::string& place = {}) {
  try {
    parse_checkpoint(std::as_bytes(std::span(bytes)), place);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(both_formats_hold_the_same_tensors) {
  for (const std::string name : {"zip.pt", "legacy.pt", "deflated.pt"}) {
    BOOST_TEST_CONTEXT(name) {
      const Checkpoint found = read_checkpoint(folder / name);
      BOOST_TEST(found.place.empty());
      BOOST_TEST(found.left_out.empty());
      const auto tensor = [&](const std::string& key) { return tensor_of(found.arrays.at(key)); };
      const torch::Tensor counted = torch::arange(24, torch::kFloat32);
      BOOST_TEST(found.arrays.size() == 16U);
      BOOST_TEST(same_numbers(tensor("conv.weight"), counted.reshape({2, 3, 2, 2}) / 8));
      BOOST_TEST(same_numbers(tensor("conv.bias"), torch::tensor({0.5, -1.25}, torch::kFloat32)));
      BOOST_TEST(same_numbers(tensor("transposed"), counted.slice(0, 0, 6).reshape({2, 3}).t()));
      BOOST_TEST(same_numbers(tensor("slice"), counted.reshape({4, 6}).slice(0, 1, 3).slice(1, 1, 6, 2)));
      BOOST_TEST(same_numbers(tensor("expanded"), torch::full({3}, 7.0)));
      BOOST_TEST(tensor("scalar").item<double>() == 2.5);
      BOOST_TEST((tensor("empty").sizes().vec() == std::vector<std::int64_t>{0, 4}));
      BOOST_TEST(tensor("double").item<double>() == 1.0 / 3);
      BOOST_TEST((tensor("half").scalar_type() == torch::kFloat16));
      BOOST_TEST(tensor("half")[1].item<double>() == -2);
      BOOST_TEST((tensor("bfloat16").scalar_type() == torch::kBFloat16));
      BOOST_TEST(tensor("bfloat16")[0].item<double>() == 1.5);
      BOOST_TEST(tensor("int64").item<std::int64_t>() == -(std::int64_t{1} << 40));
      BOOST_TEST(tensor("int32").item<std::int64_t>() == -70000);
      BOOST_TEST(tensor("int16").item<std::int64_t>() == -300);
      BOOST_TEST(tensor("int8").item<std::int64_t>() == -3);
      BOOST_TEST(tensor("uint8").item<std::int64_t>() == 250);
      BOOST_TEST(tensor("bool")[0].item<bool>());
      BOOST_TEST(!tensor("bool")[1].item<bool>());
    }
  }
}

BOOST_AUTO_TEST_CASE(nested_state_dicts_lose_their_wrapping) {
  const Checkpoint found = read_checkpoint(folder / "nested.pt");
  BOOST_TEST(found.place == "state_dict");
  BOOST_TEST(found.left_out == std::vector<std::string>{"version"}, boost::test_tools::per_element());
  BOOST_TEST(found.arrays.size() == 8U);
  BOOST_TEST(found.arrays.contains("norm.running_mean"));
  BOOST_TEST((found.arrays.at("tied").bytes == found.arrays.at("first.weight").bytes));
  BOOST_TEST(read_checkpoint(folder / "nested.pt", "state_dict").arrays.size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_place_may_be_named) {
  const std::string parts = bytes_of("parts.pt");
  BOOST_TEST(read_checkpoint(folder / "parts.pt", "encoder").arrays.at("weight").shape[0] == 2);
  BOOST_TEST(read_checkpoint(folder / "parts.pt", "head.a").arrays.at("weight").shape[0] == 3);
  BOOST_TEST(refusal(parts) ==
             "no state dict is at its top or under the usual keys. Its entries are 'encoder' and 'head.a'; say with "
             "--key which is the state dict");
  BOOST_TEST(refusal(parts, "head") == "it has nothing at 'head'. Its entries are 'encoder' and 'head.a'");
  BOOST_TEST(refusal(parts, "encoder.weight") ==
             "there is no state dict at 'encoder.weight'. There is no dict with named entries");
}

BOOST_AUTO_TEST_CASE(refused_files) {
  BOOST_TEST(refusal(bytes_of("big_endian.pt")) ==
             "its numbers are big-endian; save it anew on a little-endian machine");
  BOOST_TEST(refusal(bytes_of("script.pt")) ==
             "it is a TorchScript archive, which holds a program. Load it with torch.jit.load and save its state dict "
             "alone: torch.save(model.state_dict(), FILE)");
  const std::string numpy = refusal(bytes_of("numpy.pt"));
  BOOST_TEST(numpy.starts_with("in its entry 'numpy/data.pkl', at byte "));
  BOOST_TEST(numpy.find("stands the class or function 'numpy.core.multiarray.scalar', which is none of those") !=
             std::string::npos);
  BOOST_TEST(refusal("<html>not found</html>") ==
             "it is no checkpoint of PyTorch: it begins neither like a zip file nor like a pickle");
  BOOST_TEST(refusal("\x80\x02K\1.") ==
             "it is a pickle but no checkpoint of PyTorch (its magic number is missing). Save it with torch.save");
  BOOST_TEST(fails_with("Cannot read '/nowhere.pt': it does not exist or may not be read.",
                        [] { read_checkpoint("/nowhere.pt"); }));
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused) {
  const std::string legacy = bytes_of("legacy.pt");
  std::string other_machine = legacy;
  const std::size_t flag = other_machine.find("little_endianq\x02\x88");
  BOOST_REQUIRE(flag != std::string::npos);
  other_machine[flag + 15] = '\x89';
  BOOST_TEST(refusal(other_machine) == "its numbers are big-endian; save it anew on a little-endian machine");
  BOOST_TEST(refusal(legacy.substr(0, legacy.size() - 1)).starts_with("it is cut short in the storage '"));
  std::string longer = legacy;
  longer[legacy.size() - 9 - 2] = '\x7f';  // within the last storage's count of elements
  BOOST_TEST(!refusal(legacy.substr(0, legacy.size() / 2)).empty());
  const std::string zip = bytes_of("zip.pt");
  BOOST_TEST(refusal(zip.substr(0, zip.size() / 2)).starts_with("its zip directory cannot be read ("));
  std::string flipped = zip;
  const std::size_t number = flipped.find(std::string("\0\0\x80\x3f", 4));  // 1.0 of some storage
  BOOST_REQUIRE(number != std::string::npos);
  flipped[number] = 1;
  BOOST_TEST(refusal(flipped).find("cannot be read (CRC error), so it is damaged or cut short") != std::string::npos);
}

// Bit flips, cuts and overwritten bytes: either the file is refused or what it gives is bounded.
BOOST_AUTO_TEST_CASE(mutated_files_do_no_harm) {
  std::mt19937 random(5);
  std::size_t refused = 0;
  for (const std::string name : {"zip.pt", "legacy.pt", "deflated.pt", "nested.pt"}) {
    const std::string good = bytes_of(name);
    for (int i = 0; i < 3000; ++i) {
      std::string bytes = good;
      const int changes = 1 + static_cast<int>(random() % 4);
      for (int k = 0; k < changes; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 8 == 0) bytes.resize(random() % bytes.size());
      try {
        const Checkpoint found = parse_checkpoint(std::as_bytes(std::span(bytes)));
        std::size_t total = 0;
        for (const auto& [key, blob] : found.arrays) total += blob.bytes.size();
        BOOST_REQUIRE(total < 1'000'000);
      } catch (const std::runtime_error&) {
        ++refused;
      }
    }
  }
  BOOST_TEST(refused > 1000U);
}

BOOST_AUTO_TEST_CASE(weights_are_told_apart_by_their_bytes) {
  const auto file = std::filesystem::temp_directory_path() / ("fergraph-weights-" + std::to_string(::getpid()));
  // Headers of 0x280 + 8k bytes begin like a pickle of protocol 2.
  Blobs arrays;
  for (int i = 0; i < 200; ++i) arrays.emplace("a" + std::to_string(i), blob_of(torch::zeros({1})));
  for (const char* const name : {"x", "xx"}) {
    arrays.emplace(name, blob_of(torch::ones({2})));
    write_safetensors(file, arrays);
    BOOST_TEST(read_weights(file).size() == arrays.size());
  }
  std::filesystem::remove(file);
  std::string header = std::string("\x80\x02\x01\0\0\0\0\0{", 9);
  BOOST_TEST(!begins_like_checkpoint(std::as_bytes(std::span(header))));
  BOOST_TEST(read_weights(folder / "legacy.pt").size() == 16U);
}

BOOST_AUTO_TEST_CASE(a_network_starts_from_a_checkpoint) {
  BOOST_TEST(
      fails_with("The weights '" + (folder / "zip.pt").string() + "' do not fit the network 'net' (tinynet).", [] {
        Network::Params params;
        params.weights = folder / "zip.pt";
        tinynet("net", params);
      }));
}

BOOST_AUTO_TEST_SUITE_END()
