#include "graph/trace.hpp"

#include <tbb/enumerable_thread_specific.h>

#include <atomic>
#include <fstream>
#include <vector>

namespace fergraph {
namespace {

// Names come from files and may hold quotes.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

struct Span {
  std::string_view name;
  std::string_view category;
  Trace::Clock::time_point begin;
  Trace::Clock::time_point end;
  std::int64_t id;
};

}  // namespace

struct Trace::Buffers {
  struct Thread {
    int number;
    std::vector<Span> spans;
  };
  std::atomic<int> threads{0};
  tbb::enumerable_thread_specific<Thread> of_threads{[this] { return Thread{threads++, {}}; }};
};

Trace::Trace() : buffers_(std::make_unique<Buffers>()) {}
Trace::~Trace() = default;

void Trace::span(std::string_view name, std::string_view category, Clock::time_point begin, Clock::time_point end,
                 std::int64_t id) {
  buffers_->of_threads.local().spans.push_back({name, category, begin, end, id});
}

void Trace::write(const std::filesystem::path& file) const {
  const std::filesystem::path partial = file.string() + ".partial";
  {
    std::ofstream out(partial);
    const auto microseconds = [](auto duration) { return std::chrono::duration<double, std::micro>(duration).count(); };
    out.precision(3);
    out << std::fixed << "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";
    bool first = true;
    for (const Buffers::Thread& thread : buffers_->of_threads) {
      out << (first ? "" : ",\n") << R"({"ph":"M","pid":1,"tid":)" << thread.number
          << R"(,"name":"thread_name","args":{"name":"thread )" << thread.number << "\"}}";
      first = false;
      for (const Span& span : thread.spans)
        out << ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":" << thread.number << ",\"name\":\"" << escaped(span.name)
            << "\",\"cat\":\"" << span.category << "\",\"ts\":" << microseconds(span.begin - start_)
            << ",\"dur\":" << microseconds(span.end - span.begin) << ",\"args\":{\"id\":" << span.id << "}}";
    }
    out << "\n]}\n";
    out.flush();
    if (!out)
      throw std::runtime_error("The trace could not be written to '" + partial.string() +
                               "'. Check the folder and the free space.");
  }
  std::filesystem::rename(partial, file);
}

}  // namespace fergraph
