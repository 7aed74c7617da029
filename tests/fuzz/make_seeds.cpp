// Writes the seeds of the fuzzing harnesses: small valid inputs, from which the fuzzer starts. Those of checkpoints are
// in tests/packs/checkpoints.
//
// usage: make_fuzz_seeds FOLDER, such as tests/fuzz/seeds
#include <iostream>
#include <map>

#include "tests/cache/made_cache.hpp"
#include "tests/datasets/npy_bytes.hpp"
#include "tests/small_pictures.hpp"

using namespace fergraph;
using namespace std::string_literals;

namespace {

using Seeds = std::map<std::string, std::string>;  // bytes by name

Seeds pickles() {
  return {{"dict",
           "\x80\x02}(U\x05"
           "epochK\x03U\x04lossG?\xF8\0\0\0\0\0\0u."s},
          {"protocol-0", "(dp0\nS'a'\np1\nI1\nsS'b'\np2\nF2.5\nsS'c'\n(lp3\nI01\naL12L\nas."},
          {"ordered",
           "\x80\x02"
           "ccollections\nOrderedDict\n)RU\x01xN\x88\x89\x87s."s},
          {"tensor",
           "\x80\x02"
           "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01"
           "0U\x03"
           "cpuK\x06tQK\0K\x02K\x03\x86K\x03K\x01\x86\x89"
           "ccollections\nOrderedDict\n)RtR."s},
          {"framed", "\x80\x04\x95\x0D\0\0\0\0\0\0\0]\x94(\x8C\x02hi\x94\x8A\x02\x01\x02h\x01\x65."s}};
}

std::string safetensors(const std::string& header, std::size_t bytes) {
  return test::little(header.size(), 8) + header + std::string(bytes, '\x3F');
}

Seeds safetensors_files() {
  return {{"empty", safetensors("{}", 0)},
          {"two", safetensors(R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                              R"("n":{"dtype":"I64","shape":[],"data_offsets":[24,32]}})",
                              32)},
          {"metadata", safetensors(R"({"__metadata__":{"format":"pt"},)"
                                   R"("a.b":{"dtype":"BF16","shape":[0,7],"data_offsets":[0,0]}}   )",
                                   0)}};
}

Seeds numpy_files() {
  using test::npy;
  return {{"scalar", npy("<i8", "()", test::little(3, 8))},
          {"doubles", npy("<f8", "(3,)", test::float64(1) + test::float64(-2.5) + test::float64(1e300))},
          {"halves", npy("<f2", "(2,)", test::little(0x3C00, 2) + test::little(0x7BFF, 2))},
          {"big-endian", npy(">u2", "(2,)", "\1\2\3\4"s)},
          {"bools", npy("|b1", "(2,)", "\1\0"s)},
          {"bytes", npy("|S3", "(2,)", "ab\0xyz"s)},
          {"unicode", npy("<U2", "()", test::little('h', 4) + test::little(0x1F600, 4))},
          {"version-2", npy("<f4", "(1,)", test::little(0, 4), 2)},
          {"version-3", npy("<u8", "(1,)", test::little(7, 8), 3)}};
}

Seeds csv_files() {
  const std::string landmarks =
      "left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,mouth_right_x,"
      "mouth_right_y";
  return {{"plain", "@image,label,split\na.jpg,fear,train\nb.jpg,joy,test\n"},
          {"quotes", "@image,label\r\n\"a, b.jpg\",\"f\"\"ear\"\r\n\"two\nlines\",joy\r\n"},
          {"semicolons", "Aimage;label;weight\na.jpg;fear;0.5\n"},
          {"boxes", "@image,label,box_x,box_y,box_width,box_height\na.jpg,fear,1,2,30,40.5\nb.jpg,joy,,,,\n"},
          {"landmarks", "Bimage,label," + landmarks + "\na.jpg,fear,1,2,3,4,5,6,7,8,9,10\n"},
          {"no-labels", "Dimage,split\na.jpg,train\n\na.jpg,train\n"},
          {"classes", "Himage,label,id\na.jpg,FEAR,x\nb.jpg,joy,y\n"},
          {"joined", "Pimage,label\na.jpg,fear\nb.jpg,joy\n\n%%\nimage,split\na.jpg,train\nb.jpg,test\n"},
          {"bom", "@\xEF\xBB\xBFimage,label\na.jpg,fear\n"}};
}

Seeds annotation_files() {
  const std::string divider = "\n%%\n";
  std::string points, semicolons, lines, pixels;
  for (int i = 0; i < 74; ++i) points += std::to_string(i) + (i % 2 ? ".5\n" : "\t");
  for (int i = 0; i < 136; ++i) semicolons += (i ? ";" : "") + std::to_string(i);
  for (int i = 0; i < 68; ++i) lines += "   " + std::to_string(i) + ".0e+00   2\n";
  for (int i = 0; i < 48 * 48; ++i) pixels += (i ? " " : "") + std::to_string(i % 10);
  const std::string votes =
      "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
      "Training,fer0.png,4,0,0,1,3,2,0,0,0,0\n";
  const std::string fer = votes + divider + "emotion,pixels,Usage\n0," + pixels + ",Training\n";
  const std::string folders = "fer9.png,\"(2, 3, 40, 48)\",0,9,1,0,0,0,0,0,0,0\n" + divider +
                              "fer8.png,\"(0, 0, 48, 48)\",9,0,0,0,0,0,0,0,0,0\n";
  std::string numbers;
  for (int i = 0; i < 136; ++i) numbers += test::little(0x40400000, 4);
  const std::string picture(3072, '\x11');
  return {{"raf-db-manual", "rtrain_1.jpg 5\ntest_2.jpg 7\n" + divider + "10 20 90.5 100\n" + divider +
                                "1 2\n3 4\n5 6\n7 8\n9 10\n0\n1\n2\n"},
          {"raf-db-automatic", "Rtrain_1.jpg 5\n" + divider + "10\t20\t90\t100" + divider + points},
          {"raf-db-aligned", "gtrain_1.jpg 1\n"},
          {"ferplus-csv", "f" + fer},
          {"ferplus-csv-shares", "d" + fer},
          {"ferplus-folders", "F" + folders},
          {"ferplus-folders-shares", "D" + folders},
          {"affectnet-csv",
           "asubDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
           "1/a.jpg,1,2,30,40," +
               semicolons + ",1,0.1,-2\n" + divider + "7/v.jpg,1,2,30,40," + semicolons + ",9,-2,-2\n"},
          {"affectnet-numpy",
           "A" + test::npy("<i8", "()", test::little(3, 8)) + divider + test::npy("<f4", "(136,)", numbers)},
          {"affectnet-numpy-text", "A" + test::npy("<U1", "()", test::little('5', 4))},
          {"expw", "eangry_actor_104.jpg 0 28 113 226 141 22.9362 0\nb.jpg 1 10 20 30 50 9.5 3\r\n"},
          {"ck-plus", "k   3.0000000e+00\n" + divider + lines},
          {"cifar10", "c\3" + picture},
          {"cifar100",
           "Capple\nbear\n" + divider + "fruit\nbeast\n" + divider + "\1\0"s + picture + divider + "\0\1"s + picture},
          {"noise", "ntrain_1.jpg 5\ntrain_2.jpg 7\ntest_1.jpg 2\nother.jpg 1\n"}};
}

Seeds caches() {
  Seeds seeds;
  const test::Scratch scratch;
  for (const std::int64_t faces : {0, 3}) {
    test::make_cache(scratch / "faces.h5", {4, 4}, faces, faces);
    seeds[std::to_string(faces) + "-sealed"] = test::text_of(scratch / "faces.h5");
  }
  test::make_cache(scratch / "faces.h5", {8, 8}, 3, 3, {.codec = FaceCodec::jpeg});
  seeds["3-jpegs"] = test::text_of(scratch / "faces.h5");
  return seeds;
}

Seeds pipelines() {
  return {
      {"step", R"yaml(version: 1
pipeline: p
doc: Numbers
params: {epochs: 2, steps: 3, rate: 0.5, name: "x y"}
state:
  c: {kind: cell, init: $rate}
  d: {kind: cell, copy_of: c}
step:
  a: {node: constant, value: "rate*exp(-epoch/epochs)"}
  b: {node: get, cell: c}
  s: {node: sum, terms: [a.value, b.value], extra: a.value}
  p: {node: put, x: s.value, cell: [c, d], when: step % 2 == 0}
epoch_end:
  e: {node: get, cell: c}
records: {loss.total: s.value, cell: c, "of:all": [a.value, s.all]}
)yaml"},
      {"stream", R"yaml(pipeline: q
params: {epochs: 1, steps: numbers}
streams:
  numbers:
    n: {node: count, samples: 8, void_at: [1, 2]}
    x: {node: jitter, x: n.value}
    y: {node: add, x: x.value, amount: 2}
    batch: {size: 4, items: {value: y.value}, order: shuffled}
step:
  m: {node: mean, values: numbers.value}
  w: {node: blend, terms: {m.value: 0.5, m.value: "omega_max*step"}}
)yaml"},
      {"merged", R"yaml(pipeline: r
params: {epochs: 1, steps: 1, who: [1, ~, 'three'], "odd key": {}}
step:
  a: {node: constant, value: ${epochs}}
  b: {node: add, x: a.value, amount: 3}
)yaml"s + "\n%%\n" + "step:\n  b: ~\n  c: {node: add, x: a.value, after: a}\nparams: {who: {a: [b, {c: d}]}}\n" +
                     "\n%%\nsteps=5"},
      {"yaml",
       "# a comment\npipeline: &name s\nparams:\n  text: |\n    two\n    lines\n  folded: >-\n    a\n    b\n"
       "  other: *name\n  'quoted #': \"\\t\\u00fc\\\"\"\nstep: {a: {node: constant}}\n"},
  };
}

// Every kind of picture once, in turn whole and in part.
Seeds pictures() {
  Seeds seeds;
  std::size_t number = 0;
  for (const test::SmallPicture& picture : test::small_pictures()) {
    const std::string whole(8, '\0');
    const std::string part = {1, 50, 48, 40, 30, static_cast<char>(number), 1, 0};
    seeds[picture.name] = (number++ % 2 ? part : whole) + std::string(picture.bytes.begin(), picture.bytes.end());
  }
  return seeds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::map<std::string, Seeds> all = {{"pickle", pickles()},
                                            {"safetensors", safetensors_files()},
                                            {"npy", numpy_files()},
                                            {"csv", csv_files()},
                                            {"annotations", annotation_files()},
                                            {"cache", caches()},
                                            {"pipeline", pipelines()},
                                            {"picture", pictures()}};
  for (const auto& [harness, seeds] : all) {
    const std::filesystem::path folder = std::filesystem::path(argv[1]) / harness;
    std::filesystem::create_directories(folder);
    for (const auto& [name, bytes] : seeds) std::ofstream(folder / name, std::ios::binary) << bytes;
    std::cout << harness << ": " << seeds.size() << " seeds\n";
  }
  return 0;
}
