#include "checks/dane_record.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "core/handle.h"

namespace maildiag::checks::dane {

namespace {

constexpr std::uint8_t whole_certificate = 0;
constexpr std::uint8_t public_key = 1;
constexpr std::uint8_t no_digest = 0;
constexpr std::uint8_t sha256 = 1;
constexpr std::uint8_t sha512 = 2;
constexpr std::size_t sha256_octets = 32;
constexpr std::size_t sha512_octets = 64;

void free_stack(STACK_OF(X509) * stack) {
  sk_X509_pop_free(stack, X509_free);
}
using X509Handle = std::unique_ptr<X509, FreedBy<X509_free>>;
using Store = std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreedBy<X509_STORE_CTX_free>>;
using Stack = std::unique_ptr<STACK_OF(X509), FreedBy<free_stack>>;

Fault fault_of(const dns::TlsaData& data) {
  constexpr std::uint8_t pkix_usages = 2;  // PKIX-TA and PKIX-EE
  if (data.usage < pkix_usages) return Fault::pkix_usage;
  if (data.usage > usage_server) return Fault::usage;
  if (data.selector > public_key) return Fault::selector;
  if (data.matching_type > sha512) return Fault::matching_type;
  const bool fits = data.matching_type == no_digest ? !data.data.empty()
                    : data.matching_type == sha256  ? data.data.size() == sha256_octets
                                                    : data.data.size() == sha512_octets;
  return fits ? Fault::none : Fault::length;
}

std::string digest(std::string_view octets, std::uint8_t matching_type) {
  if (matching_type == no_digest) return std::string(octets);
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned int size = 0;
  const auto* algorithm = matching_type == sha256 ? EVP_sha256() : EVP_sha512();
  if (EVP_Digest(octets.data(), octets.size(), raw.data(), &size, algorithm, nullptr) != 1)
    return {};
  return {raw.begin(), raw.begin() + size};
}

bool is_meant(const dns::TlsaData& data, const Certificate& certificate) {
  const auto& what = data.selector == whole_certificate ? certificate.der : certificate.public_key;
  const auto found = digest(what, data.matching_type);
  return !found.empty() && found == data.data;
}

X509Handle to_handle(const Certificate& certificate) {
  const auto* at = reinterpret_cast<const unsigned char*>(certificate.der.data());  // NOLINT
  return X509Handle(d2i_X509(nullptr, &at, static_cast<long>(certificate.der.size())));
}

/// The chain from the server's own certificate up to `anchor`, and nothing above it. Empty: it
/// holds; else OpenSSL's words.
std::string chain_fault(const std::vector<Certificate>& chain, const Certificate& anchor,
                        WallTime now) {
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  const Stack others(sk_X509_new_null());
  const auto leaf = to_handle(chain.front());
  const auto root = to_handle(anchor);
  if (!store || !context || !others || !leaf || !root)
    return X509_verify_cert_error_string(X509_V_ERR_OUT_OF_MEM);
  for (const auto& each : chain) {
    if (auto handle = to_handle(each); handle && sk_X509_push(others.get(), handle.get()) > 0)
      static_cast<void>(handle.release());
  }
  X509_STORE_add_cert(store.get(), root.get());
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  if (X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), others.get()) != 1)
    return X509_verify_cert_error_string(X509_V_ERR_OUT_OF_MEM);
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(now));
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (good) return {};
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

/// RFC 7672 section 3.2.3: the common name counts where there is no other.
bool is_for(const Certificate& certificate, const std::vector<DomainName>& names) {
  return std::any_of(names.begin(), names.end(), [&certificate](const DomainName& name) {
    if (!certificate.dns_names.empty()) return certificate.matches(name);
    return host_in_certificate(certificate.common_name) == name;
  });
}

Match match_anchor(const Association& association, const std::vector<Certificate>& chain,
                   const std::vector<DomainName>& names, WallTime now) {
  Match result;
  // Not the server's own: RFC 7671 section 5.2 is about an issuer.
  const auto anchor = std::find_if(chain.begin() + 1, chain.end(), [&](const Certificate& each) {
    return is_meant(association.data, each);
  });
  if (anchor == chain.end()) return result;
  result.found = true;
  result.reason = chain_fault(chain, *anchor, now);
  result.wrong_name = !is_for(chain.front(), names);
  return result;
}

}  // namespace

std::string Association::text() const {
  constexpr std::size_t longest = 64;
  std::string hex;
  for (const char octet : data.data.substr(0, longest))
    hex += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(octet)));
  return fmt::format("{} {} {} {}{}", data.usage, data.selector, data.matching_type, hex,
                     data.data.size() > longest ? "..." : "");
}

Association read_association(const dns::TlsaData& data) {
  return {data, fault_of(data)};
}

bool is_passed_over(const Association& association, const std::vector<Association>& all) {
  const auto& own = association.data;
  if (!association.usable() || own.matching_type == no_digest) return false;
  return std::any_of(all.begin(), all.end(), [&own](const Association& other) {
    return other.usable() && other.data.usage == own.usage && other.data.selector == own.selector &&
           other.data.matching_type > own.matching_type;
  });
}

Match match(const Association& association, const std::vector<Certificate>& chain,
            const std::vector<DomainName>& names, WallTime now) {
  if (chain.empty()) return {};
  if (association.data.usage == usage_anchor) return match_anchor(association, chain, names, now);
  // RFC 7672 section 3.1.1: names and dates of the certificate count for nothing.
  return {is_meant(association.data, chain.front()), false, {}, false};
}

}  // namespace maildiag::checks::dane
