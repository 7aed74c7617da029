// The published layouts: the first letter names the layout, what follows stands in its files, which lines of "%%"
// divide. A table or a DatasetError.
#include "datasets/affectnet_csv.hpp"
#include "datasets/affectnet_numpy.hpp"
#include "datasets/cifar.hpp"
#include "datasets/ck_plus.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/expw.hpp"
#include "datasets/ferplus_csv.hpp"
#include "datasets/ferplus_folders.hpp"
#include "datasets/noise_list.hpp"
#include "datasets/raf_db.hpp"
#include "tests/fuzz/sample_checks.hpp"
#include "tests/memory_folder.hpp"

namespace {

using namespace fergraph;

struct Layout {
  test::MemoryFolder folder;
  std::vector<std::string> files;
  std::size_t next = 0;

  /// The next of the input's files under this name; nothing where there is none left.
  std::filesystem::path put(const std::string& name) {
    std::error_code ignored;
    if (next < files.size()) return folder.write(name, files[next++]);
    std::filesystem::remove(folder.path() / name, ignored);
    return folder.path() / name;
  }
};

void read_raf_db(Layout& layout, RafDbLandmarks landmarks, RafDbImages images) {
  layout.put("basic/EmoLabel/list_patition_label.txt");
  layout.put("basic/Annotation/boundingbox/train_1_boundingbox.txt");
  layout.put(landmarks == RafDbLandmarks::manual ? "basic/Annotation/manual/train_1_manu_attri.txt"
                                                 : "basic/Annotation/auto/train_1_auto_attri.txt");
  fuzz::expect_sound(
      RafDb{.root = layout.folder.path(), .images = images, .landmarks = landmarks, .classes = {}}.read());
}

void read_ferplus_csv(Layout& layout, FerPlusRule rule) {
  const std::filesystem::path votes = layout.put("fer2013new.csv");
  fuzz::expect_sound(FerPlusCsv{layout.put("fer2013.csv"), votes, rule, {}}.read());
}

void read_ferplus_folders(Layout& layout, FerPlusRule rule) {
  layout.put("FER2013Train/label.csv");
  layout.put("FER2013Valid/label.csv");
  layout.put("FER2013Test/label.csv");
  fuzz::expect_sound(FerPlusFolders{layout.folder.path(), rule, {}}.read());
}

void read_affectnet_csv(Layout& layout) {
  layout.put("Manually_Annotated_file_lists/training.csv");
  layout.put("Manually_Annotated_file_lists/validation.csv");
  AffectNetCsv reader;
  reader.root = layout.folder.path();
  fuzz::expect_sound(reader.read());
}

void read_affectnet_numpy(Layout& layout) {
  layout.put("train_set/annotations/0_exp.npy");
  layout.put("train_set/annotations/0_lnd.npy");
  layout.folder.write("train_set/images/0.jpg", std::string_view("x"));
  AffectNetNumpy reader;
  reader.root = layout.folder.path();
  fuzz::expect_sound(reader.read());
}

void read_expw(Layout& layout) {
  Expw reader;
  reader.labels = layout.put("label.lst");
  fuzz::expect_sound(reader.read());
}

void read_ck_plus(Layout& layout) {
  layout.folder.write("cohn-kanade-images/S005/001/S005_001_00000001.png", std::string_view("x"));
  layout.folder.write("cohn-kanade-images/S005/001/S005_001_00000002.png", std::string_view("x"));
  layout.put("Emotion/S005/001/S005_001_00000002_emotion.txt");
  layout.put("Landmarks/S005/001/S005_001_00000002_landmarks.txt");
  CkPlus reader;
  reader.root = layout.folder.path();
  fuzz::expect_sound(reader.read());
}

void read_cifar10(Layout& layout) {
  layout.put("data_batch_1.bin");
  layout.put("test_batch.bin");
  Cifar10 reader;
  reader.root = layout.folder.path();
  fuzz::expect_sound(reader.read());
}

void read_cifar100(Layout& layout) {
  layout.put("fine_label_names.txt");
  layout.put("coarse_label_names.txt");
  layout.put("train.bin");
  layout.put("test.bin");
  Cifar100 reader;
  reader.root = layout.folder.path();
  fuzz::expect_sound(reader.read());
}

void read_noise(Layout& layout) {
  const std::vector<std::string> classes = raf_db_classes();
  const NoiseList list = read_noise_list(layout.put("noise.txt"), classes.size());
  const std::vector<std::int64_t> labels = {0, 3, -1, 6};
  const ListedLabels listed = apply_noise_list(
      list, classes, labels, {"train_1.jpg", "train_2_aligned.jpg", "folder/train_3.png", "test_1.jpg"},
      {false, false, false, true}, {"fear", "sadness", "anger", "neutral", "joy", "surprise", "x"});
  fuzz::expect(listed.labels.size() == labels.size() && listed.labels[3] == labels[3],
               "a protected label was changed or a label lost");
  for (const std::int64_t label : listed.labels) fuzz::expect(label >= -1 && label < 7, "a label is no class");
}

void read(char layout_letter, Layout& layout) {
  switch (layout_letter) {
    case 'r':
      return read_raf_db(layout, RafDbLandmarks::manual, RafDbImages::original);
    case 'R':
      return read_raf_db(layout, RafDbLandmarks::automatic, RafDbImages::original);
    case 'g':
      return read_raf_db(layout, RafDbLandmarks::none, RafDbImages::aligned);
    case 'f':
      return read_ferplus_csv(layout, FerPlusRule::unique);
    case 'd':
      return read_ferplus_csv(layout, FerPlusRule::distribution);
    case 'F':
      return read_ferplus_folders(layout, FerPlusRule::majority);
    case 'D':
      return read_ferplus_folders(layout, FerPlusRule::distribution);
    case 'a':
      return read_affectnet_csv(layout);
    case 'A':
      return read_affectnet_numpy(layout);
    case 'e':
      return read_expw(layout);
    case 'k':
      return read_ck_plus(layout);
    case 'c':
      return read_cifar10(layout);
    case 'C':
      return read_cifar100(layout);
    case 'n':
      return read_noise(layout);
    default:
      return;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // One folder for each layout: files of another would lie in the way.
  static Layout layouts[256];
  Layout& layout = layouts[data[0]];
  layout.files = fuzz::files_of(fuzz::text_of(data + 1, size - 1));
  layout.next = 0;
  try {
    read(static_cast<char>(data[0]), layout);
  } catch (const DatasetError&) {
  }
  return 0;
}
