// Thousands of forged pairs of data and model: none may be accepted, none may end the program. Honest pairs come from
// the trainer; what makes a forgery false is decided without the verifier: by construction, or by lie_in().
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>

#include "nadir/base/random.hpp"
#include "nadir/data/safetensors.hpp"
#include "nadir/verify/verify.hpp"
#include "tests/honest.hpp"

namespace nadir {
namespace {

using nlohmann::json;

const std::vector<Pair>& pairs() {
  static const std::vector<Pair> all = honest_pairs();
  return all;
}

/// Asks the verifier, counts by kind and by the first check that fails, and keeps the longest time.
class Court {
 public:
  /// The name of the first check that fails.
  std::string refuse(const std::string& kind, const std::string& what, const std::string& bytes,
                     const std::string& data) {
    const auto begin = std::chrono::steady_clock::now();
    const verify::Verdict verdict = verify::verify(bytes, {data, {}});
    slowest_ = std::max(slowest_, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    EXPECT_FALSE(verdict.accepted) << kind << ": " << what;
    EXPECT_EQ(verdict.checks.size(), 11U) << kind << ": " << what;
    const auto failed = std::find_if(verdict.checks.begin(), verdict.checks.end(), [](auto& c) { return !c.passed; });
    const std::string name = failed == verdict.checks.end() ? "none" : failed->name;
    ++counts_[kind][name];
    ++total_;
    return name;
  }
  void report() const {
    for (const auto& [kind, checks] : counts_) {
      std::printf("%6d  %s:", count(kind), kind.c_str());
      for (const auto& [check, times] : checks) std::printf(" %s %d", check.c_str(), times);
      std::printf("\n");
    }
    std::printf("%6d  forgeries; the slowest verdict took %.3f s\n", total_, slowest_);
  }
  int total() const { return total_; }
  int count(const std::string& kind) const {
    int sum = 0;
    if (counts_.contains(kind))
      for (const auto& [check, times] : counts_.at(kind)) sum += times;
    return sum;
  }

 private:
  std::map<std::string, std::map<std::string, int>> counts_;
  int total_ = 0;
  double slowest_ = 0;
};

TEST(Forgeries, BeginWithHonestPairs) {
  for (const Pair& pair : pairs()) {
    const verify::Verdict verdict = verify::verify(encode_model(pair.model), {pair.data, {}});
    std::string told;
    for (const auto& check : verdict.checks) told += check.passed ? "" : check.name + ": " + check.detail + "\n";
    EXPECT_TRUE(verdict.accepted) << pair.name << "\n" << told;
    EXPECT_EQ(lie_in(pair.model, pair.data).value_or("none"), "none") << pair.name;
    const bool early = pair.name.ends_with("early");
    EXPECT_EQ(pair.model.certificate.claim, early ? Claim::bounded : Claim::certified) << pair.name;
    EXPECT_EQ(pair.model.certificate.evidence.kind, pair.name == "box" ? "box" : "hidden_concavity");
  }
}

// ---- The file: what a broken disk or a clumsy forger does, nothing made to agree. ----

std::uint64_t header_size(const std::string& bytes) {
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), 8);
  return size;
}

std::string with_header_size(std::string bytes, std::uint64_t size) {
  std::memcpy(bytes.data(), &size, 8);
  return bytes;
}

std::string with_header(const std::string& bytes, const std::function<void(json&)>& change) {
  json header = json::parse(bytes.substr(8, header_size(bytes)));
  change(header);
  std::string text = header.dump();
  while (text.size() % 8 != 0) text += ' ';
  return with_header_size(std::string(8, '\0') + text + bytes.substr(8 + header_size(bytes)), text.size());
}

/// A hexadecimal digit of the digest may change its case without a change of meaning: the only such bit of a file.
bool only_changes_case(const std::string& bytes, std::size_t place, int bit) {
  const std::size_t digest = bytes.find("\"sha256\":\"") + 10;
  return bit == 5 && place >= digest && place < digest + 64 && bytes[place] >= 'a';
}

TEST(Forgeries, OfTheFile) {
  Court court;
  Random random(20);
  for (const Pair& pair : pairs()) {
    const std::string honest = encode_model(pair.model);
    const int size = static_cast<int>(honest.size());
    const auto refuse = [&](const std::string& kind, const std::string& bytes) {
      ASSERT_NE(bytes, honest);
      court.refuse(kind, pair.name, bytes, pair.data);
    };
    for (int k = 0; k < 80; ++k) {
      // Half of them in the header, of which most is the document.
      const int end = k % 2 == 0 ? size : static_cast<int>(8 + header_size(honest));
      const auto place = static_cast<std::size_t>(random.integer(0, end - 1));
      const int bit = random.integer(0, 7);
      if (only_changes_case(honest, place, bit)) continue;
      std::string bytes = honest;
      bytes[place] = static_cast<char>(bytes[place] ^ (1 << bit));
      refuse("bit flipped", bytes);
    }
    for (int length = 0; length < 10; ++length) refuse("truncated", honest.substr(0, static_cast<std::size_t>(length)));
    for (int k = 0; k < 20; ++k)
      refuse("truncated", honest.substr(0, static_cast<std::size_t>(random.integer(10, size - 1))));
    for (int k = 1; k <= 8; ++k) refuse("truncated", honest.substr(0, honest.size() - static_cast<std::size_t>(k)));
    for (int k = 1; k <= 8; ++k) refuse("bytes at the end", honest + std::string(static_cast<std::size_t>(k), '\0'));
    const std::uint64_t header = header_size(honest);
    for (const std::uint64_t length :
         {std::uint64_t{0}, std::uint64_t{1}, header - 8, header - 1, header + 1, header + 8, honest.size() - 8,
          honest.size(), std::uint64_t{1} << 26, (std::uint64_t{1} << 26) + 1, std::uint64_t{1} << 40,
          ~std::uint64_t{0}, ~std::uint64_t{0} - 7, std::uint64_t{1} << 63})
      refuse("length of the header", with_header_size(honest, length));
    const json tensors = json::parse(honest.substr(8, header));
    for (const auto& [name, tensor] : tensors.items()) {
      if (name == "__metadata__") continue;
      const auto move = [&, key = name](const std::string& kind, int begin, int end) {
        refuse(kind, with_header(honest, [&](json& changed) {
                 auto& offsets = changed[key]["data_offsets"];
                 offsets = {offsets[0].get<std::int64_t>() + begin, offsets[1].get<std::int64_t>() + end};
               }));
      };
      move("tensors overlapping", -8, -8), move("tensors overlapping", -8, 0), move("tensors overlapping", 0, 8);
      move("holes between tensors", 8, 8), move("holes between tensors", 8, 0), move("holes between tensors", 0, -8);
      for (const json& size_now : {json(-1), json(0), json(1e18), json(std::uint64_t{1} << 63), json("4"), json()})
        refuse("shape", with_header(honest, [&, key = name](json& changed) { changed[key]["shape"][0] = size_now; }));
      refuse("tensor left out", with_header(honest, [&, key = name](json& changed) { changed.erase(key); }));
      refuse("tensor renamed", with_header(honest, [&, key = name](json& changed) {
               changed["hidden.7"] = changed[key];
               changed.erase(key);
             }));
      refuse("type of a tensor", with_header(honest, [&, key = name](json& changed) {
               changed[key]["dtype"] = changed[key]["dtype"] == "F64" ? "BOOL" : "F64";
             }));
    }
    // Another pair's data or model: nothing agrees.
    for (const Pair& other : pairs())
      if (other.data != pair.data) court.refuse("data of another set", pair.name + other.name, honest, other.data);
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, pair.data.size() / 2, pair.data.size() - 9})
      court.refuse("data truncated", pair.name, honest, pair.data.substr(0, length));
  }
  court.report();
  EXPECT_GE(court.total(), 2000);
}

