#include "nadir/data/safetensors.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nadir/base/error.hpp"
#include "nadir/data/strict_json.hpp"
#include "nadir/data/test_util.hpp"

namespace nadir {
namespace {

using test::expect_contains;
using test::message_of;
using test::raw;

TensorFile example() {
  return {{{"format", "x"}, {"text", "\"quoted\" \xC3\xA9"}},
          {{"output", false, {2, 1}, raw<double>({1, -2})},
           {"mask.1", true, {3}, std::string("\1\0\1", 3)},
           {"empty", false, {0, 4}, ""}}};
}

/// A container with this header and this data.
std::string container(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + data;
}

std::string refusal(const std::string& bytes) {
  return message_of<InputError>([&] { decode_tensors(bytes, "m"); });
}

std::string tensor(const std::string& name, const std::string& shape, int begin, int end,
                   const std::string& type = "F64") {
  std::string text = R"("NAME":{"dtype":"TYPE","shape":[SHAPE],"data_offsets":[BEGIN,END]})";
  const auto set = [&](const std::string& word, const std::string& value) {
    text.replace(text.find(word), word.size(), value);
  };
  set("NAME", name);
  set("TYPE", type);
  set("SHAPE", shape);
  set("BEGIN", std::to_string(begin));
  set("END", std::to_string(end));
  return text;
}

std::string in_braces(const std::string& entries) {
  std::string text(1, '{');
  text += entries;
  text += '}';
  return text;
}

TEST(Safetensors, RoundTripIsAlignedAndRepeatable) {
  const std::string bytes = encode_tensors(example());
  EXPECT_EQ(decode_tensors(bytes, "m"), example());
  EXPECT_EQ(bytes, encode_tensors(example()));
  const std::size_t length = static_cast<unsigned char>(bytes[0]) + 256U * static_cast<unsigned char>(bytes[1]);
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(bytes.size(), 8 + length + 19);
  EXPECT_EQ(decode_tensors(encode_tensors({}), "m"), TensorFile{});
}

TEST(Safetensors, RefusesBrokenContainers) {
  const std::string two = tensor("a", "1", 0, 8) + "," + tensor("b", "1", 8, 16);
  const std::string data(16, '\0');
  EXPECT_EQ(decode_tensors(container(in_braces(two) + "  ", data), "m").tensors.size(), 2U);
  expect_contains(refusal(""), {"m: not a valid model file: it is shorter than 8 bytes"});
  expect_contains(refusal(std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")), {"above 64 MiB"});
  expect_contains(refusal(std::string("\1\0\0\4\0\0\0\0", 8)), {"above 64 MiB"});
  expect_contains(refusal(std::string("\0\0\0\4\0\0\0\0", 8)), {"header is cut short"});
  expect_contains(refusal(container("[]", "")), {"not an object padded by blanks"});
  expect_contains(refusal(container("{}\n", "")), {"padded by blanks"});
  expect_contains(refusal(container(" {}", "")), {"padded by blanks"});
  expect_contains(refusal(container("{nope}", "")), {"is not JSON"});
  expect_contains(refusal(container("{\"a\xE9\":1}", "")), {"is not JSON"});
  expect_contains(refusal(container(in_braces(two), data + "x")), {"do not end at the end of the file"});
  expect_contains(refusal(container(in_braces(two), data.substr(1))), {"'b' lies outside of the file"});
  expect_contains(refusal(container(in_braces(tensor("a", "1", 0, 8) + "," + tensor("a", "1", 8, 16)), data)),
                  {"the key 'a' appears twice"});
  expect_contains(refusal(container(in_braces(tensor("a", "1", 0, 8) + "," + tensor("b", "1", 4, 12)), data)),
                  {"'b' overlaps another or leaves a hole"});
  expect_contains(refusal(container(in_braces(tensor("a", "1", 0, 8) + "," + tensor("b", "1", 0, 8)), data)),
                  {"overlaps"});
  expect_contains(refusal(container(in_braces(tensor("a", "1", 8, 16)), data)), {"leaves a hole"});
  expect_contains(refusal(container(in_braces(tensor("a", "3", 0, 16)), data)), {"the shape does not match its bytes"});
  expect_contains(refusal(container(in_braces(tensor("a", "4294967296,4294967296", 0, 0)), "")),
                  {"the shape does not match"});
  expect_contains(refusal(container(in_braces(tensor("a", "-1", 0, 8)), data)),
                  {"shape holds something other than counts"});
  expect_contains(refusal(container(in_braces(tensor("a", "1.0", 0, 8)), data)), {"other than counts"});
  expect_contains(refusal(container(in_braces(tensor("a", "1", 8, 0)), data)), {"lies outside"});
  expect_contains(refusal(container(in_braces(tensor("a", "2", 0, 8, "F32")), data)), {"neither F64 nor BOOL"});
  expect_contains(refusal(container(in_braces(tensor("a", "2", 0, 2, "BOOL")), std::string("\0\2", 2))),
                  {"'a' holds a BOOL other than 0 and 1"});
  expect_contains(refusal(container("{\"a\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8],\"x\":1}}", data)),
                  {"does not consist of"});
  expect_contains(refusal(container("{\"a\":3}", data)), {"does not consist of"});
  expect_contains(refusal(container("{\"__metadata__\":{\"a\":1}}", "")), {"something other than texts"});
  expect_contains(refusal(container("{\"__metadata__\":[]}", "")), {"__metadata__ is not an object"});
}

TEST(Safetensors, AtMost64Tensors) {
  TensorFile file;
  for (int i = 0; i < 64; ++i) file.tensors.push_back({std::to_string(i), true, {1}, std::string(1, '\1')});
  EXPECT_EQ(decode_tensors(encode_tensors(file), "m"), file);
  file.tensors.push_back({"more", true, {1}, std::string(1, '\1')});
  expect_contains(refusal(encode_tensors(file)), {"more than 64 tensors"});
  std::string bare;  // 65 keys as a legal file has, but none of them __metadata__
  for (int i = 0; i < 65; ++i) {
    if (i > 0) bare += ',';
    bare += tensor(std::to_string(i), "1", i, i + 1, "BOOL");
  }
  expect_contains(refusal(container(in_braces(bare), std::string(65, '\1'))), {"more than 64 tensors"});
}

TEST(StrictJson, DepthAndKeys) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_NO_THROW(parse_json(nested(32), "m"));
  expect_contains(message_of<InputError>([&] { parse_json(nested(33), "m"); }), {"m: JSON is nested deeper than 32"});
  expect_contains(message_of<InputError>([&] { parse_json(nested(1000000), "m"); }), {"nested deeper"});
  EXPECT_NO_THROW(parse_json(R"({"a":{"a":1},"b":{"a":1}})", "m"));
  expect_contains(message_of<InputError>([] { parse_json(R"({"a":1,"b":{"c":1,"c":2}})", "m"); }),
                  {"'c' appears twice"});
  expect_contains(message_of<InputError>([] { parse_json("{} {}", "m"); }), {"m: is not JSON"});
  expect_contains(message_of<InputError>([] { parse_json("1e999", "m"); }), {"m: is not JSON"});
  std::string many = "[0";  // hours, if time were quadratic in their number
  for (int i = 0; i < 1000000; ++i) many += ",{}";
  EXPECT_EQ(parse_json(many + "]", "m").size(), 1000001U);
}

}  // namespace
}  // namespace nadir
