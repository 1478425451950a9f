#include "rulebook/matcher.h"

#include <algorithm>
#include <bitset>

#include "core/text.h"
#include "rulebook/loader/literal_ways.h"
#include "rulebook/loader/re2_options.h"

namespace maildiag::rulebook {
namespace {

bool status_matches(std::string_view pattern, std::string_view status) {
  // Most patterns are a status and the reply has another one.
  if (pattern.find('*') == std::string_view::npos) return pattern == status;
  for (;;) {
    const auto end = std::min(pattern.find('.'), pattern.size());
    const auto status_end = std::min(status.find('.'), status.size());
    const auto wanted = pattern.substr(0, end);
    const auto component = status.substr(0, status_end);
    if (component.empty() || (wanted != "*" && wanted != component)) return false;
    const bool last = end == pattern.size();
    if (last != (status_end == status.size())) return false;
    if (last) return true;
    pattern.remove_prefix(end + 1);
    status.remove_prefix(status_end + 1);
  }
}

// "mx1.example.net." is under "example.net"; "badexample.net" is not.
bool is_under(std::string_view host, std::string_view suffix) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < suffix.size() || suffix.empty()) return false;
  const auto border = host.size() - suffix.size();
  return text::equals_ignore_case(host.substr(border), suffix) &&
         (border == 0 || host[border - 1] == '.');
}

bool is_under_any(std::string_view host, Strings suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](auto suffix) { return is_under(host, suffix); });
}

std::unique_ptr<const RE2> compile(std::string_view pattern) {
  return std::make_unique<const RE2>(re2::StringPiece(pattern.data(), pattern.size()),
                                     pattern_options());
}

/// Most patterns name none, and to compile one takes longer than all else that a reply costs.
bool may_name_groups(std::string_view pattern) {
  return pattern.find("(?P<") != std::string_view::npos ||
         pattern.find("(?<") != std::string_view::npos;
}

bool is_of_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "domain" as a whole: "example.net.kr" is another than "example.net". A Korean particle may follow
// without a space, and only there octets beyond ASCII are no letters.
bool begins_with_domain(std::string_view text, std::string_view domain) {
  if (!text.starts_with(domain)) return false;
  text.remove_prefix(domain.size());
  if (text.starts_with('.')) text.remove_prefix(1);
  return text.empty() || static_cast<unsigned char>(text[0]) >= 0x80 || !is_of_name(text[0]);
}

// "mail.example.net" is another than "example.net", too.
bool holds_domain(std::string_view folded, std::string_view domain) {
  if (domain.find('.') == std::string_view::npos) return false;
  for (auto at = folded.find(domain); at != std::string::npos; at = folded.find(domain, at + 1)) {
    const bool begins = at == 0 || (folded[at - 1] != '.' && !is_of_name(folded[at - 1]));
    if (begins && begins_with_domain(folded.substr(at), domain)) return true;
  }
  return false;
}

bool holds_other_address(std::string_view folded, std::string_view domain) {
  for (auto at = folded.find('@'); at != std::string::npos; at = folded.find('@', at + 1)) {
    const auto host = folded.substr(at + 1);
    if (host.empty() || (host[0] != '[' && !is_of_name(host[0]))) continue;
    if (!begins_with_domain(host, domain)) return true;
  }
  return false;
}

std::string folded_domain(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return text::ascii_lower(domain);
}

/// Nearly every literal is told absent by two look-ups among the pairs of neighbouring octets that
/// the text holds.
class LiteralSearch {
 public:
  explicit LiteralSearch(std::string_view folded) : folded_(folded) {
    for (std::size_t i = 1; i < folded_.size(); ++i) pairs_.set(pair(folded_[i - 1], folded_[i]));
  }

  /// True where nothing is asked for.
  bool has_any(Strings literals) const {
    return literals.empty() || std::any_of(literals.begin(), literals.end(),
                                           [this](auto literal) { return has(literal); });
  }

 private:
  static constexpr unsigned pair_bits = 16;

  static std::size_t pair(char a, char b) {
    const auto both =
        std::uint32_t{static_cast<unsigned char>(a)} << 8 | static_cast<unsigned char>(b);
    return both * 0x9E3779B1U >> (32 - pair_bits);
  }
  bool has(std::string_view literal) const {
    const auto size = literal.size();
    if (size >= 2 && !(pairs_.test(pair(literal[0], literal[1])) &&
                       pairs_.test(pair(literal[size - 2], literal[size - 1])))) {
      return false;
    }
    return folded_.find(literal) != std::string_view::npos;
  }

  std::string_view folded_;
  std::bitset<std::size_t{1} << pair_bits> pairs_;
};

}  // namespace

