#pragma once
// Ctrl-C as a number that loops look at, so that what was won is kept.

namespace nadir::cli {

/// From now on SIGINT and SIGTERM are counted; the third ends the program at once.
void watch_for_interrupts();

/// How many there were.
int interrupts();

}  // namespace nadir::cli
