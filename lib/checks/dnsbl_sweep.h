/// Any number of targets against all chosen lists, in flat memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/list_choice.h"
#include "checks/self_test_cache.h"
#include "core/clock.h"

namespace maildiag::checks {

/// A name stands for itself on domain lists and for its addresses on the others.
struct SweepInput {
  std::string text;  ///< as it is reported
  DnsblTarget target;
};

/// Why nothing can be said of all addresses of a name.
enum class NameTrouble { none, unanswered, without_address };

struct SweepItem {
  std::string text;
  std::string host;  ///< the name that the address was found under; empty: given as an address
  DnsblTarget target;
  WallTime started;
  DnsblResult result;
  NameTrouble trouble = NameTrouble::none;
  bool asked_as_name = false;      ///< domain lists were asked about the name besides
  std::vector<Evidence> evidence;  ///< of the address lookups, where there is trouble
};

struct SweepCount {
  std::uint64_t items = 0;      ///< handed out
  std::uint64_t questions = 0;  ///< that were answered, or given up
  std::uint64_t listings = 0;
};

struct SweepCalls {
  std::function<std::optional<SweepInput>()> input;  ///< nullopt: there are no more
  std::function<bool(SweepItem)> output;             ///< in the order of the input; false: stop
  /// Several times a second; may be empty. False: stop, and hand out what is complete.
  std::function<bool(const SweepCount&)> tick;
};

/// Where a list is asked, if not at the context's resolver.
struct ListRoute {
  std::shared_ptr<dns::Resolver> resolver;
  std::optional<SelfTestVerdict> fault;  ///< there is nobody to ask
};

struct SweepEnd {
  bool complete = true;
  std::uint64_t unfinished = 0;  ///< targets that were begun
};

/// `routes`: one for each list of the choice, or none. What a list says is believed only after its
/// self-test. Lists are asked no faster than their limits; a slow one holds up the others by a
/// bounded number of targets.
Task<SweepEnd> sweep_lists(Context context, DnsblOptions options,
                           std::shared_ptr<const ListChoice> choice, std::vector<ListRoute> routes,
                           SweepCalls calls);

}  // namespace maildiag::checks
