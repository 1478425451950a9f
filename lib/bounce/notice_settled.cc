#include "bounce/notice_settled.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "bounce/given_up.h"
#include "bounce/reply_text.h"
#include "core/clauses.h"
#include "core/text.h"

namespace maildiag::bounce {

namespace {

using std::string_view;

bool is_for_good(const DeliveryFailure& one) {
  return one.reply.code >= 500 || (one.reply.code == 0 && one.reply.status.starts_with('5'));
}
bool is_untold(const DeliveryFailure& one) {
  return one.reply.code == 0 && one.reply.status.empty();
}

/// "5.3.2 system not accepting network messages" is one host's, and the next may take the mail.
bool is_of_host(const DeliveryFailure& one) {
  return one.reply.status == "5.3.2";
}

/// A host's name: a dot between letters or digits, outside an address and what is there to read.
bool names_host(string_view line) {
  if (line.find('@') != string_view::npos || line.find("://") != string_view::npos ||
      line.find("www.") != string_view::npos)
    return false;
  for (auto at = line.find('.', 1); at != string_view::npos; at = line.find('.', at + 1))
    if (is_alnum(line[at - 1]) && at + 1 < line.size() && is_alnum(line[at + 1])) return true;
  return false;
}

/// Whether the reply of each failure is of a try of its own: a recipient stands at it, or a host
/// between it and the reply above.
std::vector<bool> own_tries(const TextReport& report, const std::vector<LineRange>& replies,
                            const std::vector<DeliveryFailure>& failures) {
  std::vector<bool> result;
  std::size_t above = 0;
  for (const auto& reply : replies) {
    if (!reply.repeated && result.size() < failures.size()) {
      const auto& failure = failures[result.size()];
      bool own = !failure.recipient.empty() || !failure.remote_host.empty();
      for (auto i = above; i < reply.begin && !own; ++i) own = names_host(report.line(i));
      result.push_back(own);
    }
    above = reply.end;
  }
  result.resize(failures.size(), true);
  return result;
}

/// Whether each is of a recipient whom a reply refuses for good, and no later one of the next host
/// says that he is to be tried again. A reply below which no recipient stands is of the one above;
/// those above the first recipient may all be of one.
std::vector<bool> refused_recipients(const std::vector<DeliveryFailure>& failures,
                                     const std::vector<bool>& own_try) {
  std::vector<std::string> whom;
  for (const auto& failure : failures)
    whom.push_back(failure.recipient.empty() && !whom.empty()
                       ? whom.back()
                       : text::ascii_lower(failure.recipient));
  std::set<string_view> refused, tried_later;
  for (auto i = failures.size(); i-- > 0;) {
    if (!is_for_good(failures[i])) {
      if (own_try[i] && failures[i].reply.code >= 400 && !whom[i].empty())
        tried_later.insert(whom[i]);
    } else if (!is_of_host(failures[i]) || !tried_later.contains(whom[i])) {
      refused.insert(whom[i]);
    }
  }
  std::vector<bool> result;
  for (const auto& recipient : whom) result.push_back(refused.contains(recipient));
  return result;
}

/// Without a code or a status: about the recipient, whom no later try finds either.
bool is_refused_in_words(const DeliveryFailure& one) {
  static constexpr auto refusals = std::to_array<string_view>(
      {"user unknown", "unknown user", "no such user", "this user doesn't have a", "does not exist",
       "doesn't exist", "not listed in", "unrouteable address", "rejected as spam", "by policy"});
  /// Whatever else stands beside them.
  static constexpr auto for_now = std::to_array<string_view>(
      {"temporar",    "greylist",      "graylist", "connect",     "timed out",
       "timeout",     "deferred",      "busy",     "unavailable", "not respond",
       "no response", "policy server", "일시",     "그레이",      "지연",
       "시간초과",    "응답",          "점검",     "연결",        "잠시"});
  static constexpr auto in_korean = std::to_array<string_view>(
      {"존재하지않",       "없는사용자",     "없는계정",   "없는메일",
       "없는아이디",       "사용자없음",     "수신자없음", "사용자를찾을수없",
       "수신자를찾을수없", "사람을찾을수없", "잘못된메일", "잘못된주소",
       "등록되지않은",     "휴면",           "탈퇴",       "해지된",
       "중지된계정",       "수신거부",       "스팸",       "정책"});
  const auto lower = text::ascii_lower(one.reply.text);
  const auto joined = without_blanks(lower);
  return is_untold(one) &&
         (text::holds_any(lower, refusals) || text::holds_any(joined, in_korean)) &&
         !text::holds_any(lower, for_now) && !text::holds_any(joined, for_now);
}

Refused refused_by(const std::vector<DeliveryFailure>& failures, const std::vector<bool>& refused) {
  if (std::ranges::find(refused, true) != refused.end()) {
    if (std::ranges::all_of(failures, is_for_good)) return Refused::all;
    return std::ranges::find(refused, false) == refused.end() ? Refused::each : Refused::some;
  }
  if (std::ranges::any_of(failures, is_refused_in_words)) return Refused::in_words;
  return std::ranges::any_of(failures, is_untold) ? Refused::untold : Refused::none;
}

bool names(const Telling& telling, const std::string& recipient) {
  return std::ranges::any_of(telling.named, [&recipient](string_view name) {
    const auto found = find_address(name);
    return found && text::equals_ignore_case(found->address, recipient);
  });
}

/// What the notice's own words tell decides whether its failures were given up. Of a pasted text,
/// without a header, nobody knows whether it is a whole notice: only "returned" says so there.
void settle(const Telling& telling, const std::vector<bool>& refused, const TextReport& report,
            TextResult& result) {
  const auto is_named = [&](const auto& one) { return names(telling, one.recipient); };
  // Of several recipients the tries of one delay him alone.
  const bool some_named = std::ranges::any_of(result.failures, is_named) &&
                          !std::ranges::all_of(result.failures, [&](const auto& one) {
                            return one.recipient.empty() || is_named(one);
                          });
  const auto told = telling.told == Told::delayed && some_named ? Told::rest_delayed : telling.told;
  const bool notice = !report.header().list().empty();
  const bool returned = told == Told::returned || (notice && told == Told::undelivered);
  for (std::size_t i = 0; i < result.failures.size(); ++i) {
    auto& failure = result.failures[i];
    const bool meant = telling.named.empty() || names(telling, failure.recipient);
    if (told == Told::rest_delayed && meant && !refused[i] && !is_untold(failure))
      failure.action = Action::delayed;
    settle_action(returned, failure);
  }
  result.kind = told == Told::delayed ? Kind::delay : Kind::failure;
}

}  // namespace

void settle_by_notice(const TextReport& report, const std::vector<LineRange>& replies,
                      std::size_t first, TextResult& result) {
  const auto refused =
      refused_recipients(result.failures, own_tries(report, replies, result.failures));
  const auto all = refused_by(result.failures, refused);
  settle(told_by_notice(report, replies, first, all), refused, report, result);
}

}  // namespace maildiag::bounce
