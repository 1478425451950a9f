#include "dns/try_plan.h"

#include <utility>

#include <fmt/format.h>

namespace maildiag::dns {
namespace {

/// How much a failure says about the question: what a server answered says more than silence.
int weight(Outcome outcome) {
  switch (outcome) {
    case Outcome::servfail:
      return 5;
    case Outcome::refused:
      return 4;
    case Outcome::other_rcode:
      return 3;
    case Outcome::malformed:
      return 2;
    case Outcome::timeout:
      return 1;
    default:
      return 0;
  }
}

std::uint32_t bit(std::size_t server) {
  return std::uint32_t{1} << server;
}

}  // namespace

std::optional<TryPlan::Try> TryPlan::next(const Servers& servers, const NetworkOptions& options) {
  constexpr unsigned slow_factor = 3;
  if (spent_ > options.tries) return std::nullopt;
  const auto server = choose(servers);
  if (!server) return std::nullopt;
  asked_ |= bit(*server);
  const bool last = spent_ == options.tries;
  const auto timeout =
      last ? options.timeout * slow_factor : options.timeout + options.timeout * spent_ / 2;
  return Try{*server, timeout, edns_ && !last, servers[*server].keeps_case && !last};
}

std::optional<std::size_t> TryPlan::choose(const Servers& servers) {
  // One lost packet says nothing about a server, several do.
  constexpr unsigned tolerated = 2;
  for (int round = 0; round < 2; ++round) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (((excluded_ | asked_) & bit(i)) != 0) continue;
      const auto penalty = [&](std::size_t index) {
        return servers[index].failures < tolerated ? 0 : servers[index].failures;
      };
      if (!best || penalty(i) < penalty(*best)) best = i;
    }
    if (best) return best;
    asked_ = 0;
  }
  return std::nullopt;
}

void TryPlan::spend(const Server& server, Failure failure) {
  ++spent_;
  note(server, std::move(failure));
}

void TryPlan::exclude(std::size_t index, const Server& server, Failure failure) {
  excluded_ |= bit(index);
  note(server, std::move(failure));
}

Failure TryPlan::verdict() const {
  if (failed_) return verdict_;
  return {Outcome::network_error, -1, "no name server configured"};
}

void TryPlan::note(const Server& server, Failure failure) {
  const auto line = fmt::format("{}: {}", server.name, failure.reason);
  if (detail_.find(line) == std::string::npos) {
    if (!detail_.empty()) detail_ += "; ";
    detail_ += line;
  }
  if (!failed_ || weight(failure.outcome) > weight(verdict_.outcome)) {
    verdict_ = std::move(failure);
  }
  failed_ = true;
}

}  // namespace maildiag::dns
