// The cascade's own networks against LibTorch's convolutions, with random weights.
#include "nodes/face/mtcnn.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "nodes/face/detect_mtcnn.hpp"
#include "nodes/network/safetensors.hpp"
#include "nodes/tensor_blob.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(mtcnn)

namespace {

using Tensors = std::map<std::string, torch::Tensor>;

// Weights that keep the size of what passes through them.
void add(Tensors& tensors, const std::string& name, const std::vector<std::int64_t>& shape, const std::string& slope) {
  std::int64_t inputs = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) inputs *= shape[i];
  tensors[name + ".weight"] = torch::randn(shape) * std::sqrt(2.0 / static_cast<double>(inputs));
  tensors[name + ".bias"] = torch::randn({shape[0]}) * 0.1;
  if (!slope.empty()) tensors[slope + ".weight"] = torch::rand({shape[0]}) * 0.6 - 0.1;  // negative ones, too
}

Tensors random_pnet() {
  Tensors tensors;
  add(tensors, "conv1", {10, 3, 3, 3}, "prelu1");
  add(tensors, "conv2", {16, 10, 3, 3}, "prelu2");
  add(tensors, "conv3", {32, 16, 3, 3}, "prelu3");
  add(tensors, "conv4_1", {2, 32, 1, 1}, "");
  add(tensors, "conv4_2", {4, 32, 1, 1}, "");
  return tensors;
}

Tensors random_rnet() {
  Tensors tensors;
  add(tensors, "conv1", {28, 3, 3, 3}, "prelu1");
  add(tensors, "conv2", {48, 28, 3, 3}, "prelu2");
  add(tensors, "conv3", {64, 48, 2, 2}, "prelu3");
  add(tensors, "dense4", {128, 576}, "prelu4");
  add(tensors, "dense5_1", {2, 128}, "");
  add(tensors, "dense5_2", {4, 128}, "");
  return tensors;
}

Tensors random_onet() {
  Tensors tensors;
  add(tensors, "conv1", {32, 3, 3, 3}, "prelu1");
  add(tensors, "conv2", {64, 32, 3, 3}, "prelu2");
  add(tensors, "conv3", {64, 64, 3, 3}, "prelu3");
  add(tensors, "conv4", {128, 64, 2, 2}, "prelu4");
  add(tensors, "dense5", {256, 1152}, "prelu5");
  add(tensors, "dense6_1", {2, 256}, "");
  add(tensors, "dense6_2", {4, 256}, "");
  add(tensors, "dense6_3", {10, 256}, "");
  return tensors;
}

Blobs blobs(const Tensors& tensors) {
  NamedTensors named;
  for (const auto& [name, tensor] : tensors) named.emplace_back(name, tensor);
  return blobs_of(named);
}

torch::Tensor convolved(const Tensors& w, const std::string& number, const torch::Tensor& x) {
  const std::string name = "conv" + number;
  return torch::prelu(torch::conv2d(x, w.at(name + ".weight"), w.at(name + ".bias")),
                      w.at("prelu" + number + ".weight"));
}
torch::Tensor pooled(const torch::Tensor& x, std::int64_t window) {
  return torch::max_pool2d(x, window, 2, 0, 1, /*ceil_mode=*/true);
}
torch::Tensor dense(const Tensors& w, const std::string& name, const torch::Tensor& x) {
  return torch::linear(x, w.at(name + ".weight"), w.at(name + ".bias"));
}
// The features run down the columns.
torch::Tensor flat(const torch::Tensor& x) { return x.permute({0, 3, 2, 1}).reshape({x.size(0), -1}); }

cv::Mat random_photograph(int width, int height) {
  cv::Mat rgb(height, width, CV_8UC3);
  Random random(3, 1, static_cast<std::int64_t>(width) * height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < 3 * width; ++x)
      rgb.ptr(y)[x] = static_cast<std::uint8_t>((x * 5 + y * 3 + static_cast<int>(random.below(90))) % 256);
  return rgb;
}

PixelPart part_of(const cv::Mat& photograph) {
  return {photograph.ptr(), photograph.step[0], photograph.cols, photograph.rows};
}

