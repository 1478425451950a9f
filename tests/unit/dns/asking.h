/// Asking a network backend from a test, one question a run.
#pragma once

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.h"
#include "dns/backends.h"
#include "support/fake_dns_server.h"

namespace maildiag::test {

using dns::Answer;
using dns::NetworkOptions;
using dns::Outcome;
using dns::Question;
using dns::RecordType;
using dns::ServerAddress;
using std::chrono::milliseconds;

inline DomainName name(std::string_view text) {
  return DomainName::parse(text).value();
}

/// For servers that keep silent.
inline NetworkOptions hasty_options(std::vector<ServerAddress> servers) {
  NetworkOptions options;
  options.servers = std::move(servers);
  options.timeout = milliseconds(60);
  options.tries = 2;
  return options;
}

/// For servers that answer, however busy the machine is.
inline NetworkOptions patient_options(std::vector<ServerAddress> servers) {
  auto options = hasty_options(std::move(servers));
  options.timeout = milliseconds(5000);
  return options;
}

inline Answer ask(const NetworkOptions& options, std::string_view text, RecordType type) {
  const auto backend = dns::make_network_backend(options);
  Answer answer;
  auto work = [&]() -> Task<void> {
    Question question{name(text), type};
    answer = co_await backend->ask(std::move(question));
  };
  run_task(work());
  return answer;
}

inline Answer ask(const FakeDnsServer& server, std::string_view text, RecordType type) {
  return ask(patient_options({server.address()}), text, type);
}

}  // namespace maildiag::test
