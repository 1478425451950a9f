#include "checks/tls_rpt_record.h"

#include <algorithm>

#include "core/domain_name.h"
#include "core/text.h"

namespace maildiag::checks::tls_rpt {

using namespace tls_text;

namespace {

constexpr std::string_view version = "v=TLSRPTv1";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// RFC 3986 section 2, without "!", "," and ";", which must be encoded (RFC 8460 section 3).
bool has_uri_octets(std::string_view text) {
  constexpr std::string_view others = "-._~:/?#[]@$&'()*+=";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_alphanumeric(text[i]) && others.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_host(std::string_view text) {
  const auto name = DomainName::from_user(text);
  return name && name->label_count() > 1;
}

/// local@domain, once (RFC 6068 section 2).
bool is_mailbox(std::string_view text) {
  const auto address = text.substr(0, text.find('?'));
  const auto at = address.find('@');
  return at != std::string_view::npos && at > 0 &&
         address.find('@', at + 1) == std::string_view::npos && is_host(address.substr(at + 1));
}

bool is_web_address(std::string_view text) {
  if (!text.starts_with("//")) return false;
  auto host = text.substr(2, text.substr(2).find_first_of("/?#"));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host.starts_with('[')) return host.find(']') != std::string_view::npos;
  return is_host(host.substr(0, host.find(':')));
}

/// A finding's id, empty for a good one.
std::string_view uri_fault(std::string_view uri) {
  const auto colon = uri.find(':');
  if (!has_uri_octets(uri) || colon == std::string_view::npos) return "tls-rpt.bad-uri";
  const auto scheme = uri.substr(0, colon);
  const auto rest = uri.substr(colon + 1);
  if (text::equals_ignore_case(scheme, "mailto")) return is_mailbox(rest) ? "" : "tls-rpt.bad-uri";
  if (text::equals_ignore_case(scheme, "https"))
    return is_web_address(rest) ? "" : "tls-rpt.bad-uri";
  return "tls-rpt.uri-scheme";
}

void note(Record& record, std::string_view id, Severity severity, std::string_view text) {
  add_problem(record.problems, {std::string(id), severity, std::string(text)});
}

void read_uris(std::string_view value, Record& record) {
  std::size_t count = 0;
  for (const auto part : text::split(value, ',')) {
    if (++count > max_uris) return;
    const auto uri = trim_blanks(part);
    const auto fault = uri_fault(uri);
    if (fault.empty()) {
      record.uris.emplace_back(uri);
    } else {  // others may do: whether the record is lost is decided at its end
      note(record, fault, Severity::warning, uri);
    }
  }
}

}  // namespace

bool is_record(std::string_view text) {
  return has_version(text, version);
}

bool looks_like_record(std::string_view text) {
  return !is_record(text) && text::contains_ignore_case(text, "tlsrptv1");
}

Record parse_record(std::string_view text) {
  Record record;
  record.text = std::string(text);
  const auto fields = read_fields(text, version);
  std::size_t destinations = 0;
  for (const auto& field : fields.fields) {
    if (field.name == "rua") {
      ++destinations;
      read_uris(field.value, record);
    } else if (is_extension_value(field.value)) {
      note(record, "tls-rpt.unknown-field", Severity::info, field.name);
    } else {
      note(record, "tls-rpt.syntax", Severity::critical, field.name + "=" + field.value);
    }
  }
  if (!fields.valid) {
    note(record, "tls-rpt.syntax", Severity::critical, fields.at);
  } else if (record.uris.empty()) {
    note(record, "tls-rpt.no-destination", Severity::critical, "");
  }
  if (destinations > 1) note(record, "tls-rpt.several-rua", Severity::info, "");
  if (fields.odd_space) note(record, "tls-rpt.odd-space", Severity::warning, "");
  return record;
}

}  // namespace maildiag::checks::tls_rpt
