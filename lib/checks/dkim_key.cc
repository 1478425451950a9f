#include "checks/dkim_key.h"

#include <algorithm>
#include <array>

#include "core/base64.h"
#include "core/tag_list.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

/// More elements in h=, s= or t= mean nothing that anybody registered.
constexpr std::size_t max_elements = 32;
constexpr std::size_t longest_shown = 64;

std::vector<std::string> elements(const TagList& tags, std::string_view name) {
  std::vector<std::string> found;
  const auto value = text::ascii_lower(without_spaces(tags.get(name)));
  if (value.empty()) return found;
  for (const auto part : text::split(value, ':')) {
    if (found.size() == max_elements) break;
    found.emplace_back(part);
  }
  return found;
}

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// RFC 6376 section 3.6.1: where v= is absent, DKIM1 is meant. Any other TXT record at the name (a
/// wildcard's SPF, say) is none.
bool looks_like_key(const TagList& tags) {
  if (const auto* version = tags.find("v")) return version->value == "DKIM1";
  constexpr std::array<std::string_view, 6> own = {"p", "k", "h", "s", "t", "n"};
  return tags.find("p") != nullptr ||
         (tags.ok() && std::any_of(own.begin(), own.end(), [&tags](std::string_view name) {
            return tags.find(name) != nullptr;
          }));
}

void fail(KeyRecord& record, KeyFault fault, std::string_view at) {
  record.fault = fault;
  record.fault_at = std::string(at.substr(0, longest_shown));
}

/// RSAPrivateKey (RFC 8017 appendix A.1.2) and PrivateKeyInfo (RFC 5208 section 5) begin with a
/// SEQUENCE and the INTEGER of a version, 0 or 1; no public key does. The end may be cut off.
bool begins_private_key(std::string_view value) {
  if (value.find("PRIVATEKEY-----") != std::string_view::npos) return true;
  constexpr std::size_t head = 16;  // of base64: 12 octets
  const auto octets = from_base64(value.substr(0, head));
  if (!octets || octets->size() < 8 || octets->front() != '\x30') return false;
  const auto length = static_cast<unsigned char>((*octets)[1]);
  const std::size_t more = length < 0x80 ? 0 : length & 0x7fU;
  if (more > 4) return false;
  const auto version = std::string_view(*octets).substr(2 + more, 3);
  return version == std::string_view("\x02\x01\x00", 3) || version == "\x02\x01\x01";
}

/// SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4) without the 32 octets at its end, in
/// base64.
constexpr std::string_view ed25519_prefix = "MCowBQYDK2VwAyEA";
constexpr std::size_t ed25519_info_octets = 44;

void read_key(KeyRecord& record, const Tag& tag, std::string_view value) {
  if (begins_private_key(value)) return fail(record, KeyFault::private_key, "p=");
  const auto octets = from_base64(value);
  if (!octets) return fail(record, KeyFault::base64, "p=");
  if (record.type == "ed25519") {
    record.key = PublicKey::from_ed25519(*octets);
    if (octets->size() == ed25519_info_octets && value.starts_with(ed25519_prefix)) {
      record.mended = record.text;
      record.mended.replace(tag.begin, tag.end - tag.begin, value.substr(ed25519_prefix.size()));
      fail(record, KeyFault::ed25519_der, "p=");
    } else if (!record.key)
      fail(record, PublicKey::from_der(*octets) ? KeyFault::wrong_type : KeyFault::broken, "p=");
    return;
  }
  record.key = PublicKey::from_der(*octets);
  if (record.key && record.key->type() == KeyType::rsa) return;
  const bool other = record.key || PublicKey::from_ed25519(*octets);
  record.key.reset();
  fail(record, other ? KeyFault::wrong_type : KeyFault::broken, "p=");
}

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// What a form or an editor made part of the text around a key's record: known by that the record
/// begins as it should without it.
void look_for_wrapping(KeyRecord& record) {
  std::string text, found;
  const auto note = [&found](std::string_view what) {
    if (found.find(what) == std::string::npos) found.append(found.empty() ? "" : " ").append(what);
  };
  for (std::size_t i = 0; i < record.text.size(); ++i) {
    if (std::string_view(record.text).substr(i).starts_with(byte_order_mark)) {
      note("U+FEFF");
      i += byte_order_mark.size() - 1;
    } else if (record.text[i] == '"' || record.text[i] == '\\') {
      note(std::string_view(record.text).substr(i, 1));
    } else {
      text += record.text[i];
    }
  }
  if (found.empty() || !without_spaces(text).starts_with("v=DKIM1")) return;
  record.mended = std::string(text::trim(text));
  record.key.reset();
  record.revoked = false;
  fail(record, KeyFault::wrapped, found);
}

}  // namespace

bool KeyRecord::allows_sha256() const {
  return hashes.empty() || has(hashes, "sha256");
}
bool KeyRecord::allows_email() const {
  return services.empty() || has(services, "*") || has(services, "email");
}

KeyRecord parse_key_record(std::string_view text) {
  KeyRecord record;
  record.text = std::string(text);
  const auto tags = parse_tag_list(text);
  record.is_dkim = looks_like_key(tags);
  record.space_at_end = tags.space_at_end;
  if (tags.find("k") != nullptr) record.type = text::ascii_lower(tags.get("k"));
  record.hashes = elements(tags, "h");
  record.services = elements(tags, "s");
  const auto flags = elements(tags, "t");
  record.testing = has(flags, "y");
  record.strict_domain = has(flags, "s");
  if (tags.find("g") != nullptr) record.obsolete.emplace_back("g=");

  const auto* version = tags.find("v");
  const auto* key = tags.find("p");
  if (!tags.ok()) {
    fail(record, KeyFault::syntax, tags.at);
  } else if (version != nullptr && version->value != "DKIM1") {
    fail(record, KeyFault::version, version->value);
  } else if (version != nullptr && version != &tags.tags.front()) {
    fail(record, KeyFault::not_first, "v=");
  } else if (key == nullptr) {
    fail(record, KeyFault::no_key, "p=");
  } else if (record.type != "rsa" && record.type != "ed25519") {
    fail(record, KeyFault::unknown_type, record.type);
  } else {
    const auto value = without_spaces(key->value);
    record.revoked = value.empty();
    if (!record.revoked) read_key(record, *key, value);
  }
  if (!record.is_dkim || record.fault == KeyFault::version) look_for_wrapping(record);
  return record;
}

}  // namespace maildiag::checks::dkim
