// Contracts: what a node takes, gives, is set by and uses, told once by member pointers. The one source for the checks,
// `fergraph nodes`, the reference page and the schema.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <typeindex>
#include <variant>
#include <vector>

#include "graph/node_type.hpp"

namespace fergraph {

namespace detail {

struct Nothing {};
template <class N>
struct InOf {
  using type = Nothing;
};
template <class N>
requires requires { typename N::In; }
struct InOf<N> {
  using type = typename N::In;
};
template <class N>
struct OutOf {
  using type = Nothing;
};
template <class N>
requires requires { typename N::Out; }
struct OutOf<N> {
  using type = typename N::Out;
};
template <class N>
struct ParamsOf {
  using type = Nothing;
};
template <class N>
requires requires { typename N::Params; }
struct ParamsOf<N> {
  using type = typename N::Params;
};
template <class N>
struct StateOf {
  using type = Nothing;
};
template <class N>
requires requires { typename N::State; }
struct StateOf<N> {
  using type = typename N::State;
};

template <class Owner, class T>
std::size_t offset_of(T Owner::*member) {
  const Owner owner{};
  return static_cast<std::size_t>(reinterpret_cast<const char*>(&(owner.*member)) -
                                  reinterpret_cast<const char*>(&owner));
}

std::vector<PortForm> read_forms(const std::string& shape, const std::vector<const ValueType*>& types);

// A value as it sits in a port: T, or a variant of several.
template <class T>
struct Slot {
  static std::vector<const ValueType*> types() { return {&value_type<T>}; }
  static void set(T& slot, std::size_t, const void* value) { slot = *static_cast<const T*>(value); }
};
template <class... Ts>
struct Slot<std::variant<Ts...>> {
  static std::vector<const ValueType*> types() { return {&value_type<Ts>...}; }
  static void set(std::variant<Ts...>& slot, std::size_t form, const void* value) {
    std::size_t i = 0;
    (void)((i++ == form ? (slot = *static_cast<const Ts*>(value), true) : false) || ...);
  }
};

template <class T>
struct InputShape {
  static constexpr bool optional = false, list = false, weighted = false, view = false;
  static std::vector<const ValueType*> types() { return Slot<T>::types(); }
  static void assign(void* member, std::size_t form, const void* value, double) {
    Slot<T>::set(*static_cast<T*>(member), form, value);
  }
};
template <class T>
struct InputShape<std::optional<T>> : InputShape<T> {
  static constexpr bool optional = true;
  static void assign(void* member, std::size_t form, const void* value, double) {
    Slot<T>::set(static_cast<std::optional<T>*>(member)->emplace(), form, value);
  }
};
template <class T>
struct InputShape<std::vector<T>> : InputShape<T> {
  static constexpr bool list = true;
  static void assign(void* member, std::size_t form, const void* value, double) {
    Slot<T>::set(static_cast<std::vector<T>*>(member)->emplace_back(), form, value);
  }
};
template <class T>
struct InputShape<std::vector<Weighted<T>>> {
  static constexpr bool optional = false, list = true, weighted = true, view = false;
  static std::vector<const ValueType*> types() { return Slot<T>::types(); }
  static void assign(void* member, std::size_t, const void* value, double weight) {
    static_cast<std::vector<Weighted<T>>*>(member)->push_back({*static_cast<const T*>(value), weight});
  }
};
template <class T>
struct InputShape<View<T>> {
  static constexpr bool optional = false, list = false, weighted = false, view = true;
  static std::vector<const ValueType*> types() { return Slot<T>::types(); }
  static void assign(void*, std::size_t, const void*, double) {}
};

template <class T>
struct OutputShape {
  using type = T;
  static const void* value(const void* member) { return member; }
};
template <class T>
struct OutputShape<std::optional<T>> {
  using type = T;
  static const void* value(const void* member) {
    const auto& held = *static_cast<const std::optional<T>*>(member);
    return held ? &*held : nullptr;
  }
};

template <class Reference>
struct StateReference;
template <class T>
struct StateReference<Read<T>> {
  using type = T;
  static constexpr bool optional = false, list = false, depends = false;
  static constexpr Access access = Access::read;
  static void assign(void* member, fergraph::State& state) {
    *static_cast<Read<T>*>(member) = Read<T>(dynamic_cast<T&>(state));
  }
};
template <class T>
struct StateReference<Write<T>> {
  using type = T;
  static constexpr bool optional = false, list = false, depends = false;
  static constexpr Access access = Access::write;
  static void assign(void* member, fergraph::State& state) {
    *static_cast<Write<T>*>(member) = Write<T>(dynamic_cast<T&>(state));
  }
};
template <class T>
struct StateReference<Use<T>> {
  using type = T;
  static constexpr bool optional = false, list = false, depends = true;
  static constexpr Access access = Access::write;
  static void assign(void* member, fergraph::State& state) {
    *static_cast<Use<T>*>(member) = Use<T>(dynamic_cast<T&>(state));
  }
};
template <class Reference>
struct StateReference<std::optional<Reference>> : StateReference<Reference> {
  static constexpr bool optional = true;
  static void assign(void* member, fergraph::State& state) {
    StateReference<Reference>::assign(&static_cast<std::optional<Reference>*>(member)->emplace(), state);
  }
};
template <class Reference>
struct StateReference<std::vector<Reference>> : StateReference<Reference> {
  static constexpr bool list = true;
  static void assign(void* member, fergraph::State& state) {
    StateReference<Reference>::assign(&static_cast<std::vector<Reference>*>(member)->emplace_back(), state);
  }
};

// Calls run with those of (in, params, states, context) that it takes, in this order.
template <class N, class I, class P, class S>
decltype(auto) call_run(N& node, const I& in, const P& params, S& states, const Context& context) {
  if constexpr (requires { node.run(in, params, states, context); })
    return node.run(in, params, states, context);
  else if constexpr (requires { node.run(in, params, states); })
    return node.run(in, params, states);
  else if constexpr (requires { node.run(in, params, context); })
    return node.run(in, params, context);
  else if constexpr (requires { node.run(in, states, context); })
    return node.run(in, states, context);
  else if constexpr (requires { node.run(params, states, context); })
    return node.run(params, states, context);
  else if constexpr (requires { node.run(in, params); })
    return node.run(in, params);
  else if constexpr (requires { node.run(in, states); })
    return node.run(in, states);
  else if constexpr (requires { node.run(in, context); })
    return node.run(in, context);
  else if constexpr (requires { node.run(params, states); })
    return node.run(params, states);
  else if constexpr (requires { node.run(params, context); })
    return node.run(params, context);
  else if constexpr (requires { node.run(states); })
    return node.run(states);
  else if constexpr (requires { node.run(in); })
    return node.run(in);
  else if constexpr (requires { node.run(context); })
    return node.run(context);
  else if constexpr (requires { node.run(params); })
    return node.run(params);
  else
    return node.run();
}

}  // namespace detail

/// Describes the node type N: structs In, Out, Params and State (each may be left out) and
/// `Out run(in, params, states, context) const`, of which a node declares those arguments that it needs, in this order.
/// N is made once per run from nothing, from (Params), or from (Params, Preparation); what it holds is read-only (a
/// source's open file). A source has `int64 size() const` and optionally `labels()`, `sample_name(i)`; a sink has
/// a `run` that need not be const, `finish()` and optionally `write_void`, `up_to_date`, `pending`, `disk_need`.
template <class N>
class Contract {
 public:
  using In = typename detail::InOf<N>::type;
  using Out = typename detail::OutOf<N>::type;
  using Params = typename detail::ParamsOf<N>::type;
  using States = typename detail::StateOf<N>::type;

