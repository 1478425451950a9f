#include "checks/dkim_signature.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "core/base64.h"
#include "core/tag_list.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

constexpr std::size_t longest_shown = 64;

constexpr std::array<std::string_view, 7> dkim_tags = {"v", "a", "b", "bh", "d", "h", "s"};
constexpr std::array<std::string_view, 7> message_tags = {"i", "a", "b", "bh", "d", "h", "s"};
constexpr std::array<std::string_view, 6> seal_tags = {"i", "a", "b", "cv", "d", "s"};

std::span<const std::string_view> required_tags(SignatureKind kind) {
  if (kind == SignatureKind::dkim) return dkim_tags;
  if (kind == SignatureKind::arc_message) return message_tags;
  return seal_tags;
}

class Parser {
 public:
  Parser(const HeaderField& field, SignatureKind kind)
      : kind_(kind), tags_(parse_tag_list(field.value())) {
    result_.without_value = field;
    if (const auto* value = tags_.find("b"))
      result_.without_value.raw.erase(field.colon + 1 + value->begin, value->end - value->begin);
  }

  Signature parse() {
    // What can be read is read even where something is wrong: a report names the signature by it.
    result_.domain = std::string(tags_.get("d").substr(0, max_name));
    result_.selector = std::string(tags_.get("s").substr(0, max_name));
    result_.algorithm = text::ascii_lower(tags_.get("a"));
    if (kind_ == SignatureKind::dkim)
      result_.identity =
          tags_.find("i") != nullptr ? unquoted(tags_.get("i")) : "@" + result_.domain;
    if (!tags_.ok()) fail(SignatureFault::syntax, tags_.at);
    read_required();
    read_names();
    read_algorithm();
    read_value();
    if (kind_ == SignatureKind::arc_seal) {
      result_.header = Form::relaxed;
      if (tags_.find("h") != nullptr) fail(SignatureFault::lists_fields, "h=");
    } else {
      read_canonicalization();
      read_body();
      read_fields();
    }
    read_times();
    if (kind_ == SignatureKind::dkim) read_identity();
    return std::move(result_);
  }

 private:
  static constexpr std::size_t max_name = 320;  // an address at most; a DNS name is shorter

  /// The first fault is the one that is told.
  void fail(SignatureFault fault, std::string_view at) {
    if (result_.fault != SignatureFault::none) return;
    result_.fault = fault;
    result_.fault_at = std::string(at.substr(0, longest_shown));
  }

  void read_required() {
    for (const auto name : required_tags(kind_)) {
      if (tags_.find(name) == nullptr) fail(SignatureFault::missing_tag, std::string(name) + "=");
    }
    if (kind_ == SignatureKind::dkim && tags_.get("v") != "1")
      fail(SignatureFault::version, tags_.get("v"));
  }

  void read_names() {
    result_.signer = DomainName::from_user(result_.domain);
    if (!result_.signer || result_.signer->is_root()) fail(SignatureFault::bad_value, "d=");
    if (DomainName::from_user(result_.selector))
      result_.key_name = DomainName::from_user(result_.selector + "._domainkey." + result_.domain);
    if (!result_.key_name) fail(SignatureFault::bad_value, "s=");
  }

  void read_algorithm() {
    if (result_.algorithm == "rsa-sha256") return;
    if (result_.algorithm == "ed25519-sha256") {
      result_.key_type = KeyType::ed25519;
    } else {
      fail(result_.algorithm == "rsa-sha1" ? SignatureFault::sha1 : SignatureFault::algorithm,
           tags_.get("a"));
    }
  }

  static std::optional<Form> form(std::string_view word) {
    if (text::equals_ignore_case(word, "simple")) return Form::simple;
    if (text::equals_ignore_case(word, "relaxed")) return Form::relaxed;
    return std::nullopt;
  }

  void read_canonicalization() {
    if (tags_.find("c") == nullptr) return;
    const auto value = tags_.get("c");
    const auto slash = value.find('/');
    const auto header = form(value.substr(0, slash));
    const auto body =
        slash == std::string_view::npos ? Form::simple : form(value.substr(slash + 1));
    if (!header || !body) return fail(SignatureFault::bad_value, "c=");
    result_.header = *header;
    result_.body = *body;
  }