// ---- The mathematics: every hash and every sum is made to agree again. ----

enum class Judged { no, later, certain };  // not a forgery; lie_in() decides; false by construction

struct Forger {
  Pair pair;
  Random& random;

  Certificate& claims() { return pair.model.certificate; }
  PolynomialNetwork& network() { return polynomial(pair.model); }
  int pick(std::size_t size) { return random.integer(0, static_cast<int>(size) - 1); }
  template <class T>
  auto& any(T& items) {
    return items[static_cast<std::size_t>(pick(items.size()))];
  }
  /// One of the numbers of the objective, and a factor for it.
  static void multiply(json& number, double factor) { number = to_hex(from_hex(number.get<std::string>()) * factor); }
  double factor() { return 1 + std::pow(10.0, -random.integer(1, 5)); }

  // The data, as cells.
  using Cells = std::vector<std::vector<std::string>>;
  Cells cells() const {
    Cells rows;
    std::stringstream text(pair.data);
    for (std::string line; std::getline(text, line);) {
      rows.emplace_back();
      std::stringstream record(line);
      for (std::string cell; std::getline(record, cell, ',');) rows.back().push_back(cell);
    }
    return rows;
  }
  void put(const Cells& rows) {
    pair.data.clear();
    for (const auto& row : rows)
      for (std::size_t c = 0; c < row.size(); ++c) pair.data += row[c] + (c + 1 == row.size() ? "\n" : ",");
  }
  std::size_t any_row(const Cells& rows) {
    return static_cast<std::size_t>(random.integer(1, static_cast<int>(rows.size()) - 1));
  }
  std::size_t target() const { return static_cast<std::size_t>(pair.model.recipe.target_column); }
};

