#include "core/typed_domain.h"

#include <algorithm>
#include <memory>
#include <string>

#include <idn2.h>

#include "core/text.h"

namespace maildiag {

namespace {

bool is_idn(const std::string& label) {
  char* decoded = nullptr;
  const int status = idn2_to_unicode_8z8z(label.c_str(), &decoded, 0);
  const std::unique_ptr<char, decltype(&idn2_free)> owner(decoded, &idn2_free);
  if (status != IDN2_OK || decoded == nullptr) return false;
  const std::string_view text(decoded);
  const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  bool ascii = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (octet(at) < 0x20 || octet(at) == 0x7f) return false;
    // U+0080 to U+009F, the C1 controls, are C2 80 to C2 9F in UTF-8.
    if (octet(at) == 0xc2 && at + 1 < text.size() && octet(at + 1) < 0xa0) return false;
    ascii = ascii && octet(at) < 0x80;
  }
  return !ascii;
}

}  // namespace

std::optional<DomainName> domain_from_user(std::string_view text) {
  auto name = DomainName::from_user(text);
  if (!name) return std::nullopt;
  const auto labels = name->labels();
  const auto is_sound = [](const std::string& label) {
    return !text::ascii_lower(label).starts_with("xn--") || is_idn(label);
  };
  if (!std::all_of(labels.begin(), labels.end(), is_sound)) return std::nullopt;
  return name;
}

bool ends_in_number(const DomainName& name) {
  if (name.is_root()) return false;
  const auto label = text::ascii_lower(name.labels().back());
  const bool hexadecimal = label.starts_with("0x");
  const auto* const digits = hexadecimal ? "0123456789abcdef" : "0123456789";
  return label.find_first_not_of(digits, hexadecimal ? 2 : 0) == std::string::npos;
}

std::optional<DomainName> host_from_user(std::string_view text) {
  if (text.find('/') != std::string_view::npos) return std::nullopt;
  auto name = DomainName::from_user(text);
  if (!name || name->label_count() < 2 || ends_in_number(*name)) return std::nullopt;
  // No top-level domain is without letters.
  const auto last = name->labels().back();
  if (last.find_first_not_of("0123456789-") == std::string::npos) return std::nullopt;
  return name;
}

}  // namespace maildiag
