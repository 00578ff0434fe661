// Files that are damaged, lie about their sizes or want to exhaust memory: each is read to a chain of finite layers or
// refused in one line that begins with its path, within two seconds and 256 MB.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "nadir/base/file.hpp"
#include "nadir/base/random.hpp"
#include "nadir/exchange/gated.hpp"
#include "nadir/exchange/networks.hpp"
#include "nadir/exchange/polynomial.hpp"
#include "nadir/exchange/test_util.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NADIR_SANITIZED
#endif
#endif

namespace nadir::exchange {
namespace {

using namespace test;

#ifdef NADIR_SANITIZED
constexpr double max_seconds = 20;
constexpr long max_kilobytes = 4L << 20;  // the sanitizer keeps what was freed
#else
constexpr double max_seconds = 2;
constexpr long max_kilobytes = 256L << 10;
#endif

const std::vector<std::string> whole_files{
    "torch_bias_dynamo.onnx", "torch_no_bias_script.onnx", "torch_three_dynamo.onnx",
    "torch_flat_dynamo.onnx", "torch_leaky_script.onnx",   "sklearn_regressor.onnx",
    "sklearn_binary.onnx",    "sklearn_classes.onnx",      "by_hand.onnx",
    "torch_f64.safetensors",  "torch_bf16.safetensors",    "numpy_plain.npz",
    "numpy_compressed.npz"};

/// Reads files and keeps count.
class Trial {
 public:
  Trial() = default;
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  ~Trial() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    EXPECT_LT(slowest_, max_seconds);
    EXPECT_LT(usage.ru_maxrss, max_kilobytes);
    std::printf("%d files, %d of them read, the slowest in %.3f s; at most %ld MB\n", files_, read_, slowest_,
                usage.ru_maxrss >> 10);
  }

  bool file(const std::filesystem::path& path) {
    return attempt(path.string(), [&](const std::string& name) { return read_layers(name, {}); });
  }

  /// Whether the file is read, here and above.
  template <class Read>
  bool attempt(const std::string& name, const Read& read) {
    ++files_;
    const std::clock_t start = std::clock();  // of this process: tests run beside one another
    bool ok = false;
    try {
      check(read(name));
      ok = true;
    } catch (const InputError& error) {
      message_ = error.what();
      EXPECT_EQ(message_.find('\n'), std::string::npos) << message_;
      EXPECT_TRUE(message_.starts_with(name + ": ")) << message_;
      EXPECT_LT(message_.size(), 1500U) << message_;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "another kind of error: " << error.what();
    }
    slowest_ = std::max(slowest_, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    if (ok) ++read_;
    return ok;
  }

  bool bytes(const std::string& content) {
    return attempt("net", [&](const std::string& name) { return read_layers_from_bytes(content, name, {}); });
  }

  /// As parallel sub-networks.
  bool branches(const std::string& content) {
    return attempt("net", [&](const std::string& name) {
      const Branches branches = read_branches_from_bytes(content, name, {});
      EXPECT_FALSE(branches.list.empty());
      for (const Layers& chain : branches.list) check(chain);
      require_parallel(to_parallel(branches, name).network);
      return branches.list.front();
    });
  }

  const std::string& message() const { return message_; }
  int files() const { return files_; }
  int read() const { return read_; }

 private:
  static void check(const Layers& layers) {
    ASSERT_FALSE(layers.list.empty());
    for (std::size_t i = 0; i < layers.list.size(); ++i) {
      const Layer& layer = layers.list[i];
      EXPECT_TRUE(layer.weights.allFinite() && layer.biases.allFinite() && std::isfinite(layer.slope));
      EXPECT_GT(layer.weights.size(), 0);
      EXPECT_TRUE(layer.biases.size() == 0 || layer.biases.size() == layer.weights.rows());
      EXPECT_TRUE(i == 0 || layer.weights.cols() == layers.list[i - 1].weights.rows());
    }
    EXPECT_EQ(layers.source.find('\n'), std::string::npos);
  }

  std::string message_;
  int files_ = 0;
  int read_ = 0;
  double slowest_ = 0;
};

std::string bytes_of(const std::string& fixture) { return read_file(network(fixture)); }

/// One change of those that break readers.
std::string changed(std::string bytes, const std::string& other, Random& random) {
  const auto place = [&](const std::string& text) {
    return static_cast<std::size_t>(random.integer(0, static_cast<int>(text.size()) - 1));
  };
  const std::size_t at = place(bytes);
  const std::size_t length = std::min(bytes.size() - at, static_cast<std::size_t>(random.integer(1, 16)));
  switch (random.integer(0, 7)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.integer(0, 7)));
      break;
    case 1:
      bytes[at] = static_cast<char>(random.integer(0, 255));
      break;
    case 2:
      bytes.replace(at, length, std::string(length, '\xFF'));
      break;
    case 3:
      bytes.replace(at, length, std::string(length, '\0'));
      break;
    case 4:
      bytes.erase(at, length);
      break;
    case 5:
      bytes.insert(at, bytes.substr(place(bytes), length));
      break;
    case 6: {
      const std::uint64_t number = random.integer(0, 1) == 0 ? ~0ULL : 1ULL << random.integer(0, 63);
      bytes.insert(at, little(number, random.integer(1, 8)));
      break;
    }
    default:
      bytes.replace(at, length, other.substr(place(other), length));
  }
  return bytes;
}

