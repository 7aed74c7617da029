#include "datasets/csv.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "datasets/dataset_error.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(csv)

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows read_all(const std::string& text, CsvOptions options = {}) {
  CsvReader reader(text, "a.csv", std::move(options));
  Rows rows;
  for (CsvRecord record; reader.next(record);) rows.emplace_back(record.fields.begin(), record.fields.end());
  return rows;
}

std::string error_of(const std::string& text, CsvOptions options = {}) {
  try {
    read_all(text, std::move(options));
  } catch (const DatasetError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(plain_records) {
  BOOST_TEST((read_all("a,b\n1,2\n3,4\n") == Rows{{"1", "2"}, {"3", "4"}}));
  BOOST_TEST((read_all("a,b\r\n1,2\r\n3,4") == Rows{{"1", "2"}, {"3", "4"}}));
  BOOST_TEST((read_all("\xEF\xBB\xBF"
                       "a,b\n,\n x , y\n") == Rows{{"", ""}, {" x ", " y"}}));
  BOOST_TEST((read_all("a;b\n1,5;2\n", {.delimiter = ';'}) == Rows{{"1,5", "2"}}));
  BOOST_TEST((read_all("1,2\n", {.columns = {"a", "b"}}) == Rows{{"1", "2"}}));
  BOOST_TEST((read_all("a,b\n") == Rows{}));
}

BOOST_AUTO_TEST_CASE(quoted_fields) {
  BOOST_TEST((read_all("a,b\n\"1,2\",\"x\"\"y\"\n\"\",\"\"\"\"\n") == Rows{{"1,2", "x\"y"}, {"", "\""}}));
  BOOST_TEST((read_all("a,b\n\"two\r\nlines\",2\n") == Rows{{"two\r\nlines", "2"}}));
  BOOST_TEST((read_all("a,b\n1,\"end\"") == Rows{{"1", "end"}}));
}

BOOST_AUTO_TEST_CASE(lines_are_counted_through_quotes_and_blank_lines) {
  CsvReader reader("\na,b\n\"x\ny\",1\n\r\n\n2,3\n", "a.csv");
  CsvRecord record;
  BOOST_REQUIRE(reader.next(record));
  BOOST_TEST(record.line == 3);
  BOOST_REQUIRE(reader.next(record));
  BOOST_TEST(record.line == 7);
  BOOST_TEST(!reader.next(record));
  BOOST_TEST(!reader.next(record));
}

BOOST_AUTO_TEST_CASE(what_field_writes_is_read_back) {
  const std::vector<std::string> fields = {"", "plain", "a,b", "say \"no\"", "two\nlines", "\r\n", "\""};
  std::string text = "c0,c1,c2,c3,c4,c5,c6\n";
  for (std::size_t i = 0; i < fields.size(); ++i) text += (i ? "," : "") + csv_field(fields[i]);
  BOOST_TEST((read_all(text) == Rows{fields}));
}

BOOST_AUTO_TEST_CASE(damage_is_named_by_line) {
  BOOST_TEST(error_of("") == "a.csv: the file is empty; its first line must name the columns.");
  BOOST_TEST(error_of("a,b\n1,2\n1,\"2\n3,4\n") ==
             "a.csv:3: a double quote is opened and never closed; close it on the line where the field ends.");
  BOOST_TEST(error_of("a,b\n\"1\n1\",\"2\n") ==
             "a.csv:3: a double quote is opened and never closed, in the record that begins on line 2; close it on the "
             "line where the field ends.");
  BOOST_TEST(
      error_of("a,b\n1\n") ==
      "a.csv:2: the record has 1 field where 2 columns are named; a field that contains the delimiter must stand "
      "in double quotes.");
  BOOST_TEST(error_of("a\n1,2,3\n") ==
             "a.csv:2: the record has 3 fields where 1 column is named; a field that contains the delimiter must stand "
             "in double quotes.");
  BOOST_TEST(
      error_of("a,b\n1,x\"y\"\n") ==
      "a.csv:2: a double quote stands inside a field that does not begin with one; put the whole field in double "
      "quotes and double those inside.");
  BOOST_TEST(error_of("a,b\n1,\"x\"y\n") ==
             "a.csv:2: text follows the closing quote of a field; double the quotes inside a quoted field.");
  BOOST_TEST(error_of("a,b\r1,2\r") ==
             "a.csv:1: a carriage return stands without a newline after it; save the file with LF or CRLF line ends.");
  BOOST_TEST(error_of(std::string("a,b\n1,\0", 7)) ==
             "a.csv:2: the file has a NUL byte and is no CSV text; save it as UTF-8 text, or copy it again if it was "
             "damaged.");
  BOOST_TEST(error_of("\xFF\xFE"
                      "a") == "a.csv:1: the file is UTF-16; save it as UTF-8.");
}

BOOST_AUTO_TEST_CASE(columns_by_name) {
  CsvReader reader("image,emotion,x,x\n", "a.csv");
  BOOST_TEST(reader.column("emotion") == 1);
  BOOST_TEST(reader.find_column("split") == -1);
  const auto says = [](const std::string& text) {
    return [text](const DatasetError& error) {
      BOOST_TEST(error.what() == text);
      return true;
    };
  };
  BOOST_CHECK_EXCEPTION(reader.column("emotoin"), DatasetError,
                        says("a.csv:1: there is no column 'emotoin'; did you mean 'emotion'? Columns: 'image', "
                             "'emotion', 'x', 'x'."));
  BOOST_CHECK_EXCEPTION(reader.column("x"), DatasetError,
                        says("a.csv:1: two columns are named 'x'; rename one of them."));
  BOOST_CHECK_EXCEPTION(CsvReader(std::filesystem::path("/no/such/file.csv")), DatasetError,
                        says("/no/such/file.csv: there is no such file; check the path, which is taken relative to the "
                             "current folder."));
  BOOST_CHECK_EXCEPTION(CsvReader(std::filesystem::path("/")), DatasetError,
                        says("/: this is a folder; name a file in it."));
}

// Whatever the bytes, the reader ends with records or with an error that names the file.
BOOST_AUTO_TEST_CASE(random_bytes_never_crash) {
  const std::string alphabet = "a,\"\r\n\n,\"";
  std::uint32_t state = 7;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string text = "a,b\n";
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525 + 1013904223;
      text += alphabet[(state >> 16) % alphabet.size()];
    }
    const std::string error = error_of(text);
    BOOST_REQUIRE((error == "no error" || error.starts_with("a.csv:")));
  }
}

BOOST_AUTO_TEST_SUITE_END()