using Forgery = std::function<Judged(Forger&)>;

/// The block that holds entry (unit, input) of a layer, scaled to the norm that it had.
void move_weight(Forger& f, double factor, bool renormalize) {
  auto& hidden = f.network().hidden;
  const auto j = static_cast<std::size_t>(f.pick(hidden.size() + 1));
  Matrix& weights = j < hidden.size() ? hidden[j].weights : f.network().output;
  const bool matrix = j < hidden.size() && f.pair.model.objective["hidden"][j]["norm"] == "matrix";
  const json& objective = f.pair.model.objective;
  const Index unit = f.random.integer(0, static_cast<int>(weights.rows()) - 1);
  const json& p_text = j == hidden.size() ? objective["output"]["p"]
                                          : objective["hidden"][j]["p"][matrix ? 0 : static_cast<std::size_t>(unit)];
  const double p = from_hex(p_text.get<std::string>());
  auto block = matrix ? weights.middleRows(0, weights.rows()) : weights.middleRows(unit, 1);
  const auto norm = [&] { return std::pow(block.array().pow(p).sum(), 1 / p); };
  const double before = norm();
  // Small weights move nothing: of three, the largest.
  Index best_row = 0, best_column = 0;
  for (int k = 0; k < 3; ++k) {
    const Index row = f.random.integer(0, static_cast<int>(block.rows()) - 1);
    const Index column = f.random.integer(0, static_cast<int>(block.cols()) - 1);
    if (k == 0 || block(row, column) > block(best_row, best_column)) best_row = row, best_column = column;
  }
  block(best_row, best_column) *= factor;
  if (renormalize) block *= before / norm() * (1 - 1e-14);
}

json& any_p(Forger& f) {
  json& objective = f.pair.model.objective;
  const auto j = static_cast<std::size_t>(f.pick(objective["hidden"].size() + 1));
  if (j == objective["hidden"].size()) return objective["output"]["p"];
  json& p = objective["hidden"][j]["p"];
  return p[static_cast<std::size_t>(f.pick(p.size()))];
}

json& any_radius(Forger& f) {
  json& objective = f.pair.model.objective;
  const auto j = static_cast<std::size_t>(f.pick(objective["hidden"].size() + 1));
  return j == objective["hidden"].size() ? objective["output"]["radius"] : objective["hidden"][j]["radius"];
}

