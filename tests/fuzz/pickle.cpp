// The stack machine that reads pickles: whatever the program, a Pickle whose parts fit together or a PickleError.
#include "nodes/network/pickle.hpp"

#include "tests/fuzz/input.hpp"

using namespace fergraph;

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // Clang 14 does not deduce it

void expect_sound(const Pickle& pickle) {
  const auto known = [&](PickleId id) { fuzz::expect(id < pickle.values.size(), "a value refers to none"); };
  known(pickle.root);
  for (const PickleValue& value : pickle.values)
    std::visit(Overloaded{[&](const PickleTuple& tuple) {
                            for (const PickleId id : tuple.items) known(id);
                          },
                          [&](const PickleList& list) {
                            for (const PickleId id : list.items) known(id);
                          },
                          [&](const PickleDict& dict) {
                            for (const PickleId id : dict.items) known(id);
                            fuzz::expect(dict.items.size() % 2 == 0, "a key has no value");
                          },
                          [&](const PickleTensor& tensor) {
                            known(tensor.storage);
                            const auto* storage = std::get_if<PickleStorage>(&pickle[tensor.storage]);
                            fuzz::expect(storage, "a tensor's storage is none");
                            fuzz::expect(tensor.shape.size() == tensor.strides.size(), "a tensor lacks strides");
                            std::uint64_t last = tensor.offset;
                            for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
                              fuzz::expect(tensor.shape[i] >= 0 && tensor.strides[i] >= 0, "a tensor goes backwards");
                              if (tensor.shape[i] == 0) return;
                              last += static_cast<std::uint64_t>(tensor.shape[i] - 1) *
                                      static_cast<std::uint64_t>(tensor.strides[i]);
                            }
                            fuzz::expect(last < storage->view_elements, "a tensor leaves its storage");
                          },
                          [](const auto&) {}},
               value);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    // One after the other, as legacy checkpoints have them.
    for (std::size_t at = 0; at < size;) {
      const Pickle pickle = read_pickle(bytes, at);
      fuzz::expect(pickle.end > at && pickle.end <= size, "the pickle ends before or behind its bytes");
      expect_sound(pickle);
      at = pickle.end;
    }
  } catch (const PickleError&) {
  }
  return 0;
}
