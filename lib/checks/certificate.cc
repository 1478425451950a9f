#include "checks/certificate.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "checks/dkim_crypto.h"
#include "core/handle.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;
using Bio = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using Names = std::unique_ptr<GENERAL_NAMES, FreedBy<GENERAL_NAMES_free>>;
using Number = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;

struct FreeOctets {
  void operator()(void* octets) const { OPENSSL_free(octets); }
};
template <class T>
using Octets = std::unique_ptr<T, FreeOctets>;

const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());  // NOLINT: OpenSSL's octets
}

std::string text_of(const ASN1_STRING* string) {
  if (string == nullptr) return {};
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));  // NOLINT
  return {data, static_cast<std::size_t>(std::max(0, ASN1_STRING_length(string)))};
}

std::string name_text(const X509_NAME* name) {
  const Bio out(BIO_new(BIO_s_mem()));
  // Without ASN1_STRFLGS_ESC_MSB: names in UTF-8 stay readable.
  if (out == nullptr || name == nullptr ||
      X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return length <= 0 ? std::string() : text::sanitize({data, static_cast<std::size_t>(length)});
}

std::string common_name_of(const X509_NAME* name) {
  if (name == nullptr) return {};
  int last = -1;  // the most specific stands last
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
  if (last < 0) return {};
  unsigned char* raw = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&raw, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
  const Octets<unsigned char> owner(raw);
  if (length <= 0) return {};
  return text::sanitize(
      {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length)});  // NOLINT
}

WallTime time_of(const ASN1_TIME* time) {
  using std::chrono::year;
  constexpr auto first = std::chrono::sys_days(year(first_year) / 1 / 1);
  constexpr auto after_last = std::chrono::sys_days(year(last_year + 1) / 1 / 1);
  std::tm parts{};
  constexpr int tm_epoch = 1900;
  if (ASN1_TIME_to_tm(time, &parts) != 1 || parts.tm_year + tm_epoch < first_year) return first;
  if (parts.tm_year + tm_epoch > last_year) return after_last - std::chrono::seconds(1);
  const auto day = std::chrono::sys_days(
      year(parts.tm_year + tm_epoch) / std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)) /
      std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return day + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

std::optional<IpAddress> address_of(const std::string& octets) {
  constexpr std::size_t ip4_octets = 4;
  constexpr std::size_t ip6_octets = 16;
  if (octets.size() == ip4_octets) {
    std::array<std::uint8_t, ip4_octets> raw{};
    std::transform(octets.begin(), octets.end(), raw.begin(),
                   [](char octet) { return static_cast<std::uint8_t>(octet); });
    return IpAddress::from_v4(raw);
  }
  if (octets.size() == ip6_octets) {
    std::array<std::uint8_t, ip6_octets> raw{};
    std::transform(octets.begin(), octets.end(), raw.begin(),
                   [](char octet) { return static_cast<std::uint8_t>(octet); });
    return IpAddress::from_v6(raw);
  }
  return std::nullopt;
}

void read_names(const X509* x509, Certificate& certificate) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return;
  for (int at = 0; at < sk_GENERAL_NAME_num(names.get()); ++at) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), at);
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
    // Sanitised: a NUL inside a name becomes text that no name matches.
    if (type == GEN_DNS)
      certificate.dns_names.push_back(text::ascii_lower(text::sanitize(text_of(value))));
    if (type == GEN_IPADD) {
      if (auto address = address_of(text_of(value))) certificate.addresses.push_back(*address);
    }
  }
}

void read_key(X509* x509, Certificate& certificate) {
  unsigned char* raw = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &raw);
  const Octets<unsigned char> owner(raw);
  if (length > 0)
    certificate.public_key.assign(reinterpret_cast<const char*>(raw),  // NOLINT
                                  static_cast<std::size_t>(length));
  const auto* key = X509_get0_pubkey(x509);
  if (key == nullptr) return;
  certificate.key_bits = EVP_PKEY_get_bits(key);
  const char* type = EVP_PKEY_get0_type_name(key);
  certificate.key_type = text::ascii_lower(type == nullptr ? "" : type);
}

std::string serial_of(const X509* x509) {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nullptr));
  const Octets<char> digits(number == nullptr ? nullptr : BN_bn2hex(number.get()));
  return digits == nullptr ? std::string() : text::ascii_lower(digits.get());
}

