#include "nodes/network/pickle.hpp"

#include <boost/test/unit_test.hpp>

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(pickle)

namespace {

using namespace std::string_literals;

Pickle read(const std::string& text, const PickleLimits& limits = {}) {
  return read_pickle(std::as_bytes(std::span(text)), 0, limits);
}

template <class T>
T value_of(const std::string& text) {
  const Pickle pickle = read(text);
  const T* value = std::get_if<T>(&pickle[pickle.root]);
  BOOST_REQUIRE(value);
  return *value;
}

// The whole message of the refusal; empty where there is none.
std::string refusal(const std::string& text, const PickleLimits& limits = {}) {
  try {
    read(text, limits);
  } catch (const PickleError& error) {
    return error.what();
  }
  return {};
}

const std::string remedy =
    " Load the file in a Python that trusts it and save its state dict alone: torch.save(model.state_dict(), FILE)";

std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
std::string text(const std::string& words) { return "U"s + static_cast<char>(words.size()) + words; }
// A storage of `elements` floats under the key "0".
std::string storage(int elements, const std::string& view = "") {
  return "(" + text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + "K" +
         static_cast<char>(elements) + view + "tQ";
}
// A tensor of two dimensions.
std::string tensor(const std::string& of, int offset, int rows, int columns, int row_stride, int column_stride) {
  const auto byte = [](int number) { return "K"s + static_cast<char>(number); };
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + of + byte(offset) + byte(rows) + byte(columns) + "\x86" +
         byte(row_stride) + byte(column_stride) + "\x86" + "\x89" + global("collections", "OrderedDict") + ")R" + "tR";
}

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_and_texts) {
  BOOST_TEST(value_of<std::int64_t>("K\xff."s) == 255);
  BOOST_TEST(value_of<std::int64_t>("M\xff\x01."s) == 511);
  BOOST_TEST(value_of<std::int64_t>("J\xfe\xff\xff\xff."s) == -2);
  BOOST_TEST(value_of<std::int64_t>("\x8a\x02\x00\x80."s) == -32768);
  BOOST_TEST(value_of<std::int64_t>("\x8a\x00."s) == 0);
  BOOST_TEST(value_of<std::int64_t>("I-12\n.") == -12);
  BOOST_TEST(value_of<std::int64_t>("L77L\n.") == 77);
  BOOST_TEST(value_of<bool>("I01\n."));
  BOOST_TEST(!value_of<bool>("\x80\x02\x89."));
  BOOST_TEST(value_of<double>("G\x3f\xf8\0\0\0\0\0\0."s) == 1.5);
  BOOST_TEST(value_of<PickleLong>("\x8a\x09\1\2\3\4\5\6\7\x08\x09."s).bytes.size() == 9U);
  BOOST_TEST(value_of<PickleText>("X\2\0\0\0ab."s).text == "ab");
  BOOST_TEST(value_of<PickleText>("Vab\n.").text == "ab");
  BOOST_TEST(value_of<PickleBytes>("\x80\x03"
                                   "C\1a.")
                 .bytes == "a");
}

BOOST_AUTO_TEST_CASE(containers) {
  BOOST_TEST(value_of<PickleList>("]K\1aK\2a.").items.size() == 2U);
  BOOST_TEST(value_of<PickleList>("](K\1K\2e.").items.size() == 2U);
  BOOST_TEST(value_of<PickleTuple>("K\1K\2K\3\x87.").items.size() == 3U);
  BOOST_TEST(value_of<PickleTuple>("(K\1K\2t.").items.size() == 2U);
  BOOST_TEST(value_of<PickleDict>("}(K\1K\2K\3K\4u.").items.size() == 4U);
  BOOST_TEST(value_of<PickleDict>("(K\1K\2d.").items.size() == 2U);
  BOOST_TEST(
      value_of<PickleDict>(global("collections", "OrderedDict") + "](K\1K\2\x86K\3K\4\x86" + "e\x85R.").items.size() ==
      4U);
  // What was marked is dropped.
  BOOST_TEST(value_of<std::int64_t>("K\1(K\2K\3"
                                    "1.") == 1);
}

BOOST_AUTO_TEST_CASE(memo) {
  const Pickle pickle = read("K\7q\5h\5\x86.");
  const auto& pair = std::get<PickleTuple>(pickle[pickle.root]).items;
  BOOST_TEST(pair[0] == pair[1]);
  BOOST_TEST(value_of<PickleTuple>("(K\7\x94K\x08\x94h\0j\1\0\0\0t."s).items.size() == 4U);
  BOOST_TEST(refusal("h\3.") == "at byte 0 the memo has no entry 3, so the file is damaged");
  BOOST_TEST(refusal("q\3.") == "at byte 0 a value is missing on the stack, so the file is damaged");
}

