/// Answers from a recording.
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "dns/answer_cache.h"
#include "dns/answer_json.h"
#include "dns/backends.h"
#include "dns/input_file.h"
#include "dns/mask_answer.h"

namespace maildiag::dns {
namespace {

/// A sweep of 100,000 questions records about 30 MiB.
constexpr std::size_t max_recording_size = std::size_t{64} << 20U;
/// An answer of 64 KiB takes less than a quarter of this, as hexadecimal and as escaped text.
constexpr std::size_t max_line = std::size_t{4} << 20U;

using Answers = std::unordered_map<Question, Answer, QuestionHash>;

class ReplayBackend : public Backend {
 public:
  ReplayBackend(Answers answers, const std::string& file, std::shared_ptr<const SecretMask> mask)
      : answers_(std::move(answers)),
        server_(fmt::format("replay:{}", file)),
        mask_(std::move(mask)) {}

  Task<Answer> ask(Question question) override {
    Answer answer;
    auto recorded = question;
    if (mask_ != nullptr) recorded.name = mask_name(*mask_, question.name);
    if (const auto found = answers_.find(recorded); found != answers_.end()) {
      answer = found->second;
    } else {
      answer.outcome = Outcome::not_recorded;
    }
    answer.question = std::move(question);
    answer.server = server_;
    co_return answer;
  }

 private:
  Answers answers_;
  std::string server_;
  std::shared_ptr<const SecretMask> mask_;
};

/// The last definite answer to a question counts; without one, the last.
void keep(Answers& answers, Answer answer) {
  const auto [found, added] = answers.try_emplace(answer.question);
  if (added || answer.definite() || !found->second.definite()) found->second = std::move(answer);
}

Result<Answers> read_answers(std::string_view octets, const std::string& file) {
  Answers answers;
  std::size_t number = 0;
  while (!octets.empty()) {
    ++number;
    const auto end = octets.find('\n');
    const auto line = text::trim(octets.substr(0, end));
    octets = end == std::string_view::npos ? std::string_view() : octets.substr(end + 1);
    if (line.empty()) continue;
    auto answer = line.size() <= max_line
                      ? answer_from_json(line)
                      : fail_with(ErrorCode::bad_data, "longer than {} octets", max_line);
    if (!answer) {
      return tl::unexpected(
          at_place(fmt::format("{}:{}", file, number), std::move(answer.error())));
    }
    keep(answers, std::move(*answer));
  }
  return answers;
}

}  // namespace

Result<std::shared_ptr<Backend>> make_replay_backend(const std::string& file,
                                                     std::shared_ptr<const SecretMask> mask) {
  const auto octets = read_input_file(file, max_recording_size);
  if (!octets) return tl::unexpected(octets.error());
  auto answers = read_answers(*octets, file);
  if (!answers) return tl::unexpected(std::move(answers.error()));
  return std::make_shared<ReplayBackend>(std::move(*answers), file, std::move(mask));
}

}  // namespace maildiag::dns
