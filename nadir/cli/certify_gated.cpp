// nadir certify --method gated: what was proved of a gated network, as a table.
#include <cstdio>

#include "nadir/cli/certify.hpp"
#include "nadir/cli/printed.hpp"

namespace nadir::cli {

void print_table(const train::CertifiedGated& told, double seconds, const std::string& model) {
  print_line("network", printed("%ld gates, %ld output%s, from ", static_cast<long>(told.gates),
                                static_cast<long>(told.outputs), told.outputs == 1 ? "" : "s") +
                            told.request.source);
  print_line("data", printed("%ld rows", told.model.certificate.samples));
  print_line("definition", told.definition());
  print_line("objective", printed("%.12g   (penalty %.6g)", told.objective, told.penalty));
  print_line("lower bound", printed("%.12g   over all weights for these gates, proven", told.lower_bound));
  print_line("relative gap", printed("%.3g   (asked for: %.3g)", told.relative_gap, told.request.options.gap));
  print_line("claim", std::string(to_string(told.claim)));
  print_line("better", printed("%.12g by training on%s", told.best,
                               told.request.options.improve ? "; these weights are written" : ""));
  print_line("stopped", told.stop_sentence);
  print_line("time", printed("%.2f s", seconds));
  print_line("model", model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", model.c_str(), told.request.data.c_str());
}

}  // namespace nadir::cli
