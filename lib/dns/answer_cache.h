/// Answers kept for their TTL, in a bounded space.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>

#include "dns/answer.h"

namespace maildiag::dns {

/// Not noexcept, so that libstdc++ keeps the hashes: else it makes those of all neighbours anew
/// with each look-up, which took a tenth of the time of a thousand mxchecks.
struct QuestionHash {
  std::size_t operator()(const Question& question) const {
    constexpr std::size_t odd_factor = 0x9e3779b97f4a7c15U;
    return std::hash<DomainName>()(question.name) ^
           static_cast<std::size_t>(question.type) * odd_factor;
  }
};

class AnswerCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit AnswerCache(std::size_t capacity_octets) : capacity_(capacity_octets) {}

  /// The answer with its TTLs reduced by its age; nullopt if there is none or it is too old.
  std::optional<Answer> find(const Question& question, Time now);
  /// Keeps a definite answer with a TTL above zero; drops the least recently used ones where space
  /// is short.
  void insert(const Answer& answer, Time now);

  std::size_t octets() const { return used_; }

 private:
  struct Entry {
    Answer answer;
    Time stored, expires;
    std::size_t octets = 0;
  };
  using Entries = std::list<Entry>;

  void erase(Entries::iterator entry);

  std::size_t capacity_;
  std::size_t used_ = 0;
  Entries entries_;  // the most recently used in front
  std::unordered_map<Question, Entries::iterator, QuestionHash> index_;
};

}  // namespace maildiag::dns
