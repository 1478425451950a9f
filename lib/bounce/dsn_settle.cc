#include "bounce/dsn_settle.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "bounce/dsn_values.h"
#include "bounce/reader.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using Failures = std::vector<DeliveryFailure>;

bool is_reported(Action action) {
  return action == Action::failed || action == Action::delayed || action == Action::unknown;
}

/// failure before delay before delivered.
Kind kind_of(const Failures& failures) {
  const auto has = [&](Action action) {
    return std::any_of(failures.begin(), failures.end(),
                       [=](const auto& f) { return f.action == action; });
  };
  return has(Action::failed) || has(Action::unknown) ? Kind::failure
         : has(Action::delayed)                      ? Kind::delay
                                                     : Kind::delivered;
}

/// The recipients that got it are no failures.
void drop_delivered(DeliveryStatus& status) {
  Failures reported;
  auto guess = status.guesses.begin();
  for (std::size_t at = 0; at <= status.recipients.size(); ++at) {
    for (; guess != status.guesses.end() && guess->place <= at; ++guess) {
      guess->his = guess->his && at > 0 && is_reported(status.recipients[at - 1].action);
      guess->place = reported.size();
    }
    if (at < status.recipients.size() && is_reported(status.recipients[at].action))
      reported.push_back(status.recipients[at]);
  }
  status.recipients = std::move(reported);
}

void fill_gaps(DeliveryFailure& failure, const DeliveryFailure& from_text) {
  if (failure.recipient.empty()) failure.recipient = from_text.recipient;
  if (failure.reply.code == 0 && (from_text.reply.code != 0 || failure.reply.text.empty())) {
    auto status = std::move(failure.reply.status);
    failure.reply = from_text.reply;
    if (failure.reply.status.empty()) failure.reply.status = std::move(status);
  }
  if (failure.remote_host.empty()) failure.remote_host = from_text.remote_host;
  if (!failure.remote_ip) failure.remote_ip = from_text.remote_ip;
  failure.remote_greeted = failure.remote_greeted || from_text.remote_greeted;
  if (failure.command.empty()) failure.command = from_text.command;
}

/// The words for people sometimes say more than the fields: the reply itself, the host, the
/// command.
void complete_from_words(const TextReport& words, DeliveryStatus& status) {
  auto& failures = status.recipients;
  const bool complete = std::all_of(failures.begin(), failures.end(), [](const auto& f) {
    return f.reply.code != 0 && !f.remote_host.empty() && !f.command.empty();
  });
  if (complete) return;
  const auto known = read_known_text(words);
  if (!known) return;
  for (auto& failure : failures) {
    const auto same =
        std::find_if(known->failures.begin(), known->failures.end(), [&](const DeliveryFailure& f) {
          return text::equals_ignore_case(f.recipient, failure.recipient) ||
                 (!f.recipient.empty() &&
                  text::equals_ignore_case(f.recipient, failure.original_recipient));
        });
    const bool only = known->failures.size() == 1 && failures.size() == 1;
    if (same == known->failures.end() && !only) continue;
    fill_gaps(failure, same == known->failures.end() ? known->failures.front() : *same);
  }
  if (!status.arrival) status.arrival = known->arrival;
}

/// Classes of replies, a bit of each: 2, 4 and 5.
using Classes = unsigned;
constexpr Classes any_class = 1U << 2U | 1U << 4U | 1U << 5U;

Classes class_of(char digit) {
  return digit >= '0' && digit <= '5' ? 1U << (digit - '0') : 0;
}

/// Those of the replies that lead to it.
Classes classes_of(Action action) {
  if (action == Action::failed) return 1U << 4U | 1U << 5U;
  if (action == Action::delayed) return 1U << 4U;
  return action == Action::unknown ? any_class : 1U << 2U;
}

/// Those that a reply with `status` may have which is about the recipient.
Classes fitting(const DeliveryFailure& failure, const std::string& status) {
  auto all = classes_of(failure.action);
  const auto& own = failure.reply.status;
  if (failure.reply.code != 0) all &= 1U << static_cast<unsigned>(failure.reply.code / 100);
  if (own.empty()) return all;
  auto classes = class_of(own.front());
  const bool failed = failure.action == Action::failed;
  if (failed && dsn::gave_up(own, status)) classes |= 1U << 4U;
  // Who failed was not put off: such a Status says nothing.
  if (failed && own == "4.0.0") classes |= 1U << 5U;
  return all & classes;
}

