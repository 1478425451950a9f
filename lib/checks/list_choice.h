/// Which lists are asked in a run, under which names.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "checks/dnsbl.h"

namespace maildiag::checks {

/// Why a named list is skipped that is in order and serves another kind of target.
inline constexpr const char* reason_not_for_domains = "dnsbl.reason.not-for-domains";
inline constexpr const char* reason_not_for_addresses = "dnsbl.reason.not-for-addresses";

enum class TargetKind { ip4, ip6, domain };
inline constexpr std::size_t target_kinds = 3;
TargetKind kind_of(const DnsblTarget& target);
std::string_view to_string(TargetKind kind);

/// A list as it is asked: with its key, if it has one.
struct AskedList {
  const rulebook::DnsList* list = nullptr;
  DomainName zone;
  std::string shown;  ///< the zone with its key masked
  /// Names the list in the cache of self-tests. Another key may be refused, so a few bits of it
  /// count.
  std::string fingerprint;
  bool plain = false;  ///< in no list file: one of its two forms

  bool serves(TargetKind kind) const;
  /// Whether such a question is a name (RFC 1035 section 2.3.4).
  bool fits(const DomainName& front) const {
    constexpr std::size_t longest_wire = 255;
    return front.wire().size() + zone.wire().size() - 1 <= longest_wire;
  }
};

/// The zone with its key replaced by asterisks.
std::string masked_zone(const rulebook::DnsList& list);

/// Made once a run. A domain list is never asked about an address, nor the reverse.
class ListChoice {
 public:
  /// `only`: zones to ask alone; a zone that is in no list file is asked as a plain RFC 5782 list.
  /// Empty: the default ones.
  ListChoice(const rulebook::Rulebook& rulebook, const ListAccess* access,
             const std::vector<std::string>& only);
  ListChoice(const ListChoice&) = delete;
  ListChoice& operator=(const ListChoice&) = delete;

  std::span<const AskedList> lists() const { return lists_; }
  bool any_serves(TargetKind kind) const;
  /// Keys that stood in the zones of `only`, or of the default ones: secrets that no setting names.
  const std::vector<std::string>& given_keys() const { return given_keys_; }
  /// Lists that were named but cannot be asked about such a target, each with its reason.
  std::vector<ListResult> skipped(TargetKind kind) const;

 private:
  struct Skipped {
    const rulebook::DnsList* list;
    const char* reason;
  };

  void add_default(const rulebook::DnsList& list);
  void add_named(const rulebook::Rulebook& rulebook, const std::string& text);
  void add(const rulebook::DnsList& list, std::string_view key, bool plain = false);
  void add_plain(const std::string& zone, std::string_view key);
  std::string_view key_of(const rulebook::DnsList& list) const;

  const ListAccess* access_;
  std::vector<AskedList> lists_;
  std::vector<Skipped> skipped_;
  std::vector<std::string> given_keys_;
  bool named_;                         // by --list: tell of those that do not fit a target
  std::deque<std::string> own_zones_;  // back the views of own_lists_
  std::deque<std::string> own_names_;
  std::deque<rulebook::DnsList> own_lists_;  // zones that are in no list file
};

}  // namespace maildiag::checks
