#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "bounce/log/reader.h"
#include "bounce/reader.h"
#include "session/explainer.h"
#include "session/impl.h"
#include "session/reply_lines.h"

namespace maildiag {

namespace {

/// Reports how far a run has come, now and then.
class ProgressMeter {
 public:
  explicit ProgressMeter(const ExplainOptions& options) : sink_(options.progress) {
    if (!sink_) return;
    for (const auto* paths : {&options.reply_lines, &options.paths, &options.logs}) {
      for (const auto& path : *paths) add_total(path);
    }
    if (!known_) progress_.total_bytes = 0;
  }

  /// Of an input that does not tell which octets an item takes.
  void add_bytes(std::size_t bytes) {
    if (!sink_) return;
    progress_.bytes += bytes;
    sink_(progress_);
  }

  void add(std::size_t bytes) {
    if (!sink_) return;
    ++progress_.items;
    progress_.bytes += bytes;
    if (progress_.items % every == 0) sink_(progress_);
  }

 private:
  static constexpr std::size_t every = 16;  // the receiver looks at its clock

  void add_total(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::is_regular_file(path, error)) {
      progress_.total_bytes += fs::file_size(path, error);
    } else if (fs::is_directory(path, error)) {
      const auto options = fs::directory_options::skip_permission_denied;
      for (auto entry = fs::recursive_directory_iterator(path, options, error);
           !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code vanished;
        if (entry->is_regular_file(vanished)) progress_.total_bytes += entry->file_size(vanished);
      }
    } else {
      known_ = false;  // a pipe has no size
    }
  }

  const std::function<void(const ExplainProgress&)>& sink_;
  ExplainProgress progress_;
  bool known_ = true;
};

Result<bounce::LogOptions> log_options(const ExplainOptions& options) {
  const auto now = std::chrono::system_clock::now();
  bounce::LogOptions limits;
  for (const auto& [name, text, moment] : {std::tuple("--since", &options.since, &limits.since),
                                           std::tuple("--until", &options.until, &limits.until)}) {
    if (text->empty()) continue;
    auto parsed = bounce::parse_log_moment(*text, now);
    if (!parsed) return tl::unexpected(at_place(name, parsed.error()));
    *moment = *parsed;
  }
  if (options.year != 0) limits.year = options.year;
  return limits;
}

/// Feeds the inputs to the explainer, one message or line in memory at a time.
class Feeder {
 public:
  Feeder(const Session::Impl& impl, session::Explainer& explainer, const ExplainOptions& options,
         const ErrorSink& errors)
      : impl_(impl),
        explainer_(explainer),
        options_(options),
        errors_(errors),
        progress_(options) {}

  /// False: the sink of the reports wants no more, or the call was cancelled.
  bool run() {
    for (const auto& reply : options_.replies) {
      if (!add("--reply", bounce::read_reply(reply))) return false;
    }
    for (const auto& path : options_.reply_lines) {
      if (!feed_lines(path)) return false;
    }
    for (const auto& path : options_.paths) {
      if (!feed_messages(path)) return false;
    }
    return feed_logs();
  }

  /// The call was cancelled before the end of the input.
  bool stopped() const { return stopped_; }

 private:
  bool is_cancelled() {
    stopped_ = stopped_ || impl_.cancelled();
    return stopped_;
  }

  template <class... Item>
  bool add(Item&&... item) {
    return !is_cancelled() && explainer_.add(std::forward<Item>(item)...);
  }

  void problem(const Error& error) {
    explainer_.count_unreadable();
    errors_(error);
  }

  bool feed_lines(const std::string& path) {
    bool go_on = true;
    auto name = path + ":";
    const auto read = session::for_each_line(
        path,
        [&](std::string_view line, std::size_t bytes, std::size_t number) {
          progress_.add(bytes);
          const fmt::format_int digits(number);
          name.resize(path.size() + 1);
          name.append(digits.data(), digits.size());
          return go_on = feed_line(name, line);
        },
        session::max_line_bytes, impl_.options.cancellation);
    if (!read) problem(read.error());
    return go_on && !is_cancelled();
  }

