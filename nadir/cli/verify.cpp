// nadir verify: the same as the separate program nadir-verify.
#include "nadir/cli/command.hpp"
#include "nadir/verify/command.hpp"

namespace nadir::cli {

void add_verify(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("verify", "accept or reject the certificate of MODEL on DATA");
  command->set_help_flag();  // the verifier answers --help itself
  command->prefix_command();
  command->footer("usage: nadir verify MODEL DATA [--labels FILE] [--json]");
  command->callback([command, &run] { run = [command] { return verify::run_command(command->remaining()); }; });
}

}  // namespace nadir::cli
