#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checks/list_choice.h"
#include "session/hide_secrets.h"
#include "session/targets.h"
#include "session/watch_observe.h"

namespace maildiag::session {

namespace {

/// Without any list the watch would say for ever that nothing has changed. A name has addresses
/// besides, of either kind.
bool has_list_for(const checks::ListChoice& choice, const Target& first) {
  if (const auto* ip = std::get_if<IpAddress>(&first))
    return choice.any_serves(checks::kind_of(ip->unmapped()));
  for (const auto kind :
       {checks::TargetKind::domain, checks::TargetKind::ip4, checks::TargetKind::ip6}) {
    if (choice.any_serves(kind)) return true;
  }
  return false;
}

}  // namespace

tl::unexpected<Error> too_many_watched() {
  return fail_with(ErrorCode::configuration,
                   "more than {} addresses to watch: sweep networks with rblcheck instead",
                   max_watched);
}

Result<void> check_plan(const Session::Impl& impl, const WatchPlan& plan) {
  std::size_t count = 0;
  std::set<std::pair<std::string, std::uint32_t>> named;
  for (const auto& target : plan.targets) {
    const auto range = parse_target(target.name);
    if (!range) return tl::unexpected(range.error());
    // With other checks or lists it may be named again.
    if (named.emplace(text_of(range->first), range->count).second) count += range->count;
    if (count > max_watched) return too_many_watched();
    const checks::ListChoice choice(*impl.rulebook, &impl.lists, target.lists);
    hide_given_keys(choice, *impl.mask);
    if (target.wants("dnsbl", true) && !has_list_for(choice, range->first)) {
      return fail_with(ErrorCode::configuration,
                       "`{}`: none of its lists can be asked about it; name other `lists`, "
                       "or leave dnsbl out of its `checks`",
                       target.name);
    }
  }
  return {};
}

}  // namespace maildiag::session