  Contract(std::string name, std::string doc) {
    type_.name = std::move(name);
    type_.doc = std::move(doc);
    type_.in = &operations_of<In>;
    type_.out = &operations_of<Out>;
    type_.parameter_struct = &operations_of<Params>;
    type_.state_struct = &operations_of<States>;
    type_.prepare = [](const void* parameters, const Preparation& preparation) -> std::shared_ptr<void> {
      const Params& params = *static_cast<const Params*>(parameters);
      if constexpr (std::constructible_from<N, const Params&, const Preparation&>)
        return std::make_shared<N>(params, preparation);
      else if constexpr (std::constructible_from<N, const Params&> && !std::same_as<Params, detail::Nothing>)
        return std::make_shared<N>(params);
      else
        return std::make_shared<N>();
    };
    bind_run();
    bind_stream_roles();
  }

  /// Sources, rules and errors, beyond the one-line doc.
  Contract&& details(std::string text) && {
    type_.details = std::move(text);
    return std::move(*this);
  }

  /// `shape` names dtype and symbolic axes ("float [N,C]"); alternatives of a variant are separated by " or ".
  template <class T>
  Contract&& in(T In::*member, std::string name, std::string shape, std::string doc) && {
    using Shape = detail::InputShape<T>;
    InputPort port;
    port.forms = detail::read_forms(shape, Shape::types());
    port.name = std::move(name);
    port.shape = std::move(shape);
    port.doc = std::move(doc);
    port.is_optional = Shape::optional;
    port.is_list = Shape::list;
    port.is_weighted = Shape::weighted;
    port.is_view = Shape::view;
    port.offset = detail::offset_of(member);
    port.assign = &Shape::assign;
    if constexpr (Shape::view)
      port.assign_view = [](void* at, StreamReader& reader, std::size_t item) {
        *static_cast<T*>(at) = T(reader, item);
      };
    type_.inputs.push_back(std::move(port));
    return std::move(*this);
  }

