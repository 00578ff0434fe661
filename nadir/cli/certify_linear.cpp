// nadir certify --method linear: what was judged and proved of a deep linear network, as a table.
#include <cstdio>

#include "nadir/cli/certify.hpp"
#include "nadir/cli/printed.hpp"
#include "nadir/train/words.hpp"

namespace nadir::cli {

void print_table(const train::JudgedChain& told, double seconds, const std::string& model) {
  const linear::Judgement& j = told.judged.of_chain;
  const Certificate& c = told.certificate();
  print_line("network",
             train::chain_in_words(std::get<BiasedChain>(told.model.network)) + ", from " + told.request.source);
  print_line("loss", printed("%.12g   (half the squared error, summed)", told.judged.loss));
  print_line("optimum", printed("%.12g   over linear networks of these widths, in closed form", told.judged.optimum));
  print_line("lower bound", printed("%.12g   over linear networks of these widths, proven", told.lower_bound()));
  print_line("relative gap", printed("%.3g   (asked for: %.3g): %s", c.relative_gap, c.target_gap,
                                     std::string(to_string(c.claim)).c_str()));
  if (!told.dependent) print_line("features", "some are dependent on others but for rounding, which costs the bound");
  print_line("gradients", printed("%.3g of what they could be, the largest", j.criticality.largest_ratio));
  print_line("rank", printed("%ld of the smallest width %ld; singular values kept %.3g, dropped %.3g of the threshold",
                             static_cast<long>(j.rank.rank), static_cast<long>(j.k), j.rank.kept, j.rank.dropped));
  print_line("angle", printed("%.3g between the column spaces that theorem 2.2 compares%s", j.principal_angle,
                              j.tie ? "; not unique, as singular values are equal" : ""));
  if (!j.assumptions.all())
    print_line("assumptions", "not all of the published theorems' hold; the verdict does not need them");
  if (told.residual && told.residual->in_region)
    print_line("residual", printed("all weights are below 1 by %.3g: a critical point is a global minimum, and the "
                                   "gradient bounds the gap by %.6g",
                                   told.residual->margin, told.residual->gap_bound));
  else if (told.residual)
    print_line("residual", "a weight's largest singular value is not below 1: nothing follows from being near to I");
  print_line("verdict", std::string(linear::to_string(told.judged.verdict)) + ": " + told.judged.reason);
  print_line("", "the verdict is judged in double precision against stated thresholds; the lower bound is proven");
  if (told.judged.witness)
    for (const linear::WitnessStep& step : told.judged.witness->steps)
      print_line("witness", printed("at radius %.3g the loss is lower by %.6g", step.radius, step.decrease));
  print_line("time", printed("%.2f s", seconds));
  print_line("model", model);
  std::fprintf(stderr, "Check it: nadir-verify %s %s\n", model.c_str(), told.request.data.c_str());
}

}  // namespace nadir::cli