// A list that contains itself: nothing here follows it.
BOOST_AUTO_TEST_CASE(cycles) {
  const Pickle pickle = read("]q\0h\0a."s);
  BOOST_TEST(std::get<PickleList>(pickle[pickle.root]).items.front() == pickle.root);
}

BOOST_AUTO_TEST_CASE(tensors) {
  const Pickle pickle = read(tensor(storage(12), 1, 2, 3, 1, 4) + ".");
  const auto& found = std::get<PickleTensor>(pickle[pickle.root]);
  BOOST_TEST(found.offset == 1U);
  BOOST_TEST((found.shape == std::vector<std::int64_t>{2, 3}));
  BOOST_TEST((found.strides == std::vector<std::int64_t>{1, 4}));
  const auto& kept = std::get<PickleStorage>(pickle[found.storage]);
  BOOST_TEST(kept.key == "0");
  BOOST_TEST(kept.dtype == "F32");
  BOOST_TEST(kept.elements == 12U);
  const std::string parameter = global("torch._utils", "_rebuild_parameter") + tensor(storage(6), 0, 2, 3, 3, 1) +
                                "\x88" + global("collections", "OrderedDict") + ")R\x87R.";
  BOOST_TEST(value_of<PickleTensor>(parameter).shape.size() == 2U);
  // A part of a storage, as PyTorch 0.3 wrote it.
  const std::string part = storage(12, text("1") + "K\4K\6\x87");
  BOOST_TEST(value_of<PickleTensor>(tensor(part, 0, 2, 3, 3, 1) + ".").strides.size() == 2U);
  const std::string beyond = "a tensor reaches beyond its storage, so the file is damaged";
  BOOST_TEST(refusal(tensor(part, 1, 2, 3, 3, 1) + ".").ends_with(beyond));
  BOOST_TEST(refusal(tensor(storage(12), 2, 2, 3, 1, 5) + ".").ends_with(beyond));
  BOOST_TEST(refusal(tensor(storage(0), 0, 1, 1, 1, 1) + ".").ends_with(beyond));
  BOOST_TEST(value_of<PickleTensor>(tensor(storage(0), 0, 0, 9, 9, 1) + ".").shape[1] == 9);
  BOOST_TEST(refusal(storage(12, text("1") + "K\7K\6\x87") + ".")
                 .ends_with("a view of a storage does not lie in it, so the file is damaged"));
}

// The products of these sizes and strides overflow 64 bits.
BOOST_AUTO_TEST_CASE(huge_tensors) {
  const std::string huge = "\x8a\x08\0\0\0\0\0\0\0\x40"s;
  const std::string sizes = "(" + huge + huge + huge + "t", strides = "(" + huge + huge + huge + "t";
  const std::string call =
      global("torch._utils", "_rebuild_tensor") + "(" + storage(8) + "K\0"s + sizes + strides + "tR.";
  BOOST_TEST(refusal(call).ends_with("a tensor reaches beyond its storage, so the file is damaged"));
  const std::string negative = global("torch._utils", "_rebuild_tensor") + "(" + storage(8) + "K\0"s +
                               "J\xff\xff\xff\xff\x85" + "K\1\x85" + "tR.";
  BOOST_TEST(refusal(negative).ends_with("a tensor's size is no whole number from 0 on, so the file is damaged"));
}

