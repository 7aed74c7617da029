// Statistics over seeds, and the three forms of a table.
#include "report/result_table.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "report/epoch_records.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(result_table)

namespace {

ResultCell measured(std::vector<double> values, std::optional<PaperNumber> paper = {}, std::size_t wanted = 3) {
  ResultCell cell;
  cell.is_run = true;
  cell.record = "test.accuracy";
  cell.pick = {Pick::Kind::best};
  cell.wanted = wanted;
  cell.values = std::move(values);
  cell.by_pick = {{"best", cell.values}, {"last", cell.values}, {"mean5", cell.values}};
  cell.paper = paper;
  return cell;
}

ResultCell printed(double mean, std::optional<double> deviation = {}) {
  ResultCell cell;
  cell.paper = PaperNumber{mean, deviation};
  return cell;
}

// Two groups of rows, columns of two levels, a missing seed, a failure, a row that the paper alone has.
ResultTable small_table() {
  ResultTable table;
  table.name = "small";
  table.doc = "Few labels & noise, 10 %";
  table.columns = {{"RAF-DB", "100 labels"}, {"RAF-DB", "400 labels"}, {"CK+"}};
  table.rows = {{"semi-supervised", "Ada-CM"},
                {"semi-supervised", "ReMixMatch"},
                {"semi-supervised", "Fix_Match"},
                {"fully supervised", "DLP-CNN †"}};
  table.cells = {measured({61, 62, 63}, PaperNumber{62.36, 1.10}),
                 measured({74, 75}),
                 measured({}),
                 printed(58.83, 2.34),
                 printed(73.34),
                 {},
                 measured({60, 60.5, 61}, PaperNumber{60.67, 2.25}),
                 measured({74, 74, 74}),
                 measured({}),
                 printed(84.13),
                 {},
                 {}};
  table.cells[8].failed = 1;
  return table;
}

}  // namespace

BOOST_AUTO_TEST_CASE(mean_and_sample_deviation_are_those_of_python) {
  // statistics.mean and statistics.stdev of Python 3.11.
  const Spread five = spread_of({61.2, 63.5, 60.1, 62.8, 61.9});
  BOOST_TEST(five.n == 5u);
  BOOST_TEST(five.mean == 61.9, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(five.deviation.value() == 1.3322912594474214, boost::test_tools::tolerance(1e-12));
  const Spread two = spread_of({84.13, 84.57});
  BOOST_TEST(two.mean == 84.35, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(two.deviation.value() == 0.3111269837220793, boost::test_tools::tolerance(1e-10));
  // Where large numbers lie close together, squares must not cancel.
  BOOST_TEST(spread_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}).deviation.value() == 5.477225575051661,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!spread_of({50}).deviation.has_value());
  BOOST_TEST(spread_of({}).n == 0u);
}

