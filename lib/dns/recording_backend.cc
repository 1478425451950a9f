/// Writes down what another backend answers.
#include <optional>
#include <utility>

#include "dns/answer_json.h"
#include "dns/backends.h"
#include "dns/line_file.h"
#include "dns/mask_answer.h"
#include "dns/question_stream.h"

namespace maildiag::dns {
namespace {

class RecordingBackend : public Backend {
 public:
  RecordingBackend(std::shared_ptr<Backend> inner, LineFile file,
                   std::shared_ptr<const SecretMask> mask)
      : inner_(std::move(inner)), file_(std::move(file)), mask_(std::move(mask)) {}

  Task<Answer> ask(Question question) override {
    auto answer = co_await inner_->ask(std::move(question));
    record(answer);
    co_return answer;
  }

  Task<void> ask_batch(std::vector<Question> questions,
                       std::function<void(std::size_t, Answer)> done) override {
    std::function<void(std::size_t, Answer)> keep = [&](std::size_t index, Answer answer) {
      record(answer);
      done(index, std::move(answer));
    };
    co_await inner_->ask_batch(std::move(questions), std::move(keep));
  }

  Task<void> ask_stream(QuestionStream& stream) override {
    RecordedStream recorded(*this, stream);
    co_await inner_->ask_stream(recorded);
  }

 private:
  /// Stands between the inner backend and the stream.
  class RecordedStream : public QuestionStream {
   public:
    RecordedStream(RecordingBackend& recorder, QuestionStream& inner)
        : recorder_(recorder), inner_(inner) {
      inner_.on_wake([this] { wake(); });
    }
    ~RecordedStream() override { inner_.on_wake({}); }
    RecordedStream(const RecordedStream&) = delete;
    RecordedStream& operator=(const RecordedStream&) = delete;

    std::optional<Numbered> next() override { return inner_.next(); }
    void done(std::uint64_t number, Answer answer) override {
      recorder_.record(answer);
      inner_.done(number, std::move(answer));
    }
    bool ended() const override { return inner_.ended(); }
    bool cancelled() const override { return inner_.cancelled(); }

   private:
    RecordingBackend& recorder_;
    QuestionStream& inner_;
  };

  void record(const Answer& answer) {
    if (mask_ == nullptr || mask_->empty()) return file_.append(answer_to_json(answer));
    Answer shown = answer;
    mask_answer(*mask_, shown);
    file_.append(answer_to_json(shown));
  }

  std::shared_ptr<Backend> inner_;
  LineFile file_;
  std::shared_ptr<const SecretMask> mask_;
};

}  // namespace

Result<std::shared_ptr<Backend>> make_recording_backend(std::shared_ptr<Backend> inner,
                                                        const std::string& file,
                                                        std::shared_ptr<const SecretMask> mask) {
  auto lines = LineFile::open(file);
  if (!lines) return tl::unexpected(lines.error());
  return std::make_shared<RecordingBackend>(std::move(inner), std::move(*lines), std::move(mask));
}

}  // namespace maildiag::dns
