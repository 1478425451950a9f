#include "checks/spf_lint_join.h"

#include <utility>

#include "checks/spf_lint_record.h"

namespace maildiag::checks::spf {
namespace {

/// Which clients come past the terms so far.
class Reach {
 public:
  bool anybody() const { return four_ || six_; }
  /// Every client that was matched passes.
  bool only_pass() const { return only_pass_; }

  void add(const Directive& directive, bool matches_all) {
    only_pass_ = only_pass_ && (!anybody() || directive.qualifier == Qualifier::pass);
    const bool whole = directive.network && directive.network->prefix() == 0;
    if (matches_all || (whole && directive.mechanism == Mechanism::ip4)) four_ = false;
    if (matches_all || (whole && directive.mechanism == Mechanism::ip6)) six_ = false;
  }

 private:
  bool four_ = true, six_ = true;
  bool only_pass_ = true;
};

/// Of a term that asks nobody.
bool passes_ipv6(const Directive& directive) {
  if (directive.qualifier != Qualifier::pass) return false;
  if (directive.mechanism == Mechanism::ip6) return !is_mapped(*directive.network);
  return directive.mechanism == Mechanism::all;
}

}  // namespace

Joined join_terms(const Record& record, const std::vector<TermCost*>& asked) {
  Joined joined;
  Reach reach;
  auto next = asked.begin();
  for (const auto& directive : record.directives) {
    const bool all = directive.mechanism == Mechanism::all;
    if (!directive.asks_dns()) {
      if (passes_ipv6(directive)) joined.ipv6.add_permit();
      reach.add(directive, all);
      if (all) break;
      continue;
    }
    auto& term = **next++;
    joined.ipv6.append(std::move(term.ipv6));
    if (reach.anybody()) joined.faults.add(term.faults);
    reach.add(directive, term.matches_all);
  }
  joined.passes_all = !reach.anybody() && reach.only_pass();
  if (next == asked.end()) return joined;
  auto& redirected = **next;
  joined.ipv6.append(std::move(redirected.ipv6));
  if (!reach.anybody()) return joined;
  joined.faults.add(redirected.faults);
  joined.passes_all = reach.only_pass() && redirected.matches_all;
  return joined;
}

}  // namespace maildiag::checks::spf
