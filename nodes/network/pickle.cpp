#include "nodes/network/pickle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <optional>
#include <unordered_map>

namespace fergraph {
namespace {

constexpr const char* remedy =
    "Load the file in a Python that trusts it and save its state dict alone: torch.save(model.state_dict(), FILE)";

constexpr std::size_t longest_key = 256;  // PyTorch's are short numbers

constexpr std::array<PickleGlobal, 16> known_globals = {{
    {PickleClass::ordered_dict, "collections.OrderedDict", {}, 0},
    {PickleClass::size, "torch.Size", {}, 0},
    {PickleClass::rebuild_tensor, "torch._utils._rebuild_tensor", {}, 0},
    {PickleClass::rebuild_tensor_v2, "torch._utils._rebuild_tensor_v2", {}, 0},
    {PickleClass::rebuild_parameter, "torch._utils._rebuild_parameter", {}, 0},
    {PickleClass::storage, "torch.FloatStorage", "F32", 4},
    {PickleClass::storage, "torch.DoubleStorage", "F64", 8},
    {PickleClass::storage, "torch.HalfStorage", "F16", 2},
    {PickleClass::storage, "torch.BFloat16Storage", "BF16", 2},
    {PickleClass::storage, "torch.LongStorage", "I64", 8},
    {PickleClass::storage, "torch.IntStorage", "I32", 4},
    {PickleClass::storage, "torch.ShortStorage", "I16", 2},
    {PickleClass::storage, "torch.CharStorage", "I8", 1},
    {PickleClass::storage, "torch.ByteStorage", "U8", 1},
    {PickleClass::storage, "torch.BoolStorage", "BOOL", 1},
    {PickleClass::storage, "torch.storage.UntypedStorage", "U8", 1},
}};

// Opcodes by pickletools' names.
enum Opcode : unsigned char {
  MARK = '(',
  STOP = '.',
  POP = '0',
  POP_MARK = '1',
  BINFLOAT = 'G',
  INT = 'I',
  BININT = 'J',
  BININT1 = 'K',
  LONG = 'L',
  BININT2 = 'M',
  NONE = 'N',
  BINPERSID = 'Q',
  REDUCE = 'R',
  BINSTRING = 'T',
  SHORT_BINSTRING = 'U',
  UNICODE = 'V',
  BINUNICODE = 'X',
  EMPTY_LIST = ']',
  APPEND = 'a',
  BUILD = 'b',
  GLOBAL = 'c',
  DICT = 'd',
  EMPTY_DICT = '}',
  APPENDS = 'e',
  GET = 'g',
  BINGET = 'h',
  LONG_BINGET = 'j',
  LIST = 'l',
  EMPTY_TUPLE = ')',
  PUT = 'p',
  BINPUT = 'q',
  LONG_BINPUT = 'r',
  SETITEM = 's',
  TUPLE = 't',
  SETITEMS = 'u',
  BINBYTES = 'B',
  SHORT_BINBYTES = 'C',
  PROTO = 0x80,
  TUPLE1 = 0x85,
  TUPLE2 = 0x86,
  TUPLE3 = 0x87,
  NEWTRUE = 0x88,
  NEWFALSE = 0x89,
  LONG1 = 0x8a,
  SHORT_BINUNICODE = 0x8c,
  BINUNICODE8 = 0x8d,
  STACK_GLOBAL = 0x93,
  MEMOIZE = 0x94,
  FRAME = 0x95
};

// What stands in a file of somebody else's, fit for a terminal.
std::string printable(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string shown;
  for (const char c : text.substr(0, longest)) shown += c >= 0x20 && c < 0x7F ? c : '?';
  return text.size() > longest ? shown + "…" : shown;
}

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, std::size_t begin, const PickleLimits& limits)
      : bytes_(bytes), at_(begin), end_(std::min(bytes.size(), begin + limits.bytes)), limits_(limits) {}

  Pickle run() {
    while (step()) {
    }
    if (stack_.size() != 1) fail("the pickle ends with " + std::to_string(stack_.size()) + " values instead of one");
    pickle_.root = stack_.back();
    pickle_.end = at_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw PickleError("at byte " + std::to_string(opcode_at_) + " " + what);
  }
  [[noreturn]] void damaged(const std::string& what) const { fail(what + ", so the file is damaged"); }

