#include "core/domain_name.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <fmt/format.h>
#include <idn2.h>

#include "core/ip_address.h"
#include "core/octet_word.h"
#include "core/text.h"

namespace maildiag {

namespace {

constexpr std::size_t max_label = 63;  // RFC 1035 section 2.3.4
constexpr std::size_t max_wire = 255;

unsigned char lower(char octet) {
  const auto value = static_cast<unsigned char>(octet);
  return value >= 'A' && value <= 'Z' ? static_cast<unsigned char>(value + 32) : value;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Appends one label to a wire name that has no final zero yet; false if a limit is passed.
bool append_label(std::string& wire, std::string_view label) {
  if (label.empty() || label.size() > max_label || wire.size() + label.size() + 2 > max_wire)
    return false;
  wire += static_cast<char>(label.size());
  wire += label;
  return true;
}

/// Reads one octet of presentation form at `at` (after a backslash: \DDD or \X) and moves `at` past
/// it.
std::optional<char> read_escape(std::string_view text, std::size_t& at) {
  if (at + 1 >= text.size()) return std::nullopt;
  if (!is_digit(text[at + 1])) {
    at += 2;
    return text[at - 1];
  }
  if (at + 3 >= text.size() || !is_digit(text[at + 2]) || !is_digit(text[at + 3]))
    return std::nullopt;
  const int value = (text[at + 1] - '0') * 100 + (text[at + 2] - '0') * 10 + (text[at + 3] - '0');
  if (value > 255) return std::nullopt;
  at += 4;
  return static_cast<char>(value);
}

/// The A-label of a label with octets outside ASCII; others are returned as they are (STD3 rules
/// would delete underscores).
std::optional<std::string> to_a_label(std::string_view label) {
  if (std::ranges::all_of(label, [](char c) { return static_cast<unsigned char>(c) < 128; }))
    return std::string(label);
  // libidn2 would take what stands before it: "paypal\0é.com" for paypal.com.
  if (label.find('\0') != std::string_view::npos) return std::nullopt;
  char* converted = nullptr;
  const std::string terminated(label);
  const int status =
      idn2_to_ascii_8z(terminated.c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, decltype(&idn2_free)> owner(converted, &idn2_free);
  if (status != IDN2_OK || converted == nullptr) return std::nullopt;
  return std::string(converted);
}

bool is_host_octet(char c) {
  static constexpr auto table = [] {
    std::array<bool, 256> host{};
    for (const char each : std::string_view("0123456789abcdefghijklmnopqrstuvwxyz"
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_/"))
      host[static_cast<unsigned char>(each)] = true;
    return host;
  }();
  return table[static_cast<unsigned char>(c)];
}

/// A label as text. Nearly all are those of hosts, in which nothing is escaped.
void append_shown(std::string& text, std::string_view label) {
  if (std::ranges::all_of(label, is_host_octet)) {
    text += label;
    return;
  }
  for (const char c : label) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= 32 || octet >= 127) {
      fmt::format_to(std::back_inserter(text), "\\{:03}", octet);
    } else {
      if (std::string_view(".\\\"();@$").find(c) != std::string_view::npos) text += '\\';
      text += c;
    }
  }
}

}  // namespace

std::optional<DomainName> DomainName::parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text == ".") return DomainName();
  std::string wire, label;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '.') {
      if (!append_label(wire, label)) return std::nullopt;
      label.clear();
      ++at;
    } else if (text[at] == '\\') {
      const auto octet = read_escape(text, at);
      if (!octet) return std::nullopt;
      label += *octet;
    } else {
      label += text[at++];
    }
  }
  if (!label.empty() && !append_label(wire, label)) return std::nullopt;
  wire += '\0';
  return DomainName(std::move(wire));
}

std::optional<DomainName> DomainName::from_labels(const std::vector<std::string>& labels) {
  std::string wire;
  for (const auto& label : labels) {
    if (!append_label(wire, label)) return std::nullopt;
  }
  wire += '\0';
  return DomainName(std::move(wire));
}

std::optional<DomainName> DomainName::from_wire(std::string_view wire) {
  if (wire.empty() || wire.size() > max_wire) return std::nullopt;
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != 0) {
    const auto length = static_cast<unsigned char>(wire[at]);
    if (length > max_label) return std::nullopt;
    at += length + 1U;
  }
  if (at + 1 != wire.size()) return std::nullopt;
  return DomainName(std::string(wire));
}

