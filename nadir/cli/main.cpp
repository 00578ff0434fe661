// The nadir program: parse, call, print. Everything else is in the rooms.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "nadir/base/error.hpp"
#include "nadir/base/version.hpp"
#include "nadir/cli/command.hpp"
#include "nadir/cli/interrupt.hpp"

namespace {

int complain(const char* message, nadir::cli::ExitCode code) {
  std::fprintf(stderr, "nadir: %s\n", message);
  return nadir::cli::interrupts() > 0 ? nadir::cli::interrupted : code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace nadir;
  std::signal(SIGXFSZ, SIG_IGN);  // a file too large is an error of write(), not a signal
  std::signal(SIGPIPE, SIG_IGN);
  cli::watch_for_interrupts();
  CLI::App app{
      "nadir trains neural networks to a proven global optimum.\n"
      "Try it without data: `nadir train` runs on a small data set built into the program."};
  app.set_version_flag("--version", std::string("nadir ") + version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  cli::Run run;
  cli::add_train(app, run);
  cli::add_certify(app, run);
  cli::add_predict(app, run);
  cli::add_verify(app, run);
  cli::add_inspect(app, run);
  cli::add_plot(app, run);
  cli::add_export(app, run);
  cli::add_reduce(app, run);
  cli::add_factorize(app, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::fprintf(stderr, "nadir: %s; see nadir %s--help\n", error.what(),
                 app.get_subcommands().empty() ? "" : (app.get_subcommands()[0]->get_name() + " ").c_str());
    return cli::usage_error;
  }
  try {
    const int code = run();
    if (std::fflush(stdout) != 0) return complain("cannot write to standard output", cli::no_resources);
    return code;
  } catch (const UsageError& error) {
    return complain(error.what(), cli::usage_error);
  } catch (const InputError& error) {
    return complain(error.what(), cli::bad_input);
  } catch (const ResourceError& error) {
    return complain(error.what(), cli::no_resources);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; take fewer rows or columns", cli::no_resources);
  } catch (const std::exception& error) {
    return complain((std::string("internal error: ") + error.what()).c_str(), cli::internal_error);
  }
}