/// An intact file of arrays and graphs of these names, cut short anywhere and changed in many ways.
template <class Read>
void try_damaged(Trial& trial, Random& random, const Read& read, const std::string& arrays,
                 const std::vector<const char*>& graphs) {
  EXPECT_TRUE(read(arrays)) << trial.message();
  for (std::size_t length = 0; length < arrays.size(); ++length) EXPECT_FALSE(read(arrays.substr(0, length))) << length;
  for (int k = 0; k < 3000; ++k) read(changed(arrays, bytes_of("numpy_plain.npz"), random));
  EXPECT_GT(trial.read(), 100);
  for (const char* const name : graphs) {
    const std::string graph = bytes_of(name);
    const int before = trial.read();
    EXPECT_TRUE(read(graph)) << trial.message();
    for (std::size_t length = 0; length < graph.size(); ++length) read(graph.substr(0, length));
    for (int k = 0; k < 3000; ++k) read(changed(graph, bytes_of("torch_bias_script.onnx"), random));
    EXPECT_GT(trial.read(), before + 100);
  }
}

TEST(Damaged, GatedNetworks) {
  Trial trial;
  Random random(13);
  const std::string bytes = safetensors(
      {{"G", "F64", "2,3", raw(std::vector<double>(6, 0.5))}, {"V", "F64", "4,3", raw(std::vector<double>(12, 1))}});
  const auto gated = [&](const std::string& content) {
    return trial.attempt("net", [&](const std::string& name) {
      const GatedNetwork network = read_gated_from_bytes(content, name).network;
      EXPECT_TRUE(network.gates.allFinite() && network.weights.allFinite() && network.active() == network.gates.rows());
      return Layers{{Layer{network.weights, {}, Activation::none, 0}}, "gated"};
    });
  };
  try_damaged(trial, random, gated, bytes,
              {"torch_gated_dynamo.onnx", "torch_gated_layers_script.onnx", "torch_gated_outputs_dynamo.onnx",
               "torch_gated_list_script.onnx"});
}

/// A recipe with every step that is read back.
Recipe full_recipe() {
  Recipe recipe = plain_recipe(4, true);
  recipe.columns[0].offset = 0.5, recipe.columns[1].range = 3, recipe.columns[2].kind = ColumnKind::ignored;
  return recipe;
}

