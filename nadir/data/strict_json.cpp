#include "nadir/data/strict_json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "nadir/base/error.hpp"
#include "nadir/data/bytes.hpp"

namespace nadir {
namespace {

using Json = nlohmann::json;

/// Looks for what is refused, in a pass of its own: with a callback, the parser takes time quadratic in the number of
/// objects of a list.
class Checker final : public nlohmann::json_sax<Json> {
 public:
  explicit Checker(const std::string& name) : name_(name) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return open();
  }
  bool key(string_t& text) override {
    if (!keys_.back().insert(text).second) throw InputError(name_ + ": the key " + in_quotes(text) + " appears twice");
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    return close();
  }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override { return false; }

 private:
  bool open() {
    constexpr int kMaxDepth = 32;
    if (depth_++ >= kMaxDepth) throw InputError(name_ + ": JSON is nested deeper than 32");
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  const std::string& name_;
  int depth_ = 0;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& name) {
  Checker checker(name);
  if (!Json::sax_parse(text, &checker)) throw InputError(name + ": is not JSON");
  try {
    return Json::parse(text);
  } catch (const Json::exception&) {
    throw InputError(name + ": is not JSON");
  }
}

}  // namespace nadir
