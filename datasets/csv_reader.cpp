#include "datasets/csv_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/landmark_points.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

const std::array<std::string, 4> default_box = {"box_x", "box_y", "box_width", "box_height"};
const std::array<std::string, 10> default_landmarks = {"left_eye_x",    "left_eye_y",   "right_eye_x",  "right_eye_y",
                                                       "nose_x",        "nose_y",       "mouth_left_x", "mouth_left_y",
                                                       "mouth_right_x", "mouth_right_y"};

// First all x, then all y, as OpenFace writes them.
const std::array<std::string, 136> columns_of_68 = [] {
  std::array<std::string, 136> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = (i < 68 ? "x_" : "y_") + std::to_string(i % 68);
  return names;
}();

// Where a wanted column stands.
struct Column {
  bool in_join = false;
  std::int64_t index = -1;
  std::string name;
};

struct JoinedRow {
  std::int64_t line = 0;
  std::vector<std::string> fields;
  bool used = false;
};

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

// Something that is lived with: how often, and where first.
struct Counted {
  std::int64_t count = 0;
  std::string first;
  void add(const std::string& place) {
    if (count++ == 0) first = place;
  }
};

// Rows that cannot be used: the first in words, some more by their place. All of them become voids, which tell the
// rest.
struct Unusable : Counted {
  static constexpr std::int64_t most_listed = 20;
  std::string others;
  void add(const std::string& place, const std::string& problem) {
    if (count > 0 && count < most_listed) others += (count == 1 ? "; also " : ", ") + place;
    Counted::add(problem);
  }
  Counted told() const {
    const std::int64_t left = count - most_listed;
    return {count, first + others + (left > 0 ? " and " + std::to_string(left) + " more" : "")};
  }
};

std::string at(const std::filesystem::path& file, std::int64_t line) {
  return file.string() + ":" + std::to_string(line);
}

class Reading {
 public:
  Reading(const std::filesystem::path& file, const CsvDatasetOptions& options)
      : options_(options),
        main_(file, {.delimiter = options.delimiter, .columns = options.columns}),
        labels_(file, options.class_names, options.aliases) {
    table_.root = options.root.empty() ? file.parent_path() : options.root;
    if (options.join) open_join();
    image_ = required(options.image);
    if (!options.label.empty()) label_ = required(options.label);
    split_ = optional(options.split, "split");
    weight_ = optional(options.weight, "weight");
    if (options.id) id_ = required(*options.id);
    find_group(options.box, default_box, box_);
    if (options.landmarks_required) require_landmark_columns();
    find_landmarks();
    if (options.join) read_join();
  }

  SampleTable read() {
    CsvRecord record;
    for (std::int64_t row = 0; main_.next(record); ++row) add(row, record);
    const std::vector<std::int64_t> numbers = labels_.finish();
    table_.class_names = labels_.class_names();
    for (Sample& sample : table_.samples) {
      if (sample.label >= 0) sample.label = numbers[static_cast<std::size_t>(sample.label)];
    }
    warn();
    if (table_.samples.empty()) {
      throw DatasetError(main_.file(), "no sample is left; the file has no data rows, or all were left out." +
                                           (table_.warnings.empty() ? "" : " " + table_.warnings.front()));
    }
    if (options_.landmarks_required) require_a_row_with_landmarks();
    return std::move(table_);
  }

 private:
  // --- columns ---

  Column find(const std::string& name) const {
    const std::int64_t index = main_.find_column(name);
    const std::int64_t joined_index = join_ ? join_->find_column(name) : -1;
    if (index >= 0 && joined_index >= 0 && name != key_) {
      throw DatasetError(main_.file(), "the column '" + name + "' stands in this file and in " +
                                           join_->file().string() + "; rename one of them, or name another column.");
    }
    if (index >= 0) return {false, index, name};
    if (joined_index >= 0) return {true, joined_index, name};
    return {false, -1, name};
  }

  Column required(const std::string& name) const {
    Column found = find(name);
    if (found.index >= 0) return found;
    if (!join_) main_.column(name);  // throws
    std::vector<std::string> all = main_.columns();
    all.insert(all.end(), join_->columns().begin(), join_->columns().end());
    std::string known;
    for (const std::string& column : all) known += (known.empty() ? "'" : ", '") + column + "'";
    const std::optional<std::string> near = closest_name(name, all);
    throw DatasetError(main_.file(), 1,
                       "there is no column '" + name + "' here or in " + join_->file().string() +
                           (near ? "; did you mean '" + *near + "'?" : ".") + " Columns: " + known + ".");
  }

  Column optional(const std::optional<std::string>& name, const std::string& usual) const {
    return name ? required(*name) : find(usual);
  }