TEST(Damaged, FilesOfOurs) {
  Trial trial;
  Random random(15);
  const GatedNetwork gates{(Matrix(2, 4) << 1, 0.3, -2, 0.7, -0.1, 5, 1, 0).finished(), Matrix::Ones(2, 4), 1};
  PolynomialNetwork powers;
  powers.hidden.push_back({Matrix::Ones(2, 7), Vector::Constant(2, 1.5), {}});
  powers.output = Matrix::Ones(2, 2);
  Recipe recipe = full_recipe();
  const std::string gated = written(gates, recipe, Sign::any);
  recipe.clip = recipe.root = recipe.complement = true;
  const std::string polynomial = written(powers, recipe, Sign::non_negative);
  const auto read = [&](const std::string& content, bool is_gated) {
    return trial.attempt("net", [&](const std::string& name) {
      const Matrix weights = is_gated ? read_gated_from_bytes(content, name).network.weights
                                      : read_polynomial_from_bytes(content, name).network.output;
      return Layers{{Layer{weights, {}, Activation::none, 0}}, "ours"};
    });
  };
  for (const bool is_gated : {true, false}) {
    const std::string& whole = is_gated ? gated : polynomial;
    const int before = trial.read();
    EXPECT_TRUE(read(whole, is_gated)) << trial.message();
    for (std::size_t length = 0; length < whole.size(); ++length) read(whole.substr(0, length), is_gated);
    for (int k = 0; k < 3000; ++k) read(changed(whole, is_gated ? polynomial : gated, random), is_gated);
    EXPECT_GT(trial.read(), before + 100);
  }
}

/// Graphs that would make much of little: sums that double, gates that double, entries that multiply.
TEST(Damaged, FormulasThatGrow) {
  Trial trial;
  const auto gated = [&](const Graph& graph) {
    return trial.attempt("net", [&](const std::string& name) {
      const GatedNetwork network = read_gated_from_bytes(graph.bytes(), name).network;
      return Layers{{Layer{network.weights, {}, Activation::none, 0}}, "gated"};
    });
  };
  const Graph start{
      {node("MatMul", {"x", "G"}, {"u"}), node("GreaterOrEqual", {"u", "zero"}, {"d"}),
       node("Mul", {"u", "d"}, {"p0"})},
      {floats("G", {2, 2}, {1, 2, 3, 4}), floats("zero", {1}, {0}),
       floats("many", {2, 4096}, std::vector<float>(8192, 1)), floats("half", {4096, 2}, std::vector<float>(8192, 1))}};
  Graph sums = start;
  for (int k = 0; k < 60; ++k) {
    const std::string from = "p" + std::to_string(k), to = "p" + std::to_string(k + 1);
    sums.nodes.push_back(node("Add", {from, from}, {k == 59 ? "y" : to}));
  }
  EXPECT_FALSE(gated(sums));
  expect_contains(trial.message(), {"(Add) would make more than"});
  Graph layers = start;
  for (int k = 0; k < 20; ++k) {
    const std::string at = std::to_string(k);
    layers.nodes.push_back(node("MatMul", {"p" + at, "many"}, {"q" + at}));
    layers.nodes.push_back(node("MatMul", {"q" + at, "half"}, {k == 19 ? "y" : "p" + std::to_string(k + 1)}));
  }
  EXPECT_FALSE(gated(layers));
  expect_contains(trial.message(), {"(MatMul) would make more than"});
  Graph outer{
      {node("MatMul", {"x", "many"}, {"u"}), node("Unsqueeze", {"u", "one"}, {"row"}),
       node("Unsqueeze", {"u", "two"}, {"column"}), node("Add", {"row", "column"}, {"s"}),
       node("ReduceSum", {"s", "one"}, {"y"})},
      {start.tensors[2], tensor("one", {1}, raw<std::int64_t>({1}), 7), tensor("two", {1}, raw<std::int64_t>({2}), 7)}};
  EXPECT_FALSE(gated(outer));
  expect_contains(trial.message(), {"(Add) would make more than"});
  Graph wide = start;
  wide.inputs = {value("x", {-1, std::int64_t{1} << 60})};
  EXPECT_FALSE(gated(wide));
  expect_contains(trial.message(), {"networks of up to"});
}

