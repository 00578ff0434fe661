// nadir certify --method spectral: what was proved of a generalized polynomial network, as a table.
#include <cstdio>

#include "nadir/cli/certify.hpp"
#include "nadir/cli/printed.hpp"

namespace nadir::cli {

void print_table(const train::CertifiedPolynomial& told, double seconds, const std::string& model) {
  std::string shape;
  for (const Index width : told.widths) shape += (shape.empty() ? "polynomial, " : " -> ") + std::to_string(width);
  print_line("network", shape + ", from " + told.request.source);
  print_line("data", printed("%ld rows", told.model.certificate.samples));
  print_line("degree", printed("%.6g: hidden concavity %s", told.degree, told.degree <= 1 ? "holds" : "does not hold"));
  if (told.shrunk > 0) print_line("norms", printed("above their radius by up to %.2g, and drawn in", told.shrunk));
  const Certificate& given = told.given;
  print_line("objective", printed("%.12g", given.objective));
  if (given.claim == Claim::certified || given.claim == Claim::bounded) {
    print_line("lower bound", printed("%.12g   over all networks of this shape within these norms, by %s",
                                      given.lower_bound, given.evidence.kind.c_str()));
    print_line("relative gap", printed("%.3g   (asked for: %.3g)", given.relative_gap, told.request.options.gap));
  }
  print_line("claim", std::string(to_string(given.claim)));
  print_line("better",
             printed("%.12g by training on, bounded by %.12g%s", told.better.objective, told.better.lower_bound,
                     told.request.options.improve ? "; this network is written" : ""));
  print_line("stopped", told.stop_sentence);
  print_line("time", printed("%.2f s", seconds));
  print_line("model", model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", model.c_str(), told.request.data.c_str());
}

}  // namespace nadir::cli
