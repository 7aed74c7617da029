// Reads CSV strictly by RFC 4180, record by record, and knows the line of every record: a damaged file is an error with
// file:line, never a row that is silently shifted.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fergraph {

struct CsvOptions {
  char delimiter = ',';
  /// The names of the columns of a file without a header line; empty: the first record names them.
  std::vector<std::string> columns;
};

/// One record. The fields are as written, quotes removed and doubled quotes halved, spaces kept; they point into the
/// reader and stay valid until its next call of next().
struct CsvRecord {
  /// The line on which the record begins, from 1.
  std::int64_t line = 0;
  std::vector<std::string_view> fields;
};

/// A cursor over one CSV file, which it holds in memory.
///
/// Beyond RFC 4180: lines may end in LF or CRLF, also mixed; a UTF-8 byte order mark is skipped; lines with nothing on
/// them are skipped. Errors (DatasetError): no such file, an empty file, UTF-16, a NUL byte, a quote that is not closed
/// or that stands inside an unquoted field, text after a closing quote, a lone carriage return, and a record with more
/// or fewer fields than columns.
class CsvReader {
 public:
  explicit CsvReader(const std::filesystem::path& file, CsvOptions options = {});
  /// Parses `text`; `name` stands for the file in errors.
  CsvReader(std::string text, std::filesystem::path name, CsvOptions options = {});
  // Fields point into the text, and a short string would move with its owner.
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  const std::filesystem::path& file() const { return file_; }
  const std::vector<std::string>& columns() const { return columns_; }
  /// The index of a column, or -1 where there is none. A name that two columns bear is an error.
  std::int64_t find_column(std::string_view name) const;
  /// As find_column, but a name that is missing is an error that lists the columns and the nearest name.
  std::int64_t column(std::string_view name) const;
  /// Reads the next record; false at the end of the file.
  bool next(CsvRecord& record);

 private:
  void begin(CsvOptions options);
  bool read_record(CsvRecord& record);
  std::string_view quoted_field(std::int64_t record_line);
  [[noreturn]] void fail(std::int64_t line, const std::string& sentence) const;

  std::filesystem::path file_;
  std::string text_;
  char delimiter_ = ',';
  std::vector<std::string> columns_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::deque<std::string> unescaped_;  // fields of the current record that had doubled quotes
};

/// `text` as one CSV field: quoted only where it has to be.
std::string csv_field(std::string_view text, char delimiter = ',');

/// The whole of a file, or a DatasetError that says why not.
std::string read_text_file(const std::filesystem::path& file);

}  // namespace fergraph
