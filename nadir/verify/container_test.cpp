// Section 1: what a file may not be. And files with bits flipped, cut short, or with one number changed.
#include <random>

#include "nadir/verify/test_util.hpp"

namespace nadir::verify::planted {
namespace {

struct Parts {
  Json header;
  std::string data;
  std::string bytes() const { return file_of(header.dump(), data); }
  void reseal() {
    header["__metadata__"]["sha256"] = sha256(header["__metadata__"]["nadir"].get<std::string>() + data);
  }
};

Parts parts_of(const Model& model) {
  const std::string file = model.bytes();
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), 8);
  return {Json::parse(file.substr(8, size)), file.substr(8 + size)};
}

TEST(Container, RulesOfTheHeader) {
  Model model = case_a();
  model.training_rows = {1, 1, 1, 1};
  const Parts honest = parts_of(model);
  ASSERT_TRUE(verify(honest.bytes(), model.sources).accepted);
  const std::vector<std::pair<const char*, std::function<void(Parts&)>>> lies = {
      {"seal", [](Parts& p) { p.header["__metadata__"]["sha256"] = std::string(64, '0'); }},
      {"format", [](Parts& p) { p.header["__metadata__"]["format"] = "nadir-model 2"; }},
      {"metadata key", [](Parts& p) { p.header["__metadata__"]["note"] = "x"; }},
      {"metadata not text", [](Parts& p) { p.header["__metadata__"]["format"] = 1; }},
      {"no metadata", [](Parts& p) { p.header.erase("__metadata__"); }},
      {"no seal", [](Parts& p) { p.header["__metadata__"].erase("sha256"); }},
      {"tensor key", [](Parts& p) { p.header["output"]["note"] = "x"; }},
      {"no shape", [](Parts& p) { p.header["output"].erase("shape"); }},
      {"dtype", [](Parts& p) { p.header["output"]["dtype"] = "F32"; }},
      {"dtype of a mask",
       [](Parts& p) {
         p.header["training_rows"] = {{"dtype", "F64"}, {"shape", {0}}, {"data_offsets", {64, 64}}};
       }},
      {"shape too small",
       [](Parts& p) {
         p.header["output"]["shape"] = {2, 1};
       }},
      {"shape negative",
       [](Parts& p) {
         p.header["output"]["shape"] = {-2, -2};
       }},
      {"shape not whole",
       [](Parts& p) {
         p.header["output"]["shape"] = {2.0, 2.0};
       }},
      {"shape of three",
       [](Parts& p) {
         p.header["output"]["shape"] = {2, 2, 1};
       }},
      {"shape overflows",
       [](Parts& p) {
         p.header["output"]["shape"] = {0x8000000000000000U, 2};
       }},
      {"shape overflows to its size",
       [](Parts& p) {
         p.header["output"]["shape"] = {0x2000000000000004U, 1};
       }},
      {"offsets of three",
       [](Parts& p) {
         p.header["output"]["data_offsets"] = {32, 64, 64};
       }},
      {"offsets backwards",
       [](Parts& p) {
         p.header["output"]["data_offsets"] = {64, 32};
       }},
      {"offsets outside",
       [](Parts& p) {
         p.header["output"]["data_offsets"] = {1032, 1064};
       }},
      {"offsets that wrap",
       [](Parts& p) {
         p.header["output"]["data_offsets"] = {0xffffffffffffffe0U, 0};
       }},
      {"overlap",
       [](Parts& p) {
         p.header["output"]["data_offsets"] = {0, 32};
       }},
      {"overlap in part",
       [](Parts& p) {
         p.header["output"]["data_offsets"] = {24, 56};
       }},
      {"trailing bytes", [](Parts& p) { p.data += "x"; }},
      {"a hole",
       [](Parts& p) {
         p.data.insert(64, 8, '\0');
         p.header["training_rows"]["data_offsets"] = {72, 76};
       }},
      {"a hole at the start",
       [](Parts& p) {
         p.data.insert(0, 8, '\0');
         p.header["hidden.1"]["data_offsets"] = {8, 40};
         p.header["output"]["data_offsets"] = {40, 72};
         p.header["training_rows"]["data_offsets"] = {72, 76};
       }},
      {"a byte 2", [](Parts& p) { p.data[64] = 2; }},
      {"unknown tensor",
       [](Parts& p) {
         p.header["bias"] = {{"dtype", "F64"}, {"shape", {0, 1}}, {"data_offsets", {68, 68}}};
       }},
      {"layer out of turn",
       [](Parts& p) {
         p.header["hidden.3"] = {{"dtype", "F64"}, {"shape", {0, 1}}, {"data_offsets", {68, 68}}};
       }},
      {"layer with leading zero",
       [](Parts& p) {
         p.header["hidden.01"] = {{"dtype", "F64"}, {"shape", {0, 1}}, {"data_offsets", {68, 68}}};
       }},
      {"mask of no layer",
       [](Parts& p) {
         p.header["mask.2"] = {{"dtype", "BOOL"}, {"shape", {0, 1}}, {"data_offsets", {68, 68}}};
       }},
      {"mask of another shape",
       [](Parts& p) {
         p.header["mask.1"] = {{"dtype", "BOOL"}, {"shape", {0, 2}}, {"data_offsets", {68, 68}}};
       }},
      {"trace of two columns",
       [](Parts& p) {
         p.header["trace"] = {{"dtype", "F64"}, {"shape", {0, 2}}, {"data_offsets", {68, 68}}};
       }},
      {"no output", [](Parts& p) { p.header.erase("output"); }},
      {"no layer", [](Parts& p) { p.header.erase("hidden.1"); }},
      {"65 tensors",
       [](Parts& p) {
         for (int i = 1; i < 66; ++i)
           p.header[std::string("x").append(std::to_string(i))] = {
               {"dtype", "F64"}, {"shape", {0}}, {"data_offsets", {68, 68}}};
       }},
      {"not an object", [](Parts& p) {
         p.header["output"] = {1, 2};
       }}};
  for (const auto& [what, tell] : lies) {
    SCOPED_TRACE(what);
    Parts lie = honest;
    tell(lie);
    if (std::string(what) != "seal" && std::string(what) != "no seal" && lie.header.contains("__metadata__"))
      lie.reseal();
    expect_refused(lie.bytes(), model.sources, "file");
  }
}

