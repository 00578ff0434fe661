#pragma once
// Work split so that the answer does not depend on who does it: tasks are numbered, each writes only its own result,
// and results are combined in the order of their numbers.
#include <functional>

namespace nadir {

/// The number of threads to use: `wanted`, or all processors when it is 0.
int resolve_threads(int wanted);

/// Calls task(0), .., task(count − 1), each once, on up to `threads` threads. An exception of the lowest-numbered
/// failing task is rethrown after all have ended.
void for_each_task(int count, int threads, const std::function<void(int)>& task);

}  // namespace nadir
