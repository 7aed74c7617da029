// What travels along the edges of a graph: any default-constructible C++ type that names its meaning.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fergraph {

/// Numbers of a value, row-major, for records and comparisons: float64, or int64 for discrete values.
struct NumericArray {
  std::vector<std::int64_t> shape;  // empty for one number
  std::variant<std::vector<double>, std::vector<std::int64_t>> values;

  bool is_integer() const { return values.index() == 1; }
  std::size_t size() const {
    return std::visit([](const auto& numbers) { return numbers.size(); }, values);
  }
  double at(std::size_t i) const {
    return std::visit([&](const auto& numbers) { return static_cast<double>(numbers[i]); }, values);
  }
  static NumericArray number(double value) { return {{}, std::vector<double>{value}}; }
  static NumericArray integer(std::int64_t value) { return {{}, std::vector<std::int64_t>{value}}; }
};

/// A type of edges: `static constexpr std::string_view type_name` gives its meaning ("Logits"); a type that can be
/// recorded has `NumericArray numbers() const`. Copies are taken at every edge and must be cheap (a handle).
template <class T>
concept Value = std::default_initializable<T> && std::copyable<T> && requires {
  { T::type_name } -> std::convertible_to<std::string_view>;
};

/// How memory of an erased type is made, reset and destroyed.
struct TypeOperations {
  std::size_t size;
  std::size_t alignment;
  void (*construct)(void*);
  void (*destroy)(void*) noexcept;
  void (*reset)(void*);  // back to what construct made; releases what the object held
};

template <class T>
inline constexpr TypeOperations operations_of = {sizeof(T), alignof(T), [](void* memory) { new (memory) T(); },
                                                 [](void* object) noexcept { static_cast<T*>(object)->~T(); },
                                                 [](void* object) { *static_cast<T*>(object) = T(); }};

/// A type of edges, erased. Two types are equal when their addresses are.
struct ValueType {
  std::string_view name;
  TypeOperations operations;
  NumericArray (*numbers)(const void*);  // nullptr where the type cannot be recorded
};

namespace detail {
template <Value T>
constexpr auto numbers_of() -> NumericArray (*)(const void*) {
  if constexpr (requires(const T& value) {
                  { value.numbers() } -> std::same_as<NumericArray>;
                })
    return [](const void* value) { return static_cast<const T*>(value)->numbers(); };
  else
    return nullptr;
}
}  // namespace detail

template <Value T>
inline constexpr ValueType value_type = {T::type_name, operations_of<T>, detail::numbers_of<T>()};

/// Memory for one object of an erased type.
class Box {
 public:
  Box() = default;
  explicit Box(const TypeOperations& operations)
      : operations_(&operations), object_(::operator new(operations.size, std::align_val_t(operations.alignment))) {
    operations.construct(object_);
  }
  Box(Box&& other) noexcept
      : operations_(std::exchange(other.operations_, nullptr)), object_(std::exchange(other.object_, nullptr)) {}
  Box& operator=(Box&& other) noexcept {
    std::swap(operations_, other.operations_);
    std::swap(object_, other.object_);
    return *this;
  }
  ~Box() {
    if (!object_) return;
    operations_->destroy(object_);
    ::operator delete(object_, std::align_val_t(operations_->alignment));
  }
  void* get() const { return object_; }

 private:
  const TypeOperations* operations_ = nullptr;
  void* object_ = nullptr;
};

}  // namespace fergraph
