#include "dns/record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "core/octet_word.h"
#include "core/text.h"
#include "dns/codec.h"
#include "dns/hex.h"
#include "dns/rdata.h"

namespace maildiag::dns {
namespace {

constexpr std::array<std::pair<RecordType, std::string_view>, 18> type_names{{
    {RecordType::a, "A"},
    {RecordType::ns, "NS"},
    {RecordType::cname, "CNAME"},
    {RecordType::soa, "SOA"},
    {RecordType::ptr, "PTR"},
    {RecordType::mx, "MX"},
    {RecordType::txt, "TXT"},
    {RecordType::aaaa, "AAAA"},
    {RecordType::srv, "SRV"},
    {RecordType::dname, "DNAME"},
    {RecordType::ds, "DS"},
    {RecordType::rrsig, "RRSIG"},
    {RecordType::nsec, "NSEC"},
    {RecordType::dnskey, "DNSKEY"},
    {RecordType::tlsa, "TLSA"},
    {RecordType::spf, "SPF"},
    {RecordType::any, "ANY"},
    {RecordType::caa, "CAA"},
}};

/// Appends a character-string in quotes (RFC 1035 section 5.1).
void append_quoted(std::string& out, std::string_view octets) {
  out += '"';
  const bool plain = is_printable_ascii(octets) && octets.find('"') == std::string_view::npos &&
                     octets.find('\\') == std::string_view::npos;
  if (plain) {
    out += octets;
  } else {
    for (const char octet : octets) {
      const auto value = static_cast<unsigned char>(octet);
      if (octet == '"' || octet == '\\') {
        out += '\\';
        out += octet;
      } else if (value < 0x20 || value > 0x7e) {
        out += fmt::format("\\{:03}", value);
      } else {
        out += octet;
      }
    }
  }
  out += '"';
}

std::string in_quotes(std::string_view octets) {
  std::string out;
  append_quoted(out, octets);
  return out;
}

struct RdataText {
  RecordType type;

  std::string operator()(const IpAddress& address) const { return address.to_string(); }
  std::string operator()(const MxData& mx) const {
    return std::to_string(mx.preference) + ' ' + mx.exchange.to_string();
  }
  std::string operator()(const TxtData& txt) const {
    std::string out;
    for (const auto& string : txt.strings) {
      if (!out.empty()) out += ' ';
      append_quoted(out, string);
    }
    return out;
  }
  std::string operator()(const NameData& data) const { return data.name.to_string(); }
  std::string operator()(const SoaData& soa) const {
    return fmt::format("{} {} {} {} {} {} {}", soa.primary.to_string(), soa.mailbox.to_string(),
                       soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum);
  }
  std::string operator()(const SrvData& srv) const {
    return fmt::format("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target.to_string());
  }
  std::string operator()(const TlsaData& tlsa) const {
    return fmt::format("{} {} {} {}", tlsa.usage, tlsa.selector, tlsa.matching_type,
                       to_hex(tlsa.data));
  }
  std::string operator()(const CaaData& caa) const {
    // RFC 8659 section 4.1: letters and digits. Another tag could not be read again.
    const auto is_tag_character = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    if (caa.tag.empty() || !std::all_of(caa.tag.begin(), caa.tag.end(), is_tag_character))
      return raw_rdata_text(type, rdata_to_wire(caa));
    return fmt::format("{} {} {}", caa.flags, caa.tag, in_quotes(caa.value));
  }
  std::string operator()(const RawData& raw) const { return raw_rdata_text(type, raw.octets); }
};

}  // namespace

std::string to_string(RecordType type) {
  for (const auto& [number, name] : type_names) {
    if (number == type) return std::string(name);
  }
  return fmt::format("TYPE{}", static_cast<unsigned>(type));
}

std::optional<RecordType> record_type_from(std::string_view text) {
  for (const auto& [number, name] : type_names) {
    if (text::equals_ignore_case(name, text)) return number;
  }
  constexpr std::string_view prefix = "TYPE";
  if (!text::starts_with_ignore_case(text, prefix)) return std::nullopt;
  const auto digits = text.substr(prefix.size());
  std::uint16_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return static_cast<RecordType>(number);
}

std::string TxtData::joined() const {
  std::string out;
  for (const auto& string : strings) out += string;
  return out;
}

std::string rdata_text(const Record& record) {
  return std::visit(RdataText{record.type}, record.data);
}

}  // namespace maildiag::dns
