#include "faults/witness.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "dns/rdata.h"
#include "dns/record.h"
#include "faults/heap.h"

namespace maildiag::faults {
namespace {

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
  WatchedStream(dns::QuestionStream& inner, Witness& witness) : inner_(inner), witness_(witness) {
    inner_.on_wake([this] { wake(); });
  }
  ~WatchedStream() override {
    inner_.on_wake({});
    witness_.pace_.forget(under_way_.size());
  }

  std::optional<Numbered> next() override {
    auto next = inner_.next();
    if (!next) return next;
    ++asked;
    under_way_.emplace(next->number, witness_.pace_.ask(false));
    return next;
  }
  void done(std::uint64_t number, dns::Answer answer) override {
    const auto asked_then = under_way_.extract(number);
    witness_.ledger_.require(!asked_then.empty(), "an answer to nothing that was asked");
    if (!asked_then.empty()) witness_.judge_time(answer, asked_then.mapped());
    answers.push_back(answer);
    inner_.done(number, std::move(answer));
  }
  bool ended() const override { return inner_.ended(); }
  bool cancelled() const override { return inner_.cancelled(); }

  std::size_t asked = 0;
  std::vector<dns::Answer> answers;

 private:
  dns::QuestionStream& inner_;
  Witness& witness_;
  std::map<std::uint64_t, Pace::Asked> under_way_;
};

Witness::Witness(std::shared_ptr<dns::Backend> asked, std::shared_ptr<dns::Backend> truth,
                 const dns::NetworkOptions& options, Expectation expectation, Ledger& ledger)
    : asked_(std::move(asked)),
      truth_(std::move(truth)),
      pace_(options),
      expectation_(expectation),
      ledger_(ledger) {}

Task<dns::Answer> Witness::ask(dns::Question question) {
  ++ledger_.asked;
  auto copy = question;
  const auto asked = pace_.ask(true);
  auto answer = co_await asked_->ask(std::move(copy));
  judge_time(answer, asked);
  co_await judge(question, answer);
  co_return answer;
}

Task<void> Witness::ask_stream(dns::QuestionStream& stream) {
  WatchedStream watched(stream, *this);
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

void Witness::judge_time(const dns::Answer& answer, const Pace::Asked& asked) {
  note_heap();
  const auto slow = pace_.answered(asked, 1 + answer.cname_chain.size());
  ledger_.require(slow.empty(), described(answer.question) + ": " + slow);
}

Task<void> Witness::judge(const dns::Question& question, const dns::Answer& answer) {
  ++ledger_.answered;
  ledger_.require(answer.question == question,
                  described(question) + " got the answer to " + described(answer.question));
  if (answer.definite()) ++ledger_.definite;
  if (ledger_.verbose) {
    ledger_.log.push_back(described(question) + ": " + essence(answer) + " " + answer.detail);
  }
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