TEST(Damaged, PolynomialNetworks) {
  Trial trial;
  Random random(14);
  const auto numbers = [](std::size_t count) { return raw(std::vector<double>(count, 1.5)); };
  const std::string bytes = safetensors({{"U1", "F64", "2,3", numbers(6)},
                                         {"alpha1", "F64", "2", numbers(2)},
                                         {"U2", "F64", "4,2", numbers(8)},
                                         {"alpha2", "F64", "4", numbers(4)},
                                         {"W", "F64", "3,4", numbers(12)}});
  const auto polynomial = [&](const std::string& content) {
    return trial.attempt("net", [&](const std::string& name) {
      const PolynomialNetwork network = read_polynomial_from_bytes(content, name).network;
      EXPECT_TRUE(network.output.minCoeff() >= 0 && network.output.cols() == network.hidden.back().weights.rows());
      for (const PolynomialLayer& layer : network.hidden)
        EXPECT_TRUE(layer.weights.minCoeff() >= 0 && layer.exponents.minCoeff() >= 1);
      return Layers{{Layer{network.output, {}, Activation::none, 0}}, "polynomial"};
    });
  };
  try_damaged(trial, random, polynomial, bytes, {"torch_polynomial_script.onnx", "torch_deep_polynomial_dynamo.onnx"});
}

/// Two sub-networks of unequal widths.
std::string parallel_arrays() {
  const auto numbers = [](std::size_t count) { return raw(std::vector<double>(count, 0.5)); };
  return safetensors({{"a.0.W1", "F64", "2,3", numbers(6)},
                      {"a.0.b1", "F64", "2", numbers(2)},
                      {"a.0.W2", "F64", "1,2", numbers(2)},
                      {"a.1.W1", "F64", "1,3", numbers(3)},
                      {"a.1.W2", "F64", "1,1", numbers(1)}});
}

TEST(Damaged, ParallelSubnetworks) {
  Trial trial;
  Random random(12);
  const std::vector<std::string> whole{bytes_of("torch_parallel_dynamo.onnx"), bytes_of("torch_parallel_script.onnx"),
                                       bytes_of("torch_bias_script.onnx"), bytes_of("numpy_compressed.npz"),
                                       parallel_arrays()};
  for (const std::string& bytes : whole) {
    const bool read = trial.branches(bytes);
    EXPECT_EQ(read, bytes != whole[2] && bytes != whole[3])
        << trial.message();  // those have biases in their last layer
    for (std::size_t length = 0; length < bytes.size(); length += 3)
      EXPECT_FALSE(trial.branches(bytes.substr(0, length))) << length;
    for (int k = 0; k < 1500; ++k) trial.branches(changed(bytes, whole[static_cast<std::size_t>(k % 5)], random));
  }
  EXPECT_GT(trial.read(), 100);
}

TEST(Damaged, CutShort) {
  Trial trial;
  for (const std::string& fixture : whole_files) {
    const std::string bytes = bytes_of(fixture);
    EXPECT_TRUE(trial.bytes(bytes)) << fixture << ": " << trial.message();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      // Versions of operators, of those that only come after the end, may be missing at a file's own end.
      const bool last =
          bytes[length] == '\x42' && length + 2 + static_cast<unsigned char>(bytes[length + 1]) == bytes.size();
      EXPECT_TRUE(!trial.bytes(bytes.substr(0, length)) || last) << fixture << " of " << length << " bytes";
    }
  }
  EXPECT_EQ(trial.read(), static_cast<int>(whole_files.size()) + 2);  // both of scikit-learn's classifiers
  EXPECT_GT(trial.files(), 5000);
}

TEST(Damaged, Changed) {
  Trial trial;
  Random random(1);
  for (const std::string& fixture : whole_files) {
    const std::string bytes = bytes_of(fixture);
    for (int i = 0; i < 600; ++i) {
      const std::string other =
          bytes_of(whole_files[static_cast<std::size_t>(random.integer(0, static_cast<int>(whole_files.size()) - 1))]);
      std::string now = bytes;
      for (int changes = random.integer(1, 4); changes > 0; --changes) now = changed(now, other, random);
      trial.bytes(now);
    }
  }
  EXPECT_GT(trial.files(), 5000);
  EXPECT_GT(trial.read(), 0);  // a weight or a name of no meaning changed
}

