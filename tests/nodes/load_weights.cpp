// Initial values of networks from files, and what is told of them.
#include "nodes/network/load_weights.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <boost/test/unit_test.hpp>

#include "nodes/network/safetensors.hpp"
#include "tests/nodes/surroundings.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(loaded_weights)

namespace {

// What is logged meanwhile.
template <class Call>
std::string logged(Call&& call) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text)));
  call();
  spdlog::set_default_logger(before);
  return text.str();
}

bool contains(const std::string& text, const std::string& part) {
  if (text.find(part) == std::string::npos) BOOST_TEST_MESSAGE("text: " << text);
  return text.find(part) != std::string::npos;
}

struct File {
  File() { write(source->save()); }
  void write(const Blobs& arrays) const { write_safetensors(path, arrays); }
  Network::Params params(std::vector<std::string> except = {}, std::int64_t classes = 7) const {
    Network::Params made;
    made.weights = path;
    made.weights_except = std::move(except);
    made.classes = classes;
    return made;
  }

  Scratch scratch;
  std::filesystem::path path = scratch.folder / "weights.safetensors";
  std::unique_ptr<Network> source = tinynet("source");
};

bool same(const Network& a, const Network& b, const std::string& name) {
  return close(find(a.parameters(), name), find(b.parameters(), name), 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(everything_that_fits_is_taken_and_told) {
  const File file;
  const std::string told = logged([&] {
    const auto net = tinynet("net", file.params());
    BOOST_TEST(same(*net, *file.source, "conv3.weight"));
    BOOST_TEST(same(*net, *file.source, "fc.bias"));
  });
  BOOST_TEST(contains(told, "The network 'net' took 20 arrays from '" + file.path.string() + "'.\n"));
  BOOST_TEST(fails_with("A network is either a copy of another one or begins with the values of",
                        [&] { Network(file.params({}, 0), Network::Links{file.source.get()}, Scope("copy")); }));
  std::filesystem::remove(file.path);
  BOOST_TEST(fails_with("Cannot read", [&] { tinynet("net", file.params()); }));
}

BOOST_AUTO_TEST_CASE(a_head_of_other_classes_needs_the_files_word) {
  const File file;
  BOOST_TEST(fails_with("The weights '" + file.path.string() +
                            "' do not fit the network 'net' (tinynet). Different: 'fc.weight (F32 [7, 128] in the "
                            "file, F32 [10, 128] here)' and 'fc.bias (F32 [7] in the file, F32 [10] here)'. Choose the "
                            "'backbone' that they are of, or name the parts that need not fit in 'weights_except' (the "
                            "classifier, 'fc', is also called head).",
                        [&] { tinynet("net", file.params({}, 10)); }));
  for (const std::string word : {"head", "fc"}) {
    const std::string told = logged([&] {
      const auto net = tinynet("net", file.params({word}, 10));
      BOOST_TEST(same(*net, *file.source, "conv1.weight"));
      Network::Params scratch;
      scratch.classes = 10;
      BOOST_TEST(same(*net, *tinynet("net", scratch), "fc.weight"));
    });
    BOOST_TEST(contains(told, "took 18 arrays from '" + file.path.string() +
                                  "'; initial values stay in 'fc.weight (F32 [7, 128] in the file, F32 [10, 128] "
                                  "here)' and 'fc.bias"));
  }
  // One that fits is taken.
  BOOST_TEST(same(*tinynet("net", file.params({"head"})), *file.source, "fc.weight"));
}

BOOST_AUTO_TEST_CASE(missing_and_unexpected_names_are_refused_unless_excepted) {
  const File file;
  Blobs arrays = file.source->save();
  arrays["extra.kernel"] = blob_of(torch::zeros({3}));
  arrays.erase("fc.weight");
  arrays.erase("bn2.weight");
  file.write(arrays);
  BOOST_TEST(
      fails_with("do not fit the network 'net' (tinynet). Missing: 'bn2.weight' and 'fc.weight'. Unexpected: "
                 "'extra.kernel'. Choose",
                 [&] { tinynet("net", file.params()); }));
  BOOST_TEST(
      fails_with("Missing: 'bn2.weight'. Unexpected: 'extra.kernel'.", [&] { tinynet("net", file.params({"head"})); }));
  const std::string told = logged([&] { tinynet("net", file.params({"head", "bn2", "extra"})); });
  BOOST_TEST(contains(told,
                      "initial values stay in 'bn2.weight (absent)' and 'fc.weight (absent)'; unused are the file's "
                      "'extra.kernel'."));
  BOOST_TEST(
      fails_with("The part 'extras' of 'weights_except' is neither in the network nor in its file of weights. Did "
                 "you mean 'extra'?",
                 [&] { tinynet("net", file.params({"extras"})); }));
  // A part is not the beginning of a name: bn does not except bn2.
  BOOST_TEST(fails_with("The part 'bn' of", [&] { tinynet("net", file.params({"bn"})); }));
}

BOOST_AUTO_TEST_CASE(another_architecture_is_refused_by_its_names) {
  const File file;
  Network::Params params = file.params({"head"});
  params.backbone = BackboneName::cnn7;
  const std::string owner = "the network 'net' (cnn7)";
  BOOST_TEST(fails_with("do not fit " + owner + ". Missing: 'c1.weight', 'c1.bias', 'c2.weight' and 'c2.bias' (and ",
                        [&] { Network(params, {}, Scope()); }));
  BOOST_TEST(fails_with("Unexpected: 'conv1.weight', 'conv2.weight', 'conv3.weight' and 'fc.bias' (and 1 more).",
                        [&] { Network(params, {}, Scope()); }));
}

BOOST_AUTO_TEST_CASE(wrappers_precisions_and_absent_counters_do_no_harm) {
  const File file;
  Blobs arrays;
  for (const auto& [name, blob] : file.source->save()) {
    if (name.ends_with("num_batches_tracked")) continue;
    arrays["module.backbone." + name] = blob_of(tensor_of(blob).to(torch::kFloat64));
  }
  file.write(arrays);
  const std::string told = logged([&] {
    const auto net = tinynet("net", file.params());
    BOOST_TEST(same(*net, *file.source, "conv3.weight"));
    BOOST_TEST(find(net->buffers(), "bn1.num_batches_tracked").item<std::int64_t>() == 0);
  });
  BOOST_TEST(contains(told, "took 17 arrays from '" + file.path.string() +
                                "' without the leading 'module.backbone.'; 3 counters of batches, which it lacks, "
                                "are 0."));
  // Where one array stands outside, nothing is taken off.
  arrays["epoch"] = blob_of(torch::zeros({1}));
  file.write(arrays);
  BOOST_TEST(fails_with("Unexpected: 'epoch', 'module.backbone.bn1.bias'", [&] { tinynet("net", file.params()); }));
}

BOOST_AUTO_TEST_SUITE_END()