  void read_value() {
    const auto value = from_base64(without_spaces(tags_.get("b")));
    if (!value || value->empty()) fail(SignatureFault::bad_value, "b=");
    result_.value = value.value_or("");
  }

  void read_body() {
    const auto hash = from_base64(without_spaces(tags_.get("bh")));
    // A hash that is shorter or longer than SHA-256's is no base64 of one.
    constexpr std::size_t hash_octets = 32;
    if (!hash || (hash->size() != hash_octets && result_.algorithm.ends_with("sha256")))
      fail(SignatureFault::bad_value, "bh=");
    result_.body_hash = hash.value_or("");
    const auto queries = without_spaces(tags_.get("q"));
    const auto methods = text::split(queries, ':');
    if (tags_.find("q") != nullptr &&
        std::find(methods.begin(), methods.end(), "dns/txt") == methods.end())
      fail(SignatureFault::bad_value, "q=");
    if (tags_.find("l") != nullptr) {
      result_.length = number(tags_.get("l"), max_length_digits);
      if (!result_.length) fail(SignatureFault::bad_value, "l=");
    }
  }

  void read_fields() {
    const auto list = text::ascii_lower(without_spaces(tags_.get("h")));
    for (const auto name : text::split(list, ':')) {
      // Against the grammar, but other verifiers pass over it.
      if (name.empty()) {
        result_.names_nothing = true;
        continue;
      }
      if (result_.fields.size() == max_signed_fields) {
        fail(SignatureFault::bad_value, "h=");
        break;
      }
      result_.fields.emplace_back(name);
    }
    if (std::find(result_.fields.begin(), result_.fields.end(), "from") == result_.fields.end())
      fail(SignatureFault::from_not_signed, "h=");
  }

  void read_times() {
    for (const auto& [name, target] :
         {std::pair{"t", &result_.time}, std::pair{"x", &result_.expires}}) {
      if (tags_.find(name) == nullptr) continue;
      if (kind_ == SignatureKind::arc_seal && target == &result_.expires) continue;
      if (const auto value = number(tags_.get(name), max_time_digits)) {
        *target = static_cast<std::int64_t>(*value);
      } else {
        fail(SignatureFault::bad_value, std::string(name) + "=");
      }
    }
    if (result_.time && result_.expires && *result_.expires <= *result_.time)
      fail(SignatureFault::expiry, "x=");
  }

  void read_identity() {
    const auto at = result_.identity.rfind('@');
    const auto domain =
        at == std::string::npos
            ? std::nullopt
            : DomainName::from_user(std::string_view(result_.identity).substr(at + 1));
    if (!domain) return fail(SignatureFault::bad_value, "i=");
    if (!result_.signer || !domain->is_under(*result_.signer))
      return fail(SignatureFault::identity, "i=");
    result_.identity_below = *domain != *result_.signer;
  }

  // The grammar allows 76 digits for l= and 12 for t= and x=; no body is longer than 18 digits
  // tell.
  static constexpr std::size_t max_length_digits = 18, max_time_digits = 12;
  static std::optional<std::uint64_t> number(std::string_view text, std::size_t max_digits) {
    std::uint64_t value = 0;
    if (text.empty() || text.size() > max_digits) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  /// dkim-quoted-printable (section 2.11).
  static std::string unquoted(std::string_view text) {
    const auto packed = without_spaces(text);
    std::string out;
    for (std::size_t i = 0; i < packed.size(); ++i) {
      unsigned octet = 0;
      const char* const digits = packed.data() + i + 1;
      if (packed[i] == '=' && i + 2 < packed.size() &&
          std::from_chars(digits, digits + 2, octet, 16).ptr == digits + 2) {
        out += static_cast<char>(octet);
        i += 2;
      } else {
        out += packed[i];
      }
    }
    return out;
  }

  SignatureKind kind_;
  TagList tags_;
  Signature result_;
};

}  // namespace

Signature parse_signature(const HeaderField& field, SignatureKind kind) {
  return Parser(field, kind).parse();
}

}  // namespace maildiag::checks::dkim