TEST(Damaged, ChangedInsideOfAnArchive) {
  Trial trial;
  Random random(2);
  const std::string honest = npy("2, 3", {1, 2, 3, 4, 5, 6});
  for (int i = 0; i < 1000; ++i)
    trial.bytes(zip({{"W1.npy", changed(honest, honest, random), i % 2 == 0}, {"W2.npy", npy("1, 2", {1, 2})}}));
  EXPECT_GT(trial.read(), 0);
}

/// Shapes of all kinds for a tensor of two elements; 1 x 2 and 2 x 1 fit.
TEST(Damaged, ShapesThatDoNotFit) {
  Trial trial;
  const std::vector<std::int64_t> sizes{0, 1, 2, -1, 1LL << 23, 1LL << 31, 1LL << 32, 1LL << 62, INT64_MIN, INT64_MAX};
  for (const std::int64_t rows : sizes)
    for (const std::int64_t columns : sizes) {
      const bool fits = (rows == 1 && columns == 2) || (rows == 2 && columns == 1);
      const std::string elements = raw<float>({1, 2});
      const Graph graph{{node("Gemm", {"x", "W"}, {"y"}, {integer_attribute("transB", 1)})},
                        {tensor("W", {rows, columns}, elements)},
                        {value("x", {})}};
      Graph open = graph;
      open.inputs = {Message().text(1, "x")};  // of no stated shape
      EXPECT_EQ(trial.bytes(open.bytes()), fits) << rows << ' ' << columns;
      const std::string shape = std::to_string(rows) + ", " + std::to_string(columns);
      EXPECT_EQ(trial.bytes(safetensors({{"weight", "F32", shape, elements}})), fits) << shape;
      EXPECT_EQ(trial.bytes(zip({{"W1.npy", npy_of("<f4", shape, elements)}})), fits) << shape;
    }
  EXPECT_EQ(trial.files(), 300);
}

// ---------------------------------------------------------------------------------------------- exhaustion
/// `unit` as often as said between `head` and `tail`, in no more memory than that takes.
std::string run_of(const std::string& head, const std::string& unit, std::size_t count, const std::string& tail = "") {
  std::string bytes;
  bytes.reserve(head.size() + unit.size() * count + tail.size());
  bytes += head;
  const std::size_t together = 65536 / unit.size() + 1;
  std::string block;
  for (std::size_t i = 0; i < together; ++i) block += unit;
  for (; count >= together; count -= together) bytes += block;
  for (; count > 0; --count) bytes += unit;
  return bytes += tail;
}

/// Tag and length of a field of protobuf whose content follows.
std::string field(std::uint32_t tag, std::uint64_t length) {
  std::string text;
  for (std::uint64_t rest : {static_cast<std::uint64_t>(tag << 3 | 2), length}) {
    for (; rest > 127; rest >>= 7) text += static_cast<char>((rest & 127) | 128);
    text += static_cast<char>(rest);
  }
  return text;
}

struct Packed {
  std::string bytes;
  std::uint32_t checksum;
};

