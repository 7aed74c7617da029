#include "datasets/npy.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::size_t> shape;
};

// Reads the header's literal of a Python dictionary: three keys in any order, each once.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Header parse() {
    expect('{');
    bool has_descr = false, has_order = false, has_shape = false;
    while (!take('}')) {
      const std::string key = word();
      expect(':');
      if (key == "descr" && !has_descr) {
        has_descr = true;
        skip_spaces();
        if (at_ < text_.size() && text_[at_] == '[') fail("it holds records with named fields, which are not read");
        header_.descr = word();
      } else if (key == "fortran_order" && !has_order) {
        has_order = true;
        header_.fortran_order = truth();
      } else if (key == "shape" && !has_shape) {
        has_shape = true;
        shape();
      } else {
        fail("its header has the key '" + key + "' where 'descr', 'fortran_order' and 'shape' stand once each");
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    if (!has_descr || !has_order || !has_shape)
      fail("its header lacks one of the keys 'descr', 'fortran_order' and 'shape'");
    skip_spaces();
    if (at_ != text_.size()) fail("its header goes on behind the closing brace");
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DatasetError(std::filesystem::path(name_), "this is no NumPy file that can be read: " + what + ".");
  }
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("its header is damaged where '") + c + "' must stand");
  }
  std::string word() {
    skip_spaces();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) fail("its header is damaged at a word");
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos || end - at_ > 64) fail("its header is damaged at a word");
    std::string found(text_.substr(at_, end - at_));
    at_ = end + 1;
    for (const char c : found)
      if (c < ' ' || c > '~') fail("its header is damaged at a word");
    return found;
  }
  bool truth() {
    skip_spaces();
    for (const auto& [text, value] : {std::pair{std::string_view("True"), true}, {"False", false}}) {
      if (text_.substr(at_).starts_with(text)) {
        at_ += text.size();
        return value;
      }
    }
    fail("its header's 'fortran_order' is neither True nor False");
  }
  void shape() {
    expect('(');
    while (!take(')')) {
      skip_spaces();
      std::size_t size = 0;
      const char* begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), size);
      if (error != std::errc()) fail("its header is damaged at the shape");
      at_ += static_cast<std::size_t>(end - begin);
      header_.shape.push_back(size);
      if (header_.shape.size() > 32) fail("it has more than 32 dimensions");
      if (!take(',')) {
        expect(')');
        break;
      }
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  Header header_;
};

std::uint64_t unsigned_number(const std::uint8_t* at, std::size_t size, bool big_endian) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | at[big_endian ? i : size - 1 - i];
  return value;
}

std::int64_t signed_number(std::uint64_t bits, std::size_t size) {
  const auto unused = static_cast<int>(64 - 8 * size);
  return static_cast<std::int64_t>(bits << unused) >> unused;
}

double half_number(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const auto fraction = static_cast<double>(bits & 1023);
  double value = exponent == 0    ? std::ldexp(fraction, -24)
                 : exponent == 31 ? (fraction == 0 ? std::numeric_limits<double>::infinity()
                                                   : std::numeric_limits<double>::quiet_NaN())
                                  : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 & 1 ? -value : value;
}

void append_utf8(std::uint32_t code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(lead[more] | code >> 6 * more);
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (code >> 6 * i & 0x3F));
}

// "<f8": byte order, kind, bytes of one element (of U: characters).
struct Element {
  char kind = 0;
  bool big_endian = false;
  std::size_t size = 0;
};

std::optional<Element> read_descr(const std::string& descr) {
  if (descr.size() < 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return std::nullopt;
  Element element{descr[1], descr[0] == '>', 0};
  const char* last = descr.data() + descr.size();
  const auto [end, error] = std::from_chars(descr.data() + 2, last, element.size);
  if (error != std::errc() || end != last) return std::nullopt;
  return element;
}

}  // namespace

