#include "nadir/path/checkpoint.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "nadir/base/error.hpp"
#include "nadir/data/safetensors.hpp"
#include "nadir/path/test_util.hpp"

namespace nadir::path {
namespace {

const nlohmann::json options = {{"train", {{"seed", 3}, {"method", "relu"}}}};

State example() {
  State state;
  state.set("weights", Matrix((Matrix(2, 2) << 1.0 / 3, -0.0, 1e-310, 2).finished()));
  state.set("none", Matrix(0, 2));
  state.set("last", std::numeric_limits<double>::infinity());
  state.set("trace", std::vector<Progress>{{7, 0.5, -HUGE_VAL, 0.1}});
  return state;
}

std::string file_of(const State& state) {
  KeptRun run(0, options);
  run.checkpoint.require_data("relu", "abc");
  run.checkpoint.keep("relu/training", state);
  return run.files.at(0);
}

/// What the refusal of these bytes says.
std::string refusal(const std::string& bytes, const nlohmann::json& wanted = options) {
  KeptRun run(0, wanted);
  try {
    run.checkpoint.load(bytes, "m.checkpoint");
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    EXPECT_EQ(std::string(error.what()).rfind("m.checkpoint: ", 0), 0U) << error.what();
    EXPECT_NE(std::string(error.what()).find("leave out --resume"), std::string::npos) << error.what();
    return error.what();
  }
  return "accepted";
}

bool says(const std::string& message, const std::string& words) { return message.find(words) != std::string::npos; }

TEST(Checkpoint, KeepsEveryBit) {
  KeptRun run(0, options);
  run.checkpoint.load(file_of(example()), "c");
  const std::optional<State> found = run.checkpoint.find("relu/training");
  ASSERT_TRUE(found.has_value());
  const Matrix& weights = found->matrix("weights", 2, 2);
  EXPECT_EQ(weights(0, 0), 1.0 / 3);
  EXPECT_TRUE(std::signbit(weights(0, 1)));
  EXPECT_EQ(weights(1, 0), 1e-310);
  EXPECT_EQ(found->matrix("none", -1, 2).rows(), 0);
  EXPECT_EQ(found->number("last"), HUGE_VAL);
  ASSERT_EQ(found->trace("trace").size(), 1U);
  EXPECT_EQ(found->trace("trace")[0].iteration, 7);
  EXPECT_EQ(found->trace("trace")[0].lower_bound, -HUGE_VAL);
  EXPECT_FALSE(run.checkpoint.find("relu").has_value());
  run.checkpoint.keep("relu/training", *found);
  EXPECT_EQ(run.files.at(0), [] {  // without the data, which this run was not asked for
    KeptRun again(0, options);
    again.checkpoint.load(file_of(example()), "c");
    again.checkpoint.keep("relu/training", example());
    return again.files.at(0);
  }());
}

TEST(Checkpoint, RefusesEveryDamagedByte) {
  const std::string bytes = file_of(example());
  ASSERT_EQ(refusal(bytes), "accepted");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_NE(refusal(damaged), "accepted") << i;
  }
  for (std::size_t size = 0; size < bytes.size(); size += 7) EXPECT_NE(refusal(bytes.substr(0, size)), "accepted");
  EXPECT_TRUE(says(refusal(bytes.substr(0, bytes.size() - 8) + std::string(8, '\0')), "hash"));
}

TEST(Checkpoint, NamesWhatIsOther) {
  const std::string bytes = file_of(example());
  nlohmann::json other = options;
  other["train"]["seed"] = 4;
  EXPECT_TRUE(says(refusal(bytes, other), "of other options: --seed was 3 there and is 4")) << refusal(bytes, other);
  other["relu"]["nodes"] = 0;
  EXPECT_TRUE(says(refusal(bytes, other), "--nodes was null there and is 0"));
  EXPECT_TRUE(says(refusal(bytes, {}), "other options"));
  EXPECT_TRUE(says(refusal(encode_tensors({{{"format", "x"}}, {}})), "not a checkpoint"));
  EXPECT_TRUE(says(refusal(encode_tensors({{{"format", "nadir checkpoint 1"}, {"version", "0.0"}}, {}})),
                   "a checkpoint of nadir 0.0, and this is"));
  KeptRun run(0, options);
  run.checkpoint.load(bytes, "c");
  EXPECT_NO_THROW(run.checkpoint.require_data("relu", "abc"));
  EXPECT_NO_THROW(run.checkpoint.require_data("gated", "abd"));
  EXPECT_THROW(run.checkpoint.require_data("relu", "abd"), InputError);
}

TEST(Checkpoint, OptionsNeedNotBeUtf8) {
  const nlohmann::json odd = {{"gated", {{"gates-file", "caf\xe9.npy"}}}};
  KeptRun run(0, odd);
  run.checkpoint.keep("a", example());
  EXPECT_EQ(refusal(run.files.at(0), odd), "accepted");
}

TEST(Checkpoint, AfterTheEndNothingIsKeptOrFound) {
  KeptRun run(1e9, options);
  run.checkpoint.keep("a", example());
  EXPECT_TRUE(run.files.empty());  // the pause
  run.checkpoint.close();
  ASSERT_EQ(run.files.size(), 1U);
  EXPECT_FALSE(run.checkpoint.find("a").has_value());
  run.checkpoint.keep("b", example());
  run.checkpoint.close();
  EXPECT_EQ(run.files.size(), 1U);
  KeptRun again(0, options);
  again.checkpoint.load(run.files[0], "c");
  EXPECT_TRUE(again.checkpoint.find("a").has_value());
  EXPECT_FALSE(again.checkpoint.find("b").has_value());
}

TEST(State, RefusesWhatDoesNotFit) {
  State state("c");
  state.set("m", Matrix::Ones(2, 3));
  state.set("nan", std::numeric_limits<double>::quiet_NaN());
  state.set("infinite", HUGE_VAL);
  state.set("half", 0.5), state.set("two", 2), state.set("minus", -1);
  state.set("places", Matrix((Matrix(2, 1) << 0, 2).finished()));
  EXPECT_NO_THROW(state.matrix("m", 2, 3));
  EXPECT_THROW(state.matrix("m", 3, 3), InputError);
  EXPECT_THROW(state.matrix("m", -1, 2), InputError);
  EXPECT_THROW(state.matrix("absent", -1, 2), InputError);
  EXPECT_THROW(state.matrix("infinite", 1, 1), InputError);
  EXPECT_THROW(state.number("nan"), InputError);
  EXPECT_EQ(state.number("infinite"), HUGE_VAL);
  EXPECT_EQ(state.count("two", 2), 2);
  for (const char* wrong : {"half", "minus", "infinite", "m"}) EXPECT_THROW(state.count(wrong, 9), InputError) << wrong;
  EXPECT_THROW(state.count("two", 1), InputError);
  EXPECT_EQ(state.places("places", 2, 3), (std::vector<Index>{0, 2}));
  EXPECT_THROW(state.places("places", 2, 2), InputError);
  EXPECT_THROW(state.places("half", 1, 2), InputError);
  EXPECT_THROW(state.trace("m"), InputError);
}

}  // namespace
}  // namespace nadir::path