/// `head`, then `count` times the byte `filler`, then `tail`, deflated without being in memory.
Packed deflated_run(const std::string& head, char filler, std::size_t count, const std::string& tail) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Packed packed{"", 0};
  const auto feed = [&](const std::string& text, int flush) {
    packed.checksum = static_cast<std::uint32_t>(
        crc32(packed.checksum, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    char out[65536];
    do {
      stream.next_out = reinterpret_cast<Bytef*>(out);
      stream.avail_out = sizeof out;
      deflate(&stream, flush);
      packed.bytes.append(out, sizeof out - stream.avail_out);
    } while (stream.avail_out == 0);
  };
  feed(head, Z_NO_FLUSH);
  const std::string block(1 << 20, filler);
  for (; count >= block.size(); count -= block.size()) feed(block, Z_NO_FLUSH);
  feed(block.substr(0, count), Z_NO_FLUSH);
  feed(tail, Z_FINISH);
  deflateEnd(&stream);
  return packed;
}

/// An archive whose entries all have the same content.
std::string archive_of(const std::vector<std::string>& names, const Packed& packed, std::size_t stated) {
  const std::string common = little(20, 2) + little(0, 2) + little(8, 2) + little(0, 4) + little(packed.checksum, 4) +
                             little(packed.bytes.size(), 4) + little(stated, 4);
  const std::string local = "PK\3\4" + common + little(1, 2) + little(0, 2) + "x" + packed.bytes;
  std::string directory;
  for (const std::string& name : names)
    directory += "PK\1\2" + little(20, 2) + common + little(name.size(), 2) + little(0, 16) + name;
  return local + directory + "PK\5\6" + little(0, 4) + little(names.size(), 2) + little(names.size(), 2) +
         little(directory.size(), 4) + little(local.size(), 4) + little(0, 2);
}

/// NPY, version 2, with so long a header that `padding` blanks come before its end.
std::string npy_head(const std::string& shape, std::size_t padding) {
  const std::string dictionary = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + shape + "), }";
  return "\x93NUMPY" + little(2, 2) + little(dictionary.size() + padding + 1, 4) + dictionary;
}

TEST(LongExhaustion, LargestNetworks) {
  Trial trial;
  const TemporaryFile file;
  const auto write = [&](const std::string& bytes) {
    std::FILE* out = std::fopen(file.path().c_str(), "wb");
    EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), out), bytes.size());
    std::fclose(out);
  };
  const std::size_t elements = max_weights;
  const std::string header = R"({"weight":{"dtype":"F64","shape":[4096,2048],"data_offsets":[0,67108864]}})";
  write(run_of(little(header.size(), 8) + header, std::string(8, '\0'), elements));
  EXPECT_TRUE(trial.file(file.path())) << trial.message();
  const Packed packed = deflated_run(npy_head("4096, 2048", 0) + '\n', '\0', 8 * elements, "");
  write(archive_of({"W1.npy"}, packed, 8 * elements + npy_head("4096, 2048", 0).size() + 1));
  EXPECT_TRUE(trial.file(file.path())) << trial.message();
  Graph graph{{node("MatMul", {"x", "W"}, {"y"})}, {}, {Message().text(1, "x")}};
  const std::string rest =
      Message().text(1, graph.nodes[0].bytes).text(11, graph.inputs[0].bytes).text(12, graph.outputs[0].bytes).bytes;
  const std::string start =
      Message().integer(1, 4096).integer(1, 2048).integer(2, 11).text(8, "W").bytes + field(9, 8 * elements);
  const std::string weights = field(5, start.size() + 8 * elements) + start;
  const std::string model = Message().text(8, Message().integer(2, 17).bytes).bytes;
  write(run_of(model + field(7, rest.size() + weights.size() + 8 * elements) + rest + weights, std::string(8, '\0'),
               elements));
  EXPECT_TRUE(trial.file(file.path())) << trial.message();
}

TEST(LongExhaustion, ArchivesThatUnpackToMore) {
  Trial trial;
  const Packed bomb = deflated_run(npy_head("8192, 4096", 0) + '\n', '\0', std::size_t{1} << 28, "");
  for (const std::size_t stated : {std::size_t{128}, std::size_t{1} << 28, std::size_t{0xFFFFFFFF}}) {
    EXPECT_FALSE(trial.bytes(archive_of({"W1.npy"}, bomb, stated)));
    expect_contains(trial.message(), {"entry 'W1.npy' holds more than the 68157440 bytes that are left for it"});
  }
  // Headers of blanks: each array is one number, but costs 60 MB to unpack.
  constexpr std::size_t padding = 60 << 20;
  const std::string head = npy_head("1, 1", padding);
  const Packed blanks = deflated_run(head, ' ', padding, "\n" + raw<double>({1}));
  std::vector<std::string> names;
  for (int i = 1; i <= 200; ++i) names.push_back("W" + std::to_string(i) + ".npy");
  EXPECT_FALSE(trial.bytes(archive_of(names, blanks, head.size() + padding + 9)));
  expect_contains(trial.message(), {"entry 'W2.npy' holds more than"});
  // Entries in their thousands, names and extra fields without end.
  names.assign(4097, "W1.npy");
  EXPECT_FALSE(trial.bytes(archive_of(names, {"", 0}, 0)));
  expect_contains(trial.message(), {"more than 4096 entries"});
  names.assign(300, std::string(65535, 'W'));
  EXPECT_FALSE(trial.bytes(archive_of(names, {"", 0}, 0)));
  EXPECT_FALSE(trial.bytes(zip(std::vector<Entry>(300, Entry{"W", ""}), std::string(65532, '\0'))));
}

