#include "rulebook/rulebook.h"

namespace maildiag::rulebook {
namespace {

// Who replies: a provider's rules must win their examples wherever the text comes from, and those
// that demand the provider only there.
struct Origin {
  std::string_view remote_host, recipient_domain, sender_domain;
};

// Whose mail it was: what the examples of a rule that demands to know it write.
constexpr std::string_view sender_domain = "sender.example", recipient_domain = "rcpt.example";

std::vector<Origin> origins_of(const Rule& rule, const Rulebook& rulebook) {
  Origin anyone;
  if (!rule.names.empty()) anyone = {{}, recipient_domain, sender_domain};
  std::vector<Origin> result;
  if (!rule.from_provider) result.push_back(anyone);
  const Provider* provider = rulebook.provider(rule.provider);
  if (provider == nullptr) return result;
  Origin from_it = anyone;
  if (!provider->mx.empty()) {
    from_it.remote_host = provider->mx.front();
  } else if (!provider->domains.empty() && (rule.names.empty() || rule.from_provider)) {
    // One recipient cannot be at the domain that such examples write and at the provider's, too.
    from_it.recipient_domain = provider->domains.front();
  } else {
    return result;
  }
  result.push_back(from_it);
  return result;
}

std::string winner_of(const Rulebook& rulebook, const ExampleReply& reply, const Origin& origin) {
  const auto match =
      rulebook.match({reply.code, reply.status, reply.text, origin.remote_host,
                      origin.recipient_domain, /*winner_only=*/true, origin.sender_domain});
  return match.rule == nullptr ? std::string() : std::string(match.rule->id);
}

}  // namespace

std::vector<ExampleFault> test_examples(const Rulebook& rulebook, const ParseExample& parse) {
  std::vector<ExampleFault> faults;
  const auto test = [&](const Rule& rule, std::string_view example, bool wins) {
    const auto reply = parse(example);
    if (!reply) return;
    for (const auto& origin : origins_of(rule, rulebook)) {
      const auto winner = winner_of(rulebook, *reply, origin);
      if ((winner == rule.id) == wins) continue;
      faults.push_back({&rule, std::string(example), winner});
      return;
    }
  };
  for (const auto& rule : rulebook.rules()) {
    for (const auto example : rule.examples) test(rule, example, true);
    for (const auto example : rule.not_examples) test(rule, example, false);
  }
  return faults;
}

}  // namespace maildiag::rulebook