  template <std::size_t N>
  void find_group(const std::optional<std::array<std::string, N>>& names, const std::array<std::string, N>& usual,
                  std::vector<Column>& columns) const {
    if (!names) {
      // Usual names are taken together or not at all; one of them alone is likely a mistake.
      std::size_t present = 0;
      for (const std::string& name : usual) present += find(name).index >= 0 ? 1 : 0;
      if (present == 0) return;
    }
    for (const std::string& name : names ? *names : usual) columns.push_back(required(name));
  }

  // Such names are common: a few of them alone are something else.
  bool has_columns_of_68() const {
    return std::all_of(columns_of_68.begin(), columns_of_68.end(),
                       [&](const std::string& name) { return find(name).index >= 0; });
  }

  void find_landmarks() {
    if (options_.landmark_list) {
      landmarks_.push_back(required(*options_.landmark_list));
      return;
    }
    find_group(options_.landmarks, default_landmarks, landmarks_);
    if (!landmarks_.empty() || !has_columns_of_68()) return;
    for (const std::string& name : columns_of_68) landmarks_.push_back(find(name));
  }

  static constexpr const char* without_landmarks =
      "or use a pipeline that finds the faces itself, such as pipelines/faces/csv.yaml.";

  void require_landmark_columns() const {
    if (options_.landmark_list) return;  // named, so it must exist
    if (!options_.landmarks && has_columns_of_68()) return;
    std::string missing;
    for (const std::string& name : options_.landmarks.value_or(default_landmarks)) {
      if (find(name).index < 0) missing += (missing.empty() ? "'" : ", '") + name + "'";
    }
    if (missing.empty()) return;
    throw DatasetError(main_.file(), 1,
                       "the five landmarks of every face are asked for, and these columns are missing: " + missing +
                           ". Add them, in pixels of the photograph, or name a column with all points in "
                           "'landmark_list', " +
                           without_landmarks);
  }

  void require_a_row_with_landmarks() const {
    for (const Sample& sample : table_.samples) {
      if (sample.landmarks) return;
    }
    throw DatasetError(main_.file(), "the five landmarks of every face are asked for, and no row has them" +
                                         (problems_.count > 0 ? " (" + problems_.first + ")" : std::string()) +
                                         ". Fill in " + landmark_columns() + ", in pixels of the photograph, " +
                                         without_landmarks);
  }

  std::string landmark_columns() const {
    if (landmarks_.size() == 1) return "the column '" + landmarks_.front().name + "'";
    return "the columns from '" + landmarks_.front().name + "' to '" + landmarks_.back().name + "'";
  }

  // --- the second file ---

  void open_join() {
    join_.emplace(options_.join->file);
    key_ = options_.join->key.empty() ? options_.image : options_.join->key;
    main_key_ = main_.column(key_);
    join_key_ = join_->column(key_);
  }

  void read_join() {
    CsvRecord record;
    while (join_->next(record)) {
      const std::string_view key = record.fields[static_cast<std::size_t>(join_key_)];
      if (const auto earlier = joined_.find(key); earlier != joined_.end()) {
        const std::vector<std::string>& fields = earlier->second.fields;
        if (!std::equal(fields.begin(), fields.end(), record.fields.begin(), record.fields.end())) {
          throw DatasetError(join_->file(), record.line,
                             "the key '" + std::string(key) + "' stands on line " +
                                 std::to_string(earlier->second.line) +
                                 " already, with other values; keep the right one of the two.");
        }
        join_repeats_.add(at(join_->file(), record.line));
        continue;
      }
      JoinedRow row{record.line, {record.fields.begin(), record.fields.end()}};
      joined_.emplace(std::string(key), std::move(row));
    }
  }

  // --- rows ---

  std::string_view field(const Column& column, const CsvRecord& record, const JoinedRow* partner) const {
    const auto index = static_cast<std::size_t>(column.index);
    return column.in_join ? std::string_view(partner->fields[index]) : record.fields[index];
  }

  std::string place(const Column& column, const CsvRecord& record, const JoinedRow* partner) const {
    return column.in_join ? at(join_->file(), partner->line) : at(main_.file(), record.line);
  }

  static std::optional<float> number(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (!(std::abs(value) <= std::numeric_limits<float>::max())) return std::nullopt;
    return static_cast<float>(value);
  }