bool guards_hold(const Rule& rule, std::span<const Provider> providers, const ReplyView& reply) {
  if (!rule.reply.empty() &&
      std::find(rule.reply.begin(), rule.reply.end(), reply.code) == rule.reply.end()) {
    return false;
  }
  if (!rule.status.empty() &&
      std::none_of(rule.status.begin(), rule.status.end(),
                   [&](auto pattern) { return status_matches(pattern, reply.status); })) {
    return false;
  }
  if (!rule.from_provider) return true;
  const Provider* provider = find_by_id(providers, rule.provider);
  return provider != nullptr && (is_under_any(reply.remote_host, provider->mx) ||
                                 is_under_any(reply.recipient_domain, provider->domains));
}

bool names_hold(const Rule& rule, const ReplyView& reply) {
  if (rule.names.empty()) return true;
  auto named = folded_domain(reply.sender_domain), other = folded_domain(reply.recipient_domain);
  if (rule.names == "recipient") named.swap(other);
  const auto folded = text::ascii_lower(reply.text);
  return holds_domain(folded, named) && !holds_domain(folded, other) &&
         !holds_other_address(folded, named);
}

Matcher::Matcher(const Tables& tables)
    : tables_(tables), compiled_(std::make_unique<Compiled[]>(tables.rules.size())) {}

const RE2& Matcher::pattern(std::size_t index) const {
  auto& compiled = compiled_[index];
  std::call_once(compiled.once, [&] { compiled.pattern = compile(tables_.rules[index].match); });
  return *compiled.pattern;
}

// Asked of few replies, those that the rule matches: RE2 is fast enough.
bool Matcher::is_excepted(std::size_t index, std::string_view text) const {
  const auto source = tables_.rules[index].unless;
  if (source.empty()) return false;
  auto& compiled = compiled_[index];
  std::call_once(compiled.unless_once, [&] { compiled.unless = compile(source); });
  const auto read = text.substr(0, max_matched_bytes);
  return RE2::PartialMatch(re2::StringPiece(read.data(), read.size()), *compiled.unless);
}

Match Matcher::match(const ReplyView& reply) const {
  auto view = reply;
  view.text = view.text.substr(0, max_matched_bytes);
  const FoldedText text(view.text);
  const LiteralSearch search(text.folded);
  const TextGrams grams(text.folded);
  return match_with(view, [&](std::size_t index) {
    const auto& rule = tables_.rules[index];
    return search.has_any(rule.literals) && grams.may_be_in(rule.ways) && matches(index, text);
  });
}

bool Matcher::matches(std::size_t index, const FoldedText& text) const {
  if (tables_.rules[index].literals_suffice) return true;
  auto& compiled = compiled_[index];
  std::call_once(compiled.looked_at, [&] {
    if (auto program = PatternProgram::compile(tree_of(tables_.rules[index].match)))
      compiled.program = std::make_unique<const PatternProgram>(std::move(*program));
  });
  if (compiled.program) {
    if (const auto found = compiled.program->matches(text)) return *found;
  }
  const re2::StringPiece piece(text.text.data(), text.text.size());
  return pattern(index).Match(piece, 0, piece.size(), RE2::UNANCHORED, nullptr, 0);
}

std::vector<std::pair<std::string, std::string>> Matcher::facts(std::size_t index,
                                                                std::string_view text) const {
  if (tables_.rules[index].match.empty()) return {};
  auto result = named_groups(index, text);
  const auto list = tables_.rules[index].list;
  const bool named = std::any_of(result.begin(), result.end(),
                                 [](const auto& each) { return each.first == "list"; });
  if (!list.empty() && !named) result.emplace_back("list", list);
  return result;
}

std::vector<std::pair<std::string, std::string>> Matcher::named_groups(
    std::size_t index, std::string_view text) const {
  std::vector<std::pair<std::string, std::string>> result;
  if (!may_name_groups(tables_.rules[index].match)) return result;
  const RE2& compiled = pattern(index);
  const auto count = static_cast<std::size_t>(compiled.NumberOfCapturingGroups());
  std::vector<re2::StringPiece> groups(count + 1);
  const re2::StringPiece input(text.data(), text.size());
  if (!compiled.Match(input, 0, input.size(), RE2::UNANCHORED, groups.data(),
                      static_cast<int>(groups.size()))) {
    return result;
  }
  // A name stands for one group only: RE2 refuses a second one.
  for (const auto& [group, name] : compiled.CapturingGroupNames()) {
    const auto& value = groups[static_cast<std::size_t>(group)];
    if (!value.empty()) result.emplace_back(name, std::string(value.data(), value.size()));
  }
  return result;
}

}  // namespace maildiag::rulebook
