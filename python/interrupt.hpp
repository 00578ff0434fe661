#pragma once
// Ctrl-C while a training runs: counted by a handler of our own, which lies in place of Python's for that time. So no
// loop needs the interpreter's lock to ask, and threads can.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>

namespace nadir::python {

class Interrupts {
 public:
  /// `ours`: whether signals are to be taken; only Python's main thread may.
  explicit Interrupts(bool ours) : ours_(ours) {
    count_ = 0;
    first_ = 0;
    if (!ours_) return;
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, &before_);
  }
  ~Interrupts() {
    if (ours_) sigaction(SIGINT, &before_, nullptr);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// How often the loops take themselves to be interrupted: the first Ctrl-C counts once, and half a second later once
  /// more, so that what follows on a choice that it ended comes to its end as well.
  int seen() const {
    if (!ours_ || count_ == 0) return 0;
    return count_ > 1 || now() - first_ > 500'000'000 ? 2 : 1;
  }
  int count() const { return ours_ ? count_.load() : 0; }

 private:
  static std::int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
  static void note(int /*signal*/) {
    if (count_.fetch_add(1) == 0) first_ = now();
  }

  static inline std::atomic<int> count_ = 0;
  static inline std::atomic<std::int64_t> first_ = 0;
  bool ours_;
  struct sigaction before_ {};
};

}  // namespace nadir::python
