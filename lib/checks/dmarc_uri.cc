#include <algorithm>

#include "checks/dmarc_record.h"
#include "core/text.h"

namespace maildiag::checks::dmarc {

namespace {

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Percent-decoded; nullopt: an octet that no URI may hold (RFC 3986 section 2), a broken escape.
std::optional<std::string> decoded(std::string_view text) {
  constexpr std::string_view others = "-._~:/?#[]@$&'()*+=";  // "!", "," and ";" must be encoded
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (is_alpha(c) || is_digit(c) || others.find(c) != std::string_view::npos) {
      out += c;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
         });
}

/// obs-dmarc-report-size = "!" 1*DIGIT [ "k" / "m" / "g" / "t" ]
bool is_report_size(std::string_view text) {
  if (!text.starts_with('!')) return false;
  text.remove_prefix(1);
  constexpr std::string_view units = "kmgtKMGT";
  if (!text.empty() && units.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// The host of one address (RFC 6068 section 2); a list of addresses is no destination.
std::optional<DomainName> mailbox_host(std::string_view path) {
  const auto address = decoded(path.substr(0, path.find('?')));
  if (!address) return std::nullopt;
  const auto at = address->find('@');
  if (at == 0 || at == std::string::npos ||
      address->find_first_of("@,", at + 1) != std::string::npos)
    return std::nullopt;
  return DomainName::from_user(std::string_view(*address).substr(at + 1));
}

std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::vector<ReportUri> parse_uris(std::string_view tag, std::string_view value,
                                  std::vector<Problem>& problems) {
  std::vector<ReportUri> uris;
  const auto note = [&problems, tag](Fault fault, std::string_view text) {
    problems.push_back({fault, std::string(tag), std::string(text)});
  };
  std::size_t count = 0;
  for (std::size_t start = 0; start <= value.size();) {
    const auto end = std::min(value.find(',', start), value.size());
    auto text = trim_blanks(value.substr(start, end - start));
    start = end + 1;
    if (++count > max_uris) {
      note(Fault::too_many_uris, text);
      break;
    }
    if (const auto mark = text.rfind('!');
        mark != std::string_view::npos && is_report_size(text.substr(mark))) {
      note(Fault::report_size, text);
      text = text.substr(0, mark);
    }
    const auto colon = text.find(':');
    const auto scheme = text.substr(0, colon);
    if (colon == std::string_view::npos || !is_scheme(scheme) || !decoded(text.substr(colon + 1)) ||
        colon + 1 == text.size()) {
      note(Fault::bad_uri, text);
      continue;
    }
    ReportUri uri{std::string(tag), std::string(text), std::nullopt};
    if (text::equals_ignore_case(scheme, "mailto")) {
      uri.host = mailbox_host(text.substr(colon + 1));
      if (!uri.host) {
        note(Fault::bad_uri, text);
        continue;
      }
    } else {
      note(Fault::uri_scheme, text);
    }
    uris.push_back(std::move(uri));
  }
  return uris;
}

}  // namespace maildiag::checks::dmarc