BOOST_AUTO_TEST_CASE(nothing_is_called) {
  BOOST_TEST(refusal("cos\nsystem\n(" + text("touch /tmp/owned") + "tR.") ==
             "at byte 0 stands the class or function 'os.system', which is none of those that tensors and state dicts "
             "are made of; it was not called." +
                 remedy);
  BOOST_TEST(refusal(text("builtins") + text("eval") + "\x93.") ==
             "at byte 16 stands the class or function 'builtins.eval', which is none of those that tensors and state "
             "dicts are made of; it was not called." +
                 remedy);
  BOOST_TEST(refusal("c\x1b[31m\nx\n.").find("'?[31m.x'") != std::string::npos);
  BOOST_TEST(refusal(global("torch", "FloatStorage") + "K\1\x85R.") ==
             "at byte 23 'torch.FloatStorage' is called, which is not known here." + remedy);
  BOOST_TEST(refusal("(" + text("module") + "K\1K\1K\1K\1tQ.") ==
             "at byte 18 stands a persistent id of the kind 'module'; known is 'storage', the numbers of a tensor." +
                 remedy);
  BOOST_TEST(refusal("K\1}b.") == "at byte 3 attributes are set on what is no dict." + remedy);
  BOOST_TEST(refusal("(ios\nsystem\n.") ==
             "at byte 1 stands the opcode 0x69 ('i'), which is none of those that tensors and "
             "state dicts are made of." +
                 remedy);
  BOOST_TEST(refusal("\xff") ==
             "at byte 0 stands the opcode 0xff, which is none of those that tensors and state dicts "
             "are made of." +
                 remedy);
  BOOST_TEST(refusal("\x80\x09.") == "at byte 0 stands pickle protocol 9; known are 0 to 5." + remedy);
}

BOOST_AUTO_TEST_CASE(damage) {
  BOOST_TEST(refusal("") == "at byte 0 the pickle is cut short");
  BOOST_TEST(refusal("X\xff\xff\xff\x7f"s + "ab") == "at byte 0 the pickle is cut short");
  BOOST_TEST(refusal("\x8d\xff\xff\xff\xff\xff\xff\xff\xff") == "at byte 0 the pickle is cut short");
  BOOST_TEST(refusal("Vab") == "at byte 0 the pickle is cut short");
  BOOST_TEST(refusal(".") == "at byte 0 the pickle ends with 0 values instead of one");
  BOOST_TEST(refusal("K\1K\2.") == "at byte 4 the pickle ends with 2 values instead of one");
  BOOST_TEST(refusal("K\1t.") == "at byte 2 a mark is missing on the stack, so the file is damaged");
  BOOST_TEST(refusal("K\1(\x85.") == "at byte 3 a value is missing on the stack, so the file is damaged");
  BOOST_TEST(refusal("}(K\1u.") == "at byte 4 a key of a dict has no value, so the file is damaged");
  BOOST_TEST(refusal("]K\1K\2s.") == "at byte 5 an entry is set in what is no dict, so the file is damaged");
  BOOST_TEST(refusal("}K\1a.") == "at byte 3 something is appended to what is no list, so the file is damaged");
  BOOST_TEST(refusal("K\1)R.") ==
             "at byte 3 something is called that is no function, or with what is no tuple, so the file is damaged");
  BOOST_TEST(refusal("I12x\n.") == "at byte 0 the number '12x' cannot be read, so the file is damaged");
  BOOST_TEST(refusal(")Q.") ==
             "at byte 1 a persistent id is not the five or six values of a storage, so the file is damaged");
  // Every prefix of a good pickle is refused.
  const std::string good = tensor(storage(12), 1, 2, 3, 1, 4) + ".";
  for (std::size_t length = 0; length < good.size(); ++length) BOOST_TEST(!refusal(good.substr(0, length)).empty());
}

BOOST_AUTO_TEST_CASE(limits) {
  PickleLimits few;
  few.values = 3;
  BOOST_TEST(refusal("NNNN.", few) == "at byte 3 the pickle has more than 3 values." + remedy);
  BOOST_TEST(refusal("Nq\0h\0h\0h\0.", few).find("at byte") == 0U);
  BOOST_TEST(refusal("Np0\np1\np2\np3\n.", few) == "at byte 10 the pickle's memo holds more than 3 values." + remedy);
  BOOST_TEST(refusal("Np0\ng0\ng0\ng0\n.", few) == "at byte 10 the pickle's stack holds more than 3 values." + remedy);
  few.values = 1000;
  few.marks = 2;
  BOOST_TEST(refusal("((((t.", few) == "at byte 2 more than 2 containers are open at once." + remedy);
  few.bytes = 3;
  BOOST_TEST(refusal("NNNN.", few) == "at byte 3 the pickle goes on beyond the limit of 3 bytes." + remedy);
  // A list that is copied again and again for six bytes each.
  std::string copies =
      "](K\1K\2\x86K\3K\4\x86K\5K\6\x86" + "eq\1"s + "\x85q\2" + global("collections", "OrderedDict") + "q\3";
  for (int i = 0; i < 40; ++i) copies += "h\3h\2R";
  few = {};
  few.values = 60;
  BOOST_TEST(refusal(copies + ".", few).ends_with("the pickle's containers have more than 240 entries." + remedy));
}

BOOST_AUTO_TEST_SUITE_END()
