#include "faults/pace.h"

#include <algorithm>
#include <utility>

#include "faults/virtual_time.h"

namespace maildiag::faults {
namespace {

using std::chrono::nanoseconds;

/// What the rounds of the event loop cost, of which a flood brings many.
constexpr std::chrono::milliseconds margin{100};

/// Each try may be one over UDP that is truncated at the last moment, and one over TCP; one of them
/// is repeated for a server without EDNS. At the last and slowest, all servers but one may say at
/// the last moment what nobody can use, and cost no try.
nanoseconds longest_name(const dns::NetworkOptions& options) {
  constexpr int udp_and_tcp = 2, slow = 3;
  nanoseconds tries{0}, last_wait{0};
  for (unsigned i = 0; i < options.tries; ++i) {
    last_wait = options.timeout + options.timeout * i / 2;
    tries += last_wait;
  }
  const nanoseconds slowest = std::max<nanoseconds>(options.timeout * slow, last_wait);
  return udp_and_tcp * (tries + last_wait + slowest * options.servers.size());
}

std::string milliseconds_of(nanoseconds time) {
  return std::to_string(time / std::chrono::milliseconds(1)) + " ms";
}

}  // namespace

Pace::Pace(const dns::NetworkOptions& options)
    : longest_(longest_name(options)),
      least_window_(std::max<std::size_t>(1, options.window / 8)) {}

Pace::Asked Pace::ask(bool waits) {
  const auto now = virtual_time::now();
  if (under_way_++ == 0) last_sign_ = now;
  return {now, waits ? under_way_ - 1 : 0};
}

std::string Pace::answered(const Asked& asked, std::size_t links) {
  --under_way_;
  most_links_ = std::max(most_links_, links);
  const auto now = virtual_time::now();
  // The one that is sent first after an answer brings the next, if none does before.
  const auto still = now - std::exchange(last_sign_, now);
  if (still > longest_of(1)) return "nothing was answered for " + milliseconds_of(still);
  const auto took = now - asked.at;
  const auto limit = longest_of(asked.ahead / least_window_) + longest_ * links;
  return took > limit ? "took " + milliseconds_of(took) + " of " + milliseconds_of(limit) : "";
}

nanoseconds Pace::longest_of(std::size_t questions) const {
  return longest_ * questions * most_links_ + margin;
}

}  // namespace maildiag::faults
