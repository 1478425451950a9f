#include "faults/scenario.h"
#include "faults/stage.h"
#include "faults/virtual_time.h"

namespace maildiag::faults {

/// An easy handle of libcurl with TLS, and the largest thing that is kept: 256 KiB, some times
/// over.
const std::size_t most_memory = std::size_t{6} << 20U;

ScenarioEnd run_scenario(std::uint64_t seed, bool verbose) {
  (void)certificates();  // with the true time
  virtual_time::start();
  ScenarioEnd end;
  end.ledger.verbose = verbose;
  Stage stage(seed, end);
  switch (stage.dice.below(8)) {
    case 0:
    case 1:
    case 2:
      play_smtp(stage);
      break;
    case 3:
      play_http(stage);
      break;
    case 4:
      play_policy(stage);
      break;
    case 5:
      play_post(stage);
      break;
    case 6:
      play_whois(stage);
      break;
    default:
      play_registry(stage);
  }
  return end;
}

}  // namespace maildiag::faults
