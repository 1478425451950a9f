#include "checks/smtp_reply.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::checks {

namespace {

/// Length of "5.7.1" at the start (RFC 3463 section 2: one digit, then one to three twice), 0:
/// none.
std::size_t status_length(std::string_view text) {
  constexpr std::size_t most_digits = 3;  // RFC 3463 section 2
  if (text.empty() || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return 0;
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    if (at >= text.size() || text[at] != '.') return 0;
    const std::size_t begin = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == begin || at - begin > most_digits) return 0;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

std::string filled(std::string_view pattern, const rulebook::Match& match) {
  return text::fill_template(pattern, [&match](std::string_view name) -> const std::string* {
    for (const auto& [key, value] : match.facts) {
      if (key == name) return &value;
    }
    return nullptr;
  });
}

}  // namespace

ReplyWords reply_words(const net::SmtpReply& reply) {
  ReplyWords words;
  for (const auto& raw : reply.lines) {
    auto line = text::trim(raw);
    const auto length = status_length(line);
    if (words.status.empty() && words.text.empty()) words.status = line.substr(0, length);
    line = text::trim(line.substr(length));
    if (line.empty()) continue;
    if (!words.text.empty()) words.text += ' ';
    words.text += line;
  }
  return words;
}

std::optional<ReplyCause> cause_of(const rulebook::Rulebook& rulebook, const net::SmtpReply& reply,
                                   std::string_view host) {
  const auto words = reply_words(reply);
  rulebook::ReplyView view;
  view.code = reply.code;
  view.status = words.status;
  view.text = words.text;
  view.remote_host = host;
  const auto match = rulebook.match(view);
  if (match.rule == nullptr) return std::nullopt;
  const auto* cause = rulebook.cause(match.rule->cause);
  if (cause == nullptr) return std::nullopt;
  Value facts = Value::object();
  for (const auto& [name, value] : match.facts) facts.set(name, value);
  const auto both = [&match](const rulebook::Text& text) {
    return Value::object({{"en", filled(text.in(Language::en), match)},
                          {"ko", filled(text.in(Language::ko), match)}});
  };
  const bool own = !match.rule->meaning.en.empty();
  ReplyCause result{match.rule, cause, {}};
  result.value = Value::object({{"rule", match.rule->id},
                                {"cause", cause->id},
                                {"title", both(cause->title)},
                                {"meaning", both(own ? match.rule->meaning : cause->meaning)},
                                {"facts", std::move(facts)}});
  return result;
}

std::string reply_text(const net::SmtpReply& reply) {
  const auto words = reply_words(reply);
  return fmt::format("{}{}{} {}", reply.code, words.status.empty() ? "" : " ", words.status,
                     words.text);
}

}  // namespace maildiag::checks