std::map<std::string, Forgery> forgeries_of_claims() {
  return {
      {"bound tightened to the objective",
       [](Forger& f) {
         // The objective is above F by a margin for rounding, F is not below its minimum: no bound can reach it.
         f.claims().lower_bound = std::nextafter(f.claims().objective, f.random.integer(0, 1) == 0 ? 9.0 : -9.0);
         if (f.random.integer(0, 2) == 0) f.claims().lower_bound = f.claims().objective;
         restate_gap(f.claims());
         f.claims().relative_gap = std::max(0.0, f.claims().relative_gap);
         return Judged::certain;
       }},
      {"bound tightened by a share of the gap",
       [](Forger& f) {
         const double gap = f.claims().objective - f.claims().lower_bound;
         if (gap < 1e-9) return Judged::no;
         f.claims().lower_bound += gap * (f.random.integer(0, 1) == 0 ? 0.5 : f.random.uniform(0.01, 0.99));
         restate_gap(f.claims());
         return Judged::later;
       }},
      {"objective lowered",
       [](Forger& f) {
         f.claims().objective -= std::pow(10.0, -f.random.integer(1, 11)) * (1 + std::abs(f.claims().objective));
         f.claims().lower_bound = std::min(f.claims().lower_bound, f.claims().objective);
         restate_gap(f.claims());
         return Judged::later;
       }},
      {"objective and bound lowered alike",
       [](Forger& f) {
         const double by = std::pow(10.0, -f.random.integer(1, 11)) * (1 + std::abs(f.claims().objective));
         f.claims().objective -= by, f.claims().lower_bound -= by;
         restate_gap(f.claims());
         return Judged::later;
       }},
      {"claim changed",
       [](Forger& f) {
         const bool up = f.claims().claim != Claim::certified;
         f.claims().claim = up ? Claim::certified : Claim::bounded;
         if (up && f.random.integer(0, 1) == 0) f.claims().relative_gap = f.claims().target_gap * f.random.uniform();
         return Judged::later;
       }},
      {"target changed",
       [](Forger& f) {
         const double gap = f.claims().relative_gap;
         const std::vector<double> targets = {gap / 2, std::min(0.99, 2 * gap), 0, 1, 1e-300, -1e-9, 1.5, 0.99};
         f.claims().target_gap = targets[static_cast<std::size_t>(f.pick(targets.size()))];
         return Judged::later;
       }},
      {"gap understated",
       [](Forger& f) {
         f.claims().relative_gap *= f.random.uniform(0, 0.99);
         return Judged::later;
       }},
      {"objective at zero changed",
       [](Forger& f) {
         f.claims().objective_at_zero *= f.factor();
         restate_gap(f.claims());
         return Judged::certain;  // log K is what it is
       }},
  };
}

