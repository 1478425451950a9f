#include "checks/whois_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "checks/whois_registration.h"
#include "core/text.h"

namespace maildiag::checks::whois {

namespace {

/// Octets of a key; a sentence with a colon in it is none.
constexpr std::size_t max_key = 64;

std::string key_of(std::string_view text) {
  return text::ascii_lower(clean_text(text));
}

/// "[Domain Name]   EXAMPLE.JP", "a. [Network Number]  192.0.2.0/24" (JPRS, JPNIC), and the
/// headings of KRNIC, which have no value. nullopt: no bracket in front.
std::optional<std::pair<std::string_view, std::string_view>> split_bracket(std::string_view line) {
  if (line.size() > 3 && line[1] == '.' && line[2] == ' ') line = text::trim(line.substr(3));
  if (line.empty() || line.front() != '[') return std::nullopt;
  const auto end = line.find(']');
  if (end == std::string_view::npos || end > max_key) return std::nullopt;
  return std::pair(text::trim(line.substr(1, end - 1)), text::trim(line.substr(end + 1)));
}

class Reader {
 public:
  void read(std::string_view line) {
    const auto plain = text::trim(line);
    if (plain.empty()) {
      waiting_.clear();
      return start({});
    }
    if (plain.front() == '%' || plain.front() == '#') {
      if (result_.remarks.size() < max_lines)
        result_.remarks.push_back(clean_text(plain.substr(1)));
      return;
    }
    if (const auto bracket = split_bracket(plain)) {
      if (bracket->second.empty()) return start(key_of(bracket->first));
      return add(key_of(bracket->first), bracket->second);
    }
    const auto colon = plain.find(':');
    const bool is_field = colon != std::string_view::npos && colon > 0 && colon <= max_key;
    const bool indented = line.front() == ' ' || line.front() == '\t';
    // Nominet and others: the values stand below their key.
    if (!waiting_.empty() && indented && !is_field) return add(waiting_, plain);
    if (!is_field) return;
    auto key = key_of(text::trim(plain.substr(0, colon)));
    const auto value = text::trim(plain.substr(colon + 1));
    if (value.empty()) {
      waiting_ = std::move(key);
    } else {
      if (!indented) waiting_.clear();
      add(std::move(key), value);
    }
  }

  WhoisText take() {
    std::erase_if(result_.blocks, [](const Block& block) { return block.fields.empty(); });
    return std::move(result_);
  }

 private:
  void start(std::string heading) {
    if (!result_.blocks.empty() && result_.blocks.back().fields.empty()) result_.blocks.pop_back();
    result_.blocks.emplace_back();
    result_.blocks.back().heading = std::move(heading);
  }
  void add(std::string key, std::string_view value) {
    if (result_.blocks.empty()) start({});
    result_.blocks.back().fields.push_back({std::move(key), clean_text(value)});
  }

  WhoisText result_;
  std::string waiting_;  // a key without a value yet
};

/// KRNIC tells all twice, under "# KOREAN(UTF8)" and under "# ENGLISH".
std::string_view one_language(std::string_view text, bool korean) {
  const auto first = text.find("# KOREAN"), second = text.find("# ENGLISH");
  if (first == std::string_view::npos || second == std::string_view::npos || second < first)
    return text;
  return korean ? text.substr(first, second - first) : text.substr(second);
}

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [text](std::string_view phrase) {
    return text::contains_ignore_case(text, phrase);
  });
}

/// Of the first block that names one.
std::optional<DomainName> first_server(const WhoisText& text,
                                       std::initializer_list<std::string_view> keys) {
  for (const auto& block : text.blocks) {
    auto server = block.get(keys);
    if (server.empty()) continue;
    constexpr std::string_view scheme = "whois://", port = ":43";
    if (text::starts_with_ignore_case(server, scheme)) server.remove_prefix(scheme.size());
    if (server.ends_with('/')) server.remove_suffix(1);
    if (server.ends_with(port)) server.remove_suffix(port.size());
    // "rwhois://..." is another protocol, and another port another service.
    if (server.find_first_of(":/") != std::string_view::npos) continue;
    const auto name = DomainName::from_user(server);
    if (name && name->label_count() >= 2) return name;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Block::get(std::initializer_list<std::string_view> keys) const {
  for (const auto key : keys) {
    for (const auto& field : fields) {
      if (field.key == key && !field.value.empty()) return field.value;
    }
  }
  return {};
}

WhoisText parse_whois(std::string_view text, bool korean) {
  Reader reader;
  std::size_t count = 0;
  for (const auto line : text::split_lines(one_language(text, korean))) {
    if (++count > max_lines) break;
    reader.read(line.substr(0, max_line));
  }
  return reader.take();
}

WhoisVerdict judge_whois(std::string_view text) {
  // Terms of use fill the end of an answer and speak of limits: the verdict stands in front.
  constexpr std::size_t head = 600;
  constexpr std::array<std::string_view, 9> limits = {
      "%error:201",     "query rate limit",  "limit exceeded",
      "exceeded the",   "too many requests", "access denied",
      "quota exceeded", "connection limit",  "queries per minute"};
  constexpr std::array<std::string_view, 19> misses = {"no match for",
                                                       "no match!!",
                                                       "not found",
                                                       "no entries found",
                                                       "no data found",
                                                       "no object found",
                                                       "no matching record",
                                                       "status: free",
                                                       "status: available",
                                                       "no information available",
                                                       "is not registered",
                                                       "no such domain",
                                                       "does not exist",
                                                       "nothing found",
                                                       "%error:101",
                                                       "등록되어 있지 않은",
                                                       "할당되지 않은",
                                                       "has not been registered",
                                                       "is available for purchase"};
  const auto parsed = parse_whois(text, true);
  const bool has_record =
      std::any_of(parsed.blocks.begin(), parsed.blocks.end(), [](const Block& block) {
        return block.has({"registrar", "created", "creation date", "netname", "netrange", "inetnum",
                          "inet6num", "refer", "aut-num", "asnumber", "changed", "ipv4주소",
                          "ipv4 address", "nserver", "등록일", "registered date", "created on"});
      });
  if (has_record) return WhoisVerdict::record;
  const auto start = text.substr(0, head);
  if (has_any(start, limits)) return WhoisVerdict::rate_limited;
  return has_any(start, misses) ? WhoisVerdict::not_found : WhoisVerdict::record;
}

std::optional<DomainName> find_referral(const WhoisText& text) {
  return first_server(text, {"refer", "referralserver"});
}

std::optional<DomainName> find_registrar_server(const WhoisText& text) {
  return first_server(text, {"registrar whois server", "whois server"});
}

}  // namespace maildiag::checks::whois
