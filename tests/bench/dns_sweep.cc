// Asks the questions of a file ("NAME TYPE" a line) as `rblcheck` does for a sweep, and prints what
// came back and how fast. Used by dns_sweep.py and mx_rate.py.

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <fmt/format.h>

#include "core/task.h"
#include "dns/backends.h"

using namespace maildiag;
using namespace maildiag::dns;

namespace {

std::vector<Question> read_questions(const char* file) {
  std::vector<Question> questions;
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    const auto space = line.find(' ');
    const auto name = DomainName::parse(line.substr(0, space));
    const auto type = record_type_from(
        space == std::string::npos ? "A" : std::string_view(line).substr(space + 1));
    if (name && type) questions.push_back({*name, *type});
  }
  return questions;
}

struct Tally {
  std::size_t listed = 0, absent = 0, unknown = 0;

  void count(const Answer& answer) {
    if (answer.found()) {
      ++listed;
    } else if (answer.definite()) {
      ++absent;
    } else {
      ++unknown;
    }
  }
};

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: dns_sweep SERVER#PORT FILE [WINDOW]\n";
    return 64;
  }
  const auto server = ServerAddress::parse(argv[1]);
  if (!server) {
    std::cerr << server.error().message << '\n';
    return 64;
  }
  NetworkOptions options;
  options.servers = {*server};
  if (argc > 3) options.window = std::strtoul(argv[3], nullptr, 10);
  const auto backend = make_network_backend(options);
  auto questions = read_questions(argv[2]);
  const auto count = questions.size();
  const auto before = peak_kib();

  Tally tally;
  auto work = [&]() -> Task<void> {
    std::function<void(std::size_t, Answer)> done = [&](std::size_t, const Answer& answer) {
      tally.count(answer);
    };
    co_await backend->ask_batch(std::move(questions), std::move(done));
  };
  const auto begin = std::chrono::steady_clock::now();
  run_task(work());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  fmt::print(
      "{{\"queries\":{},\"seconds\":{:.6f},\"listed\":{},\"absent\":{},\"unknown\":{},"
      "\"sweep_kib\":{}}}\n",
      count, elapsed.count(), tally.listed, tally.absent, tally.unknown, peak_kib() - before);
  return 0;
}