std::map<std::string, Forgery> forgeries_of_networks() {
  return {
      {"weight raised",
       [](Forger& f) {
         move_weight(f, 1 + 1e-3, false);
         return Judged::later;
       }},
      {"weight lowered",
       [](Forger& f) {
         move_weight(f, 1 - 1e-3, false);
         return Judged::later;
       }},
      {"weight raised, norm kept",
       [](Forger& f) {
         move_weight(f, 1 + f.random.uniform(1e-3, 1e-1), true);
         return Judged::later;
       }},
      {"weight lowered, norm kept",
       [](Forger& f) {
         move_weight(f, 1 - f.random.uniform(1e-3, 1e-1), true);
         return Judged::later;
       }},
      {"bit of a weight flipped",
       [](Forger& f) {
         const auto j = static_cast<std::size_t>(f.pick(f.network().hidden.size() + 1));
         Matrix& weights = j < f.network().hidden.size() ? f.network().hidden[j].weights : f.network().output;
         double& weight = weights.data()[f.pick(static_cast<std::size_t>(weights.size()))];
         std::uint64_t bits = 0;
         std::memcpy(&bits, &weight, 8);
         bits ^= std::uint64_t{1} << f.random.integer(40, 63);
         std::memcpy(&weight, &bits, 8);
         return Judged::later;
       }},
      {"bit of a mask flipped",
       [](Forger& f) {
         PolynomialLayer& layer = f.any(f.network().hidden);
         if (layer.mask.size() == 0) return Judged::no;
         bool& flag = layer.mask.data()[f.pick(static_cast<std::size_t>(layer.mask.size()))];
         flag = !flag;
         return Judged::later;
       }},
      {"exponent changed",
       [](Forger& f) {
         PolynomialLayer& layer = f.any(f.network().hidden);
         double& exponent = layer.exponents[f.pick(static_cast<std::size_t>(layer.exponents.size()))];
         exponent *= f.random.integer(0, 1) == 0 ? f.factor() : 1 / f.factor();
         return Judged::later;
       }},
      {"p lowered",
       [](Forger& f) {
         Forger::multiply(any_p(f), 1 / f.factor());
         return Judged::later;
       }},
      {"p raised",
       [](Forger& f) {
         Forger::multiply(any_p(f), f.factor());
         return Judged::later;
       }},
      {"radius lowered",
       [](Forger& f) {
         Forger::multiply(any_radius(f), 1 / f.factor());
         return Judged::later;
       }},
      {"radius raised",
       [](Forger& f) {
         Forger::multiply(any_radius(f), f.factor());
         return Judged::later;
       }},
      {"epsilon changed",
       [](Forger& f) {
         const double epsilon = from_hex(f.pair.model.objective["epsilon"].get<std::string>());
         f.pair.model.objective["epsilon"] = to_hex(f.random.integer(0, 1) == 0 ? epsilon / 2 : epsilon + 1e-6);
         return Judged::later;
       }},
  };
}

std::map<std::string, Forgery> forgeries_of_data() {
  return {
      {"label changed",
       [](Forger& f) {
         auto rows = f.cells();
         rows[f.any_row(rows)].back() = f.any(f.pair.model.recipe.classes);
         f.put(rows);
         return Judged::later;
       }},
      {"rows changed places between classes",
       [](Forger& f) {
         auto rows = f.cells();
         auto &one = rows[f.any_row(rows)], &two = rows[f.any_row(rows)];
         std::swap(one.back(), two.back());
         f.put(rows);
         return Judged::later;
       }},
      {"cell changed",
       [](Forger& f) {
         auto rows = f.cells();
         const std::vector<std::string> texts = {"0",   "1",   "17.5", "-3",    "1e9",  "x",
                                                 "nan", "inf", "?",    "0x1p3", "1e999"};
         std::string& cell = rows[f.any_row(rows)][static_cast<std::size_t>(f.pick(f.target()))];
         cell = texts[static_cast<std::size_t>(f.pick(texts.size()))];
         f.put(rows);
         return Judged::later;
       }},
      {"row left out",
       [](Forger& f) {
         auto rows = f.cells();
         rows.erase(rows.begin() + static_cast<long>(f.any_row(rows)));
         if (f.random.integer(0, 1) == 0 && f.pair.model.training_rows.empty()) --f.claims().samples;
         f.put(rows);
         return Judged::later;
       }},
      {"row twice",
       [](Forger& f) {
         auto rows = f.cells();
         rows.push_back(rows[f.any_row(rows)]);
         if (f.random.integer(0, 1) == 0 && f.pair.model.training_rows.empty()) ++f.claims().samples;
         f.put(rows);
         return Judged::later;
       }},
      {"flag of a training row flipped",
       [](Forger& f) {
         auto& flags = f.pair.model.training_rows;
         if (flags.empty()) return Judged::no;
         const auto row = static_cast<std::size_t>(f.pick(flags.size()));
         flags[row] = !flags[row];
         if (f.random.integer(0, 3) > 0) f.claims().samples += flags[row] ? 1 : -1;
         return Judged::later;
       }},
  };
}

