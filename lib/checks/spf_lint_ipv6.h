/// What an IPv6 client meets in a tree of records that matches it late or never.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

namespace maildiag::checks::spf {

/// The terms that matter to such a client, in the order in which they are evaluated.
class Ipv6Path {
 public:
  /// A term that lets some IPv6 client pass.
  void add_permit();
  /// A term with a name that has no AAAA record.
  void add_void(std::string_view term);
  void append(Ipv6Path below);

  /// More void terms than section 4.6.4 allows: a warning where one that lets clients pass stands
  /// behind them. Receivers differ about names that have A records only.
  std::optional<Finding> judge(std::string_view domain) const;

 private:
  struct Step {
    bool permits = false;
    std::string term;
  };
  std::vector<Step> steps_;
};

}  // namespace maildiag::checks::spf