/// All that a reply tells about its own class has to agree.
bool has_class(const Reply& reply, Classes classes) {
  const auto code = reply.code / 100;
  return (code == 0 || (classes & 1U << static_cast<unsigned>(code)) != 0) &&
         (reply.status.empty() || (classes & class_of(reply.status.front())) != 0);
}

bool is_told(const Reply& reply) {
  return reply.code != 0 || !reply.text.empty();
}

std::string key_of(const Reply& reply) {
  if (!is_told(reply)) return reply.status;
  return std::to_string(reply.code) + " " + text::ascii_lower(reply.text);
}

bool fits(const DeliveryFailure& guess, const DeliveryFailure& failure) {
  const bool other_reply = is_told(failure.reply) && is_told(guess.reply) &&
                           key_of(failure.reply) != key_of(guess.reply);
  const bool other_host = !failure.remote_host.empty() && !guess.remote_host.empty() &&
                          !text::equals_ignore_case(failure.remote_host, guess.remote_host);
  const bool other_ip =
      failure.remote_ip && guess.remote_ip && *failure.remote_ip != *guess.remote_ip;
  const auto& status = guess.reply.status;
  return !other_reply && !other_host && !other_ip &&
         has_class(guess.reply, fitting(failure, status)) &&
         dsn::may_agree(failure.reply.status, status, failure.action == Action::failed);
}

/// What nothing else tells; a host and its address are one, and of a reply that is told elsewhere
/// nobody knows whether that host gave it.
void fill_from_guess(const DeliveryFailure& guess, DeliveryFailure& failure) {
  if (is_told(failure.reply) && !is_told(guess.reply)) return;
  if (!is_told(failure.reply)) {
    auto status = std::move(failure.reply.status);
    if (is_told(guess.reply) || status.empty()) failure.reply = guess.reply;
    const bool vague = dsn::is_vague(status) && guess.reply.code != 0;
    const bool better = !guess.reply.status.empty() && !dsn::is_vague(guess.reply.status);
    if (!status.empty() && !vague && !better) failure.reply.status = std::move(status);
    if (failure.command.empty()) failure.command = guess.command;
  }
  if (failure.remote_host.empty() && !failure.remote_ip) {
    failure.remote_host = guess.remote_host;
    failure.remote_ip = guess.remote_ip;
    failure.remote_greeted = guess.remote_greeted;
  }
  if (!failure.time) failure.time = guess.time;
  if (failure.original_recipient.empty()) failure.original_recipient = guess.original_recipient;
}

/// Those that are nobody's, between the recipients.
void add_nobodys(Kind kind, DeliveryStatus& status) {
  std::unordered_set<std::string> told;
  Classes classes = 0;
  for (const auto& failure : status.recipients) {
    told.insert(key_of(failure.reply));
    classes |= classes_of(failure.action);
  }
  auto room = max_failures - std::min(max_failures, status.recipients.size());
  Failures all;
  auto guess = status.guesses.begin();
  for (std::size_t at = 0; at <= status.recipients.size(); ++at) {
    for (; guess != status.guesses.end() && guess->place <= at; ++guess) {
      auto& failure = guess->failure;
      const bool fitting_kind =
          kind == Kind::failure ? is_reported(failure.action) : failure.action == Action::delayed;
      // "Status: 4.0.0" alone is no reply.
      const bool vague = !is_told(failure.reply) && dsn::is_vague(failure.reply.status);
      const bool empty = failure.recipient.empty() && (vague || key_of(failure.reply).empty());
      if (guess->his || empty || !fitting_kind || !has_class(failure.reply, classes) ||
          !told.insert(key_of(failure.reply)).second)
        continue;
      if (room == 0) {
        status.full = true;
        continue;
      }
      all.push_back(std::move(failure));
      --room;
    }
    if (at < status.recipients.size()) all.push_back(std::move(status.recipients[at]));
  }
  status.recipients = std::move(all);
}

}  // namespace

Kind settle_status(DeliveryStatus& status, const TextReport& words) {
  const auto kind = kind_of(status.recipients);
  if (kind != Kind::delivered) drop_delivered(status);
  complete_from_words(words, status);
  if (kind == Kind::delivered) {
    status.full = false;
    return kind;
  }
  for (auto& guess : status.guesses) {
    if (!guess.his || guess.place == 0 || guess.place > status.recipients.size()) continue;
    auto& failure = status.recipients[guess.place - 1];
    if (fits(guess.failure, failure))
      fill_from_guess(guess.failure, failure);
    else
      guess.his = !guess.behind;
  }
  add_nobodys(kind, status);
  return kind;
}

}  // namespace maildiag::bounce
