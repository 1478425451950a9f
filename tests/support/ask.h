/// Questions to a backend, from outside a task.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.h"
#include "dns/resolver.h"

namespace maildiag::test {

inline dns::Question question(std::string_view name, std::string_view type) {
  const auto parsed_name = DomainName::parse(name);
  const auto parsed_type = dns::record_type_from(type);
  if (!parsed_name || !parsed_type) throw std::invalid_argument("not a question");
  return {*parsed_name, *parsed_type};
}

inline dns::Answer ask(dns::Backend& backend, dns::Question question) {
  dns::Answer answer;
  auto work = [&]() -> Task<void> { answer = co_await backend.ask(std::move(question)); };
  run_task(work());
  return answer;
}

inline dns::Answer ask(dns::Backend& backend, std::string_view name, std::string_view type) {
  return ask(backend, question(name, type));
}

/// The answer in one line: outcome, CNAME chain and records, e.g.
/// "answer > web.example.net: 192.0.2.1, 192.0.2.2".
inline std::string ask_line(dns::Backend& backend, std::string_view name, std::string_view type) {
  const auto answer = ask(backend, name, type);
  std::string line(to_string(answer.outcome));
  for (const auto& target : answer.cname_chain) line += " > " + target.to_string();
  std::string separator = ": ";
  for (const auto& record : answer.records) {
    line += separator + rdata_text(record);
    separator = ", ";
  }
  return line;
}

}  // namespace maildiag::test
