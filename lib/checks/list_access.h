/// How this session may ask lists: its keys, its choice, its manners, and what it knows of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "checks/self_test_cache.h"

namespace maildiag::checks {

struct ListAccess {
  std::map<std::string, std::string, std::less<>> keys;  ///< by DnsList::key
  std::vector<std::string> default_zones;  ///< empty: those that the list files enable
  double rate = -1;      ///< questions a second for one list; 0: no limit; below: the list's own
  std::string resolver;  ///< names the resolver in the cache of self-tests
  std::vector<std::string> servers;           ///< its addresses, for people
  std::vector<std::string> public_servers;    ///< those of them that many lists refuse
  std::shared_ptr<SelfTestCache> self_tests;  ///< nullptr: none is kept
};

}  // namespace maildiag::checks
