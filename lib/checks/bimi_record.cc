#include "checks/bimi_record.h"

#include <algorithm>
#include <array>

#include "core/domain_name.h"
#include "core/tag_list.h"
#include "core/text.h"

namespace maildiag::checks::bimi {

namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 3986 section 2; commas must be encoded (section 4.1 of the draft).
bool has_uri_octets(std::string_view text) {
  constexpr std::string_view others = "-._~:/?#[]@!$&'()*+;=%";
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

/// "https://" and a name with two labels at least; a port and a user are let through.
std::string_view uri_fault(std::string_view uri) {
  if (!has_uri_octets(uri) || uri.find(':') == std::string_view::npos) return "bimi.bad-uri";
  constexpr std::string_view scheme = "https://";
  if (!text::starts_with_ignore_case(uri, scheme)) return "bimi.not-https";
  uri.remove_prefix(scheme.size());
  auto host = uri.substr(0, uri.find_first_of("/?#"));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  const auto name = DomainName::from_user(host.substr(0, host.find(':')));
  return !name || name->label_count() < 2 ? "bimi.bad-uri" : "";
}

/// Only SVG, also compressed, is registered; a name that says something else is an error.
bool names_other_format(std::string_view uri) {
  constexpr std::array<std::string_view, 9> others = {"png", "jpg", "jpeg", "gif", "webp",
                                                      "bmp", "ico", "pem",  "pdf"};
  const auto path = text::ascii_lower(uri.substr(0, uri.find_first_of("?#")));
  const auto end = path.substr(path.rfind('.') + 1);
  return std::find(others.begin(), others.end(), end) != others.end();
}

/// What may become a selector: letters, digits and hyphens, one label.
bool is_prefix(std::string_view text) {
  constexpr std::size_t longest_label = 63;
  return !text.empty() && text.size() <= longest_label &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-'; });
}

class Reader {
 public:
  explicit Reader(std::string_view text) : tags_(parse_tag_list(text)) {
    record_.text = std::string(text);
  }

  Record read() {
    if (!tags_.ok()) {
      const bool duplicate = tags_.fault == TagFault::duplicate;
      add(duplicate ? "bimi.duplicate-tag" : "bimi.syntax", "", tags_.at);
    }
    record_.location = std::string(tags_.get("l"));
    record_.evidence = std::string(tags_.get("a"));
    // A fault may have hidden it.
    if (tags_.find("l") == nullptr && tags_.ok()) add("bimi.no-location", "l", "");
    read_uri("l", record_.location);
    read_uri("a", record_.evidence);
    if (names_other_format(record_.location)) add("bimi.location-format", "l", record_.location);
    if (record_.location.empty() && !record_.evidence.empty()) add("bimi.location-empty", "l", "");
    read_avatar();
    read_local_parts();
    for (const auto& tag : tags_.tags) {
      constexpr std::array<std::string_view, 5> known = {"v", "l", "a", "avp", "lps"};
      if (std::find(known.begin(), known.end(), tag.name) == known.end())
        add("bimi.unknown-tag", tag.name, tag.value);
    }
    return std::move(record_);
  }

 private:
  void add(std::string_view id, std::string_view tag, std::string_view text) {
    if (record_.problems.size() == max_record_problems) return;
    record_.problems.push_back({std::string(id), std::string(tag), std::string(text)});
  }

  void read_uri(std::string_view tag, std::string_view uri) {
    if (uri.empty()) return;
    if (const auto fault = uri_fault(uri); !fault.empty()) add(fault, tag, uri);
  }

  void read_avatar() {
    record_.avatar = "brand";
    if (tags_.find("avp") == nullptr) return;
    const auto value = tags_.get("avp");
    if (value == "brand" || value == "personal") {
      record_.avatar = std::string(value);
    } else {
      add("bimi.bad-avatar", "avp", value);
    }
  }

  /// "true" and "false" in draft -10, a list of prefixes in later ones; empty: every local part.
  void read_local_parts() {
    if (tags_.find("lps") == nullptr || tags_.get("lps") == "false") return;
    record_.local_parts = true;
    const auto value = tags_.get("lps");
    if (value.empty() || value == "true") return;
    for (const auto part : text::split(value, ',')) {
      const auto prefix = text::trim(part);
      if (!is_prefix(prefix)) {
        add("bimi.bad-prefix", "lps", prefix);
      } else if (record_.prefixes.size() < max_prefixes) {
        record_.prefixes.emplace_back(prefix);
      }
    }
  }

  TagList tags_;
  Record record_;
};

}  // namespace

bool is_record(std::string_view text) {
  const auto first = text.substr(0, text.find(';'));
  const auto equals = first.find('=');
  return equals != std::string_view::npos && text::trim(first.substr(0, equals)) == "v" &&
         text::trim(first.substr(equals + 1)) == "BIMI1";
}

bool looks_like_record(std::string_view text) {
  return !is_record(text) && text::contains_ignore_case(text, "bimi1");
}

Record parse_record(std::string_view text) {
  return Reader(text).read();
}

}  // namespace maildiag::checks::bimi
