/// DNS records as values. ldns types never leave lib/dns; everyone else sees these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain_name.h"
#include "core/ip_address.h"

namespace maildiag::dns {

/// IANA numbers. Any other 16-bit number is a valid value too.
enum class RecordType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  dname = 39,
  ds = 43,
  rrsig = 46,
  nsec = 47,
  dnskey = 48,
  tlsa = 52,
  spf = 99,
  any = 255,
  caa = 257,
};

/// "MX"; "TYPE1234" for a number without a name (RFC 3597 section 5).
std::string to_string(RecordType type);
/// Ignores case; also TYPE1234.
std::optional<RecordType> record_type_from(std::string_view text);

struct MxData {
  std::uint16_t preference = 0;
  DomainName exchange;
};
struct TxtData {
  std::vector<std::string> strings;  ///< raw octets, each at most 255
  /// The strings concatenated without separators (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2).
  std::string joined() const;
};
struct NameData {
  DomainName name;
};  ///< CNAME, NS, PTR, DNAME
struct SoaData {
  DomainName primary, mailbox;
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;
};
struct SrvData {
  std::uint16_t priority = 0, weight = 0, port = 0;
  DomainName target;
};
struct TlsaData {
  std::uint8_t usage = 0, selector = 0, matching_type = 0;
  std::string data;
};
struct CaaData {
  std::uint8_t flags = 0;
  std::string tag, value;
};
struct RawData {
  std::string octets;
};  ///< any other type: its RDATA

using RecordData = std::variant<IpAddress, MxData, TxtData, NameData, SoaData, SrvData, TlsaData,
                                CaaData, RawData>;

struct Record {
  DomainName name;
  RecordType type{};
  std::uint32_t ttl = 0;
  RecordData data;
};

/// RDATA in presentation form ("10 mail.example.com", "\"v=spf1 -all\""): octets outside printable
/// ASCII as \DDD.
std::string rdata_text(const Record& record);

}  // namespace maildiag::dns
