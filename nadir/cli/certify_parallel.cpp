// nadir certify --method parallel: what was judged and proved of parallel sub-networks, as a table.
#include <cstdio>

#include "nadir/cli/certify.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/train/words.hpp"

namespace nadir::cli {

void print_table(const train::CertifiedParallel& told, double seconds, const std::string& model) {
  print_line("network", train::parallel_in_words(told.given) +
                            (told.request.constant ? ", with a constant feature" : "") + ", from " +
                            told.request.source);
  print_line("data", printed("%ld rows", told.model.certificate.samples));
  print_line("definition", told.definition());
  print_line("objective", printed("%.12g   (penalty %.6g)", told.at.objective, told.at.penalty));
  if (told.at.objective > told.balanced * (1 + 1e-6))
    print_line("", printed("%.12g with layers of balanced norms, which compute the same", told.balanced));
  print_line("stationarity", printed("%.3g   (0 at a critical point, 1 far from any)", told.at.stationarity));
  print_line("lower bound",
             printed("%.12g   over any number of sub-networks of this depth, by %s", told.lower_bound,
                     told.model.certificate.evidence.kind == "layer_units" ? "the units of their first layers"
                                                                           : "the norms of their layers"));
  print_line("relative gap", printed("%.3g   (asked for: %.3g)", told.relative_gap, told.request.options.gap));
  print_line("claim", std::string(to_string(told.claim)));
  if (told.request.options.improve)
    print_line("better", printed("%.12g by training on; this network, of %ld sub-network%s, is written", told.best,
                                 static_cast<long>(std::get<ParallelNetwork>(told.model.network).count()),
                                 std::get<ParallelNetwork>(told.model.network).count() == 1 ? "" : "s"));
  print_line("to add", told.decrease > 0
                           ? printed("a sub-network was found that lowers the objective by %.6g: its correlation is "
                                     "%.4g times the limit of an optimum",
                                     told.decrease, told.correlation)
                           : "no sub-network was found that lowers the objective; that is no proof, the bound is");
  print_line("stopped", told.stop_sentence);
  print_line("time", printed("%.2f s", seconds));
  print_line("model", model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", model.c_str(), told.request.data.c_str());
}

}  // namespace nadir::cli