TEST(LongExhaustion, HeadersWithoutEnd) {
  Trial trial;
  const auto header = [&](const std::string& head, const std::string& unit, const std::string& tail, std::size_t size) {
    const std::size_t count = (size - head.size() - tail.size()) / unit.size();
    EXPECT_FALSE(
        trial.bytes(run_of(little(head.size() + tail.size() + count * unit.size(), 8) + head, unit, count, tail)));
  };
  for (const std::size_t size : {std::size_t{2} << 20, std::size_t{60} << 20}) {
    header("{\"a\":[", "[],", "0]}", size);
    header("{\"a\":[", "0,", "0]}", size);
    header("{\"a\":", "[", "}", size);
    header("{\"a\":\"", "x", "\"}", size);
    header("{\"a\":[", "{\"\":0},", "0]}", size);
  }
  std::string keys = "{\"k\":0";
  for (int i = 0; i < 190000; ++i) keys += ",\"" + std::to_string(i) + "\":0";
  keys += '}';
  EXPECT_FALSE(trial.bytes(little(keys.size(), 8) + keys));
}

TEST(LongExhaustion, GraphsWithoutEnd) {
  Trial trial;
  constexpr std::size_t half = max_bytes / 2 - 100;
  const std::string model = Message().text(8, Message().integer(2, 17).bytes).bytes;
  for (const std::uint32_t tag : {1, 2, 5, 9, 11, 12, 13, 200}) {  // of the graph's fields
    const std::string unit = field(tag, 0);
    const std::size_t count = 2 * half / unit.size();
    EXPECT_FALSE(trial.bytes(run_of(model + field(7, count * unit.size()), unit, count)));
  }
  for (const std::uint32_t tag : {1, 7, 8, 14}) {  // of the model's
    const std::string unit = field(tag, 0);
    EXPECT_FALSE(trial.bytes(run_of(model, unit, 2 * half / unit.size())));
  }
  // Nodes with as many names as there may be, and as many layers of one tensor that brings along half of the file.
  Graph graph;
  for (int i = 0; i < 4096; ++i) {
    std::vector<std::string> names;
    for (int k = 0; k < 64; ++k) names.push_back(std::to_string(64 * i + k));
    graph.nodes.push_back(node("Concat", names, {"y" + std::to_string(i)}));
  }
  EXPECT_FALSE(trial.bytes(graph.bytes()));
  std::string nodes;
  for (int i = 0; i < 4000; ++i)
    nodes +=
        Message().text(1, node("MatMul", {"x" + std::to_string(i), "W"}, {"x" + std::to_string(i + 1)}).bytes).bytes;
  nodes += Message().text(11, value("x0", {-1, 1}).bytes).text(12, value("x4000", {}).bytes).bytes;
  const std::string start = tensor("W", {1, 1}, raw<float>({1})).bytes;
  const std::string weights = field(5, start.size() + 2 * half / 2) + start;
  EXPECT_FALSE(trial.bytes(run_of(model + field(7, nodes.size() + weights.size() + half) + nodes + weights,
                                  std::string("\x7A\0", 2), half / 2)));
  expect_contains(trial.message(), {"tensor 'W' takes more of the file than its elements do"});
}

}  // namespace
}  // namespace nadir::exchange
