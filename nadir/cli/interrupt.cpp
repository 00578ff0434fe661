#include "nadir/cli/interrupt.hpp"

#include <unistd.h>

#include <csignal>

namespace nadir::cli {
namespace {

volatile std::sig_atomic_t count = 0;

void note(int /*signal*/) {
  count = count + 1;
  if (count >= 3) _exit(130);
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupts() { return count; }

}  // namespace nadir::cli