  // The numbers of a group of columns; none where all are empty. The first that is no finite number becomes the
  // problem.
  template <std::size_t N>
  std::optional<std::array<float, N>> numbers(const std::vector<Column>& columns, const CsvRecord& record,
                                              const JoinedRow* partner, std::string& problem) const {
    bool all_empty = true;
    for (const Column& column : columns) all_empty = all_empty && trimmed(field(column, record, partner)).empty();
    if (all_empty) return std::nullopt;
    std::array<float, N> values{};
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view text = field(columns[i], record, partner);
      const std::optional<float> value = number(text);
      if (!value) {
        if (problem.empty()) {
          problem = place(columns[i], record, partner) + ": " + columns[i].name + " is '" + std::string(text) +
                    "', which is no finite number.";
        }
        return std::nullopt;
      }
      values[i] = *value;
    }
    return values;
  }

  // Of one field with x and y in turn.
  std::optional<FiveLandmarks> listed_landmarks(const Column& column, const CsvRecord& record, const JoinedRow* partner,
                                                std::string& problem) const {
    std::vector<float> values;
    const auto fail = [&](const std::string& what) {
      if (problem.empty()) problem = place(column, record, partner) + ": " + column.name + what;
      return std::nullopt;
    };
    const std::vector<std::string_view> words = words_of(field(column, record, partner), " \t,;[]");
    if (words.empty()) return std::nullopt;
    for (const std::string_view word : words) {
      const std::optional<float> value = number(word);
      if (!value) return fail(" has '" + std::string(word) + "', which is no finite number.");
      values.push_back(*value);
    }
    const std::optional<FiveLandmarks> five = five_of_list(values);
    if (!five)
      return fail(" has " + std::to_string(values.size()) + " numbers, not 10 (five points) or 136 (68 points).");
    return five;
  }

  std::optional<FiveLandmarks> landmarks_of_68(const CsvRecord& record, const JoinedRow* partner,
                                               std::string& problem) const {
    const auto all = numbers<136>(landmarks_, record, partner, problem);
    if (!all) return std::nullopt;
    std::array<float, 136> in_turn{};
    for (std::size_t i = 0; i < 68; ++i) {
      in_turn[2 * i] = (*all)[i];
      in_turn[2 * i + 1] = (*all)[68 + i];
    }
    return five_of_68(in_turn);
  }

  void check_image(const std::string& image, const std::string& where) const {
    const std::filesystem::path path(image);
    if (image.empty()) throw DatasetError(where + ": the image is empty; name a file, or remove the row.");
    if (path.is_absolute()) {
      throw DatasetError(where + ": the image '" + image +
                         "' is an absolute path; write it relative to the root folder.");
    }
    const std::filesystem::path normal = path.lexically_normal();
    if (normal.empty() || *normal.begin() == "..") {
      throw DatasetError(where + ": the image '" + image +
                         "' leads outside the root folder; write it relative to the root folder, without '..'.");
    }
  }

  void add(std::int64_t row, const CsvRecord& record) {
    JoinedRow* partner = nullptr;
    const std::string where = at(main_.file(), record.line);
    if (join_) {
      const std::string_view key = record.fields[static_cast<std::size_t>(main_key_)];
      const auto found = joined_.find(key);
      if (found == joined_.end()) {
        if (options_.join->missing_is_error) {
          throw DatasetError(where + ": " + join_->file().string() + " has no row with " + key_ + " '" +
                             std::string(key) + "'; add one, or allow rows without a partner to be left out.");
        }
        without_partner_.add(where);
        return;
      }
      partner = &found->second;
      partner->used = true;
    }

    Sample sample;
    sample.row = row;
    sample.image = field(image_, record, partner);
    check_image(sample.image, place(image_, record, partner));
    if (split_.index >= 0) {
      sample.split = trimmed(field(split_, record, partner));
      if (sample.split.empty()) {
        without_split_.add(place(split_, record, partner));
        return;
      }
    }
    if (label_.index >= 0) {
      const std::string_view label = trimmed(field(label_, record, partner));
      const std::string label_place = place(label_, record, partner);
      const bool aliased_empty = label.empty() && options_.aliases.count("") > 0;
      if (label.empty() && !aliased_empty) {
        without_label_.add(label_place);
      } else {
        const LabelMap::Result result = labels_.map(label, label_place);
        if (result.kind == LabelMap::Kind::left_out) {
          left_out_[lower_case(label)].add(label_place);
          return;
        }
        sample.label = result.label;
      }
    }
    if (weight_.index >= 0) {
      const std::string_view text = field(weight_, record, partner);
      const std::optional<float> value = number(text);
      if (!value || *value < 0) {
        throw DatasetError(place(weight_, record, partner) + ": " + weight_.name + " is '" + std::string(text) +
                           "'; write a finite number that is not negative.");
      }
      sample.weight = *value;
    }
    if (!box_.empty()) {
      sample.box = numbers<4>(box_, record, partner, sample.problem);
      if (sample.box && !((*sample.box)[2] > 0 && (*sample.box)[3] > 0)) {
        sample.problem = place(box_[2], record, partner) + ": the box has no area (" + box_[2].name + " " +
                         std::string(field(box_[2], record, partner)) + ", " + box_[3].name + " " +
                         std::string(field(box_[3], record, partner)) + ").";
        sample.box.reset();
      }
    }
    if (landmarks_.size() == 1)
      sample.landmarks = listed_landmarks(landmarks_.front(), record, partner, sample.problem);
    else if (landmarks_.size() == columns_of_68.size())
      sample.landmarks = landmarks_of_68(record, partner, sample.problem);
    else if (!landmarks_.empty())
      sample.landmarks = numbers<10>(landmarks_, record, partner, sample.problem);
    std::string id;
    if (id_.index >= 0) {
      id = field(id_, record, partner);
      if (id.empty()) throw DatasetError(place(id_, record, partner) + ": the id is empty; give every row an id.");
    }

    // Rows of one image, to find repeats and contradictions.
    std::vector<std::size_t>& of_image = by_image_[sample.image];
    bool contradicts = false;
    for (const std::size_t index : of_image) {
      const Sample& other = table_.samples[index];
      // Numbers that cannot be read are not the same as others that cannot.
      const bool same_face = other.box == sample.box && other.landmarks == sample.landmarks && other.problem.empty() &&
                             sample.problem.empty();
      const bool same_class = other.label == sample.label && other.split == sample.split;
      if (same_face && same_class && other.weight == sample.weight && (id_.index < 0 || other.id == id)) {
        repeats_.add(where);
        return;
      }
      contradicts = contradicts || (same_face && !same_class);
    }
    if (contradicts) contradictions_.add(where);
    of_image.push_back(table_.samples.size());
    if (id_.index >= 0) {
      if (const auto [earlier, inserted] = ids_.emplace(id, where); !inserted) {
        throw DatasetError(place(id_, record, partner) + ": the id '" + id + "' was given at " + earlier->second +
                           " already; ids must be unique. Name another column, or none to use the image.");
      }
      sample.id = std::move(id);
    } else {
      std::size_t n = of_image.size();
      sample.id = n == 1 ? sample.image : sample.image + "#" + std::to_string(n);
      while (!ids_.emplace(sample.id, where).second) sample.id = sample.image + "#" + std::to_string(++n);
    }
    if (!sample.problem.empty()) problems_.add(where, sample.problem.substr(0, sample.problem.size() - 1));
    table_.samples.push_back(std::move(sample));
  }

  void warn() {
    const auto note = [&](const std::filesystem::path& file, const std::string& what, const Counted& counted) {
      if (counted.count == 0) return;
      table_.warnings.push_back(file.string() + ": " + what + ": " + std::to_string(counted.count) +
                                " (first: " + counted.first + ").");
    };
    const std::filesystem::path& file = main_.file();
    if (join_) {
      const std::string by_key = " by the column '" + key_ + "', ";
      note(join_->file(), "rows that repeat an earlier row exactly, taken once", join_repeats_);
      note(file, "rows without a partner in " + join_->file().string() + by_key + "left out", without_partner_);
      Counted unused;
      std::int64_t first_line = std::numeric_limits<std::int64_t>::max();
      for (const auto& [key, row] : joined_) {
        if (row.used) continue;
        ++unused.count;
        first_line = std::min(first_line, row.line);
      }
      unused.first = at(join_->file(), first_line);
      note(join_->file(), "rows without a partner in " + file.string() + by_key + "not used", unused);
    }
    note(file, "rows without a split, left out", without_split_);
    for (const auto& [label, counted] : left_out_) {
      note(file, "rows of the label '" + label + "', left out as its alias ~ asks", counted);
    }
    note(file, "rows without a label, kept as unlabeled", without_label_);
    note(file, "rows that repeat an earlier row, left out", repeats_);
    note(file, "rows that name the same face as an earlier row with another label or split, kept", contradictions_);
    note(file, "rows that cannot be used", problems_.told());
    const std::vector<std::string> splits = table_.split_warnings();
    table_.warnings.insert(table_.warnings.end(), splits.begin(), splits.end());
  }

  const CsvDatasetOptions& options_;
  CsvReader main_;
  LabelMap labels_;
  std::optional<CsvReader> join_;
  std::string key_;
  std::int64_t main_key_ = -1, join_key_ = -1;
  Column image_, label_, split_, weight_, id_;
  std::vector<Column> box_, landmarks_;
  ByText<JoinedRow> joined_;
  ByText<std::vector<std::size_t>> by_image_;
  ByText<std::string> ids_;
  Counted join_repeats_, without_partner_, without_split_, without_label_, repeats_, contradictions_;
  Unusable problems_;
  std::map<std::string, Counted> left_out_;
  SampleTable table_;
};

}  // namespace

SampleTable read_csv_dataset(const std::filesystem::path& file, const CsvDatasetOptions& options) {
  return Reading(file, options).read();
}

}  // namespace fergraph
