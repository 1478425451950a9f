#include "checks/dkim_private_key.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base64.h"

namespace maildiag::checks::dkim {

namespace {

/// A text without what forms, editors and line ends put between a key's letters.
struct Squeezed {
  std::string text;
  std::vector<std::size_t> places;  ///< of its octets in the whole text
};
Squeezed squeeze(std::string_view text) {
  constexpr std::string_view dropped = "\"'`\\\x7f";
  Squeezed result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (octet <= ' ' || octet > 0x7f || dropped.find(text[i]) != std::string_view::npos) continue;
    result.text += text[i];
    result.places.push_back(i);
  }
  return result;
}

constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view openssh_key = "b3BlbnNzaC1rZXktdjE";  // "openssh-key-v1"

/// RSAPrivateKey (RFC 8017 appendix A.1.2), ECPrivateKey (RFC 5915) and PrivateKeyInfo (RFC 5208
/// section 5) begin with a SEQUENCE and the INTEGER of a version, 0 or 1, before an INTEGER, an
/// OCTET STRING or a SEQUENCE; no public key does, nor holds that by chance: it is more than 30
/// bits. The end may be cut off.
bool begins_private_der(std::string_view text) {
  constexpr std::size_t head = 12, quantum = 4;
  if (text.front() != 'M') return false;  // a SEQUENCE
  const auto front = text.substr(0, head);
  const auto run = front.substr(0, front.find_first_not_of(base64_letters));
  const auto octets = from_base64(run.substr(0, run.size() / quantum * quantum));
  if (!octets || octets->size() < 8 || octets->front() != '\x30') return false;
  const auto length = static_cast<unsigned char>((*octets)[1]);
  const std::size_t more = length < 0x80 ? 0 : length & 0x7fU;
  if (length == 0x80 || more > 2) return false;  // nobody's key is above 64 KB
  const auto content = std::string_view(*octets).substr(2 + more);
  const auto version = content.substr(0, 3);
  const char next = content[3];
  return (version == std::string_view("\x02\x01\x00", 3) || version == "\x02\x01\x01") &&
         (next == '\x02' || next == '\x04' || next == '\x30');
}

/// "-----BEGIN RSA PRIVATE KEY-----"; squeezed, and with dashes of any kind and number.
std::size_t find_pem(std::string_view text) {
  constexpr auto headers = std::to_array<std::string_view>(
      {"BEGINPRIVATEKEY", "BEGINRSAPRIVATEKEY", "BEGINECPRIVATEKEY", "BEGINDSAPRIVATEKEY",
       "BEGINENCRYPTEDPRIVATEKEY", "BEGINOPENSSHPRIVATEKEY", "PRIVATEKEY-----"});
  auto first = std::string_view::npos;
  for (const auto header : headers) first = std::min(first, text.find(header));
  while (first != std::string_view::npos && first > 0 && text[first - 1] == '-') --first;
  return first;
}

}  // namespace

std::optional<std::size_t> find_private_key(std::string_view text) {
  const auto squeezed = squeeze(text);
  const std::string_view all = squeezed.text;
  auto first = std::min(find_pem(all), all.find(openssh_key));
  for (std::size_t i = 0; i < std::min(first, all.size()); ++i)
    if (begins_private_der(all.substr(i))) first = i;
  if (first == std::string_view::npos) return std::nullopt;
  return squeezed.places[first];
}

}  // namespace maildiag::checks::dkim
