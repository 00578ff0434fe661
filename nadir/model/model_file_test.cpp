#include "nadir/model/model_file.hpp"

#include <gtest/gtest.h>

#include "nadir/base/error.hpp"
#include "nadir/data/safetensors.hpp"

namespace nadir {
namespace {

Model small_model() {
  Model model;
  ReadOptions read;
  read.target = "y";
  const Table table = read_table_from_bytes("a,b,y\n1,2,no\n3,1,yes\n2,5,no\n", "t.csv", read);
  model.recipe = fit_recipe(table, {0, 1, 2}, {});
  model.network.hidden.resize(1);
  auto& layer = model.network.hidden[0];
  layer.weights.resize(2, 2);
  layer.weights << 0.5, 0, 0.25, 1;
  layer.mask.resize(2, 2);
  layer.mask << true, false, true, true;
  layer.exponents.resize(2);
  layer.exponents << 1, 2.5;
  model.network.output = Matrix::Constant(2, 2, 0.125);
  model.objective = {{"kind", "softmax_minus_outputs"}};
  model.certificate = make_certificate(0.25, {0.24}, 0.69, 0.5, {});
  model.certificate.samples = 2;
  model.training_rows = {true, false, true};
  model.trace = Matrix::Random(4, 3);
  model.notes = {{"seed", 3}};
  return model;
}

TEST(ModelFile, GivesBackWhatWasWritten) {
  const Model model = small_model();
  const std::string bytes = encode_model(model);
  EXPECT_EQ(bytes, encode_model(model));
  const Model back = decode_model(bytes, "m");
  EXPECT_EQ(back.recipe, model.recipe);
  EXPECT_EQ(back.network.hidden[0].weights, model.network.hidden[0].weights);
  EXPECT_EQ(back.network.hidden[0].mask, model.network.hidden[0].mask);
  EXPECT_EQ(back.network.hidden[0].exponents, model.network.hidden[0].exponents);
  EXPECT_EQ(back.network.output, model.network.output);
  EXPECT_EQ(back.objective, model.objective);
  EXPECT_EQ(back.certificate, model.certificate);
  EXPECT_EQ(back.notes, model.notes);
  EXPECT_EQ(back.training_rows, model.training_rows);
  EXPECT_EQ(back.trace, model.trace);
}

TEST(ModelFile, RefusesEveryTruncationAndEveryFlippedByte) {
  const std::string bytes = encode_model(small_model());
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    EXPECT_THROW(decode_model(bytes.substr(0, length), "m"), InputError) << length;
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    std::string damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ 1);
    EXPECT_THROW(decode_model(damaged, "m"), InputError) << place;
  }
}

TEST(ModelFile, PolynomialNetworksHaveNoQuantities) {
  Model model = small_model();
  model.recipe.classes.clear();
  model.recipe.quantity = Quantity{0, 1};
  try {
    decode_model(encode_model(model), "m");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "m: a polynomial network has classes, and the recipe's target is a quantity");
  }
}

TEST(ModelFile, SaysWhatItIsNot) {
  TensorFile other;
  other.metadata = {{"format", "pt"}};
  try {
    decode_model(encode_tensors(other), "weights.safetensors");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "weights.safetensors: its format is 'pt'; this program reads 'nadir-model 1'");
  }
}

}  // namespace
}  // namespace nadir