  // ---- bytes
  std::string_view take(std::uint64_t count) {
    if (count > end_ - at_) {
      if (end_ < bytes_.size() && count <= bytes_.size() - at_)
        fail("the pickle goes on beyond the limit of " + std::to_string(limits_.bytes) + " bytes. " + remedy);
      fail("the pickle is cut short");
    }
    const auto* begin = reinterpret_cast<const char*>(bytes_.data() + at_);
    at_ += static_cast<std::size_t>(count);
    return {begin, static_cast<std::size_t>(count)};
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view text = take(size);
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
    return value;
  }
  std::string_view line() {
    const auto* begin = reinterpret_cast<const char*>(bytes_.data() + at_);
    const void* found = at_ < end_ ? std::memchr(begin, '\n', end_ - at_) : nullptr;
    if (!found) {
      at_ = end_;
      take(1);
    }
    const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - begin);
    return take(length + 1).substr(0, length);
  }
  std::int64_t decimal(std::string_view text) {
    const bool negative = text.starts_with('-');
    std::int64_t value = 0;
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > 18) damaged("the number '" + printable(text) + "' cannot be read");
    for (const char c : text) {
      if (c < '0' || c > '9') damaged("the number '" + printable(text) + "' cannot be read");
      value = value * 10 + (c - '0');
    }
    return negative ? -value : value;
  }

  // ---- stack, marks and memo
  PickleId make(PickleValue value) {
    if (pickle_.values.size() >= limits_.values)
      fail("the pickle has more than " + std::to_string(limits_.values) + " values. " + remedy);
    pickle_.values.push_back(std::move(value));
    return static_cast<PickleId>(pickle_.values.size() - 1);
  }
  void push(PickleId id) {
    if (stack_.size() >= limits_.values)
      fail("the pickle's stack holds more than " + std::to_string(limits_.values) + " values. " + remedy);
    stack_.push_back(id);
  }
  void push_new(PickleValue value) { push(make(std::move(value))); }
  // A list in the memo can be copied again and again for a few bytes each.
  void charge(std::size_t entries) {
    entries_ += entries;
    if (entries_ > 4 * limits_.values)
      fail("the pickle's containers have more than " + std::to_string(4 * limits_.values) + " entries. " + remedy);
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleId top() const {
    if (stack_.size() <= floor()) damaged("a value is missing on the stack");
    return stack_.back();
  }
  PickleId pop() {
    const PickleId id = top();
    stack_.pop_back();
    return id;
  }
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) damaged("a mark is missing on the stack");
    const std::size_t begin = marks_.back();
    marks_.pop_back();
    std::vector<PickleId> items(stack_.begin() + static_cast<std::ptrdiff_t>(begin), stack_.end());
    stack_.resize(begin);
    charge(items.size());
    return items;
  }
  void tuple_of(std::size_t count) {
    PickleTuple tuple{std::vector<PickleId>(count)};
    for (std::size_t i = count; i-- > 0;) tuple.items[i] = pop();
    push_new(std::move(tuple));
  }
  void memoize(std::uint64_t index) {
    const PickleId id = top();
    if (memo_.size() >= limits_.values)
      fail("the pickle's memo holds more than " + std::to_string(limits_.values) + " values. " + remedy);
    memo_[index] = id;
  }
  void recall(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) damaged("the memo has no entry " + std::to_string(index));
    push(found->second);
  }

  // ---- values
  template <class T>
  T* as(PickleId id) {
    return std::get_if<T>(&pickle_.values[id]);
  }
  const std::string* text(PickleId id) {
    if (const auto* found = as<PickleText>(id)) return &found->text;
    return nullptr;
  }
  // A size, stride or offset: a whole number from 0 on.
  std::optional<std::uint64_t> count(PickleId id) {
    const auto* found = as<std::int64_t>(id);
    if (!found || *found < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*found);
  }
  std::vector<std::int64_t> counts(PickleId id, const char* what) {
    const auto* tuple = as<PickleTuple>(id);
    if (!tuple) damaged(std::string("a tensor's ") + what + " is no tuple");
    if (tuple->items.size() > limits_.dimensions)
      fail("a tensor has more than " + std::to_string(limits_.dimensions) + " dimensions");
    std::vector<std::int64_t> numbers;
    for (const PickleId item : tuple->items) {
      const auto each = count(item);
      if (!each) damaged(std::string("a tensor's ") + what + " is no whole number from 0 on");
      numbers.push_back(static_cast<std::int64_t>(*each));
    }
    return numbers;
  }
  void append(PickleId list_id, const std::vector<PickleId>& items) {
    auto* list = as<PickleList>(list_id);
    if (!list) damaged("something is appended to what is no list");
    list->items.insert(list->items.end(), items.begin(), items.end());
  }
  void set_items(PickleId dict_id, const std::vector<PickleId>& items) {
    auto* dict = as<PickleDict>(dict_id);
    if (!dict) damaged("an entry is set in what is no dict");
    if (items.size() % 2 != 0) damaged("a key of a dict has no value");
    dict->items.insert(dict->items.end(), items.begin(), items.end());
  }

  void push_global(std::string_view module, std::string_view name) {
    const std::string full = std::string(module) + "." + std::string(name);
    for (const PickleGlobal& known : known_globals) {
      if (full != known.name) continue;
      push_new(known);
      return;
    }
    fail("stands the class or function '" + printable(full) +
         "', which is none of those that tensors and state dicts are made of; it was not called. " + remedy);
  }

  // ('storage', torch.FloatStorage, key, location, elements[, view (key, offset, elements) or None])
  void push_storage(PickleId id) {
    const auto* tuple = as<PickleTuple>(id);
    const std::string* kind = tuple && !tuple->items.empty() ? text(tuple->items[0]) : nullptr;
    if (kind && *kind != "storage")
      fail("stands a persistent id of the kind '" + printable(*kind) +
           "'; known is 'storage', the numbers of a tensor. " + remedy);
    if (!kind || tuple->items.size() < 5 || tuple->items.size() > 6)
      damaged("a persistent id is not the five or six values of a storage");
    const std::vector<PickleId> items = tuple->items;
    const auto* type = as<PickleGlobal>(items[1]);
    const std::string* key = text(items[2]);
    const auto elements = count(items[4]);
    if (!type || type->which != PickleClass::storage || !key || key->size() > longest_key || !elements)
      damaged("a persistent id is not the five or six values of a storage");
    PickleStorage storage{*key, type->dtype, type->element_size, *elements, 0, *elements};
    if (items.size() == 6 && !as<PickleNone>(items[5])) {
      const auto* view = as<PickleTuple>(items[5]);
      const auto begin = view && view->items.size() == 3 ? count(view->items[1]) : std::nullopt;
      const auto length = begin ? count(view->items[2]) : std::nullopt;
      if (!length || *begin > *elements || *length > *elements - *begin)
        damaged("a view of a storage does not lie in it");
      storage.view_begin = *begin;
      storage.view_elements = *length;
    }
    push_new(std::move(storage));
  }

  void push_tensor(const std::vector<PickleId>& arguments) {
    const auto* storage = as<PickleStorage>(arguments[0]);
    const auto offset = count(arguments[1]);
    if (!storage || !offset) damaged("a tensor has no storage or no offset");
    PickleTensor tensor{arguments[0], *offset, counts(arguments[2], "size"), counts(arguments[3], "stride")};
    if (tensor.shape.size() != tensor.strides.size()) damaged("a tensor has not as many strides as sizes");
    // The last element is offset + sum((size - 1) * stride); it has to be one of the storage's.
    std::uint64_t last = tensor.offset;
    bool empty = false, fits = last <= storage->view_elements;
    for (std::size_t i = 0; i < tensor.shape.size() && fits; ++i) {
      const auto size = static_cast<std::uint64_t>(tensor.shape[i]);
      const auto stride = static_cast<std::uint64_t>(tensor.strides[i]);
      empty = empty || size == 0;
      if (size <= 1 || stride == 0) continue;
      fits = size - 1 <= (storage->view_elements - last) / stride;
      if (fits) last += (size - 1) * stride;
    }
    if (!empty && (!fits || last >= storage->view_elements)) damaged("a tensor reaches beyond its storage");
    push_new(std::move(tensor));
  }

  void call(PickleId function_id, PickleId arguments_id) {
    const auto* function = as<PickleGlobal>(function_id);
    const auto* tuple = as<PickleTuple>(arguments_id);
    if (!function || !tuple) damaged("something is called that is no function, or with what is no tuple");
    const std::vector<PickleId> arguments = tuple->items;
    const auto require = [&](std::size_t least, std::size_t most) {
      if (arguments.size() < least || arguments.size() > most)
        damaged("'" + std::string(function->name) + "' is called with " + std::to_string(arguments.size()) +
                " arguments");
    };
    switch (function->which) {
      case PickleClass::ordered_dict: {
        require(0, 1);
        PickleDict dict;
        if (!arguments.empty()) {
          const auto* pairs = as<PickleList>(arguments[0]);
          if (!pairs) damaged("an OrderedDict is made from what is no list of pairs");
          charge(2 * pairs->items.size());
          for (const PickleId id : pairs->items) {
            const std::vector<PickleId>* pair = nullptr;
            if (const auto* list = as<PickleList>(id)) pair = &list->items;
            if (const auto* each = as<PickleTuple>(id)) pair = &each->items;
            if (!pair || pair->size() != 2) damaged("an OrderedDict is made from what is no list of pairs");
            dict.items.insert(dict.items.end(), pair->begin(), pair->end());
          }
        }
        return push_new(std::move(dict));
      }
      case PickleClass::size:
        require(1, 1);
        if (!as<PickleTuple>(arguments[0])) damaged("a torch.Size is made from what is no tuple");
        return push(arguments[0]);
      case PickleClass::rebuild_tensor:
        require(4, 4);
        return push_tensor(arguments);
      case PickleClass::rebuild_tensor_v2:
        require(6, 7);
        return push_tensor(arguments);
      case PickleClass::rebuild_parameter:
        require(3, 3);
        if (!as<PickleTensor>(arguments[0])) damaged("a parameter is made from what is no tensor");
        return push(arguments[0]);
      case PickleClass::storage:
        break;
    }
    fail("'" + std::string(function->name) + "' is called, which is not known here. " + remedy);
  }

  // One opcode; false after the last.
  bool step() {
    opcode_at_ = at_;
    const auto opcode = static_cast<unsigned char>(number(1));
    switch (opcode) {
      case PROTO:
        if (const std::uint64_t protocol = number(1); protocol > 5)
          fail("stands pickle protocol " + std::to_string(protocol) + "; known are 0 to 5. " + remedy);
        return true;
      case FRAME:
        number(8);
        return true;
      case STOP:
        return false;
      case MARK:
        if (marks_.size() >= limits_.marks)
          fail("more than " + std::to_string(limits_.marks) + " containers are open at once. " + remedy);
        marks_.push_back(stack_.size());
        return true;
      case POP:
        if (!marks_.empty() && stack_.size() == marks_.back())
          marks_.pop_back();
        else
          pop();
        return true;
      case POP_MARK:
        pop_to_mark();
        return true;
      case NONE:
        push_new(PickleNone{});
        return true;
      case NEWTRUE:
      case NEWFALSE:
        push_new(opcode == NEWTRUE);
        return true;
      case INT: {
        const std::string_view digits = line();
        if (digits == "00" || digits == "01")
          push_new(digits == "01");
        else
          push_new(decimal(digits));
        return true;
      }
      case LONG: {
        std::string_view digits = line();
        if (digits.ends_with('L')) digits.remove_suffix(1);
        push_new(decimal(digits));
        return true;
      }
      case BININT:
        push_new(std::int64_t{static_cast<std::int32_t>(number(4))});
        return true;
      case BININT1:
        push_new(static_cast<std::int64_t>(number(1)));
        return true;
      case BININT2:
        push_new(static_cast<std::int64_t>(number(2)));
        return true;
      case LONG1: {
        const std::uint64_t size = number(1);
        if (size > 8) {
          push_new(PickleLong{std::string(take(size))});
          return true;
        }
        std::uint64_t value = number(static_cast<std::size_t>(size));
        if (size > 0 && size < 8 && (value >> (8 * size - 1) & 1) != 0) value |= ~std::uint64_t{0} << (8 * size);
        push_new(static_cast<std::int64_t>(value));
        return true;
      }
      case BINFLOAT: {
        std::uint64_t bits = 0;
        for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
        push_new(std::bit_cast<double>(bits));
        return true;
      }
      case UNICODE:
        push_new(PickleText{std::string(line())});
        return true;
      case BINUNICODE:
        push_new(PickleText{std::string(take(number(4)))});
        return true;
      case SHORT_BINUNICODE:
        push_new(PickleText{std::string(take(number(1)))});
        return true;
      case BINUNICODE8:
        push_new(PickleText{std::string(take(number(8)))});
        return true;
      case BINSTRING:  // Python 2's strings
        push_new(PickleText{std::string(take(number(4)))});
        return true;
      case SHORT_BINSTRING:
        push_new(PickleText{std::string(take(number(1)))});
        return true;
      case BINBYTES:
        push_new(PickleBytes{std::string(take(number(4)))});
        return true;
      case SHORT_BINBYTES:
        push_new(PickleBytes{std::string(take(number(1)))});
        return true;
      case EMPTY_LIST:
        push_new(PickleList{});
        return true;
      case LIST:
        push_new(PickleList{pop_to_mark()});
        return true;
      case APPEND: {
        const PickleId item = pop();
        append(top(), {item});
        return true;
      }
      case APPENDS: {
        const std::vector<PickleId> items = pop_to_mark();
        append(top(), items);
        return true;
      }
      case EMPTY_TUPLE:
        push_new(PickleTuple{});
        return true;
      case TUPLE:
        push_new(PickleTuple{pop_to_mark()});
        return true;
      case TUPLE1:
      case TUPLE2:
      case TUPLE3:
        tuple_of(static_cast<std::size_t>(opcode - TUPLE1) + 1);
        return true;
      case EMPTY_DICT:
        push_new(PickleDict{});
        return true;
      case DICT: {
        const std::vector<PickleId> items = pop_to_mark();
        push_new(PickleDict{});
        set_items(top(), items);
        return true;
      }
      case SETITEM: {
        const PickleId value = pop();
        const PickleId key = pop();
        set_items(top(), {key, value});
        return true;
      }
      case SETITEMS: {
        const std::vector<PickleId> items = pop_to_mark();
        set_items(top(), items);
        return true;
      }
      case PUT:
        memoize(static_cast<std::uint64_t>(decimal(line())));
        return true;
      case BINPUT:
        memoize(number(1));
        return true;
      case LONG_BINPUT:
        memoize(number(4));
        return true;
      case MEMOIZE:
        memoize(memo_.size());
        return true;
      case GET:
        recall(static_cast<std::uint64_t>(decimal(line())));
        return true;
      case BINGET:
        recall(number(1));
        return true;
      case LONG_BINGET:
        recall(number(4));
        return true;
      case GLOBAL: {
        const std::string_view module = line();
        push_global(module, line());
        return true;
      }
      case STACK_GLOBAL: {
        const PickleId name = pop();
        const PickleId module = pop();
        if (!text(name) || !text(module)) damaged("the name of a class is no text");
        push_global(*text(module), *text(name));
        return true;
      }
      case BINPERSID:
        push_storage(pop());
        return true;
      case REDUCE: {
        const PickleId arguments = pop();
        call(pop(), arguments);
        return true;
      }
      case BUILD:
        // A state dict's attribute `_metadata`, versions of its modules, follows it so; nothing here needs it.
        pop();
        if (!as<PickleDict>(top())) fail("attributes are set on what is no dict. " + std::string(remedy));
        return true;
      default:
        break;
    }
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "0x%02x", unsigned{opcode});
    const std::string letter =
        opcode > 0x20 && opcode < 0x7F ? std::string(" ('") + static_cast<char>(opcode) + "')" : "";
    fail(std::string("stands the opcode ") + code.data() + letter +
         ", which is none of those that tensors and state dicts are made of. " + remedy);
  }

  std::span<const std::byte> bytes_;
  std::size_t at_;
  std::size_t end_;
  std::size_t opcode_at_ = 0;
  PickleLimits limits_;
  Pickle pickle_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::size_t entries_ = 0;
  std::unordered_map<std::uint64_t, PickleId> memo_;
};

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, std::size_t begin, const PickleLimits& limits) {
  if (begin > bytes.size()) throw PickleError("at byte " + std::to_string(begin) + " the pickle is cut short");
  return Machine(bytes, begin, limits).run();
}

}  // namespace fergraph
