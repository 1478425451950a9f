// How well the ports are spread that a forger has to guess, measured on fresh ones as a server sees
// them: repeats tell the size of the pool that they come from, bins its shape.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "core/text.h"
#include "unit/dns/asking.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

namespace {

using Ports = std::vector<std::uint16_t>;

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The ports that the kernel may give to whom it does not matter, in order; none: it does not say.
Ports kernel_ports() {
  std::istringstream range(first_line("/proc/sys/net/ipv4/ip_local_port_range"));
  std::uint32_t first = 1, last = 0;
  if (!(range >> first >> last) || last > 0xffff) return {};
  std::set<std::uint32_t> reserved;
  const auto taken = first_line("/proc/sys/net/ipv4/ip_local_reserved_ports");  // "53,8080-8090"
  for (const auto part : text::split(taken, ',')) {
    std::istringstream words{std::string(part)};
    std::uint32_t from = 0, to = 0;
    if (!(words >> from)) continue;
    if (!(words.get() == '-' && words >> to)) to = from;
    for (; from <= to && from <= last; ++from) reserved.insert(from);
  }
  Ports result;
  for (auto port = first; port <= last; ++port) {
    if (!reserved.contains(port)) result.push_back(static_cast<std::uint16_t>(port));
  }
  return result;
}

/// So many that a pool of 2^14 ports in Linux's usual 28,232 shows, and few enough for a small one.
std::size_t sample_size(std::size_t pool) {
  return std::min<std::size_t>(4000, pool / 4);
}

/// Chi-square over 16 bins: with 15 degrees of freedom, chance exceeds 65 once in 3 * 10^7 runs.
constexpr std::size_t bins = 16;
constexpr double far_beyond_chance = 65;

double chi_square(const std::array<double, bins>& counts, std::size_t total) {
  const double expected = static_cast<double>(total) / bins;
  double sum = 0;
  for (const auto count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

/// What chance does not do to ports that are drawn evenly from `pool`: all in all, it does once in
/// 5 * 10^6 runs.
std::vector<std::string> faults(const Ports& drawn, const Ports& pool) {
  const auto size = pool.size(), total = drawn.size();
  std::vector<std::string> result;
  std::array<double, bins> high{}, low{}, steps{};
  std::size_t before = 0;
  for (const auto port : drawn) {
    const auto found = std::lower_bound(pool.begin(), pool.end(), port);
    if (found == pool.end() || *found != port) return {"outside of the kernel's range"};
    const auto rank = static_cast<std::size_t>(found - pool.begin());
    ++high.at(rank * bins / size);
    ++low.at(rank % bins);  // an odd port is as likely as an even one
    ++steps.at((rank + size - before) % size * bins / size);
    before = rank;
  }
  if (chi_square(high, total) > far_beyond_chance) result.emplace_back("uneven over the range");
  if (chi_square(low, total) > far_beyond_chance) result.emplace_back("uneven in the low bits");
  if (chi_square(steps, total) > far_beyond_chance) result.emplace_back("one leads to the next");
  // The birthday bound. The nth port repeats one before it with a chance below n / size, so that
  // there are no more repeats than of as many independent events; Chernoff's bound for these is
  // passed with a chance of e^-17 = 4 * 10^-8.
  const auto n = static_cast<double>(total);
  const double mean = n * (n - 1) / 2 / static_cast<double>(size);
  constexpr double rare = 17;
  const double most = mean + rare / 3 + std::sqrt(rare * rare / 9 + 2 * rare * mean);
  const auto repeats = total - std::set(drawn.begin(), drawn.end()).size();
  if (static_cast<double>(repeats) > most) result.emplace_back("from a smaller pool");
  return result;
}

Ports draw(const Ports& pool, std::size_t count, std::mt19937& random) {
  Ports result(count);
  for (auto& port : result) port = pool[random() % pool.size()];
  return result;
}

using Faults = std::vector<std::string>;

}  // namespace

TEST_CASE("a small, an uneven and a foreseeable pool of ports are found out") {
  std::mt19937 random(20261122);
  Ports pool;
  for (std::uint32_t port = 32768; port < 61000; ++port)
    pool.push_back(static_cast<std::uint16_t>(port));
  const auto count = sample_size(pool.size());
  CHECK(count == 4000);
  CHECK(faults(draw(pool, count, random), pool) == Faults{});

  for (const std::size_t bits : {11U, 12U, 13U, 14U}) {  // strewn over the whole range
    CAPTURE(bits);
    auto few = pool;
    std::shuffle(few.begin(), few.end(), random);
    few.resize(std::size_t{1} << bits);
    const auto found = faults(draw(few, count, random), pool);
    REQUIRE_FALSE(found.empty());
    CHECK(found.back() == "from a smaller pool");
  }
  const Ports half(pool.begin(), pool.begin() + 14'000);
  CHECK(faults(draw(half, count, random), pool).front() == "uneven over the range");
  auto even = draw(pool, count, random);
  for (auto& port : even) port = static_cast<std::uint16_t>(port & ~1U);
  CHECK(faults(even, pool).front() == "uneven in the low bits");
  Ports counted;
  for (std::size_t i = 0; i < count; ++i) counted.push_back(pool[i * 7 % pool.size()]);
  CHECK(faults(counted, pool) == Faults{"one leads to the next"});
  CHECK(faults({1024}, pool) == Faults{"outside of the kernel's range"});
}

TEST_CASE("each question by itself has a port by itself, out of all that the kernel has") {
  const FakeDnsServer server(FakeZone("one.example A 192.0.2.1"));
  const auto pool = kernel_ports();
  // Where the kernel has too few for a verdict, or does not tell which, they only have to change.
  const bool enough = pool.size() >= 2000;
  const auto total = enough ? sample_size(pool.size()) : 200;
  std::size_t answered = 0;
  for (std::size_t i = 0; i < total; ++i) {
    if (ask(server, "one.example", RecordType::a).outcome == Outcome::answer) ++answered;
  }
  CHECK(answered == total);
  Ports drawn;
  for (const auto& query : server.queries()) {
    if (!query.tcp) drawn.push_back(query.port);  // on a busy machine a question may come again
  }
  if (enough) {
    CHECK(faults(drawn, pool) == Faults{});
  } else {
    MESSAGE("the kernel has " << pool.size() << " ports: their spread is not measured");
    CHECK(std::set(drawn.begin(), drawn.end()).size() > 20);
  }
}
