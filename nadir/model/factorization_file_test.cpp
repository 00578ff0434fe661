// Factorizations as files: what comes back, and what is refused.
#include "nadir/model/factorization_file.hpp"

#include <gtest/gtest.h>

#include "nadir/base/error.hpp"
#include "nadir/model/model_file.hpp"
#include "nadir/model/sealed_file.hpp"
#include "nadir/model/tensors.hpp"

namespace nadir {
namespace {

FactorizationModel small_factorization() {
  FactorizationModel model;
  model.source.format = "csv", model.source.delimiter = ';', model.source.header = true, model.source.columns = 2;
  model.left = Matrix::Constant(3, 1, 0.5), model.right = Matrix::Constant(2, 1, 0.25);
  model.penalty = {0.1, {false, false}, {true, true}};
  model.evidence = {Matrix::Constant(3, 2, -1), Matrix::Constant(3, 2, 1), Matrix::Zero(3, 3), Matrix::Zero(2, 2)};
  model.certificate = make_certificate(2, {1.5}, 4, 0.1, {.kind = "factor_polar"});
  model.certificate.samples = 3;
  model.certificate.features_sha256 = matrix_sha256(Matrix::Ones(3, 2));
  model.certificate.weights_sha256 = factors_sha256(model.left, model.right);
  model.notes = {{"data", "here"}};
  return model;
}

TEST(FactorizationFile, ComesBackAsItWas) {
  for (const std::string format : {"csv", "npy", "npz"}) {
    FactorizationModel model = small_factorization();
    if (format != "csv") model.source = {}, model.source.format = format, model.source.columns = 2;
    if (format == "npz") model.source.array = "Z";
    const std::string bytes = encode_factorization(model);
    EXPECT_TRUE(is_factorization(bytes));
    const FactorizationModel back = decode_factorization(bytes, "f");
    EXPECT_EQ(back.source, model.source);
    EXPECT_EQ(back.left, model.left);
    EXPECT_EQ(back.right, model.right);
    EXPECT_EQ(back.penalty, model.penalty);
    EXPECT_EQ(back.evidence.dual, model.evidence.dual);
    EXPECT_EQ(back.evidence.above, model.evidence.above);
    EXPECT_EQ(back.evidence.left_added, model.evidence.left_added);
    EXPECT_EQ(back.evidence.right_added, model.evidence.right_added);
    EXPECT_EQ(back.certificate, model.certificate);
    EXPECT_EQ(back.notes, model.notes);
    EXPECT_EQ(encode_factorization(back), bytes);
  }
}

std::string reason_of(const std::function<void()>& attempt) {
  try {
    attempt();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(FactorizationFile, OtherFilesAreRefused) {
  const std::string bytes = encode_factorization(small_factorization());
  EXPECT_EQ(reason_of([&] { decode_model(bytes, "f"); }),
            "f: it holds the factorization of a matrix, which is no network; nadir inspect and nadir verify take it");
  std::string damaged = bytes;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_FALSE(is_factorization(damaged));
  EXPECT_EQ(reason_of([&] { decode_factorization(damaged, "f"); }),
            "f: its checksum is wrong; the file was damaged or changed");
  SealedFile other = unseal(bytes, "f");
  other.document["network"]["kind"] = "gated";
  EXPECT_FALSE(is_factorization(seal(other)));
  EXPECT_EQ(reason_of([&] { decode_factorization(seal(other), "f"); }), "f: it is no factorization");
  SealedFile narrow = unseal(bytes, "f");
  narrow.file.tensors[0] = to_tensor("left", Matrix::Zero(3, 2));
  EXPECT_EQ(reason_of([&] { decode_factorization(seal(narrow), "f"); }),
            "f: the factors and the dual point do not fit one another");
  SealedFile bare = unseal(bytes, "f");
  bare.document["objective"].erase("lambda");
  EXPECT_NE(reason_of([&] { decode_factorization(seal(bare), "f"); }).find("the header is malformed"),
            std::string::npos);
}

}  // namespace
}  // namespace nadir
