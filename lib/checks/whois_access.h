/// How this session may ask registries, and what it knows of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "checks/whois_cache.h"
#include "checks/whois_servers.h"
#include "dns/event.h"

namespace maildiag::checks {

struct WhoisAccess {
  whois::Cache cache;
  whois::Bootstrap bootstrap;  ///< what IANA's files said when they were refreshed
  bool fresh = false;          ///< registries are asked whatever the cache says
  std::string scope;           ///< of the cache: what else decides who answers and how
  bool korean = false;         ///< which half of an answer in two languages is read
  /// Fills cache and bootstrap when they are first needed; may be empty.
  std::function<void(WhoisAccess&)> load;
  /// Questions under way, so that no registry is asked the same twice at once.
  std::map<std::string, std::shared_ptr<dns::Event>, std::less<>> under_way;
  /// Lookups beside the purpose of a command (explain) that are still to be made.
  unsigned side_lookups = 16;

  void load_once() {
    if (auto first = std::exchange(load, nullptr)) first(*this);
  }
};

}  // namespace maildiag::checks
