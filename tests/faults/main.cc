/// Many random scenarios, each from a seed of its own: `faults_dns [COUNT [SEED]]`. A scenario that
/// fails names its seed; `faults_dns 1 SEED` repeats it alone.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <sys/time.h>
#include <unistd.h>

#define DOCTEST_CONFIG_IMPLEMENT  // helpers that unit tests have, too, refer to it
#include <doctest/doctest.h>

#include "faults/scenario.h"

namespace maildiag::faults {
namespace {

std::array<char, 128> current{};

/// A scenario that computes and computes: the longest takes some hundredths of a second.
void on_alarm(int) {
  constexpr std::string_view text = "a hang: one scenario takes all the processor's time\n";
  (void)!::write(STDERR_FILENO, current.data(), std::char_traits<char>::length(current.data()));
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  std::_Exit(1);
}

void on_abort(int) {
  (void)!::write(STDERR_FILENO, current.data(), std::char_traits<char>::length(current.data()));
}

void watch(std::uint64_t seed) {
  std::snprintf(current.data(), current.size(),
                "in the scenario of seed %llu: ", static_cast<unsigned long long>(seed));
  constexpr itimerval patience{{0, 0}, {20, 0}};
  ::setitimer(ITIMER_VIRTUAL, &patience, nullptr);
}

struct Sums {
  std::uint64_t failed = 0, asked = 0, definite = 0;
  std::size_t most_memory = 0;
  std::uint64_t memory_seed = 0;
  double most_seconds = 0;
  std::map<std::string, std::uint64_t> kinds;
};

void run_one(std::uint64_t seed, bool alone, Sums& sums) {
  watch(seed);
  ScenarioEnd end;
  try {
    end = run_scenario(seed, alone);
  } catch (const std::exception& thrown) {
    end.ledger.faults.push_back(std::string("it throws: ") + thrown.what());
  }
  auto& ledger = end.ledger;
  ledger.require(end.memory <= most_memory,
                 "it takes " + std::to_string(end.memory >> 10U) + " KiB");
  sums.asked += ledger.asked;
  sums.definite += ledger.definite;
  ++sums.kinds[end.title.substr(0, end.title.find(','))];
  if (end.memory > sums.most_memory) {
    sums.most_memory = end.memory;
    sums.memory_seed = seed;
  }
  sums.most_seconds = std::max(sums.most_seconds, end.seconds);
  if (alone || !ledger.faults.empty()) {
    std::printf("seed %llu (%s): %zu questions, %zu definite answers, %.1f s, %zu KiB\n",
                static_cast<unsigned long long>(seed), end.title.c_str(), ledger.asked,
                ledger.definite, end.seconds, end.memory >> 10U);
  }
  for (const auto& line : ledger.log) std::printf("    %s\n", line.c_str());
  for (const auto& fault : ledger.faults) std::printf("  %s\n", fault.c_str());
  if (!ledger.faults.empty()) ++sums.failed;
}

int run(std::uint64_t count, std::uint64_t first) {
  std::signal(SIGVTALRM, on_alarm);
  std::signal(SIGABRT, on_abort);
  constexpr std::uint64_t enough = 20;
  Sums sums;
  std::uint64_t done = 0;
  for (; done < count && sums.failed < enough; ++done) run_one(first + done, count == 1, sums);
  std::printf(
      "%llu scenarios from seed %llu: %llu failed, %llu questions, %llu definite answers, "
      "at most %zu KiB (seed %llu), %.0f s\n",
      static_cast<unsigned long long>(done), static_cast<unsigned long long>(first),
      static_cast<unsigned long long>(sums.failed), static_cast<unsigned long long>(sums.asked),
      static_cast<unsigned long long>(sums.definite), sums.most_memory >> 10U,
      static_cast<unsigned long long>(sums.memory_seed), sums.most_seconds);
  for (const auto& [kind, times] : sums.kinds) {
    std::printf("  %s: %llu\n", kind.c_str(), static_cast<unsigned long long>(times));
  }
  return sums.failed == 0 ? 0 : 1;
}

std::uint64_t number(const char* text, std::uint64_t otherwise) {
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace
}  // namespace maildiag::faults

int main(int count, char** arguments) {
  using maildiag::faults::number;
  const auto scenarios = number(count > 1 ? arguments[1] : nullptr, 100);
  const auto seed = number(count > 2 ? arguments[2] : std::getenv("MAILDIAG_FAULTS_SEED"), 1);
  return maildiag::faults::run(scenarios, seed);
}
