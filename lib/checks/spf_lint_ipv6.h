/// What an IPv6 client meets in a tree of records that matches it late or never.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

#include "core/domain_name.h"

namespace maildiag::checks::spf {

/// The terms that matter to such a client, in the order in which they are evaluated.
class Ipv6Path {
 public:
  /// A term that lets some IPv6 client pass.
  void add_permit();
  /// A name that has A records; for its AAAA records nobody answered.
  struct Unanswered {
    DomainName target;
    Evidence evidence;
  };
  /// What the names of a term lead to.
  struct Hosts {
    bool found = false;                  ///< AAAA records
    bool none = false;                   ///< a name without any: the term is void
    std::vector<Unanswered> unanswered;  ///< these may be either
  };
  void add_hosts(std::string_view term, Hosts hosts);
  void append(Ipv6Path below);
  /// What passes below "-include:" and the like does not pass.
  void forget_permits();

  /// More void terms than section 4.6.4 allows: a warning where one that lets clients pass stands
  /// behind them. Receivers differ about names that have A records only.
  ///
  /// At a name without an answer an IPv6 client may meet temperror. That is unknown where such a
  /// client is one that the record lets pass, or may for all that is known: the term stands behind
  /// the name, or has it among others, or is itself without an answer for another name. It is also
  /// unknown where the answer decides about that warning. Everywhere else whatever is answered
  /// leaves the record as good as it is, and who sends by IPv4 is never asked for it: a remark.
  std::vector<Finding> judge(std::string_view domain) const;

 private:
  enum class Truth { no, maybe, yes };
  struct Step {
    Truth permits = Truth::no;
    Truth is_void = Truth::no;  ///< counts behind what the same term permits
    std::string term;
    std::vector<Unanswered> unanswered;
  };
  Finding unknown_finding(std::string_view domain, Severity severity) const;

  std::vector<Step> steps_;
};

}  // namespace maildiag::checks::spf
