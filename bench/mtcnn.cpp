// Photographs a second of the MTCNN cascade on two threads, each with photographs of its own (as streams run it),
// beside LibTorch's P-Net alone over the same pyramid (two intra-op threads, batches of 8, channels_last) and, with
// python3-torch, beside the whole cascade in Python (bench/peers/mtcnn_peer.py). Photographs are decoded before
// anything is timed.
//
//   bench_mtcnn [folder=$FERGRAPH_FACES or ../shared/faces] [weights=$FERGRAPH_MTCNN or ../shared/models/mtcnn]
//               [photographs=320] [rounds=3]
//
// The folder holds images/*.jpg; of those, the first ones of 350 x 350 pixels count. Each round runs one after the
// other; printed are medians.
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/types.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include "bench/photograph_rates.hpp"
#include "nodes/face/decode.hpp"
#include "nodes/face/detect_mtcnn.hpp"
#include "nodes/tensor_blob.hpp"

namespace {

using namespace fergraph;
using namespace fergraph::bench;

int threads = 2;
constexpr std::int64_t batch = 8;

std::string choice(int count, char** arguments, int place, const char* variable, const char* otherwise) {
  if (count > place) return arguments[place];
  const char* set = std::getenv(variable);
  return set ? set : otherwise;
}

Rate ours(const std::vector<cv::Mat>& photographs, const MtcnnDetector& detector, std::size_t& faces) {
  std::atomic<std::size_t> next{0}, found{0};
  const Rate rate = rate_of(photographs.size(), [&] {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t)
      workers.emplace_back([&] {
        for (std::size_t i = next++; i < photographs.size(); i = next++)
          found += detector.detect(photographs[i]).size();
      });
  });
  faces = found;
  return rate;
}

Rate our_pnet(const std::vector<cv::Mat>& photographs, const ProposalNetwork& network) {
  std::atomic<std::size_t> next{0};
  return rate_of(photographs.size(), [&] {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t)
      workers.emplace_back([&] {
        ProposalNetwork::Buffers buffers;
        std::vector<ProposalCell> cells;
        for (std::size_t i = next++; i < photographs.size(); i = next++) {
          const cv::Mat& photograph = photographs[i];
          cells.clear();
          for (const double scale : pyramid_scales(photograph.cols, photograph.rows, {}))
            network.scan({photograph.ptr(), photograph.step[0], photograph.cols, photograph.rows},
                         static_cast<int>(photograph.cols * scale + 1), static_cast<int>(photograph.rows * scale + 1),
                         0.6F, buffers, cells);
        }
      });
  });
}

// The pyramid is made before: only the convolutions and what stands between them.
Rate torch_pnet(const MtcnnWeights& weights, std::size_t photographs) {
  const at::NoGradGuard no_grad;
  const auto tensor = [&](const std::string& name) {
    const torch::Tensor made = tensor_of(weights.pnet.at(name));
    return made.dim() == 4 ? made.contiguous(torch::MemoryFormat::ChannelsLast) : made;
  };
  const auto layer = [&](const std::string& number, const torch::Tensor& x) {
    static std::map<std::string, torch::Tensor> kept;
    const auto get = [&](const std::string& name) {
      auto [found, is_new] = kept.try_emplace(name);
      if (is_new) found->second = tensor(name);
      return found->second;
    };
    return torch::prelu(torch::conv2d(x, get("conv" + number + ".weight"), get("conv" + number + ".bias")),
                        get("prelu" + number + ".weight"));
  };
  const torch::Tensor score = tensor("conv4_1.weight"), score_bias = tensor("conv4_1.bias");
  const torch::Tensor shift = tensor("conv4_2.weight"), shift_bias = tensor("conv4_2.bias");
  std::vector<torch::Tensor> levels;
  for (const double scale : pyramid_scales(350, 350, {})) {
    const auto side = static_cast<std::int64_t>(350 * scale + 1);
    levels.push_back(torch::rand({batch, 3, side, side}).contiguous(torch::MemoryFormat::ChannelsLast));
  }
  const auto pass = [&] {
    for (const torch::Tensor& level : levels) {
      const torch::Tensor maps = layer("3", layer("2", torch::max_pool2d(layer("1", level), 2, 2, 0, 1, true)));
      (void)torch::softmax(torch::conv2d(maps, score, score_bias), 1);
      (void)torch::conv2d(maps, shift, shift_bias);
    }
  };
  pass();
  const std::size_t passes = std::max<std::size_t>(1, photographs / batch);
  return rate_of(passes * batch, [&] {
    for (std::size_t i = 0; i < passes; ++i) pass();
  });
}

