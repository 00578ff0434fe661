// What the program nadir-verify does with its words.
#include "nadir/verify/command.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "nadir/verify/verify.hpp"

namespace nadir::verify {
namespace {
constexpr const char* kHelp = R"(usage: nadir-verify MODEL DATA [--labels FILE] [--json]
Reads the data again, recomputes the features, the objective and the lower bound in outward-rounded arithmetic, and
accepts the model's certificate only if every check of docs/certificate-format.md, section 7, passes.
  --labels FILE  labels that lie apart from the data (IDX, NPY); for IDX the name is otherwise that of DATA with
                 images replaced by labels and idx3 by idx1
  --json         the verdict as one JSON object
exit code: 0 accepted, 5 rejected, 2 wrong usage, 3 a file cannot be read, 1 internal
)";
struct Failure : std::runtime_error {
  Failure(int code, const std::string& why) : std::runtime_error(why), exit_code(code) {}
  int exit_code;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) throw Failure(3, path + ": cannot be read");
  return bytes;
}
/// DATA with images -> labels and idx3 -> idx1 in its last component.
std::string labels_beside(std::string path) {
  for (const auto& [from, to] : {std::pair{"images", "labels"}, std::pair{"idx3", "idx1"}}) {
    const std::size_t at = path.find(from, path.find_last_of('/') + 1);
    if (at != std::string::npos) path.replace(at, std::string(from).size(), to);
  }
  return path;
}

int run(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  std::string labels, failed;
  bool as_json = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--help" || words[i] == "-h") return std::fputs(kHelp, stdout) < 0 ? 1 : 0;
    const bool takes_file = words[i] == "--labels" && i + 1 < words.size(), json_option = words[i] == "--json";
    as_json = as_json || json_option;
    if (takes_file) labels = words[++i];
    if (takes_file || json_option) continue;
    if (words[i].starts_with('-')) throw Failure(2, words[i] + " is unknown or lacks its value; see --help");
    files.push_back(words[i]);
  }
  if (files.size() != 2) throw Failure(2, "expected MODEL DATA [--labels FILE] [--json]; see --help");
  Sources sources{read_file(files[1]), {}};
  const std::string beside = labels_beside(files[1]);
  if (labels.empty() && beside != files[1] && std::ifstream(beside)) labels = beside;
  if (!labels.empty()) sources.labels = read_file(labels);
  const Verdict verdict = verify(read_file(files[0]), sources);
  nlohmann::json json{{"accepted", verdict.accepted}, {"checks", nlohmann::json::array()}};
  for (const auto& [name, passed, detail] : verdict.checks) {
    json["checks"].push_back({{"name", name}, {"passed", passed}, {"detail", detail}});
    if (!as_json) std::printf("%s  %-13s  %s\n", passed ? "pass" : "FAIL", name.c_str(), detail.c_str());
    if (!passed) failed += (failed.empty() ? " " : ", ") + name;
  }
  failed = verdict.accepted ? "ACCEPTED" : "REJECTED:" + failed;
  std::puts((as_json ? json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) : failed).c_str());
  return verdict.accepted ? 0 : 5;
}
}  // namespace

int run_command(const std::vector<std::string>& words) try { return run(words); } catch (const std::exception& error) {
  std::fprintf(stderr, "nadir-verify: %s\n", error.what());
  const auto* const failure = dynamic_cast<const Failure*>(&error);
  const bool unreadable = dynamic_cast<const std::ios_base::failure*>(&error) != nullptr;  // such as a directory
  return failure != nullptr ? failure->exit_code : unreadable ? 3 : 1;
}
}  // namespace nadir::verify
