/// One scenario: a world, servers with faults, something that is asked of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "faults/witness.h"

namespace maildiag::faults {

struct ScenarioEnd {
  Ledger ledger;
  std::string title;       ///< what it was about
  std::size_t memory = 0;  ///< octets on the heap at its height, beyond those at its start
  double seconds = 0;      ///< of virtual time
};

/// What each program of tests has one of.
ScenarioEnd run_scenario(std::uint64_t seed, bool verbose);
/// Octets that a scenario may take.
extern const std::size_t most_memory;

}  // namespace maildiag::faults
