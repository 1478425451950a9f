#include "checks/list_lane.h"

namespace maildiag::checks {

namespace {

/// Far more than any loss on the way makes likely, each after several tries.
constexpr unsigned most_silent = 50;
constexpr unsigned most_refused = 10;

}  // namespace

std::unique_ptr<ListResult> ListLane::refusal(const ListGate& gate) const {
  auto result = std::make_unique<ListResult>(new_result(*asked_));
  if (gate.state == ListGate::State::shut) {
    apply_verdict(gate.verdict, *result);
  } else {
    result->state = ListState::skipped;
    result->reason = "dnsbl.reason.name-too-long";
  }
  return result;
}

std::optional<SelfTestVerdict> ListLane::note(const dns::Answer& answer, const ListResult* result) {
  silent_ = answer.definite() ? 0 : silent_ + 1;
  const bool refused = result != nullptr && result->state == ListState::blocked;
  refused_ = refused ? refused_ + 1 : 0;
  SelfTestVerdict verdict;
  verdict.evidence = dns::to_evidence(answer);
  if (silent_ >= most_silent) {
    verdict.kind = SelfTestVerdict::Kind::unanswered;
    verdict.reason = "dnsbl.reason.given-up";
    return verdict;
  }
  if (refused_ >= most_refused) {
    verdict.kind = SelfTestVerdict::Kind::blocked;
    verdict.code = read_codes(*asked_->list, result->codes).error_address;
    return verdict;
  }
  return std::nullopt;
}

std::vector<ListResult> take_results(SweepEntry& entry, std::vector<ListLane>& lanes,
                                     TargetKind kind) {
  std::vector<ListResult> results;
  results.reserve(lanes.size());
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!lanes[i].asked().serves(kind)) continue;
    auto& cell = entry.cells[i];
    if (cell.full != nullptr) {
      results.push_back(std::move(*cell.full));
      continue;
    }
    auto& result = results.emplace_back(new_result(lanes[i].asked()));
    result.state = cell.state;
    result.ttl = cell.ttl;
  }
  return results;
}

}  // namespace maildiag::checks