std::string hexadecimal(std::string_view octets) {
  std::string text;
  for (const char octet : octets)
    text += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(octet)));
  return text;
}

bool name_matches(std::string_view pattern, const DomainName& name) {
  constexpr std::size_t least_labels = 2;
  if (!pattern.starts_with("*.")) return host_in_certificate(pattern) == name;
  const auto parent = host_in_certificate(pattern.substr(2));
  return parent && parent->label_count() >= least_labels &&
         name.label_count() == parent->label_count() + 1 && name.is_under(*parent);
}

}  // namespace

std::optional<DomainName> host_in_certificate(std::string_view text) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (text.find_first_not_of(allowed) != std::string_view::npos) return std::nullopt;
  return DomainName::parse(text);
}

std::optional<Certificate> Certificate::from_der(std::string_view octets) {
  if (octets.empty() || octets.size() > max_certificate) return std::nullopt;
  const unsigned char* at = bytes(octets);
  const X509Handle handle(d2i_X509(nullptr, &at, static_cast<long>(octets.size())));
  const bool whole = handle != nullptr && at == bytes(octets) + octets.size();
  if (!whole) {
    ERR_clear_error();
    return std::nullopt;
  }
  Certificate certificate;
  certificate.subject = name_text(X509_get_subject_name(handle.get()));
  certificate.issuer = name_text(X509_get_issuer_name(handle.get()));
  certificate.common_name = common_name_of(X509_get_subject_name(handle.get()));
  certificate.not_before = time_of(X509_get0_notBefore(handle.get()));
  certificate.not_after = time_of(X509_get0_notAfter(handle.get()));
  certificate.serial = serial_of(handle.get());
  read_names(handle.get(), certificate);
  read_key(handle.get(), certificate);
  if (const char* name = OBJ_nid2ln(X509_get_signature_nid(handle.get())); name != nullptr)
    certificate.signature = name;
  certificate.self_signed = X509_self_signed(handle.get(), 1) == 1;
  certificate.authority = X509_check_ca(handle.get()) == 1;
  dkim::Sha256 hash;
  hash.add(octets);
  certificate.fingerprint = hexadecimal(hash.digest());
  certificate.der = std::string(octets);
  ERR_clear_error();  // left behind by what a stranger wrote badly
  return certificate;
}

bool Certificate::matches(const DomainName& name) const {
  return std::any_of(dns_names.begin(), dns_names.end(),
                     [&name](const std::string& each) { return name_matches(each, name); });
}

bool Certificate::matches(const IpAddress& address) const {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

long Certificate::days_left(WallTime now) const {
  return static_cast<long>(std::chrono::floor<std::chrono::days>(not_after - now).count());
}

Value Certificate::to_value(WallTime now) const {
  Value names = Value::array();
  for (const auto& name : dns_names) {
    if (names.as_array().size() < max_shown_names) names.push(name);
  }
  for (const auto& address : addresses) {
    if (names.as_array().size() < max_shown_names) names.push(address.to_string());
  }
  return Value::object({{"subject", subject},
                        {"issuer", issuer},
                        {"names", std::move(names)},
                        {"names_total", dns_names.size() + addresses.size()},
                        {"not_before", to_rfc3339(not_before)},
                        {"not_after", to_rfc3339(not_after)},
                        {"days_left", days_left(now)},
                        {"self_signed", self_signed},
                        {"key", Value::object({{"type", key_type}, {"bits", key_bits}})},
                        {"signature", signature},
                        {"serial", serial},
                        {"sha256", fingerprint}});
}

Expiry expiry_of(const Certificate& certificate, WallTime now, const ExpiryLimits& limits) {
  if (now >= certificate.not_after) return Expiry::expired;
  if (now < certificate.not_before) return Expiry::not_yet_valid;
  const auto left = certificate.not_after - now;
  const auto lifetime = certificate.not_after - certificate.not_before;
  const auto limit = [&](std::optional<long> asked, long usual, long share) -> WallTime::duration {
    if (asked) return std::chrono::days(*asked);
    return std::min<WallTime::duration>(std::chrono::days(usual), lifetime / share);
  };
  constexpr long usual_warning = 14, warning_share = 3, usual_critical = 3, critical_share = 10;
  if (left < limit(limits.critical_days, usual_critical, critical_share)) return Expiry::imminent;
  return left < limit(limits.warning_days, usual_warning, warning_share) ? Expiry::soon
                                                                         : Expiry::good;
}

}  // namespace maildiag::checks
