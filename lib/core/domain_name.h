/// Domain names as octets: what the wire carries, with a presentation form for people.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag {

/// A fully qualified domain name: labels of 1-63 arbitrary octets, at most 255 octets on the wire
/// (RFC 1035 section 3.1). Comparison and hashing ignore ASCII case; the case of the input is kept
/// for display.
class DomainName {
 public:
  DomainName() = default;  ///< the root

  /// Presentation form (RFC 1035 section 5.1): `\.` and `\DDD` escapes, an optional final dot. Any
  /// octet is allowed in a label (RFC 2181 section 11). nullopt: an empty label, a label above 63
  /// or a name above 255 octets, a broken escape.
  static std::optional<DomainName> parse(std::string_view text);
  /// From raw labels (no escapes); the same limits.
  static std::optional<DomainName> from_labels(const std::vector<std::string>& labels);
  /// Uncompressed wire form, exactly one name.
  static std::optional<DomainName> from_wire(std::string_view wire);
  /// What a user typed: IDNs become A-labels (label by label, underscores stay; RFC 5891), a final
  /// dot, blanks around and upper case are accepted. nullopt: not a host or domain name (spaces,
  /// empty labels, an invalid IDN, an IP address).
  static std::optional<DomainName> from_user(std::string_view text);

  bool is_root() const { return wire_.size() <= 1; }
  std::size_t label_count() const;
  std::vector<std::string> labels() const;
  /// Presentation form without the final dot ("." for the root); unusual octets as \DDD.
  std::string to_string() const;
  /// to_string() in lower case: a key for maps and for text comparison.
  std::string key() const;
  /// Uncompressed wire form, with the final zero octet.
  const std::string& wire() const { return wire_; }

  /// Without the first label; the root's parent is the root.
  DomainName parent() const;
  /// The last `count` labels.
  DomainName suffix(std::size_t count) const;
  /// True also for the name itself.
  bool is_under(const DomainName& ancestor) const;
  /// `label` or labels in front of this name, e.g. DomainName("example.com").child("_dmarc").
  /// nullopt: too long.
  std::optional<DomainName> child(std::string_view text) const;
  std::optional<DomainName> prepend(const DomainName& front) const;

  friend bool operator==(const DomainName& a, const DomainName& b);
  friend std::strong_ordering operator<=>(const DomainName& a, const DomainName& b);

 private:
  explicit DomainName(std::string wire) : wire_(std::move(wire)) {}
  std::string wire_ = std::string(1, '\0');
};

}  // namespace maildiag

template <>
struct std::hash<maildiag::DomainName> {
  std::size_t operator()(const maildiag::DomainName& name) const noexcept;
};
