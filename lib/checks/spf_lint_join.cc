#include "checks/spf_lint_join.h"

#include <string>
#include <utility>

#include "checks/spf_lint_record.h"

namespace maildiag::checks::spf {
namespace {

/// Which clients come past the terms so far.
class Reach {
 public:
  bool anybody() const { return four_ || six_; }
  bool ipv6() const { return six_; }
  /// The term that nobody comes past.
  const std::string& last_term() const { return last_term_; }
  /// Every client that was matched passes.
  bool only_pass() const { return only_pass_; }

  void add(const Directive& directive, bool matches_all) {
    if (anybody()) last_term_ = directive.text;
    only_pass_ = only_pass_ && (!anybody() || directive.qualifier == Qualifier::pass);
    const bool whole = directive.network && directive.network->prefix() == 0;
    if (matches_all || (whole && directive.mechanism == Mechanism::ip4)) four_ = false;
    if (matches_all || (whole && directive.mechanism == Mechanism::ip6)) six_ = false;
  }

 private:
  bool four_ = true, six_ = true;
  bool only_pass_ = true;
  std::string last_term_;
};

/// What a term costs those who come to it.
void add_cost(const TermCost& term, const Reach& reach, Joined& joined) {
  if (reach.anybody()) joined.faults.add(term.faults);
  if (joined.last_term.empty())
    joined.last_term = reach.anybody() ? term.last_term : reach.last_term();
}

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
      if (reach.ipv6() && passes_ipv6(directive)) joined.ipv6.add_permit();
      reach.add(directive, all);
      if (all) break;
      continue;
    }
    auto& term = **next++;
    if (reach.ipv6()) joined.ipv6.append(std::move(term.ipv6));
    add_cost(term, reach, joined);
    reach.add(directive, term.matches_all);
  }
  joined.passes_all = !reach.anybody() && reach.only_pass();
  if (next == asked.end()) return joined;
  auto& redirected = **next;
  if (reach.ipv6()) joined.ipv6.append(std::move(redirected.ipv6));
  add_cost(redirected, reach, joined);
  if (!reach.anybody()) return joined;
  joined.passes_all = reach.only_pass() && redirected.matches_all;
  return joined;
}

}  // namespace maildiag::checks::spf
