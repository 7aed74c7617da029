#include "datasets/csv.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "datasets/class_names.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {

std::string read_text_file(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw DatasetError(file, "there is no such file; check the path, which is taken relative to the current folder.");
  }
  if (status.type() == std::filesystem::file_type::directory) {
    throw DatasetError(file, "this is a folder; name a file in it.");
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text;
  if (in) {
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (!error) text.reserve(size);
    char chunk[1 << 16];
    while (in.read(chunk, sizeof chunk), in.gcount() > 0) text.append(chunk, static_cast<std::size_t>(in.gcount()));
  }
  if (!in.eof()) {
    throw DatasetError(file, std::string("the file cannot be read (") + std::strerror(errno) +
                                 "); check its permissions and the disk.");
  }
  return text;
}

CsvReader::CsvReader(const std::filesystem::path& file, CsvOptions options) : file_(file), text_(read_text_file(file)) {
  begin(std::move(options));
}

CsvReader::CsvReader(std::string text, std::filesystem::path name, CsvOptions options)
    : file_(std::move(name)), text_(std::move(text)) {
  begin(std::move(options));
}

void CsvReader::fail(std::int64_t line, const std::string& sentence) const {
  throw DatasetError(file_, line, sentence);
}

void CsvReader::begin(CsvOptions options) {
  delimiter_ = options.delimiter;
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF")) {
    fail(1, "the file is UTF-16; save it as UTF-8.");
  }
  if (const void* nul = std::memchr(text_.data(), '\0', text_.size())) {
    const char* place = static_cast<const char*>(nul);
    fail(1 + std::count(static_cast<const char*>(text_.data()), place, '\n'),
         "the file has a NUL byte and is no CSV text; save it as UTF-8 text, or copy it again if it was damaged.");
  }
  columns_ = std::move(options.columns);
  if (!columns_.empty()) return;
  CsvRecord header;
  if (!read_record(header)) {
    throw DatasetError(file_, "the file is empty; its first line must name the columns.");
  }
  columns_.assign(header.fields.begin(), header.fields.end());
}

std::int64_t CsvReader::find_column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) return -1;
  if (std::find(found + 1, columns_.end(), name) != columns_.end()) {
    throw DatasetError(file_, 1, "two columns are named '" + std::string(name) + "'; rename one of them.");
  }
  return found - columns_.begin();
}

std::int64_t CsvReader::column(std::string_view name) const {
  const std::int64_t found = find_column(name);
  if (found >= 0) return found;
  std::string known;
  for (const std::string& column_name : columns_) known += (known.empty() ? "'" : ", '") + column_name + "'";
  const std::optional<std::string> near = closest_name(name, columns_);
  throw DatasetError(file_, 1,
                     "there is no column '" + std::string(name) + "'" +
                         (near ? "; did you mean '" + *near + "'?" : ".") + " Columns: " + known + ".");
}

bool CsvReader::next(CsvRecord& record) {
  if (!read_record(record)) return false;
  if (record.fields.size() != columns_.size()) {
    fail(record.line, "the record has " + std::to_string(record.fields.size()) +
                          (record.fields.size() == 1 ? " field" : " fields") + " where " +
                          std::to_string(columns_.size()) + (columns_.size() == 1 ? " column is" : " columns are") +
                          " named; a field that contains the delimiter must stand in double quotes.");
  }
  return true;
}

bool CsvReader::read_record(CsvRecord& record) {
  const auto at_newline = [&](std::size_t at) {
    return at < text_.size() && (text_[at] == '\n' || (text_[at] == '\r' && text_.compare(at, 2, "\r\n") == 0));
  };
  while (at_newline(at_)) {
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
  }
  record.fields.clear();
  unescaped_.clear();
  if (at_ >= text_.size()) return false;
  record.line = line_;
  for (;;) {
    if (at_ < text_.size() && text_[at_] == '"') {
      record.fields.push_back(quoted_field(record.line));
    } else {
      const std::size_t first = at_;
      while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == delimiter_ || c == '\n' || c == '\r') break;
        if (c == '"') {
          fail(
              line_,
              "a double quote stands inside a field that does not begin with one; put the whole field in double quotes "
              "and double those inside.");
        }
        ++at_;
      }
      record.fields.push_back(std::string_view(text_).substr(first, at_ - first));
    }
    if (at_ >= text_.size()) return true;
    if (text_[at_] == delimiter_) {
      ++at_;
      continue;
    }
    if (!at_newline(at_)) {
      if (text_[at_] == '\r') {
        fail(line_, "a carriage return stands without a newline after it; save the file with LF or CRLF line ends.");
      }
      fail(line_, "text follows the closing quote of a field; double the quotes inside a quoted field.");
    }
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
    return true;
  }
}

std::string_view CsvReader::quoted_field(std::int64_t record_line) {
  const std::int64_t quote_line = line_;
  const std::size_t first = ++at_;
  std::string* built = nullptr;  // only where quotes are doubled
  std::size_t piece = first;
  for (;;) {
    const std::size_t quote = text_.find('"', at_);
    if (quote == std::string::npos) {
      fail(quote_line, quote_line == record_line
                           ? "a double quote is opened and never closed; close it on the line where the field ends."
                           : "a double quote is opened and never closed, in the record that begins on line " +
                                 std::to_string(record_line) + "; close it on the line where the field ends.");
    }
    line_ += std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                        text_.begin() + static_cast<std::ptrdiff_t>(quote), '\n');
    at_ = quote + 1;
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!built) built = &unescaped_.emplace_back();
      built->append(text_, piece, at_ - piece);
      piece = ++at_;
      continue;
    }
    if (!built) return std::string_view(text_).substr(first, quote - first);
    built->append(text_, piece, quote - piece);
    return *built;
  }
}

std::string csv_field(std::string_view text, char delimiter) {
  const char special[] = {delimiter, '"', '\n', '\r'};
  if (text.find_first_of(std::string_view(special, sizeof special)) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace fergraph
