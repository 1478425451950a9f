/// A resolver that validates: answers about names in signed zones carry the AD bit.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/memory_backend.h"

namespace maildiag::test {

class SignedBackend : public dns::Backend {
 public:
  explicit SignedBackend(std::shared_ptr<dns::Backend> answers) : answers_(std::move(answers)) {}

  std::string server = "127.0.0.1#53";
  /// The root is ".": below it everything is signed but `insecure`.
  std::vector<DomainName> secure, insecure;

  Task<dns::Answer> ask(dns::Question question) override {
    auto answer = co_await answers_->ask(question);
    answer.server = server;
    answer.authenticated = answer.definite() && is_signed(question.name) &&
                           std::all_of(answer.cname_chain.begin(), answer.cname_chain.end(),
                                       [this](const auto& name) { return is_signed(name); });
    co_return answer;
  }

 private:
  bool is_signed(const DomainName& name) const {
    const auto holds = [&name](const DomainName& zone) { return name.is_under(zone); };
    return std::any_of(secure.begin(), secure.end(), holds) &&
           std::none_of(insecure.begin(), insecure.end(), holds);
  }

  std::shared_ptr<dns::Backend> answers_;
};

}  // namespace maildiag::test
