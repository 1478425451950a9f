/// What a Session holds, and the helpers that its commands share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <maildiag/session.h>

#include "checks/context.h"
#include "checks/list_access.h"
#include "checks/whois_access.h"
#include "core/secret_mask.h"
#include "core/task.h"
#include "dns/backends.h"
#include "rulebook/rulebook.h"
#include "session/report_queue.h"

namespace maildiag {

namespace session {
/// What stands for the placeholders of a label.
using Words = std::map<std::string, std::string, std::less<>>;
}  // namespace session

class Session::Impl {
 public:
  Impl(SessionOptions session_options, std::shared_ptr<const rulebook::Rulebook> book,
       std::shared_ptr<dns::Backend> backend)
      : options(std::move(session_options)),
        rulebook(std::move(book)),
        resolver(std::move(backend)) {}
  /// Keeps what was learned of lists for other runs.
  ~Impl();
  void set_lists();
  void load_registries();
  void keep_registrations() const;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  checks::Context context() { return {resolver, *rulebook, &lists, connections.get(), &whois}; }
  /// To servers that are authoritative, without recursion. REQUIRES: network.
  std::shared_ptr<dns::Resolver> make_resolver(const std::vector<dns::ServerAddress>& servers);
  std::string label(std::string_view id) const {
    return std::string(rulebook->label(id, options.language));
  }
  /// The same with `words` for its placeholders.
  std::string say(std::string_view id, const session::Words& words) const;

  /// Fills title, detail, remedy and reference of each finding, sorts out the report's status and
  /// elapsed time, and masks the keys of lists. Every report goes through it.
  void finish(Report& report) const;
  bool cancelled() const { return options.cancellation.requested(); }
  /// run_task() that ends when the session's calls are cancelled: false. Tells of `progress`
  /// meanwhile.
  bool run(Task<void> task) const;

  /// Only the texts.
  void describe(std::vector<Finding>& findings) const;

  SessionOptions options;
  std::shared_ptr<const rulebook::Rulebook> rulebook;
  dns::Resolver resolver;
  checks::ListAccess lists;
  checks::WhoisAccess whois;
  bool keeps_registrations = false;  ///< in the cache directory
  std::shared_ptr<SecretMask> mask = std::make_shared<SecretMask>();
  std::unique_ptr<net::Network> connections;   ///< beyond DNS
  std::optional<dns::NetworkOptions> network;  ///< none: answers come from files
  std::string self_test_file;                  ///< empty: nothing is kept
  Progress progress;                           ///< see session::Counted
};

namespace session {

/// Targets of which the last may be done before the first is reported.
inline constexpr std::size_t chunk_size = 256;
inline constexpr std::size_t parallel_targets = 64;

struct Pace {
  std::size_t window = parallel_targets;  ///< targets that are worked on at once
  HandOver hand_over = HandOver::at_end;
};

/// Counts in Impl::progress while it lives: what one call counted is not told about the next one.
class Counted {
 public:
  Counted(Session::Impl& impl, std::size_t total) : impl_(impl) { impl_.progress = {0, total}; }
  ~Counted() { impl_.progress = {}; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Session::Impl& impl_;
};

Report new_report(std::string command, std::string target);

/// What a call that was cancelled says last: a label of what is missing, with its words.
Error cancelled_error(const Session::Impl& impl, std::string_view label, const Words& words = {});
/// "2 of 5 targets were not finished"
Error targets_left_out(const Session::Impl& impl, std::size_t missing, std::size_t all);

/// Works on `targets` concurrently and hands the reports to `sink` in order, as long as it returns
/// true. False: it did not, or the call was cancelled; then those that are complete were handed
/// over, and `left_out` was told of the others.
template <class Target>
bool run_chunk(Session::Impl& impl, const std::vector<Target>& targets,
               const std::function<Task<Report>(Target)>& work, const ReportSink& sink,
               const Pace& pace, const std::function<void(std::size_t)>& left_out) {
  ReportQueue reports(targets.size(), sink, pace.hand_over);
  const auto one = [&](std::size_t index) -> Task<void> {
    if (reports.stopped()) co_return;
    auto report = co_await work(targets[index]);
    ++impl.progress.done;
    reports.add(index, std::move(report));
  };
  impl.run(for_each_index(targets.size(), pace.window, one));
  const auto missing = reports.finish();
  if (reports.stopped()) return false;
  if (missing > 0) left_out(missing);
  return missing == 0;
}

/// run_chunk() over any number of targets, in bounded memory. `errors` hears of a cancellation.
template <class Target>
bool run_all(Session::Impl& impl, const std::vector<Target>& targets,
             const std::function<Task<Report>(Target)>& work, const ReportSink& sink,
             const ErrorSink& errors, const Pace& pace = {}) {
  const Counted counted(impl, targets.size());
  for (std::size_t start = 0; start < targets.size(); start += chunk_size) {
    const auto begin = targets.begin() + static_cast<std::ptrdiff_t>(start);
    const auto stop = std::min(start + chunk_size, targets.size());
    const auto end = targets.begin() + static_cast<std::ptrdiff_t>(stop);
    const auto left_out = [&](std::size_t missing) {
      errors(targets_left_out(impl, missing + targets.size() - stop, targets.size()));
    };
    if (!run_chunk<Target>(impl, {begin, end}, work, sink, pace, left_out)) return false;
  }
  return true;
}

}  // namespace session
}  // namespace maildiag