// float [1,3,H,W] as the networks take it.
torch::Tensor resized(const cv::Mat& photograph, int width, int height) {
  const cv::Mat dense_copy = photograph.clone();
  const torch::Tensor pixels =
      torch::from_blob(dense_copy.data, {1, photograph.rows, photograph.cols, 3}, torch::kUInt8)
          .permute({0, 3, 1, 2})
          .to(torch::kFloat32)
          .contiguous();
  return (torch::adaptive_avg_pool2d(pixels, {height, width}) - 127.5) * 0.0078125;
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

BOOST_AUTO_TEST_CASE(area_rows_are_adaptive_averages) {
  const cv::Mat photograph = random_photograph(61, 47);
  const struct {
    int x, y, width, height, out_width, out_height;
  } cases[] = {{0, 0, 61, 47, 37, 29}, {5, 3, 50, 40, 24, 24}, {9, 7, 13, 11, 48, 48},
               {60, 46, 1, 1, 24, 24}, {0, 0, 61, 47, 61, 47}, {0, 0, 61, 47, 1, 1}};
  for (const MtcnnKernels* kernels : mtcnn_kernels()) {
    for (const auto& each : cases) {
      const cv::Mat part = photograph(cv::Rect(each.x, each.y, each.width, each.height));
      const torch::Tensor expected = resized(part, each.out_width, each.out_height)[0].permute({1, 2, 0}).contiguous();
      std::vector<std::uint32_t> scratch(static_cast<std::size_t>(each.width) * 7 + 16);
      std::vector<float> row(static_cast<std::size_t>(each.out_width) * 3 + 1);
      for (int y = 0; y < each.out_height; ++y) {
        kernels->area_row(part_of(part), each.out_width, each.out_height, y, scratch.data(), row.data());
        const torch::Tensor found = torch::from_blob(row.data(), {each.out_width, 3});
        BOOST_REQUIRE_LT(largest_difference(found, expected[y]), 1e-6);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(pnet_gives_libtorchs_numbers) {
  at::manual_seed(1);
  const Tensors w = random_pnet();
  const cv::Mat photograph = random_photograph(90, 77);
  for (const MtcnnKernels* kernels : mtcnn_kernels()) {
    const ProposalNetwork network(blobs(w), *kernels);
    ProposalNetwork::Buffers buffers;
    // Both parities of every map, the smallest size, and one after a larger one in the same buffers.
    for (const auto& [width, height] :
         std::vector<std::pair<int, int>>{{54, 47}, {53, 46}, {55, 48}, {12, 12}, {13, 12}, {12, 40}, {90, 77}}) {
      const torch::Tensor x = resized(photograph, width, height);
      const torch::Tensor maps = convolved(w, "3", convolved(w, "2", pooled(convolved(w, "1", x), 2)));
      const torch::Tensor probs =
          torch::softmax(torch::conv2d(maps, w.at("conv4_1.weight"), w.at("conv4_1.bias")), 1)[0][1];
      const torch::Tensor shifts = torch::conv2d(maps, w.at("conv4_2.weight"), w.at("conv4_2.bias"))[0];
      std::vector<ProposalCell> cells;
      network.scan(part_of(photograph), width, height, 0, buffers, cells);
      BOOST_REQUIRE(static_cast<std::int64_t>(cells.size()) == probs.numel());
      double worst = 0;
      std::size_t likely = 0;
      for (const ProposalCell& cell : cells) {
        const auto expected = probs[cell.y][cell.x].item<float>();
        likely += expected >= 0.6F ? 1 : 0;
        worst = std::max<double>(worst, std::abs(cell.probability - expected));
        for (std::int64_t i = 0; i < 4; ++i)
          worst = std::max<double>(
              worst, std::abs(cell.shift[static_cast<std::size_t>(i)] - shifts[i][cell.y][cell.x].item<float>()));
      }
      BOOST_TEST_CONTEXT(kernels->name << ", " << width << "x" << height) BOOST_TEST(worst < 1e-4);
      cells.clear();
      network.scan(part_of(photograph), width, height, 0.6F, buffers, cells);
      BOOST_TEST(std::abs(static_cast<double>(cells.size()) - static_cast<double>(likely)) <= 1);
    }
    // Too small for one cell.
    std::vector<ProposalCell> none;
    network.scan(part_of(photograph), 10, 30, 0, buffers, none);
    BOOST_TEST(none.empty());
  }
}

BOOST_AUTO_TEST_CASE(rnet_and_onet_give_libtorchs_numbers) {
  at::manual_seed(2);
  const Tensors r = random_rnet(), o = random_onet();
  const cv::Mat photograph = random_photograph(120, 100);
  const std::vector<cv::Rect> places = {
      {0, 0, 24, 24}, {3, 5, 48, 48}, {10, 10, 90, 80}, {100, 70, 20, 9}, {7, 7, 5, 5}};
  for (const MtcnnKernels* kernels : mtcnn_kernels()) {
    CandidateNetwork::Buffers buffers;
    for (const bool refinement : {true, false}) {
      const CandidateNetwork network(refinement ? CandidateNetwork::Kind::refinement : CandidateNetwork::Kind::output,
                                     blobs(refinement ? r : o), *kernels);
      BOOST_TEST(network.judge({}, buffers).empty());
      std::vector<PixelPart> parts;
      std::vector<torch::Tensor> inputs;
      for (int i = 0; i < 60; ++i) {  // more than pass at once
        const cv::Mat part = photograph(places[static_cast<std::size_t>(i) % places.size()]);
        parts.push_back(part_of(part));
        inputs.push_back(resized(part, network.side(), network.side()));
      }
      const torch::Tensor x = torch::cat(inputs);
      torch::Tensor heads;
      if (refinement) {
        const torch::Tensor maps = convolved(r, "3", pooled(convolved(r, "2", pooled(convolved(r, "1", x), 3)), 3));
        const torch::Tensor hidden = torch::prelu(dense(r, "dense4", flat(maps)), r.at("prelu4.weight"));
        heads = torch::cat({torch::softmax(dense(r, "dense5_1", hidden), 1), dense(r, "dense5_2", hidden)}, 1);
      } else {
        const torch::Tensor maps = convolved(
            o, "4", pooled(convolved(o, "3", pooled(convolved(o, "2", pooled(convolved(o, "1", x), 3)), 3)), 2));
        const torch::Tensor hidden = torch::prelu(dense(o, "dense5", flat(maps)), o.at("prelu5.weight"));
        heads = torch::cat({torch::softmax(dense(o, "dense6_1", hidden), 1), dense(o, "dense6_2", hidden),
                            dense(o, "dense6_3", hidden)},
                           1);
      }
      const std::vector<FaceVerdict> verdicts = network.judge(parts, buffers);
      BOOST_REQUIRE(verdicts.size() == parts.size());
      double worst = 0;
      for (std::size_t n = 0; n < verdicts.size(); ++n) {
        const torch::Tensor row = heads[static_cast<std::int64_t>(n)];
        const auto compare = [&](float number, std::int64_t place) {
          worst = std::max<double>(worst, std::abs(number - row[place].item<float>()));
        };
        compare(verdicts[n].probability, 1);
        for (std::int64_t i = 0; i < 4; ++i) compare(verdicts[n].shift[static_cast<std::size_t>(i)], 2 + i);
        for (std::int64_t i = 0; i < 10 && !refinement; ++i)
          compare(verdicts[n].landmarks[static_cast<std::size_t>(i)], 6 + i);
      }
      BOOST_TEST_CONTEXT(kernels->name) BOOST_TEST(worst < 1e-4);
    }
  }
}

BOOST_AUTO_TEST_CASE(scales_of_the_pyramid) {
  const std::vector<double> scales = pyramid_scales(350, 300, {});
  BOOST_TEST(scales.size() == 8U);
  BOOST_TEST(scales[0] == 0.6);
  BOOST_TEST(scales[1] == 0.6 * 0.709);
  BOOST_TEST(pyramid_scales(19, 300, {}).empty());
  BOOST_TEST(pyramid_scales(20, 20, {}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(concurrent_calls_give_the_same_faces) {
  at::manual_seed(3);
  const MtcnnWeights weights{blobs(random_pnet()), blobs(random_rnet()), blobs(random_onet())};
  const MtcnnDetector detector({20, {0.5, 0.3, 0.3}, 0.709}, weights);
  const cv::Mat photograph = random_photograph(150, 130);
  const std::vector<MtcnnFace> expected = detector.detect(photograph);
  BOOST_TEST(!expected.empty());
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 3; ++i) {
        (void)detector.detect(random_photograph(60 + 20 * static_cast<int>(t), 90));
        const std::vector<MtcnnFace> faces = detector.detect(photograph);
        const bool same = std::equal(
            faces.begin(), faces.end(), expected.begin(), expected.end(), [](const MtcnnFace& a, const MtcnnFace& b) {
              return a.box.x == b.box.x && a.box.score == b.box.score && a.landmarks == b.landmarks;
            });
        wrong[t] += same ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(node) {
  at::manual_seed(4);
  const auto folder = std::filesystem::temp_directory_path() / ("fergraph-mtcnn-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto made = [&](DetectMtcnn::Params params) {
    params.weights = folder;
    return DetectMtcnn(params);
  };
  BOOST_TEST(fails_with("The folder '" + folder.string() +
                            "' has neither pnet.safetensors nor pnet.pt. Put MTCNN's weights there (facenet-pytorch's "
                            "pnet.pt, rnet.pt and onet.pt), or name the folder that has them in 'weights'.",
                        [&] { made({}); }));
  Tensors pnet = random_pnet();
  write_safetensors(folder / "pnet.safetensors", blobs(random_rnet()));
  write_safetensors(folder / "rnet.safetensors", blobs(random_rnet()));
  write_safetensors(folder / "onet.safetensors", blobs(random_onet()));
  BOOST_TEST(
      fails_with("MTCNN cannot use what is in '" + folder.string() +
                     "'. These weights are not P-Net's: the array 'conv1.weight' is F32 [28, 3, 3, 3] and should "
                     "be F32 [10, 3, 3, 3].",
                 [&] { made({}); }));
  const cv::Mat photograph = random_photograph(100, 100);
  // A face everywhere, or nowhere.
  pnet["conv4_1.bias"] = torch::tensor({-50.0F, 50.0F});
  write_safetensors(folder / "pnet.safetensors", blobs(pnet));
  DetectMtcnn::Params any;
  any.thresholds = {0.6, 1e-6, 1e-6};
  const DetectMtcnn everywhere = made(any);
  const DetectMtcnn::Out out = everywhere.run({{photograph}}, any);
  BOOST_TEST((out.box.value().values[2] > 0 && out.probability.value().value > 0));
  BOOST_TEST(!out.faces.value().all().empty());
  // What the data knows is not looked for: here is no picture.
  const FivePoints known{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
  const DetectMtcnn::Out passed_on = everywhere.run({{}, known, {}}, any);
  BOOST_TEST((passed_on.landmarks.values == known.values));
  BOOST_TEST((!passed_on.box && !passed_on.probability && !passed_on.faces));
  pnet["conv4_1.bias"] = torch::tensor({50.0F, -50.0F});
  write_safetensors(folder / "pnet.safetensors", blobs(pnet));
  const DetectMtcnn nowhere = made({});
  BOOST_TEST(everywhere.fingerprint() != nowhere.fingerprint());
  BOOST_CHECK_THROW(nowhere.run({{photograph}}, {}), Void);
  BOOST_CHECK_THROW(nowhere.run({{random_photograph(9, 9)}}, {}), Void);
  any.thresholds = {0.6};
  BOOST_TEST(
      fails_with("MTCNN needs three 'thresholds', of P-Net, R-Net and O-Net, but there are 1.", [&] { made(any); }));
  any.thresholds = {0.6, 0.7, 1.5};
  BOOST_TEST(fails_with("One of the thresholds is 1.500000; each must lie between 0 and 1.", [&] { made(any); }));
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