void print(const char* what, const Rate& rate) {
  std::printf("%-38s %8.1f photographs/s  %7.2f ms of processor each\n", what, rate.a_second, rate.milliseconds);
}

}  // namespace

int main(int count, char** arguments) {
  const std::string folder = choice(count, arguments, 1, "FERGRAPH_FACES", FERGRAPH_SOURCE_DIR "/../shared/faces");
  const std::string models =
      choice(count, arguments, 2, "FERGRAPH_MTCNN", FERGRAPH_SOURCE_DIR "/../shared/models/mtcnn");
  const std::size_t wanted = count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 160;
  const int rounds = count > 4 ? std::atoi(arguments[4]) : 3;
  if (!std::filesystem::is_directory(folder + "/images") || !std::filesystem::is_directory(models)) {
    std::printf("Skipped: there are no photographs in %s/images or no weights in %s.\n", folder.c_str(),
                models.c_str());
    return 0;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/images")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<cv::Mat> photographs;
  for (const std::filesystem::path& file : files) {
    if (photographs.size() == wanted) break;
    Decoded decoded = decode_file(file);
    if (decoded && decoded.pixels.cols == 350 && decoded.pixels.rows == 350)
      photographs.push_back(std::move(decoded.pixels));
  }
  if (count > 5) threads = std::atoi(arguments[5]);
  at::set_num_threads(threads);
  const MtcnnWeights weights = read_mtcnn_weights(models);
  const MtcnnDetector detector({}, weights);
  const ProposalNetwork network(weights.pnet);

  std::vector<Rate> whole, pnet, torch, peer;
  std::vector<double> to_torch, to_peer;
  std::size_t faces = 0;
  ours(photographs, detector, faces);
  for (int i = 0; i < rounds; ++i) {
    whole.push_back(ours(photographs, detector, faces));
    pnet.push_back(our_pnet(photographs, network));
    torch.push_back(torch_pnet(weights, photographs.size()));
    peer.push_back(rate_of_peer("mtcnn_peer.py", std::string("'") + folder + "' '" + models + "' " +
                                                     std::to_string(photographs.size()) + " " +
                                                     std::to_string(threads)));
    to_torch.push_back(whole.back().a_second / torch.back().a_second);
    to_peer.push_back(whole.back().a_second / peer.back().a_second);
  }
  std::printf("%zu photographs of 350 x 350, %zu faces found, kernels %s, %d threads, median of %d rounds\n",
              photographs.size(), faces, mtcnn_kernels().front()->name, threads, rounds);
  print("fergraph, the whole cascade", median(whole));
  print("fergraph, P-Net with its resizing", median(pnet));
  print("LibTorch, P-Net alone", median(torch));
  const bool has_peer = median(peer).a_second > 0;
  if (has_peer)
    print("python3-torch, the whole cascade", median(peer));
  else
    std::printf("python3-torch, the whole cascade: skipped, as it needs python3-torch, -torchvision and -pil.\n");
  std::printf("whole cascade to LibTorch's P-Net alone: %.2f\n", median(to_torch));
  if (has_peer) std::printf("whole cascade to that in Python: %.2f\n", median(to_peer));
  return 0;
}