BOOST_AUTO_TEST_CASE(the_epochs_that_count) {
  const std::vector<double> epochs = {0.31, 0.52, 0.49, 0.61, 0.58, 0.60, 0.57};
  BOOST_TEST(Pick::parse("best")->of(epochs).value() == 0.61);
  BOOST_TEST(Pick::parse("last")->of(epochs).value() == 0.57);
  BOOST_TEST(Pick::parse("mean5")->of(epochs).value() == 0.57, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(Pick::parse("mean2")->of(epochs).value() == 0.585, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(Pick::parse("mean10")->of(epochs).value() == 0.525714285714285714, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(!Pick::parse("last")->of({}).has_value());
  BOOST_TEST(Pick::parse("best")->of({std::nan(""), 0.2, std::nan("")}).value() == 0.2);
  for (const char* word : {"", "first", "mean", "mean0", "mean-1", "mean5x", "Best"})
    BOOST_TEST(!Pick::parse(word).has_value(), word);
  for (const char* word : {"last", "best", "mean5", "mean10"}) BOOST_TEST(Pick::parse(word)->word() == word);
}

BOOST_AUTO_TEST_CASE(markdown) {
  BOOST_TEST(markdown_of(small_table()) == R"(## small

Few labels & noise, 10 %

|                      |       RAF-DB, 100 labels |        RAF-DB, 400 labels |     CK+ |
|:---------------------|-------------------------:|--------------------------:|--------:|
| **semi-supervised**  |                          |                           |         |
| Ada-CM               | **62.00 ± 1.00** (-0.36) | **74.50 ± 0.71** [2 of 3] | not run |
| Ada-CM, paper        |             62.36 ± 1.10 |                           |         |
| ReMixMatch, paper    |             58.83 ± 2.34 |                     73.34 |         |
| Fix\_Match           |     60.50 ± 0.50 (-0.17) |              74.00 ± 0.00 |  failed |
| Fix\_Match, paper    |             60.67 ± 2.25 |                           |         |
| **fully supervised** |                          |                           |         |
| DLP-CNN †, paper     |                    84.13 |                           |         |

test.accuracy in percent, mean ± sample standard deviation over n = 3 seeds; of each run the best epoch. In bold: the largest measured mean of each column and group. In parentheses: the difference to the paper's mean. In brackets: how many of the seeds are finished.
)");
}

BOOST_AUTO_TEST_CASE(csv) {
  BOOST_TEST(
      csv_of(small_table()) ==
      R"(row_group,row,column_group,column,record,pick,seeds,n,failed,mean,std,best_mean,best_std,last_mean,last_std,mean5_mean,mean5_std,paper_mean,paper_std,difference,values
semi-supervised,Ada-CM,RAF-DB,100 labels,test.accuracy,best,3,3,0,62,1,62,1,62,1,62,1,62.36,1.1,-0.36,61 62 63
semi-supervised,Ada-CM,RAF-DB,400 labels,test.accuracy,best,3,2,0,74.5,0.707107,74.5,0.707107,74.5,0.707107,74.5,0.707107,,,,74 75
semi-supervised,Ada-CM,,CK+,test.accuracy,best,3,0,0,,,,,,,,,,,,
semi-supervised,ReMixMatch,RAF-DB,100 labels,,,,,,,,,,,,,,58.83,2.34,,
semi-supervised,ReMixMatch,RAF-DB,400 labels,,,,,,,,,,,,,,73.34,,,
semi-supervised,Fix_Match,RAF-DB,100 labels,test.accuracy,best,3,3,0,60.5,0.5,60.5,0.5,60.5,0.5,60.5,0.5,60.67,2.25,-0.17,60 60.5 61
semi-supervised,Fix_Match,RAF-DB,400 labels,test.accuracy,best,3,3,0,74,0,74,0,74,0,74,0,,,,74 74 74
semi-supervised,Fix_Match,,CK+,test.accuracy,best,3,0,1,,,,,,,,,,,,
fully supervised,DLP-CNN †,RAF-DB,100 labels,,,,,,,,,,,,,,84.13,,,
)");
}

BOOST_AUTO_TEST_CASE(latex) {
  BOOST_TEST(latex_of(small_table()) == R"(% Needs \usepackage{booktabs}.
\begin{table}
\centering
\caption{Few labels \& noise, 10 \%. test.accuracy in percent, mean $\pm$ sample standard deviation over n = 3 seeds; of each run the best epoch. In bold: the largest measured mean of each column and group. In parentheses: the difference to the paper's mean. In brackets: how many of the seeds are finished.}
\label{tab:small}
\begin{tabular}{lrrr}
\toprule
 & \multicolumn{2}{c}{RAF-DB} &  \\
\cmidrule(lr){2-3}
 & 100 labels & 400 labels & CK+ \\
\midrule
\multicolumn{4}{l}{\textbf{semi-supervised}} \\
Ada-CM & $\mathbf{62.00} \pm 1.00\ (-0.36)$ & $\mathbf{74.50} \pm 0.71$ [2 of 3] & \textit{not run} \\
Ada-CM, paper & $62.36 \pm 1.10$ & -- & -- \\
ReMixMatch, paper & $58.83 \pm 2.34$ & $73.34$ & -- \\
Fix\_Match & $60.50 \pm 0.50\ (-0.17)$ & $74.00 \pm 0.00$ & \textit{failed} \\
Fix\_Match, paper & $60.67 \pm 2.25$ & -- & -- \\
\midrule
\multicolumn{4}{l}{\textbf{fully supervised}} \\
DLP-CNN \dag{}, paper & $84.13$ & -- & -- \\
\bottomrule
\end{tabular}
\end{table}
)");
}

BOOST_AUTO_TEST_CASE(one_seed_has_no_deviation_and_one_row_no_best) {
  ResultTable table;
  table.name = "one";
  table.columns = {{"test.accuracy"}};
  table.rows = {{"Baseline"}};
  table.cells = {measured({52.5}, {}, 1)};
  BOOST_TEST(markdown_of(table) == R"(## one

|          | test.accuracy |
|:---------|--------------:|
| Baseline |         52.50 |

test.accuracy in percent of one seed; of each run the best epoch.
)");
}

BOOST_AUTO_TEST_CASE(of_errors_and_losses_the_smallest_is_the_best) {
  for (const char* name : {"test.calibration_error", "calibration_error", "loss", "loss.total", "contrast.loss"})
    BOOST_TEST(is_smaller_better(name), name);
  for (const char* name : {"test.accuracy", "mean_recall", "lossless"}) BOOST_TEST(!is_smaller_better(name), name);
  const std::vector<double> epochs = {0.31, 0.12, std::nan(""), 0.2};
  const Pick best{Pick::Kind::best}, last{Pick::Kind::last};
  BOOST_TEST(picked(best, "test.calibration_error", epochs).value() == 0.12);
  BOOST_TEST(picked(best, "test.accuracy", epochs).value() == 0.31);
  BOOST_TEST(picked(last, "test.calibration_error", epochs).value() == 0.2);
  BOOST_TEST(!picked(best, "loss.total", {}).has_value());

  const auto error = [](double value) {
    ResultCell cell = measured({value}, {}, 1);
    cell.record = "test.calibration_error";
    cell.smaller_is_better = true;
    return cell;
  };
  ResultTable table;
  table.name = "errors";
  table.columns = {{"accuracy"}, {"ECE"}};
  table.rows = {{"Baseline"}, {"Ada-CM"}};
  table.cells = {measured({60}, {}, 1), error(5), measured({70}, {}, 1), error(9)};
  const std::vector<TableLine> lines = lines_of(table);
  BOOST_REQUIRE_EQUAL(lines.size(), 2u);
  BOOST_TEST(!lines[0].cells[0].best);
  BOOST_TEST(lines[1].cells[0].best);
  BOOST_TEST(lines[0].cells[1].best);
  BOOST_TEST(!lines[1].cells[1].best);
  BOOST_TEST(description_of(table) ==
             "test.accuracy, test.calibration_error in percent of one seed; of each run the best epoch. In bold: the "
             "largest measured mean of each column, of test.calibration_error the smallest.");

  table.columns = {{"ECE"}};
  table.cells = {error(5), error(9)};
  BOOST_TEST(description_of(table) ==
             "test.calibration_error in percent of one seed; of each run the best epoch. In bold: the smallest "
             "measured mean of each column.");
  // An accuracy above an error: neither of them is the better one.
  table.cells = {measured({60}, {}, 1), error(9)};
  for (const TableLine& line : lines_of(table)) BOOST_TEST(!line.cells[0].best, line.label);
  BOOST_TEST(description_of(table) ==
             "test.accuracy, test.calibration_error in percent of one seed; of each run the best epoch.");
}

BOOST_AUTO_TEST_CASE(a_mean_over_fewer_epochs_than_it_is_called_after_is_told) {
  ResultTable table;
  table.name = "short";
  table.columns = {{"test.accuracy"}};
  table.rows = {{"Baseline"}};
  table.cells = {measured({52.5}, {}, 1)};
  table.cells[0].pick = {Pick::Kind::mean, 5};
  table.cells[0].fewest_epochs = 5;
  BOOST_TEST(description_of(table) ==
             "test.accuracy in percent of one seed; of each run the mean of the last 5 epochs.");
  table.cells[0].fewest_epochs = 2;
  BOOST_TEST(description_of(table) ==
             "test.accuracy in percent of one seed; of each run the mean of the last 5 epochs (of all, where there "
             "are fewer).");
}

BOOST_AUTO_TEST_CASE(a_table_of_a_paper_alone) {
  ResultTable table;
  table.name = "paper";
  table.columns = {{"RAF-DB"}};
  table.rows = {{"SCN"}};
  table.cells = {printed(87.03)};
  BOOST_TEST(markdown_of(table) == R"(## paper

|            | RAF-DB |
|:-----------|-------:|
| SCN, paper |  87.03 |

The paper's numbers, in percent.
)");
}

BOOST_AUTO_TEST_CASE(latex_text_is_escaped) {
  BOOST_TEST(latex_text("a_b & 50 % {x} $5 #1 ^ ~ \\") ==
             "a\\_b \\& 50 \\% \\{x\\} \\$5 \\#1 \\textasciicircum{} \\textasciitilde{} \\textbackslash{}");
  BOOST_TEST(latex_text("1.2 ± 0.1 † λ ✓ – é") == "1.2 $\\pm$ 0.1 \\dag{} $\\lambda$ $\\surd$ -- é");
}

BOOST_AUTO_TEST_CASE(epochs_are_read_from_what_a_run_wrote) {
  const test::Scratch scratch;
  scratch.write("metrics.jsonl",
                R"({"section":"step","epoch":1,"step":1,"iteration":1,"loss.total":1.5}
{"section":"epoch_end","epoch":1,"step":2,"iteration":2,"test.accuracy":0.25,"test.confusion":{"shape":[1,1],"values":[3]}}
{"section":"epoch_end","epoch":2,"step":2,"iteration":4,"test.accuracy":null,"lr":1}
{"section":"epoch_end","epoch":3,"step":2,"iteration":6,"test.accuracy":0.5,"lr":1}
{"section":"epoch_end","epoch":4,"st)");
  const auto records = epoch_records(scratch.folder);
  BOOST_TEST(records.size() == 2u);
  BOOST_REQUIRE_EQUAL(records.at("test.accuracy").size(), 3u);
  BOOST_TEST(records.at("test.accuracy")[0] == 0.25);
  BOOST_TEST(std::isnan(records.at("test.accuracy")[1]));
  BOOST_TEST(records.at("lr").size() == 2u);
  BOOST_TEST(last_recorded_epoch(scratch.folder) == 4);
  BOOST_TEST(epoch_records(scratch.folder / "none").empty());
  BOOST_TEST(last_recorded_epoch(scratch.folder / "none") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
