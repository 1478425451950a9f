#include "bounce/notice_settled.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "bounce/given_up.h"
#include "bounce/reply_text.h"
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

/// Whether each is of a recipient whom every reply refuses for good: the next host may have said
/// that he is to be tried again. A reply below which no recipient stands is of the one above.
std::vector<bool> refused_recipients(const std::vector<DeliveryFailure>& failures) {
  std::map<string_view, bool> for_good;
  std::vector<std::map<string_view, bool>::iterator> of_each;
  string_view recipient;
  for (const auto& failure : failures) {
    if (!failure.recipient.empty()) recipient = failure.recipient;
    const auto found = for_good.try_emplace(recipient, true).first;
    found->second = found->second && is_for_good(failure);
    of_each.push_back(found);
  }
  std::vector<bool> result;
  for (const auto& found : of_each) result.push_back(found->second);
  return result;
}

Refused refused_by(const std::vector<DeliveryFailure>& failures, const std::vector<bool>& refused) {
  const bool any = std::ranges::find(refused, true) != refused.end();
  if (any) return std::ranges::find(refused, false) == refused.end() ? Refused::all : Refused::some;
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
  const auto told = telling.told;
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
  const auto refused = refused_recipients(result.failures);
  const auto all = refused_by(result.failures, refused);
  settle(told_by_notice(report, replies, first, all), refused, report, result);
}

}  // namespace maildiag::bounce
