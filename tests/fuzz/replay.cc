// Runs a target over its seeds and over a fixed number of mutants of each, the same in every run:
// replay TARGET DIR Without libFuzzer, so that the tests need no second compiler; scripts/fuzz
// searches further.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/targets.h"

namespace {

/// Of a seed, and of all seeds of a target, so that many seeds take no longer.
constexpr std::size_t most_mutants = 60, most_runs = 1000;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One of the usual mutations, with a piece of another seed.
std::string mutant(std::string text, const std::string& other, std::mt19937& random) {
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  for (auto times = 1 + below(4); times > 0; --times) {
    const auto at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), 1 + below(64)));
        break;
      default:
        text.insert(at, other.substr(below(other.size() + 1), 1 + below(64)));
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s TARGET DIR\n", argv[0]);
    return 64;
  }
  const auto* target = maildiag::fuzz::find_target(argv[1]);
  if (target == nullptr || !std::filesystem::is_directory(argv[2])) {
    std::fprintf(stderr, "no target %s, or no folder %s\n", argv[1], argv[2]);
    return 66;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2]))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) seeds.push_back(read(path));
  if (seeds.empty()) {
    std::fprintf(stderr, "%s holds no seed\n", argv[2]);
    return 66;
  }
  const auto mutants = std::min(most_mutants, most_runs / seeds.size());
  std::mt19937 random(7208);
  for (const auto& seed : seeds) {
    target->run(seed);
    for (std::size_t i = 0; i < mutants; ++i)
      target->run(mutant(seed, seeds[random() % seeds.size()], random));
  }
  std::printf("%s: %zu seeds, %zu mutants each\n", argv[1], seeds.size(), mutants);
  return 0;
}
