/// Watches all that is asked of a backend, and holds each answer against the truth.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "dns/backends.h"
#include "dns/resolver.h"
#include "faults/pace.h"

namespace maildiag::faults {

/// What a scenario showed.
struct Ledger {
  std::size_t asked = 0, answered = 0;  ///< questions
  std::size_t definite = 0;             ///< of them
  std::vector<std::string> faults;      ///< in words; empty: all is well
  bool verbose = false;
  std::vector<std::string> log;  ///< where it is verbose: what was asked and answered

  void require(bool holds, const std::string& otherwise) {
    if (!holds) faults.push_back(otherwise);
  }
};

/// What is expected of the answers.
struct Expectation {
  bool true_or_unknown = true;  ///< false: messages that look true may tell anything
  bool all_definite = false;    ///< nothing keeps an answer away
};

class Witness : public dns::Backend {
 public:
  Witness(std::shared_ptr<dns::Backend> asked, std::shared_ptr<dns::Backend> truth,
          const dns::NetworkOptions& options, Expectation expectation, Ledger& ledger);

  Task<dns::Answer> ask(dns::Question question) override;
  Task<void> ask_stream(dns::QuestionStream& stream) override;
  /// All that was asked may have taken so long, were it asked one after the other.
  std::chrono::nanoseconds longest() const { return pace_.longest_of(ledger_.asked); }

 private:
  class WatchedStream;
  Task<void> judge(const dns::Question& question, const dns::Answer& answer);
  void judge_time(const dns::Answer& answer, const Pace::Asked& asked);

  std::shared_ptr<dns::Backend> asked_, truth_;
  Pace pace_;
  Expectation expectation_;
  Ledger& ledger_;
};

/// What can be compared of an answer: outcome, chain, records in no order.
std::string essence(const dns::Answer& answer);

}  // namespace maildiag::faults