  template <class T>
  Contract&& out(T Out::*member, std::string name, std::string shape, std::string doc) && {
    using Shape = detail::OutputShape<T>;
    OutputPort port;
    port.form = detail::read_forms(shape, {&value_type<typename Shape::type>}).front();
    port.name = std::move(name);
    port.shape = std::move(shape);
    port.doc = std::move(doc);
    port.offset = detail::offset_of(member);
    port.value = &Shape::value;
    type_.outputs.push_back(std::move(port));
    return std::move(*this);
  }

  /// The output `name` can also be read in parts, `node.name[i]`, that follow the entries of the list input `input`.
  template <class T>
  Contract&& parts(std::vector<T> Out::*member, const std::string& name, const std::string& input) && {
    for (OutputPort& port : type_.outputs) {
      if (port.name != name) continue;
      if (port.form.type != &value_type<T>) throw std::logic_error("The parts of '" + name + "' must have its type.");
      port.parts_of = input;
      port.parts_offset = detail::offset_of(member);
      port.part = [](const void* at, std::size_t i) -> const void* {
        const auto& parts = *static_cast<const std::vector<T>*>(at);
        return i < parts.size() ? &parts[i] : nullptr;
      };
    }
    return std::move(*this);
  }

  /// Options: limits (in_range, at_least, above) and `required`. The member may be one of a base of Params.
  template <class Owner, class T, class... Options>
  Contract&& param(T Owner::*inherited, std::string name, std::string doc, const Options&... options) && {
    T Params::*member = inherited;
    type_.parameters.push_back(detail::describe_parameter(member, std::move(name), std::move(doc), options...));
    return std::move(*this);
  }

  template <class R>
  Contract&& state(R States::*member, std::string name, std::string doc) && {
    static_assert(!detail::StateReference<R>::depends, "a Use<> state needs a function that tells its access");
    add_state(member, std::move(name), std::move(doc), {});
    return std::move(*this);
  }
  template <class R>
  Contract&& state(R States::*member, std::string name, std::string doc, Access (*access)(const Params&)) && {
    add_state(member, std::move(name), std::move(doc),
              [access](const void* parameters) { return access(*static_cast<const Params*>(parameters)); });
    return std::move(*this);
  }

  /// The entries of two list ports or states belong together in pairs, so the check wants as many of one as of the
  /// other.
  Contract&& in_pairs(std::string first, std::string second) && {
    type_.equal_counts.emplace_back(std::move(first), std::move(second));
    return std::move(*this);
  }

  NodeType type() && { return std::move(type_); }

 private:
  template <class R>
  void add_state(R States::*member, std::string name, std::string doc, std::function<Access(const void*)> access) {
    using Reference = detail::StateReference<R>;
    StatePort port;
    port.name = std::move(name);
    port.doc = std::move(doc);
    port.kind_doc = std::string(Reference::type::kind_name);
    port.type = typeid(typename Reference::type);
    port.is_optional = Reference::optional;
    port.is_list = Reference::list;
    port.access = Reference::access;
    port.access_depends = Reference::depends;
    port.access_of = std::move(access);
    port.offset = detail::offset_of(member);
    port.assign = &Reference::assign;
    type_.states.push_back(std::move(port));
  }

  void bind_run() {
    type_.run = [](void* node, const void* in, void* out, const void* parameters, void* states,
                   const Context& context) {
      // Only a sink may change between calls: it is called by one thread at a time.
      using Self = std::conditional_t < requires(N & sink) { sink.finish(); }
      , N, const N > ;
      Self& self = *static_cast<N*>(node);
      const In& input = *static_cast<const In*>(in);
      const Params& params = *static_cast<const Params*>(parameters);
      States& state = *static_cast<States*>(states);
      using Result = decltype(detail::call_run(self, input, params, state, context));
      if constexpr (std::is_void_v<Result>)
        detail::call_run(self, input, params, state, context);
      else
        *static_cast<Out*>(out) = detail::call_run(self, input, params, state, context);
    };
  }

