#include <algorithm>
#include <chrono>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "report/json_watch.h"
#include "session/watch_round.h"

namespace maildiag {

namespace session {

Result<Webhook> read_webhook(const std::string& url, const std::string& ca_file) {
  auto read = net::PostUrl::read(url);
  if (!read) return tl::unexpected(read.error());
  if (!ca_file.empty() && !std::ifstream(ca_file)) {
    return fail(ErrorCode::configuration,
                fmt::format("{}: the certificates cannot be read", ca_file));
  }
  return Webhook{std::move(*read), ca_file};
}

}  // namespace session

namespace {

using Clock = std::chrono::steady_clock;

/// Of one object: a receiver that takes 1 MiB takes them.
constexpr int max_transitions = 200;
/// For all objects of a run; the lock is held for as long.
constexpr auto patience = std::chrono::seconds(30);

/// One object. True: delivered, and there may be more.
bool post_some(const Session::Impl& impl, const WatchRound::Impl& round, watch::Store& store,
               Clock::time_point end, const ErrorSink& errors) {
  const auto posting = store.begin_posting(session::unix_now(), max_transitions);
  if (!posting) {
    errors(posting.error());
    return false;
  }
  const auto& url = round.webhook->url.masked();
  if (posting->given_up > 0) {
    errors({ErrorCode::cannot_write,
            fmt::format("{}: {} changes were given up, as the webhook took none for too long", url,
                        posting->given_up)});
  }
  if (posting->events.empty()) return false;
  const auto body = report::render_transitions(session::words_of(impl, round, posting->events));
  net::PostOptions options;
  options.ca_file = round.webhook->ca_file;
  options.patience =
      std::max(std::chrono::milliseconds(1),
               std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()));
  const auto result = net::post_json(round.webhook->url, body, options);
  if (!result.delivered) {
    errors({ErrorCode::cannot_write,
            fmt::format("{}: {} (tries: {}); what was told stays queued for the next run", url,
                        result.reason, result.tries)});
    return false;
  }
  const auto marked = store.mark_posted(posting->events, session::unix_now());
  if (!marked) errors(marked.error());
  return marked.has_value();
}

}  // namespace

void Session::watch_post(WatchRound& round, const ErrorSink& errors) {
  const auto& inner = round.impl();
  if (!inner.webhook || inner.dry_run) return;
  auto store = watch::Store::open(inner.state, watch::Database::Mode::read_write);
  if (!store) return errors(store.error());
  const auto end = Clock::now() + patience;
  while (Clock::now() < end && post_some(*impl_, inner, *store, end, errors)) continue;
}

}  // namespace maildiag
