#include "datasets/synthetic.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <fstream>
#include <mutex>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "datasets/synthetic_face.hpp"

namespace fergraph {

namespace {

namespace fs = std::filesystem;
using synthetic::Random;

constexpr int drawing_version = 1;  // Of the drawing: a change of any pixel makes old sets incomplete.
constexpr int photographs_of_person = 5;
constexpr const char* expression_names[synthetic::expression_count] = {"surprise", "fear",  "disgust", "happiness",
                                                                       "sadness",  "anger", "neutral"};
constexpr const char* table_header =
    "image,expression,split,identity,box_x,box_y,box_width,box_height,left_eye_x,left_eye_y,right_eye_x,right_eye_y,"
    "nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,mouth_right_y\n";

// Streams of random numbers for different things.
constexpr std::uint64_t person_purpose = 1, order_purpose = 2, picture_purpose = 3;

[[noreturn]] void fail(const fs::path& path, const std::string& done) {
  throw std::runtime_error("'" + path.string() + "' cannot be " + done +
                           ". Check the path, its permissions and the free space.");
}

// A reader sees the whole file or none.
void write_file(const fs::path& path, const void* bytes, std::size_t count) {
  const fs::path temporary = path.string() + ".partial";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
    out.close();
    if (!out) fail(temporary, "written");
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) fail(path, "written");
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// What the bytes depend on; not the number of threads.
std::string described(const SyntheticOptions& options) {
  return std::string("version=") + std::to_string(drawing_version) + "\ntrain=" + std::to_string(options.train) +
         "\ntest=" + std::to_string(options.test) + "\nseed=" + std::to_string(options.seed) +
         "\nwidth=" + std::to_string(options.width) + "\n";
}

std::string image_name(int index) {
  char name[32];
  std::snprintf(name, sizeof name, "%05d.jpg", index);
  return name;
}

synthetic::Expression expression_of(std::uint64_t seed, bool test, int place) {
  // Each seven photographs are a shuffle of the seven expressions.
  std::array<int, synthetic::expression_count> order{};
  for (int at = 0; at < synthetic::expression_count; ++at) order[static_cast<std::size_t>(at)] = at;
  Random random(seed, order_purpose + (test ? 16 : 0), static_cast<std::uint64_t>(place / synthetic::expression_count));
  for (int at = synthetic::expression_count - 1; at > 0; --at)
    std::swap(order[static_cast<std::size_t>(at)], order[static_cast<std::size_t>(random.below(at + 1))]);
  return static_cast<synthetic::Expression>(order[static_cast<std::size_t>(place % synthetic::expression_count)]);
}

// Writes one photograph and returns its line of the table.
std::string make_photograph(const SyntheticOptions& options, int index) {
  const bool test = index >= options.train;
  const int place = test ? index - options.train : index;
  const int train_people = (options.train + photographs_of_person - 1) / photographs_of_person;
  const int person = (test ? train_people : 0) + place / photographs_of_person;
  Random of_person(options.seed, person_purpose, static_cast<std::uint64_t>(person));
  Random of_picture(options.seed, picture_purpose, static_cast<std::uint64_t>(index));
  const synthetic::Expression expression = expression_of(options.seed, test, place);
  const synthetic::Photograph photograph =
      synthetic::take_photograph(synthetic::random_identity(of_person), expression, options.width, of_picture);

  const std::string name = std::string("images/") + image_name(index);
  std::vector<uchar> bytes;
  if (!cv::imencode(".jpg", photograph.image, bytes, {cv::IMWRITE_JPEG_QUALITY, photograph.quality}))
    fail(options.directory / name, "encoded as a JPEG");
  write_file(options.directory / name, bytes.data(), bytes.size());

  std::string line = name + "," + expression_names[static_cast<std::size_t>(expression)] +
                     (test ? ",test," : ",train,") + std::to_string(person);
  for (const int value : {photograph.box.x, photograph.box.y, photograph.box.width, photograph.box.height})
    line.append(",").append(std::to_string(value));
  // One decimal, by integers: printf's depends on the locale.
  const auto decimal = [](float value) {
    const int tenths = cvRound(value * 10);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
  };
  for (const cv::Point2f& point : photograph.landmarks)
    line.append(",").append(decimal(point.x)).append(",").append(decimal(point.y));
  return line + "\n";
}

// The photographs are the parallel unit: OpenCV's own threads would only get in the way of ours.
class SingleThreadedOpenCv {
 public:
  SingleThreadedOpenCv() : before_(cv::getNumThreads()) { cv::setNumThreads(1); }
  ~SingleThreadedOpenCv() { cv::setNumThreads(before_); }
  SingleThreadedOpenCv(const SingleThreadedOpenCv&) = delete;
  SingleThreadedOpenCv& operator=(const SingleThreadedOpenCv&) = delete;

