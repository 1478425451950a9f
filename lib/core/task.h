/// Coroutine tasks on Asio: one thread, resumed through the executor, never from inside another's
/// stack.
///
/// g++ 12 miscompiles some temporaries inside `co_await` expressions: name arguments first
/// (`auto name = ...; auto answer = co_await resolver.query(name, type);`).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <asio/awaitable.hpp>

#include <maildiag/cancellation.h>

namespace maildiag {

template <class T>
using Task = asio::awaitable<T>;

/// Runs `work(0) ... work(count - 1)`, at most `window` at once, and returns when all have ended.
/// The first exception of a task is rethrown after the others have ended. REQUIRES: window >= 1.
Task<void> for_each_index(std::size_t count, std::size_t window,
                          std::function<Task<void>(std::size_t)> work);

/// Runs one task to its end on an event loop of its own. Blocks; not for use inside a task.
void run_task(Task<void> task);

/// The same, until it is cancelled: what the task still waited for is dropped then, and false
/// returned. Looks at the cancellation several times in a tenth of a second, first before the task
/// begins.
bool run_task(Task<void> task, const Cancellation& cancellation);

}  // namespace maildiag
