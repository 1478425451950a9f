#include "checks/dmarc_record.h"

#include <algorithm>
#include <array>

#include "core/tag_list.h"
#include "core/text.h"

namespace maildiag::checks::dmarc {

namespace {

constexpr std::array<std::string_view, 11> known_tags{"v",   "p",   "sp",    "np",   "psd", "t",
                                                      "rua", "ruf", "adkim", "aspf", "fo"};
constexpr std::array<std::string_view, 3> withdrawn_tags{"pct", "rf", "ri"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// dmarc-value: printing characters but the semicolon.
bool is_value(std::string_view value) {
  return !value.empty() &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

std::optional<Policy> policy_of(std::string_view value) {
  for (const auto policy : {Policy::none, Policy::quarantine, Policy::reject}) {
    if (text::equals_ignore_case(value, to_string(policy))) return policy;
  }
  return std::nullopt;
}

/// dmarc-fo: "0" or "1" at most once and not both, "d" and "s" at most once each.
bool is_fo(std::string_view value) {
  bool number = false, d = false, s = false;
  for (const auto part : text::split(value, ':')) {
    const auto option = text::ascii_lower(trim_blanks(part));
    bool& seen = option == "d" ? d : option == "s" ? s : number;
    if (seen || (option != "0" && option != "1" && option != "d" && option != "s")) return false;
    seen = true;
  }
  return true;
}

std::optional<int> percentage(std::string_view value) {
  if (value.empty() || value.size() > 3) return std::nullopt;
  int number = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number <= 100 ? std::optional(number) : std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string_view text) { record_.text = std::string(text); }

  Record parse() {
    const std::string text = record_.text;
    std::size_t parts = 0;
    for (std::size_t start = 0; start < text.size(); ++parts) {
      const auto end = std::min(text.find(';', start), text.size());
      const auto part = trim_blanks(std::string_view(text).substr(start, end - start));
      if (parts == max_tags) {
        note(Fault::too_many, {}, part);
        break;
      }
      const bool after_last = part.empty() && end == text.size();
      if (!after_last) read_part(part, parts);
      start = end + 1;
    }
    return std::move(record_);
  }

 private:
  void note(Fault fault, std::string_view tag, std::string_view text) {
    record_.problems.push_back({fault, std::string(tag), std::string(text)});
  }

  /// Section 4.8: a syntax error is discarded, the rest of the record counts.
  void read_part(std::string_view part, std::size_t position) {
    const auto list = parse_tag_list(part);
    if (!list.ok() || list.tags.empty() || !is_value(list.tags.front().value))
      return note(Fault::syntax, {}, part);
    const auto& tag = list.tags.front();
    if (position == 0) {
      if (tag.name == "V") note(Fault::version_case, "v", tag.name);
      return seen_.push_back("v");
    }
    if (contains(seen_, tag.name)) return note(Fault::duplicate, tag.name, tag.value);
    seen_.push_back(tag.name);
    record_.tags.push_back(tag);
    if (tag.name == "p") record_.p_is_second = position == 1;
    read_tag(tag.name, tag.value);
  }

  void read_tag(const std::string& name, const std::string& value) {
    if (name == "p" || name == "sp" || name == "np") return read_policy(name, value);
    if (name == "rua" || name == "ruf") {
      auto uris = parse_uris(name, value, record_.problems);
      record_.uris.insert(record_.uris.end(), uris.begin(), uris.end());
      return;
    }
    if (contains(known_tags, name)) return read_option(name, text::ascii_lower(value));
    if (contains(withdrawn_tags, name)) return read_withdrawn(name, value);
    const auto lower = text::ascii_lower(name);
    note(contains(known_tags, lower) ? Fault::tag_case : Fault::unknown_tag, name, value);
  }

  void read_policy(const std::string& name, const std::string& value) {
    const auto policy = policy_of(value);
    if (!policy) note(Fault::bad_policy, name, value);
    auto& slot = name == "p" ? record_.p : name == "sp" ? record_.sp : record_.np;
    auto& has = name == "p" ? record_.has_p : name == "sp" ? record_.has_sp : record_.has_np;
    slot = policy;
    has = true;
  }

  void read_option(const std::string& name, const std::string& value) {
    bool good = false;
    if (name == "adkim" || name == "aspf") {
      good = value == "r" || value == "s";
      auto& mode = name == "adkim" ? record_.adkim : record_.aspf;
      if (value == "s") mode = AlignmentMode::strict;
    } else if (name == "psd") {
      good = value == "y" || value == "n" || value == "u";
      if (value == "y") record_.psd = Psd::yes;
      if (value == "n") record_.psd = Psd::no;
    } else if (name == "t") {
      good = value == "y" || value == "n";
      record_.test_mode = value == "y";
    } else if (name == "fo") {
      good = is_fo(value);
      record_.has_fo = true;
    }
    if (!good) note(Fault::bad_value, name, value);
  }

  void read_withdrawn(const std::string& name, const std::string& value) {
    if (name == "pct") record_.pct = percentage(value);
    const bool partly = record_.pct && *record_.pct < 100 && name == "pct";
    note(partly ? Fault::withdrawn_pct : Fault::withdrawn_tag, name, value);
  }

  Record record_;
  std::vector<std::string> seen_;
};

}  // namespace

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::none:
      return "none";
    case Policy::quarantine:
      return "quarantine";
    case Policy::reject:
      return "reject";
  }
  return "none";
}

Policy lowered(Policy policy) {
  return policy == Policy::reject ? Policy::quarantine : Policy::none;
}

std::string_view to_string(AlignmentMode mode) {
  return mode == AlignmentMode::strict ? "strict" : "relaxed";
}

bool Record::has_reports(std::string_view tag) const {
  return std::any_of(uris.begin(), uris.end(),
                     [tag](const ReportUri& uri) { return uri.tag == tag; });
}

bool Record::has_valid_policies() const {
  return p && (sp || !has_sp) && (np || !has_np);
}

bool is_record(std::string_view text) {
  // The ABNF has no blank before the version, but blanks around "=" and before ";". "v" is a
  // case-insensitive literal (RFC 5234 section 2.3), DMARC1 is not.
  if (text.empty() || (text.front() != 'v' && text.front() != 'V')) return false;
  const auto first = text.substr(1, text.find(';') - 1);
  const auto equals = trim_blanks(first);
  return equals.starts_with('=') && trim_blanks(equals.substr(1)) == "DMARC1";
}

bool looks_like_record(std::string_view text) {
  constexpr std::size_t looked_at = 512;
  if (is_record(text)) return false;
  const auto start = text.substr(0, looked_at);
  return text::contains_ignore_case(start, "dmarc1") ||
         text::starts_with_ignore_case(start, "v=dmarc");
}

Record parse_record(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace maildiag::checks::dmarc
