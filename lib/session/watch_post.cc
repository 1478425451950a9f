#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "checks/trusted_file.h"
#include "report/json_watch.h"
#include "session/watch_round.h"

namespace maildiag {

namespace session {

Result<Webhook> read_webhook(const std::string& url, const std::string& ca_file) {
  auto read = net::PostUrl::read(url);
  if (!read) return tl::unexpected(read.error());
  const auto trusted =
      ca_file.empty() ? checks::TrustedFile::good : checks::look_at_trusted(ca_file);
  if (trusted == checks::TrustedFile::unreadable)
    return fail_with(ErrorCode::configuration, "{}: the certificates cannot be read", ca_file);
  if (trusted == checks::TrustedFile::no_certificate)
    return fail_with(ErrorCode::configuration,
                     "{}: no certificates in PEM format can be read from it", ca_file);
  return Webhook{std::move(*read), ca_file};
}

}  // namespace session

namespace {

using Clock = std::chrono::steady_clock;

/// Of one object: a receiver that takes 1 MiB takes them.
constexpr int max_transitions = 200;
/// For all objects of a run.
constexpr auto patience = std::chrono::seconds(30);
/// Events of one run that are refused for what they say; a receiver that refuses more refuses all.
constexpr int most_refused = 3;

/// Whether an answer is about what was posted: the others are about the URL, the login or the time.
bool is_about_content(int status) {
  constexpr std::array<int, 8> of_the_place{401, 404, 405, 407, 408, 410, 425, 429};
  return status >= 400 && status < 500 &&
         std::find(of_the_place.begin(), of_the_place.end(), status) == of_the_place.end();
}

/// Empties the queue, oldest first. What the receiver refuses for what it says is halved until the
/// one event is found, which waits for the next run and holds up no other.
class Poster {
 public:
  Poster(const Session::Impl& impl, const WatchRound::Impl& round, watch::Store& store,
         const ErrorSink& errors)
      : impl_(impl),
        round_(round),
        store_(store),
        errors_(errors),
        url_(round.webhook->url.masked()) {}

  void run() {
    while (!impl_.cancelled() && Clock::now() < end_ && post_some()) continue;
    if (impl_.cancelled() && !emptied_) errors_(session::cancelled_error(impl_, "run.left.post"));
  }

 private:
  /// One object. True: there may be more to post.
  bool post_some() {
    const auto posting = store_.begin_posting(session::unix_now(), most_, after_, round_.current);
    if (!posting) return give_up(posting.error());
    if (posting->given_up > 0)
      say(make_error(ErrorCode::cannot_write,
                     "{} changes were given up, as the webhook took none for too long",
                     posting->given_up));
    const auto& events = posting->events;
    emptied_ = events.empty();
    if (emptied_) return false;
    const auto result = post(events);
    if (!result.delivered) return on_failure(events, result);
    if (const auto marked = store_.mark_posted(events, session::unix_now()); !marked)
      return give_up(marked.error());
    most_ = std::min(2 * most_, max_transitions);
    return true;
  }

  net::PostResult post(const std::vector<watch::Untold>& events) const {
    const auto body = report::render_transitions(session::words_of(impl_, round_, events));
    net::PostOptions options;
    options.ca_file = round_.webhook->ca_file;
    options.cancellation = impl_.options.cancellation;
    options.patience =
        std::max(std::chrono::milliseconds(1),
                 std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()));
    return net::post_json(round_.webhook->url, body, options);
  }

  bool on_failure(const std::vector<watch::Untold>& events, const net::PostResult& result) {
    if (impl_.cancelled()) return false;
    if (!is_about_content(result.status)) {
      say(make_error(ErrorCode::cannot_write,
                     "{} (tries: {}); what was told stays queued for the next run", result.reason,
                     result.tries));
      return false;
    }
    if (const auto done = store_.take_back(events); !done) return give_up(done.error());
    if (events.size() > 1) {
      most_ = static_cast<int>(events.size() / 2);
      return true;
    }
    const auto& event = events.front();
    const auto gone = store_.note_refusal(event.id);
    if (!gone) return give_up(gone.error());
    const auto& key = event.transition.key;
    say(make_error(ErrorCode::cannot_write, "{} to the change of {} {}: {}", result.reason,
                   key.target.empty() ? std::string("the watch") : key.target, key.subject,
                   std::string(*gone ? "given up, as the webhook has refused it in several runs"
                                     : "it is offered again with the next run")));
    after_ = event.id;
    return ++refused_ < most_refused;
  }

  void say(const Error& words) const { errors_(at_place(url_, words)); }
  bool give_up(const Error& error) const {
    errors_(error);
    return false;
  }

  const Session::Impl& impl_;
  const WatchRound::Impl& round_;
  watch::Store& store_;
  const ErrorSink& errors_;
  const std::string& url_;
  const Clock::time_point end_ = Clock::now() + patience;
  int most_ = max_transitions;
  std::int64_t after_ = 0;  // events up to this one are not offered again in this run
  int refused_ = 0;
  bool emptied_ = false;
};

}  // namespace

void Session::watch_post(WatchRound& round, const ErrorSink& errors) {
  auto& inner = round.impl();
  if (!inner.webhook || inner.dry_run) return;
  // The history is free for the next run, while only one posts: what both would post stays single.
  inner.lock.close();
  const auto lock =
      watch::take_lock(inner.state + ".posting.lock", patience, impl_->options.cancellation);
  if (!lock && impl_->cancelled()) return errors(session::cancelled_error(*impl_, "run.left.post"));
  if (!lock) return errors(lock.error());
  auto store = watch::Store::open(inner.state, watch::Database::Mode::read_write);
  if (!store) return errors(store.error());
  Poster(*impl_, inner, *store, errors).run();
}

}  // namespace maildiag
