/// Questions that are made when there is room for them: for sweeps of any size in flat memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "dns/answer.h"

namespace maildiag::dns {

/// The backend pulls. All calls come from the event loop; next() and done() may be called from each
/// other's callers, but never inside each other.
class QuestionStream {
 public:
  struct Numbered {
    Question question;
    std::uint64_t number = 0;  ///< the stream's own; comes back with the answer
  };

  QuestionStream() = default;
  QuestionStream(const QuestionStream&) = delete;
  QuestionStream& operator=(const QuestionStream&) = delete;
  virtual ~QuestionStream() = default;

  /// nullopt: none now. It is asked again after each answer, and after wake().
  virtual std::optional<Numbered> next() = 0;
  virtual void done(std::uint64_t number, Answer answer) = 0;
  /// next() has none, and no answer and no event will bring another one.
  virtual bool ended() const = 0;
  /// The stream's owner wants no more: what is under way is forgotten. Looked at after wake().
  virtual bool cancelled() const { return false; }

  /// For the stream's owner: next() has something again, or cancelled() changed.
  void wake() const {
    if (on_wake_) on_wake_();
  }
  /// For the backend that works on the stream.
  void on_wake(std::function<void()> call) { on_wake_ = std::move(call); }

 private:
  std::function<void()> on_wake_;
};

}  // namespace maildiag::dns
