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
#include "dns/server_recording.h"

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

/// Sorts the lines of a recording.
class RecordingReader {
 public:
  RecordingReader(Answers& answers, ServerReplies& servers)
      : answers_(answers), servers_(servers) {}

  Result<void> read(std::string_view line) {
    if (line.size() > max_line)
      return fail_with(ErrorCode::bad_data, "longer than {} octets", max_line);
    if (is_server_reply(line)) {
      auto recorded = server_reply_from_json(line);
      if (!recorded) return tl::unexpected(std::move(recorded.error()));
      servers_.add(std::move(*recorded));
    } else {
      auto answer = answer_from_json(line);
      if (!answer) return tl::unexpected(std::move(answer.error()));
      keep(answers_, std::move(*answer));
    }
    return {};
  }

  Result<void> read_all(std::string_view octets, const std::string& file) {
    std::size_t number = 0;
    while (!octets.empty()) {
      ++number;
      const auto end = octets.find('\n');
      const auto line = text::trim(octets.substr(0, end));
      octets = end == std::string_view::npos ? std::string_view() : octets.substr(end + 1);
      if (line.empty()) continue;
      auto done = read(line);
      if (!done)
        return tl::unexpected(
            at_place(fmt::format("{}:{}", file, number), std::move(done.error())));
    }
    return {};
  }

 private:
  Answers& answers_;
  ServerReplies& servers_;
};

}  // namespace

Result<Recording> open_recording(const std::string& file, std::shared_ptr<const SecretMask> mask) {
  const auto octets = read_input_file(file, max_recording_size);
  if (!octets) return tl::unexpected(octets.error());
  Answers answers;
  auto servers = std::make_shared<ServerReplies>(mask);
  if (auto read = RecordingReader(answers, *servers).read_all(*octets, file); !read)
    return tl::unexpected(std::move(read.error()));
  return Recording{std::make_shared<ReplayBackend>(std::move(answers), file, std::move(mask)),
                   std::move(servers)};
}

}  // namespace maildiag::dns
