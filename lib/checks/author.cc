#include "checks/author.h"

#include <algorithm>
#include <utility>

namespace maildiag::checks {

namespace {

enum class Kind { word, quoted, literal, special, end };
struct Token {
  Kind kind = Kind::end;
  std::string_view text;  ///< with its quotes or brackets
  bool is(char c) const { return kind == Kind::special && text.front() == c; }
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Tokens of RFC 5322 section 3.2, comments and white space left out. Dots and octets above 0x7f
/// belong to words.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}
  bool valid() const { return valid_; }

  Token next() {
    skip_comments();
    if (rest_.empty()) return {};
    const char c = rest_.front();
    if (c == '"') return take(Kind::quoted, closing('"'));
    if (c == '[') return take(Kind::literal, closing(']'));
    constexpr std::string_view specials = "<>,:;@)]\\";
    if (specials.find(c) != std::string_view::npos) return take(Kind::special, 1);
    const auto end = std::find_if(rest_.begin(), rest_.end(), [specials](char other) {
      return is_space(other) || other == '"' || other == '(' || other == '[' ||
             specials.find(other) != std::string_view::npos;
    });
    return take(Kind::word, static_cast<std::size_t>(end - rest_.begin()));
  }

 private:
  Token take(Kind kind, std::size_t length) {
    const Token token{kind, rest_.substr(0, length)};
    rest_.remove_prefix(token.text.size());
    return token;
  }

  /// Length up to the closing character, which a backslash takes its meaning from.
  std::size_t closing(char close) {
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == close) {
        return at + 1;
      }
    }
    valid_ = false;
    return rest_.size();
  }

  void skip_comments() {
    std::size_t at = 0;
    int depth = 0;
    for (; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (c == '(') {
        ++depth;
      } else if (depth == 0 && !is_space(c)) {
        break;
      } else if (c == ')') {
        --depth;
      } else if (c == '\\' && depth > 0) {
        ++at;
      }
    }
    valid_ = valid_ && depth == 0;
    rest_.remove_prefix(std::min(at, rest_.size()));
  }

  std::string_view rest_;
  bool valid_ = true;
};

class Parser {
 public:
  explicit Parser(std::string_view value) : lexer_(value) {}

  MailboxList parse() {
    for (auto token = lexer_.next(); list_.mailboxes.size() < max_mailboxes;
         token = lexer_.next()) {
      if (token.is('<')) {
        finish_angle();
      } else if (token.kind == Kind::end || token.is(',') || token.is(';')) {
        finish_phrase(token);
        if (token.kind == Kind::end) break;
      } else if (token.is(':')) {
        fault(in_group_ || phrase_.empty());
        in_group_ = true;
        phrase_.clear();
      } else {
        fault(token.is('>') || token.is(')') || token.is(']') || token.is('\\'));
        phrase_.push_back(token);
      }
    }
    fault(!lexer_.valid() || in_group_);
    fault(list_.mailboxes.empty() && !had_group_);
    return std::move(list_);
  }

 private:
  void fault(bool there_is) { list_.valid = list_.valid && !there_is; }

  /// A separator or the end: what was collected is an address, or nothing.
  void finish_phrase(const Token& token) {
    fault(token.is(';') && !in_group_);
    if (token.is(';')) {
      in_group_ = false;
      had_group_ = true;
    }
    const bool has_address =
        std::any_of(phrase_.begin(), phrase_.end(), [](const Token& each) { return each.is('@'); });
    if (has_address) {
      add_address(phrase_);
    } else {
      fault(!phrase_.empty());
    }
    phrase_.clear();
  }

  /// After "<": up to ">". A display name in front may hold no "@", but mail programs show the
  /// address in brackets as the author whatever stands there.
  void finish_angle() {
    fault(std::any_of(phrase_.begin(), phrase_.end(),
                      [](const Token& each) { return each.is('@'); }));
    phrase_.clear();
    std::vector<Token> tokens;
    auto token = lexer_.next();
    for (; token.kind != Kind::end && !token.is('>'); token = lexer_.next()) {
      // obs-route (section 4.4): "<@a.example,@b.example:user@c.example>"
      if (token.is(':')) {
        fault(tokens.empty() || !tokens.front().is('@'));
        tokens.clear();
      } else {
        tokens.push_back(token);
      }
    }
    fault(token.kind == Kind::end);
    add_address(tokens);
  }

  /// Words that belong together by dots ("a" . "b" of section 4.4) become one text.
  std::vector<std::string> join(const std::vector<Token>& tokens, std::size_t begin,
                                std::size_t end, Kind other) {
    std::vector<std::string> texts;
    for (auto i = begin; i < end; ++i) {
      fault(tokens[i].kind != Kind::word && tokens[i].kind != other);
      const bool joined =
          !texts.empty() && (texts.back().back() == '.' || tokens[i].text.front() == '.');
      if (!joined) texts.emplace_back();
      texts.back() += tokens[i].text;
    }
    fault(texts.size() != 1);
    return texts;
  }

  /// addr-spec. Where there is too much, the words next to the last "@" count.
  void add_address(const std::vector<Token>& tokens) {
    const auto at = std::find_if(tokens.rbegin(), tokens.rend(),
                                 [](const Token& each) { return each.is('@'); });
    if (at == tokens.rend()) return fault(true);
    const auto position = static_cast<std::size_t>(tokens.rend() - at) - 1;
    const auto local = join(tokens, 0, position, Kind::quoted);
    const auto domain = join(tokens, position + 1, tokens.size(), Kind::literal);
    Mailbox mailbox;
    mailbox.address = (local.empty() ? "" : local.back()) + "@";
    if (!domain.empty()) {
      mailbox.address += domain.front();
      mailbox.domain = DomainName::from_user(domain.front());
    }
    fault(!mailbox.domain && !mailbox.address.ends_with(']'));
    list_.mailboxes.push_back(std::move(mailbox));
  }

  Lexer lexer_;
  MailboxList list_;
  std::vector<Token> phrase_;
  bool in_group_ = false, had_group_ = false;
};

}  // namespace

MailboxList parse_mailboxes(std::string_view value) {
  return Parser(value).parse();
}

Authors read_authors(const std::vector<std::string_view>& values) {
  Authors authors;
  for (const auto value : values) {
    ++authors.fields;
    auto list = parse_mailboxes(value);
    authors.valid = authors.valid && list.valid;
    for (auto& mailbox : list.mailboxes) {
      const bool known =
          !mailbox.domain || std::find(authors.domains.begin(), authors.domains.end(),
                                       *mailbox.domain) != authors.domains.end();
      if (!known) authors.domains.push_back(*mailbox.domain);
      if (authors.mailboxes.size() < max_mailboxes) authors.mailboxes.push_back(std::move(mailbox));
    }
  }
  return authors;
}

}  // namespace maildiag::checks