  /// One line in, one report out: an empty line is a reply that says nothing.
  bool feed_line(const std::string& name, std::string_view line) {
    const auto columns = session::parse_reply_line(line);
    if (columns.bad_ip) {
      errors_(make_error(ErrorCode::bad_data, "{}: the second column is not an IP address; ignored",
                         name));
    }
    auto bounce = bounce::read_reply(columns.text);
    auto& failure = bounce.failures.front();
    if (columns.ip) {
      failure.sending_ip = columns.ip->unmapped();
      failure.sending_ip_source = "option";
    }
    if (!columns.sender.empty()) failure.sender = columns.sender;
    return add(name, std::move(bounce));
  }

  bool feed_messages(const std::string& path) {
    bool go_on = true;
    const auto one = [&](const bounce::Message& message) {
      progress_.add(message.octets.size());
      auto found = bounce::read_bounce(message.octets);
      if (found) {
        if (found->full) {
          errors_(at_place(
              message.name,
              make_error(ErrorCode::bad_data, "tells of {} recipients or more; not read further",
                         bounce::max_failures)));
        }
        go_on = add(message.name, std::move(*found));
      } else {
        problem(at_place(message.name, found.error()));
      }
      return go_on;
    };
    bounce::for_each_message(
        path, one, [this](const Error& error) { problem(error); }, impl_.options.cancellation);
    return go_on && !is_cancelled();
  }

  /// One reader for all: queue ids go on in the next file of a rotation.
  bool feed_logs() {
    if (options_.logs.empty()) return true;
    auto limits = log_options(options_);
    if (!limits) {
      errors_(limits.error());
      return true;
    }
    limits->progress = [this](std::size_t bytes) {
      progress_.add_bytes(bytes);
      return !is_cancelled();
    };
    limits->cancellation = impl_.options.cancellation;
    bounce::LogReader reader(*limits);
    return std::all_of(options_.logs.begin(), options_.logs.end(), [&](const std::string& path) {
      return reader.read(
                 path,
                 [this](bounce::LogFailure found) { return feed_log_failure(std::move(found)); },
                 [this](const Error& error) { problem(error); }) &&
             !is_cancelled();
    });
  }

  bool feed_log_failure(bounce::LogFailure found) {
    progress_.add(0);
    session::ExplainItem item;
    item.name = std::move(found.name);
    item.kind = found.failure.action == bounce::Action::delayed ? bounce::Kind::delay
                                                                : bounce::Kind::failure;
    item.format = found.format;
    item.failure = std::move(found.failure);
    // The log's own host had the mail in its queue.
    item.passage = diagnose::Passage::own;
    return add(std::move(item));
  }

  const Session::Impl& impl_;
  session::Explainer& explainer_;
  const ExplainOptions& options_;
  const ErrorSink& errors_;
  ProgressMeter progress_;
  bool stopped_ = false;
};

}  // namespace

void Session::explain(const ExplainOptions& options, const ReportSink& sink,
                      const ErrorSink& errors) {
  if (!options.ip.empty() && !IpAddress::parse(options.ip)) {
    return errors(make_error(ErrorCode::usage, "--ip: `{}` is not an IP address", options.ip));
  }
  if (!options.sender.empty() && options.sender.find('@') == std::string::npos) {
    return errors(make_error(ErrorCode::usage,
                             "--sender: `{}` is not an address (example: you@example.com)",
                             options.sender));
  }
  auto own = diagnose::OwnHosts::parse(options.own);
  if (!own) return errors(own.error());
  session::Explainer explainer(*impl_, options, std::move(*own), sink);
  Feeder feeder(*impl_, explainer, options, errors);
  bool wanted = feeder.run();
  // What was read before is still told.
  if (wanted || feeder.stopped()) wanted = explainer.finish();
  if (wanted && (feeder.stopped() || explainer.unchecked() > 0)) {
    const auto* missing = feeder.stopped() ? "run.left.input" : "run.left.failures";
    errors(session::cancelled_error(*impl_, missing,
                                    {{"count", std::to_string(explainer.unchecked())}}));
  }
}

}  // namespace maildiag
