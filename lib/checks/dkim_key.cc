#include "checks/dkim_key.h"

#include <algorithm>
#include <array>

#include "checks/dkim_private_key.h"
#include "core/base64.h"
#include "core/secret_mask.h"
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

/// SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4) without the 32 octets at its end, in
/// base64.
constexpr std::string_view ed25519_prefix = "MCowBQYDK2VwAyEA";
constexpr std::size_t ed25519_info_octets = 44;

void read_key(KeyRecord& record, const Tag& tag, std::string_view value) {
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

KeyRecord read_key_record(std::string_view text) {
  KeyRecord record;
  record.text = std::string(text);
  const auto tags = parse_tag_list(text);
  const auto* version = tags.find("v");
  const auto* key = tags.find("p");
  record.is_dkim = looks_like_key(tags);
  // "v=dkim1" and "v=DKIM1 k=rsa" were meant to be keys, "v=spf1" was not.
  record.intended = record.is_dkim ||
                    (version != nullptr && text::starts_with_ignore_case(version->value, "dkim"));
  record.space_at_end = tags.space_at_end;
  if (tags.find("k") != nullptr) record.type = text::ascii_lower(tags.get("k"));
  record.hashes = elements(tags, "h");
  record.services = elements(tags, "s");
  const auto flags = elements(tags, "t");
  record.testing = has(flags, "y");
  record.strict_domain = has(flags, "s");
  if (tags.find("g") != nullptr) record.obsolete.emplace_back("g=");

  const auto value = key != nullptr ? without_spaces(key->value) : std::string();
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
    record.revoked = value.empty();
    if (!record.revoked) read_key(record, *key, value);
  }
  return record;
}

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// A text without what a form or an editor may have made part of it.
struct Unwrapped {
  std::string text;
  std::string found;  ///< what was taken out: `" U+FEFF`
};
Unwrapped unwrap(std::string_view text) {
  Unwrapped result;
  const auto note = [&found = result.found](std::string_view what) {
    if (found.find(what) == std::string::npos) found.append(found.empty() ? "" : " ").append(what);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(byte_order_mark)) {
      note("U+FEFF");
      i += byte_order_mark.size() - 1;
    } else if (text[i] == '"' || text[i] == '\\') {
      note(text.substr(i, 1));
    } else {
      result.text += text[i];
    }
  }
  result.text = std::string(text::trim(result.text));
  return result;
}

/// A private key is everybody's now; reports and tickets need not spread it further, and where it
/// ends is not known.
std::string masked(std::string_view text, std::size_t secret) {
  return std::string(text.substr(0, secret)).append(masked_secret);
}

/// A private key is the worst, whatever else is wrong and whether it was meant to be a record or
/// not.
KeyRecord disclosed_record(std::string_view text, std::size_t secret) {
  auto record = read_key_record(text.substr(0, secret));
  record.text = masked(text, secret);
  record.intended = true;
  record.disclosed = true;
  record.key.reset();
  record.revoked = false;
  record.mended.clear();
  fail(record, KeyFault::private_key, "p=");
  return record;
}

/// Whether what is wrong with the record as it stands, and not what would be wrong without those
/// characters, is to be told.
bool stands_for_itself(const KeyRecord& record, const KeyRecord& unwrapped) {
  // In quotation marks a text has to have a key to be taken for a record, as "s=..." may be
  // anything.
  if (!unwrapped.intended ||
      (unwrapped.fault == KeyFault::no_key && !unwrapped.text.starts_with('v')))
    return true;
  if (!record.intended) return false;
  // Where the key is damaged beyond them it is not known what they have to do with that.
  const bool damaged = record.fault == KeyFault::base64 &&
                       (unwrapped.fault == KeyFault::base64 || unwrapped.fault == KeyFault::broken);
  return damaged || key_problem(record) == key_problem(unwrapped);
}

}  // namespace

bool KeyRecord::allows_sha256() const {
  return hashes.empty() || has(hashes, "sha256");
}
bool KeyRecord::allows_email() const {
  return services.empty() || has(services, "*") || has(services, "email");
}

namespace {

KeyRecord read_any(std::string_view text) {
  auto record = read_key_record(text);
  if (record.is_dkim && key_problem(record).empty()) return record;
  auto [inner, found] = unwrap(text);
  if (found.empty()) return record;
  auto unwrapped = read_key_record(inner);
  if (stands_for_itself(record, unwrapped)) return record;
  unwrapped.is_dkim = record.is_dkim;
  unwrapped.wrapped = true;
  unwrapped.text = std::string(text);
  if (key_problem(unwrapped) == "dkim.key-wrapped") {
    unwrapped.fault_at = std::move(found);
    unwrapped.mended = std::move(inner);
  }
  return unwrapped;
}

}  // namespace

KeyRecord parse_key_record(std::string_view text) {
  auto record = read_any(text);
  const auto secret = find_private_key(text);
  if (!secret) return record;
  // Receivers look for no secrets: in n= beside a public key it changes nothing for them.
  if (!record.holds_key()) return disclosed_record(text, *secret);
  record.disclosed = true;
  record.text = masked(text, *secret);
  return record;
}

void mask_rest(KeyRecord& record) {
  if (record.disclosed || record.holds_key()) return;
  record.text = masked_secret;
  record.mended.clear();
  const bool tag_at_fault = record.fault_at == "p=" || record.fault_at == "v=";
  if (!tag_at_fault && !record.fault_at.empty()) record.fault_at = masked_secret;
  if (record.type != "rsa" && record.type != "ed25519") record.type = masked_secret;
}

std::string key_problem(const KeyRecord& record) {
  switch (record.fault) {
    case KeyFault::none:
      break;
    case KeyFault::syntax:
      return "dkim.key-syntax";
    case KeyFault::not_first:
      return "dkim.key-version-not-first";
    case KeyFault::version:
      return "dkim.key-bad-version";
    case KeyFault::no_key:
      return "dkim.key-no-p";
    case KeyFault::unknown_type:
      return "dkim.key-unknown-type";
    case KeyFault::base64:
      return "dkim.key-bad-base64";
    case KeyFault::wrong_type:
      return "dkim.key-wrong-type";
    case KeyFault::private_key:
      return "dkim.key-private";
    case KeyFault::broken:
      return "dkim.key-broken";
    case KeyFault::ed25519_der:
      return "dkim.key-ed25519-der";
  }
  if (record.revoked) return "dkim.key-revoked";
  if (record.key->type() == KeyType::rsa && record.key->bits() < least_rsa_bits)
    return "dkim.key-too-short";
  if (!record.allows_sha256()) return "dkim.key-hash-excluded";
  if (!record.allows_email()) return "dkim.key-service-excluded";
  return record.wrapped ? "dkim.key-wrapped" : "";
}

}  // namespace maildiag::checks::dkim
