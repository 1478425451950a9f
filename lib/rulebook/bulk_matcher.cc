#include "rulebook/bulk_matcher.h"

#include <re2/set.h>

#include "rulebook/loader/re2_options.h"

namespace maildiag::rulebook {
namespace {

class SetMatcher : public Rulebook::BulkMatcher {
 public:
  SetMatcher(const Matcher& matcher, std::int64_t memory)
      : matcher_(matcher), set_(pattern_options(memory), RE2::UNANCHORED) {
    const auto rules = matcher.tables().rules;
    hits_.resize(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].match.empty()) continue;
      const auto source = rules[i].match;
      std::string error;
      if (set_.Add(re2::StringPiece(source.data(), source.size()), &error) < 0) return;
      rule_of_pattern_.push_back(i);
    }
    usable_ = !rule_of_pattern_.empty() && set_.Compile();
  }

  Match match(const ReplyView& reply) override {
    auto view = reply;
    view.text = view.text.substr(0, max_matched_bytes);
    matched_.clear();
    RE2::Set::ErrorInfo error{RE2::Set::kNoError};
    const bool any = usable_ && set_.Match(re2::StringPiece(view.text.data(), view.text.size()),
                                           &matched_, &error);
    // Without memory for its automaton the set says "no match": only its error tells the two apart.
    if (!usable_ || (!any && error.kind != RE2::Set::kNoError)) return matcher_.match(view);
    for (const int pattern : matched_)
      hits_[rule_of_pattern_[static_cast<std::size_t>(pattern)]] = true;
    auto result = matcher_.match_with(view, [this](std::size_t index) { return hits_[index]; });
    for (const int pattern : matched_)
      hits_[rule_of_pattern_[static_cast<std::size_t>(pattern)]] = false;
    return result;
  }

 private:
  const Matcher& matcher_;
  RE2::Set set_;
  bool usable_ = false;
  std::vector<std::size_t> rule_of_pattern_;
  std::vector<int> matched_;
  std::vector<bool> hits_;  // by rule; all false between calls
};

}  // namespace

std::unique_ptr<Rulebook::BulkMatcher> make_bulk_matcher(const Matcher& matcher,
                                                         std::int64_t memory) {
  return std::make_unique<SetMatcher>(matcher, memory);
}

}  // namespace maildiag::rulebook