  void bind_stream_roles() {
    if constexpr (requires(const N& node) { node.size(); })
      type_.size = [](const void* node) { return static_cast<std::int64_t>(static_cast<const N*>(node)->size()); };
    if constexpr (requires(const N& node) { node.labels(); })
      type_.labels = [](const void* node) { return static_cast<const N*>(node)->labels(); };
    if constexpr (requires(const N& node) { node.sample_name(std::int64_t{}); })
      type_.sample_name = [](const void* node, std::int64_t sample) {
        return static_cast<const N*>(node)->sample_name(sample);
      };
    if constexpr (requires(const N& node) { node.fingerprint(); })
      type_.fingerprint = [](const void* node) { return static_cast<const N*>(node)->fingerprint(); };
    if constexpr (requires(const N& node, const SampleRange& range) { node.fingerprint(range); })
      type_.source_fingerprint = [](const void* node, const SampleRange& range) {
        return static_cast<const N*>(node)->fingerprint(range);
      };
    if constexpr (requires(const N& node) { node.sample_bytes(); })
      type_.sample_bytes = [](const void* node) {
        return static_cast<std::int64_t>(static_cast<const N*>(node)->sample_bytes());
      };
    if constexpr (requires(N & node) { node.finish(); })
      type_.finish = [](void* node) { static_cast<N*>(node)->finish(); };
    if constexpr (requires(N & node, const VoidSample& sample) { node.write_void(sample); })
      type_.write_void = [](void* node, const VoidSample& sample) { static_cast<N*>(node)->write_void(sample); };
    if constexpr (requires(const N& node) { node.up_to_date(); })
      type_.up_to_date = [](const void* node) { return static_cast<const N*>(node)->up_to_date(); };
    if constexpr (requires(const N& node) { node.pending(); })
      type_.pending = [](const void* node) { return static_cast<const N*>(node)->pending(); };
    if constexpr (requires(const N& node) { node.disk_need(); })
      type_.disk_need = [](const void* node) { return static_cast<const N*>(node)->disk_need(); };
  }

  NodeType type_;
};

namespace detail {
template <class T>
struct LinkShape;
template <class T>
struct LinkShape<T*> {
  using type = T;
  static constexpr bool list = false;
  static void assign(void* member, State& state) { *static_cast<T**>(member) = &dynamic_cast<T&>(state); }
};
template <class T>
struct LinkShape<std::vector<T*>> {
  using type = T;
  static constexpr bool list = true;
  static void assign(void* member, State& state) {
    static_cast<std::vector<T*>*>(member)->push_back(&dynamic_cast<T&>(state));
  }
};
template <class S>
struct LinksOf {
  using type = Nothing;
};
template <class S>
requires requires { typename S::Links; }
struct LinksOf<S> {
  using type = typename S::Links;
};
}  // namespace detail

enum class LinkNeed { always, optional };

/// Describes the state kind S: made as S(params, links, scope); `Params` and `Links` (pointers to other states) are its
/// structs, `static constexpr std::string_view kind_name` its name for readers.
template <class S>
class StateContract {
 public:
  using Params = typename detail::ParamsOf<S>::type;
  using Links = typename detail::LinksOf<S>::type;

  StateContract(std::string name, std::string doc) {
    type_.name = std::move(name);
    type_.doc = std::move(doc);
    type_.types.emplace_back(typeid(S));
    type_.parameter_struct = &operations_of<Params>;
    type_.link_struct = &operations_of<Links>;
    type_.make = [](const void* parameters, const void* links, const StateScope& scope) -> std::unique_ptr<State> {
      return std::make_unique<S>(*static_cast<const Params*>(parameters), *static_cast<const Links*>(links), scope);
    };
  }
  template <class T, class... Options>
  StateContract&& param(T Params::*member, std::string name, std::string doc, const Options&... options) && {
    type_.parameters.push_back(detail::describe_parameter(member, std::move(name), std::move(doc), options...));
    return std::move(*this);
  }
  /// `owns`: a node that writes this state writes the linked ones too.
  template <class T>
  StateContract&& link(T Links::*member, std::string name, std::string doc, LinkNeed need, bool owns) && {
    using Shape = detail::LinkShape<T>;
    type_.links.push_back({std::move(name), std::move(doc), typeid(typename Shape::type), need == LinkNeed::optional,
                           Shape::list, owns, detail::offset_of(member), &Shape::assign});
    return std::move(*this);
  }
  /// Nodes may take it as its base class too.
  template <class Base>
  StateContract&& as() && {
    static_assert(std::derived_from<S, Base>);
    type_.types.emplace_back(typeid(Base));
    return std::move(*this);
  }
  StateType type() && { return std::move(type_); }

 private:
  StateType type_;
};

}  // namespace fergraph