std::map<std::string, Forgery> forgeries_of_recipes() {
  return {
      {"recipe's numbers changed",
       [](Forger& f) {
         ColumnRecipe& column = f.any(f.pair.model.recipe.columns);
         if (column.kind != ColumnKind::numeric) return Judged::no;
         const int which = f.random.integer(0, 2);
         if (which == 0) column.offset += column.range * (f.factor() - 1);
         if (which == 1) column.range *= f.random.integer(0, 1) == 0 ? f.factor() : -1;
         if (which == 2 && column.missing) *column.missing += column.range * 0.1;
         return Judged::later;
       }},
      {"recipe's levels and classes changed",
       [](Forger& f) {
         Recipe& recipe = f.pair.model.recipe;
         ColumnRecipe& column = f.any(recipe.columns);
         if (column.kind == ColumnKind::categorical && f.random.integer(0, 1) == 0) {
           if (f.random.integer(0, 1) == 0)
             f.any(column.levels) += "s";
           else
             std::swap(column.levels.front(), column.levels.back());
         } else if (f.random.integer(0, 1) == 0) {
           f.any(recipe.classes) += "s";
         } else {
           std::swap(recipe.classes.front(), recipe.classes.back());
         }
         return Judged::later;
       }},
      {"recipe's switches changed",
       [](Forger& f) {
         Recipe& recipe = f.pair.model.recipe;
         bool* const flags[] = {&recipe.root, &recipe.bias, &recipe.complement};
         bool& flag = *flags[f.random.integer(0, 2)];
         flag = !flag;
         return Judged::later;
       }},
  };
}

void try_all(Court& court, const std::map<std::string, Forgery>& forgeries, int tries) {
  for (const auto& [kind, forge] : forgeries) {
    Random random(static_cast<std::uint64_t>(kind.size()) * 1000 + static_cast<std::uint64_t>(kind[0]));
    for (const Pair& pair : pairs()) {
      for (int k = 0; k < tries; ++k) {
        Forger forger{pair, random};
        const Judged judged = forge(forger);
        if (judged == Judged::no) break;
        reseal(forger.pair.model, forger.pair.data);
        if (judged == Judged::later && !lie_in(forger.pair.model, forger.pair.data)) continue;
        const std::string what = pair.name + ", try " + std::to_string(k);
        const std::string check = court.refuse(kind, what, encode_model(forger.pair.model), forger.pair.data);
        // The hashes agree, so they cannot be what gave it away.
        EXPECT_TRUE(check != "file" && check != "features_hash" && check != "weights_hash") << kind << ": " << what;
      }
    }
    EXPECT_GE(court.count(kind), 5) << kind << ": too few to mean anything";
  }
}

TEST(ForgeriesLong, OfTheClaims) {
  Court court;
  try_all(court, forgeries_of_claims(), 10);
  court.report();
}

TEST(ForgeriesLong, OfTheNetwork) {
  Court court;
  try_all(court, forgeries_of_networks(), 8);
  court.report();
  EXPECT_GE(court.total(), 600);
}

TEST(ForgeriesLong, OfTheData) {
  Court court;
  try_all(court, forgeries_of_data(), 8);
  try_all(court, forgeries_of_recipes(), 8);
  court.report();
  EXPECT_GE(court.total(), 400);
}

// The data of one pair under the model of another that reads the same columns: only hashes and mathematics differ.
TEST(ForgeriesLong, OfDataOfTheSameShape) {
  Court court;
  for (const Pair& pair : pairs())
    for (const Pair& other : pairs()) {
      if (other.model.recipe.classes != pair.model.recipe.classes || &other == &pair) continue;
      Pair forged = pair;
      forged.model.network = other.model.network;
      reseal(forged.model, forged.data);
      if (lie_in(forged.model, forged.data))
        court.refuse("network of another model", pair.name + " / " + other.name, encode_model(forged.model),
                     forged.data);
      forged = pair;
      forged.model.certificate = other.model.certificate;
      reseal(forged.model, forged.data);
      if (lie_in(forged.model, forged.data))
        court.refuse("certificate of another model", pair.name + " / " + other.name, encode_model(forged.model),
                     forged.data);
    }
  court.report();
  EXPECT_GE(court.total(), 20);
}

}  // namespace
}  // namespace nadir