 private:
  int before_;
};

void check(const SyntheticOptions& options) {
  constexpr int most = 10'000'000, narrowest = 96, widest = 640;
  if (options.directory.empty()) throw std::invalid_argument("No folder is named for the synthetic faces; name one.");
  for (const auto& [name, count] : {std::pair{"train", options.train}, std::pair{"test", options.test}}) {
    if (count < 0 || count > most)
      throw std::invalid_argument(std::string("The number of photographs to ") + name + " is " + std::to_string(count) +
                                  "; it must be from 0 to " + std::to_string(most) + ".");
  }
  if (options.train + options.test == 0)
    throw std::invalid_argument("No photographs are asked for; ask for at least one to train or to test.");
  if (options.width < narrowest || options.width > widest)
    throw std::invalid_argument("The width of the photographs is " + std::to_string(options.width) +
                                "; it must be from " + std::to_string(narrowest) + " to " + std::to_string(widest) +
                                " pixels.");
  if (options.threads < 0)
    throw std::invalid_argument("The number of threads is " + std::to_string(options.threads) +
                                "; it must not be negative (0: one for each processor).");
}

// Removes what an earlier set or an interrupted writing has left and this set does not name.
void remove_surplus(const fs::path& images, int total) {
  for (const fs::directory_entry& entry : fs::directory_iterator(images)) {
    const std::string name = entry.path().filename().string();
    const std::size_t digits = name.find_first_not_of("0123456789");
    const bool ours = digits != std::string::npos && digits >= 5 && digits < 10 &&
                      (name.substr(digits) == ".jpg" || name.substr(digits) == ".jpg.partial");
    if (ours && (name.ends_with(".partial") || std::stol(name) >= total)) fs::remove(entry.path());
  }
}

}  // namespace

bool write_synthetic_faces(const SyntheticOptions& options, const std::function<void(int done, int total)>& progress) {
  check(options);
  const fs::path table = options.directory / "faces.csv", marker = options.directory / "faces.options";
  const fs::path images = options.directory / "images";
  const std::string description = described(options);
  if (fs::exists(table) && read_file(marker) == description) return false;

  std::error_code error;
  fs::create_directories(images, error);
  if (error) fail(images, "made");
  // Without the table the set counts as incomplete while its photographs change.
  fs::remove(table, error);
  if (error) fail(table, "removed");
  write_file(marker, description.data(), description.size());

  const int total = options.train + options.test;
  std::vector<std::string> lines(static_cast<std::size_t>(total));
  std::atomic<int> next = 0;
  std::atomic<bool> stop = false;
  std::mutex mutex;  // Guards done and failure, and keeps progress to one thread at a time.
  int done = 0;
  std::exception_ptr failure;
  const auto work = [&] {
    constexpr int report_every = 32;
    try {
      for (int index = next++; index < total && !stop; index = next++) {
        lines[static_cast<std::size_t>(index)] = make_photograph(options, index);
        const std::scoped_lock lock(mutex);
        ++done;
        if (progress && (done % report_every == 0 || done == total)) progress(done, total);
      }
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!failure) failure = std::current_exception();
      stop = true;
    }
  };
  const int wanted = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  {
    const SingleThreadedOpenCv guard;
    std::vector<std::jthread> threads;
    for (int thread = 1; thread < std::clamp(wanted, 1, total); ++thread) threads.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);

  remove_surplus(images, total);
  std::string text = table_header;
  for (const std::string& line : lines) text += line;
  write_file(table, text.data(), text.size());
  return true;
}

}  // namespace fergraph