NpyArray parse_npy(Bytes bytes, const std::string& name, const NpyLimits& limits) {
  const auto fail = [&](const std::string& what) {
    throw DatasetError(std::filesystem::path(name), "this is no NumPy file that can be read: " + what + ".");
  };
  constexpr std::string_view magic = "\x93NUMPY";
  if (bytes.size() < 10 || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0)
    fail("it does not begin as one does");
  const int version = bytes[6];
  if (version < 1 || version > 3 || bytes[7] != 0)
    fail("its format version is " + std::to_string(version) + "." + std::to_string(bytes[7]) +
         ", and 1.0, 2.0 and 3.0 are known");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t begin = 8 + length_bytes;
  if (bytes.size() < begin) fail("it ends in its header");
  const std::uint64_t header_bytes = unsigned_number(bytes.data() + 8, length_bytes, false);
  constexpr std::uint64_t longest_header = 1 << 16;
  if (header_bytes > longest_header || header_bytes > bytes.size() - begin) fail("it ends in its header");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + begin,
                              static_cast<std::size_t>(header_bytes));
  const Header header = HeaderParser(text, name).parse();
  bytes = bytes.subspan(begin + static_cast<std::size_t>(header_bytes));

  if (header.shape.size() > 1) fail("it has " + std::to_string(header.shape.size()) + " dimensions, and one is read");
  if (header.descr.size() > 1 && header.descr[1] == 'O')
    fail("it holds pickled objects, which are code and are never run");
  const std::optional<Element> read = read_descr(header.descr);
  const std::string_view kinds = "biufSU";
  if (!read || kinds.find(read->kind) == std::string_view::npos)
    fail("its elements are of the type '" + header.descr + "'; numbers and strings are read");
  const Element element = *read;
  const bool is_text = element.kind == 'S' || element.kind == 'U';
  const auto one_of = [&](std::initializer_list<std::size_t> sizes) {
    for (const std::size_t size : sizes)
      if (element.size == size) return true;
    return false;
  };
  const bool known_size = is_text               ? element.size <= limits.max_bytes
                          : element.kind == 'b' ? one_of({1})
                          : element.kind == 'f' ? one_of({2, 4, 8})
                                                : one_of({1, 2, 4, 8});
  if (!known_size) fail("its elements are of the type '" + header.descr + "'; numbers and strings are read");

  const std::size_t count = header.shape.empty() ? 1 : header.shape.front();
  const std::size_t size = element.kind == 'U' ? 4 * element.size : element.size;
  if (count > limits.max_elements)
    fail("it declares " + std::to_string(count) + " elements, more than the limit of " +
         std::to_string(limits.max_elements));
  // No overflow: both are bounded by the limits.
  if (bytes.size() > limits.max_bytes || (size > 0 && count > limits.max_bytes / size) || bytes.size() != count * size)
    fail("it holds " + std::to_string(bytes.size()) + " bytes behind its header, which declares " +
         std::to_string(count) + " elements of " + std::to_string(size));

  NpyArray array;
  array.is_scalar = header.shape.empty();
  const auto bits = [&](std::size_t i) { return unsigned_number(bytes.data() + i * size, size, element.big_endian); };
  switch (element.kind) {
    case 'f': {
      std::vector<double> values(count);
      for (std::size_t i = 0; i < count; ++i)
        values[i] = size == 2   ? half_number(bits(i))
                    : size == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits(i))))
                                : std::bit_cast<double>(bits(i));
      array.values = std::move(values);
      break;
    }
    case 'S':
    case 'U': {
      std::vector<std::string> values(count);
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* at = bytes.data() + i * size;
        if (element.kind == 'S') {
          values[i].assign(reinterpret_cast<const char*>(at), size);
          values[i].erase(values[i].find_last_not_of('\0') + 1);
          continue;
        }
        std::size_t length = element.size;
        const auto code = [&](std::size_t c) {
          return static_cast<std::uint32_t>(unsigned_number(at + 4 * c, 4, element.big_endian));
        };
        while (length > 0 && code(length - 1) == 0) --length;
        for (std::size_t c = 0; c < length; ++c) {
          if (code(c) > 0x10FFFF || (code(c) >= 0xD800 && code(c) < 0xE000)) fail("its strings are no Unicode");
          append_utf8(code(c), values[i]);
        }
      }
      array.values = std::move(values);
      break;
    }
    default: {
      std::vector<std::int64_t> values(count);
      for (std::size_t i = 0; i < count; ++i) {
        if (element.kind == 'u' && bits(i) > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
          fail("it holds a number beyond the largest of int64");
        values[i] = element.kind == 'i'   ? signed_number(bits(i), size)
                    : element.kind == 'b' ? static_cast<std::int64_t>(bits(i) != 0)
                                          : static_cast<std::int64_t>(bits(i));
      }
      array.values = std::move(values);
    }
  }
  return array;
}

NpyArray read_npy(const std::filesystem::path& file, const NpyLimits& limits) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) throw DatasetError(file, "the file cannot be read (" + error.message() + ").");
  if (size > limits.max_bytes)
    throw DatasetError(file, "the file has " + std::to_string(size) + " bytes, more than the limit of " +
                                 std::to_string(limits.max_bytes) + ".");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in || static_cast<std::uintmax_t>(in.gcount()) != size)
    throw DatasetError(file, "the file cannot be read; check its permissions and the disk.");
  return parse_npy(bytes, file.string(), limits);
}

}  // namespace fergraph