std::optional<DomainName> DomainName::from_user(std::string_view text) {
  text = text::trim(text);
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 1024 || IpAddress::parse(text)) return std::nullopt;
  std::vector<std::string> labels;
  for (const auto part : text::split(text, '.')) {
    auto label = to_a_label(part);
    if (!label || !std::ranges::all_of(*label, is_host_octet)) return std::nullopt;
    labels.push_back(std::move(*label));
  }
  auto name = from_labels(labels);
  // IDNA maps full-width digits to digits and drops zero-width spaces: an address came out of it.
  if (name && IpAddress::parse(name->to_string())) return std::nullopt;
  return name;
}

std::size_t DomainName::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; wire_[at] != 0; at += static_cast<unsigned char>(wire_[at]) + 1U)
    ++count;
  return count;
}

std::vector<std::string> DomainName::labels() const {
  std::vector<std::string> labels;
  for (std::size_t at = 0; wire_[at] != 0;) {
    const auto length = static_cast<unsigned char>(wire_[at]);
    labels.push_back(wire_.substr(at + 1, length));
    at += length + 1U;
  }
  return labels;
}

std::string DomainName::to_string() const {
  if (is_root()) return ".";
  std::string text;
  text.reserve(wire_.size());
  for (std::size_t at = 0; wire_[at] != 0;) {
    const auto length = static_cast<unsigned char>(wire_[at]);
    if (!text.empty()) text += '.';
    append_shown(text, std::string_view(wire_).substr(at + 1, length));
    at += length + 1U;
  }
  return text;
}

std::string DomainName::key() const {
  return text::ascii_lower(to_string());
}

DomainName DomainName::parent() const {
  if (is_root()) return *this;
  return DomainName(wire_.substr(static_cast<unsigned char>(wire_[0]) + 1U));
}

DomainName DomainName::suffix(std::size_t count) const {
  DomainName name = *this;
  for (std::size_t surplus = label_count(); surplus > count; --surplus) name = name.parent();
  return name;
}

bool DomainName::is_under(const DomainName& ancestor) const {
  const std::size_t own = label_count(), other = ancestor.label_count();
  return own >= other && suffix(other) == ancestor;
}

std::optional<DomainName> DomainName::child(std::string_view text) const {
  const auto front = parse(text);
  return front ? prepend(*front) : std::nullopt;
}

std::optional<DomainName> DomainName::prepend(const DomainName& front) const {
  if (front.wire_.size() + wire_.size() - 1 > max_wire) return std::nullopt;
  return DomainName(front.wire_.substr(0, front.wire_.size() - 1) + wire_);
}

bool operator==(const DomainName& a, const DomainName& b) {
  const std::string_view x = a.wire_, y = b.wire_;
  if (x.size() != y.size()) return false;
  if (x == y) return true;
  std::size_t at = 0;
  for (; at + word_size <= x.size(); at += word_size) {
    if (lower_word(word_at(x.data() + at)) != lower_word(word_at(y.data() + at))) return false;
  }
  return lower_word(word_of_rest(x.substr(at))) == lower_word(word_of_rest(y.substr(at)));
}

std::strong_ordering operator<=>(const DomainName& a, const DomainName& b) {
  return std::lexicographical_compare_three_way(
      a.wire_.begin(), a.wire_.end(), b.wire_.begin(), b.wire_.end(),
      [](char x, char y) { return lower(x) <=> lower(y); });
}

}  // namespace maildiag

std::size_t std::hash<maildiag::DomainName>::operator()(
    const maildiag::DomainName& name) const noexcept {
  // Over the lower-cased wire form; the shift brings the upper octets of a word, where the factor
  // carries them, back down.
  const std::string_view wire = name.wire();
  std::uint64_t value = wire.size();
  const auto mix = [&value](std::uint64_t word) {
    value = (value ^ maildiag::lower_word(word)) * 0x9e3779b97f4a7c15U;
    value ^= value >> 32U;
  };
  std::size_t at = 0;
  for (; at + maildiag::word_size <= wire.size(); at += maildiag::word_size)
    mix(maildiag::word_at(wire.data() + at));
  mix(maildiag::word_of_rest(wire.substr(at)));
  return value;
}
