#include "faults/witness.h"

#include <algorithm>
#include <utility>

#include "dns/rdata.h"
#include "dns/record.h"

namespace maildiag::faults {
namespace {

/// Each try may be followed by one over TCP, a server that is excluded costs none, and one answer
/// by a server without EDNS repeats a try.
std::chrono::microseconds longest_question(const dns::NetworkOptions& options) {
  const auto tries = options.tries + 2 + options.servers.size();
  const auto slowest = std::max<double>(3.0, 1.0 + options.tries / 2.0);
  return std::chrono::duration_cast<std::chrono::microseconds>(options.timeout * slowest * 2.0 *
                                                               static_cast<double>(tries));
}

std::string described(const dns::Question& question) {
  return question.name.to_string() + " " + std::string(dns::to_string(question.type));
}

}  // namespace

std::string essence(const dns::Answer& answer) {
  std::string text(to_string(answer.outcome));
  for (const auto& name : answer.cname_chain) text += " >" + name.key();
  std::vector<std::string> records;
  for (const auto& record : answer.records) {
    records.push_back(" " + record.name.key() + " " + dns::rdata_text(record));
  }
  std::sort(records.begin(), records.end());
  for (const auto& record : records) text += record;
  return text;
}

/// Hands on what it is asked and keeps what came back.
class Witness::WatchedStream : public dns::QuestionStream {
 public:
  explicit WatchedStream(dns::QuestionStream& inner) : inner_(inner) {
    inner_.on_wake([this] { wake(); });
  }
  ~WatchedStream() override { inner_.on_wake({}); }

  std::optional<Numbered> next() override {
    auto next = inner_.next();
    if (next) ++asked;
    return next;
  }
  void done(std::uint64_t number, dns::Answer answer) override {
    answers.push_back(answer);
    inner_.done(number, std::move(answer));
  }
  bool ended() const override { return inner_.ended(); }
  bool cancelled() const override { return inner_.cancelled(); }

  std::size_t asked = 0;
  std::vector<dns::Answer> answers;

 private:
  dns::QuestionStream& inner_;
};

Witness::Witness(std::shared_ptr<dns::Backend> asked, std::shared_ptr<dns::Backend> truth,
                 const dns::NetworkOptions& options, Expectation expectation, Ledger& ledger)
    : asked_(std::move(asked)),
      truth_(std::move(truth)),
      longest_(longest_question(options)),
      expectation_(expectation),
      ledger_(ledger) {}

Task<dns::Answer> Witness::ask(dns::Question question) {
  ++ledger_.asked;
  auto copy = question;
  auto answer = co_await asked_->ask(std::move(copy));
  co_await judge(question, answer);
  co_return answer;
}

Task<void> Witness::ask_stream(dns::QuestionStream& stream) {
  WatchedStream watched(stream);
  co_await asked_->ask_stream(watched);
  ledger_.asked += watched.asked;
  ledger_.require(stream.cancelled() || watched.asked == watched.answers.size(),
                  std::to_string(watched.asked) + " were asked, " +
                      std::to_string(watched.answers.size()) + " answered");
  for (const auto& answer : watched.answers) {
    const auto question = answer.question;
    co_await judge(question, answer);
  }
}

Task<void> Witness::judge(const dns::Question& question, const dns::Answer& answer) {
  ++ledger_.answered;
  ledger_.require(answer.question == question,
                  described(question) + " got the answer to " + described(answer.question));
  if (answer.definite()) ++ledger_.definite;
  if (ledger_.verbose) {
    ledger_.log.push_back(described(question) + ": " + essence(answer) + " " + answer.detail);
  }
  const auto links = static_cast<int>(1 + answer.cname_chain.size());
  ledger_.require(answer.elapsed <= longest_ * links,
                  described(question) + " took " + std::to_string(answer.elapsed.count()) + " us");
  if (expectation_.all_definite) {
    ledger_.require(answer.definite(), described(question) + " was not answered: " + answer.detail);
  }
  if (!answer.definite() || !expectation_.true_or_unknown) co_return;
  auto copy = question;
  const auto truth = co_await truth_->ask(std::move(copy));
  ledger_.require(
      essence(answer) == essence(truth),
      described(question) + " got " + essence(answer) + "\n    the truth is " + essence(truth));
}

}  // namespace maildiag::faults