TEST(Container, RulesOfTheBytes) {
  const Model model = case_a();
  const std::string file = model.bytes();
  const Parts parts = parts_of(model);
  const std::string header = parts.header.dump();
  const auto refused = [&](const std::string& bytes) { expect_refused(bytes, model.sources, "file"); };
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, file.size(), (std::uint64_t{64} << 20) + 1,
                                   ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    std::string lie = file;
    std::memcpy(lie.data(), &size, 8);
    refused(lie);
  }
  refused("");
  refused("nadir");
  refused(file_of("[]", parts.data));
  refused(file_of("{}", parts.data));
  refused(file_of(header + "\n", parts.data));
  refused(file_of(std::string(1, ' ').append(header), parts.data));
  refused(file_of(std::string("\xEF\xBB\xBF").append(header), parts.data));
  refused(file_of(header + header, parts.data));
  refused(file_of(std::string(header).replace(header.find("planted"), 1, "\xff"), parts.data));
  refused(file_of(std::string(1, '\0') + header, parts.data));
  refused(file_of(
      header.substr(0, header.size() - 1) + ",\"output\":{\"dtype\":\"F64\",\"shape\":[2,2],\"data_offsets\":[32,64]}}",
      parts.data));
  refused(file_of(header.substr(0, header.size() - 1) + ",\"x\":" + std::string(50000, '[') + "}", parts.data));
  EXPECT_TRUE(verify(file_of(header + std::string(64, ' '), parts.data), model.sources).accepted);
}

TEST(Container, CutAtEveryLength) {
  const Model model = case_a();
  const std::string file = model.bytes();
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Verdict verdict = verify(file.substr(0, size), model.sources);
    ASSERT_FALSE(verdict.accepted) << size;
    ASSERT_EQ(failed(verdict), std::vector<std::string>{"file"}) << size;
  }
}

TEST(Container, EveryBitFlipped) {
  const Model model = case_a();
  const std::string file = model.bytes();
  const std::size_t padding = file.find(std::string(1, ' '), file.find("sha256\":") + 8);
  int kept = 0;
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    std::string lie = file;
    lie[bit / 8] = static_cast<char>(lie[bit / 8] ^ (1 << (bit % 8)));
    if (verify(lie, model.sources).accepted) ++kept;
  }
  EXPECT_EQ(kept, 0) << "of " << 8 * file.size() << ", padding at " << padding;
}

/// One number of a sealed model changed by a factor: refused, whatever it is.
TEST(Container, OneNumberChanged) {
  const Model honest = case_a(3.5, 3.5);
  std::mt19937_64 random(7);
  std::vector<Json::json_pointer> numbers;
  const Json flat = honest.document.flatten();
  for (const auto& [pointer, value] : flat.items())
    if (value.is_string() && value.get<std::string>().find("0x") != std::string::npos) numbers.emplace_back(pointer);
  ASSERT_GT(numbers.size(), 12U);
  for (int i = 0; i < 1200; ++i) {
    Model lie = honest;
    const auto& pointer = numbers[random() % numbers.size()];
    const double factor = 1 + std::ldexp(random() % 2 == 0 ? 1.0 : -1.0, -static_cast<int>(random() % 20));
    double value = from_hex(lie.document[pointer]);
    value = value == 0 ? std::ldexp(1.0, -static_cast<int>(random() % 40)) : value * factor;
    lie.document[pointer] = hex(value);
    const std::string name = pointer.to_string();
    // A target that the gap still meets says no more than before.
    if (name == "/certificate/target_gap" && value > 1e-11 && value < 1) continue;
    // So small a change of the gap is allowed.
    if (name == "/certificate/relative_gap" && std::fabs(value - from_hex(honest.document[pointer])) <= 1e-15) continue;
    const Verdict verdict = verify(lie.bytes(), lie.sources);
    ASSERT_FALSE(verdict.accepted) << name << " times " << factor << "\n" << told(verdict);
    ASSERT_EQ(verdict.checks.size(), 11U);
  }
}

/// One weight changed, hashed and sealed again. The bound proven at the changed network is honest, so only claims that
/// do not hold there are caught: at the optimum every change of 2^-20 or more raises the objective or leaves the
/// feasible set.
TEST(Container, OneWeightMoved) {
  const Model honest = case_a(3.5, 3.5);
  std::mt19937_64 random(11);
  for (int i = 0; i < 400; ++i) {
    Model lie = honest;
    auto& row = lie.weights[random() % 2][random() % 2];
    double& weight = row[random() % 2];
    weight *= 1 + std::ldexp(random() % 2 == 0 ? 1.0 : -1.0, -static_cast<int>(random() % 20));
    lie.rehash_weights();
    const Verdict verdict = verify(lie.bytes(), lie.sources);
    ASSERT_FALSE(verdict.accepted) << told(verdict);
  }
}

}  // namespace
}  // namespace nadir::verify::planted
