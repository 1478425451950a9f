#include "checks/mta_sts_policy.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/text.h"

namespace maildiag::checks::mta_sts {

using namespace tls_text;

namespace {

/// sub-domain = Let-dig [Ldh-str] (RFC 5321 section 4.1.2)
bool is_label(std::string_view text) {
  constexpr std::size_t longest = 63;
  return !text.empty() && text.size() <= longest && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '-';
         });
}

/// ["*."] Domain
bool is_pattern(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  const auto labels = text::split(text, '.');
  return std::all_of(labels.begin(), labels.end(), is_label) && DomainName::parse(text).has_value();
}

/// Printable, in UTF-8, without blanks at the ends.
bool is_extension(std::string_view text) {
  return !text.empty() && text::to_valid_utf8(text) == text &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto octet = static_cast<unsigned char>(c);
           return octet >= 0x20 && octet != 0x7f;
         });
}

/// 1*10(DIGIT); nullopt: none, or more seconds than can be said.
std::optional<std::uint32_t> seconds_of(std::string_view text) {
  constexpr std::size_t longest = 10;
  std::uint32_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.size() > longest || read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return std::nullopt;
  return seconds;
}

class Reader {
 public:
  Policy read(std::string_view octets) {
    read_lines(octets);
    if (!seen_.contains("version")) add("mta-sts.policy-version", Severity::critical, "");
    if (!seen_.contains("mode")) add("mta-sts.policy-mode", Severity::critical, "");
    if (!seen_.contains("max_age")) add("mta-sts.policy-max-age", Severity::critical, "");
    const bool needs_hosts = policy_.mode && *policy_.mode != Mode::none;
    if (needs_hosts && !seen_.contains("mx")) add("mta-sts.policy-no-mx", Severity::critical, "");
    return std::move(policy_);
  }

 private:
  void add(std::string_view id, Severity severity, std::string_view text) {
    add_problem(policy_.problems, {std::string(id), severity, std::string(text), line_});
  }

  /// sts-policy-term = LF / CRLF; the last line needs none.
  void read_lines(std::string_view octets) {
    while (!octets.empty()) {
      ++line_;
      const auto end = octets.find('\n');
      auto line = octets.substr(0, end);
      octets.remove_prefix(end == std::string_view::npos ? octets.size() : end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      read_line(line);
    }
    line_ = 0;
  }

  void read_line(std::string_view line) {
    const auto rest = trim_blanks(line);
    if (rest.empty()) {  // against the grammar; senders are known to let it pass
      add("mta-sts.policy-blank-line", Severity::warning, "");
      return;
    }
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string_view::npos || !is_field_name(name)) {
      add("mta-sts.policy-syntax", Severity::critical, line);
      return;
    }
    const auto value = trim_blanks(line.substr(colon + 1));
    const bool first = seen_.size() > max_fields || seen_.emplace(name).second;
    if (name == "mx") {
      read_pattern(value);
    } else if (!first) {  // section 3.2: all but the first are ignored
      add("mta-sts.policy-duplicate-field", Severity::warning, name);
    } else {
      read_field(name, value);
    }
  }

  void read_pattern(std::string_view value) {
    if (!is_pattern(value)) {
      add("mta-sts.policy-mx", Severity::critical, value);
    } else if (policy_.patterns.size() < max_patterns) {
      policy_.patterns.emplace_back(value);
    }
  }

  void read_field(std::string_view name, std::string_view value) {
    if (name == "version") {
      if (value != "STSv1") add("mta-sts.policy-version", Severity::critical, value);
    } else if (name == "mode") {
      for (const auto mode : {Mode::enforce, Mode::testing, Mode::none}) {
        if (value == to_string(mode)) policy_.mode = mode;
      }
      if (!policy_.mode) add("mta-sts.policy-mode", Severity::critical, value);
    } else if (name == "max_age") {
      policy_.max_age = seconds_of(value);
      if (!policy_.max_age || *policy_.max_age > max_max_age)
        add("mta-sts.policy-max-age", Severity::critical, value);
    } else if (is_extension(value)) {
      add("mta-sts.policy-unknown-field", Severity::info, name);
    } else {
      add("mta-sts.policy-syntax", Severity::critical, name);
    }
  }

  Policy policy_;
  std::set<std::string, std::less<>> seen_;
  std::size_t line_ = 0;
};

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::enforce:
      return "enforce";
    case Mode::testing:
      return "testing";
    case Mode::none:
      break;
  }
  return "none";
}

Policy parse_policy(std::string_view octets) {
  return Reader().read(octets);
}

bool matches(std::string_view pattern, const DomainName& host) {
  const bool any = pattern.starts_with("*.");
  const auto name = DomainName::parse(any ? pattern.substr(2) : pattern);
  return name && *name == (any ? host.parent() : host);
}

}  // namespace maildiag::checks::mta_sts
