/// What a watch has to look at: its plan with each network as its addresses, and the addresses of
/// each name beside it.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "session/impl.h"
#include "session/targets.h"
#include "session/watch_plan.h"
#include "session/watch_servers.h"

namespace maildiag::session {

/// One check of one target, with all that asks for it.
struct WatchJob {
  Target target;
  std::string check;
  std::vector<std::string> selectors;
  std::vector<std::string> lists;  ///< empty: those that are on by default
  bool usual_lists = false;        ///< those as well
  ServerParts parts;               ///< of the check "servers"
  std::string plan;                ///< of the first that asks; see watch::Observation
};

/// A name of which the addresses are watched.
struct WatchedName {
  DomainName name;
  std::string plan;
  bool reverse_dns = false;  ///< of each address
  bool unanswered = false;   ///< there may be more addresses
  bool found = false;        ///< at least one
  std::vector<Evidence> evidence;
};

/// Looks up names as they are added. What is named more than once is looked at once, with all
/// lists, selectors and parts that are asked for.
class WatchJobs {
 public:
  explicit WatchJobs(Session::Impl& impl) : impl_(impl) {}

  /// configuration: more than max_watched addresses.
  Result<void> add(const WatchTarget& target);
  /// The zones to ask in a job.
  std::vector<std::string> lists_of(const WatchJob& job) const;

  std::vector<WatchJob> jobs;
  std::vector<WatchedName> names;

 private:
  void put(const WatchTarget& from, const Target& target, const char* check);
  void add_address(const WatchTarget& target, const IpAddress& address);
  void add_name(const WatchTarget& target, const DomainName& name);
  WatchedName& watched(const DomainName& name, const WatchTarget& target);
  bool has_list_of_addresses(const WatchTarget& target) const;
  Task<void> resolve(WatchedName& watched, const WatchTarget& target, bool lists, bool ptr);

  Session::Impl& impl_;
  std::map<std::string, std::size_t> places_;  // in jobs and names
  std::set<IpAddress> addresses_;
};

/// How the addresses of a name stand. `asked_as_name`: lists of domains were asked about it, so
/// that it is watched without an address, too.
Finding finding_about(const WatchedName& watched, bool asked_as_name);

}  // namespace maildiag::session
