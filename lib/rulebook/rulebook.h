/// The rules, causes, lists and texts of rules/, compiled in, with a user's directories on top.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <maildiag/language.h>

#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::rulebook {

/// A list of strings. Like every std::string_view below, it lives as long as its Rulebook (or for
/// ever, in the compiled-in tables).
using Strings = std::span<const std::string_view>;

/// A text in each language of the catalogue. A user's own rules may lack the Korean one.
struct Text {
  std::string_view en, ko;
  std::string_view in(Language language) const {
    return language == Language::ko && !ko.empty() ? ko : en;
  }
};
struct Texts {
  Strings en, ko;
  Strings in(Language language) const { return language == Language::ko && !ko.empty() ? ko : en; }
};

struct Provider {
  std::string_view id;
  std::string_view kind;  ///< "provider", "mta" or "dnsbl"
  Text name;
  Strings mx, domains;  ///< suffixes, at label borders, of MX host names and of recipient domains
  std::string_view postmaster;
};

struct Rule {
  std::string_view id;
  std::string_view provider;  ///< may be empty
  bool subcode = false;
  bool from_provider = false;
  /// "sender" or "recipient": the reply's text must hold the domain of this one's address, and not
  /// that of the other's; empty: whatever it names.
  std::string_view names;
  std::span<const int> reply;
  Strings status;           ///< "5.7.1"; a component may be "*"
  std::string_view match;   ///< RE2; empty: the guards alone
  std::string_view unless;  ///< RE2: where it matches, too, the rule does not; empty: never
  std::string_view cause;
  std::string_view
      list;  ///< the DNS list that the reply stands for, where its text names none: the fact `list`
  std::optional<bool> permanent;
  Text meaning;
  Texts fix;
  Strings links, examples, not_examples;
  std::string_view source;
  std::string_view origin;  ///< "FILE:LINE" for messages
  int layer = 0;            ///< 0: shipped; else from the first, second ... directory of load()

  // Derived from `match` when the rules are loaded:
  Strings literals;  ///< lower case; one of these stands in every text that matches; empty: none is
                     ///< known
  std::span<const std::uint32_t> ways;  ///< what else does, as literal_ways.h packs it
  bool literals_suffice = false;        ///< each text in which one of `literals` stands matches
  int literal_length = 0;  ///< literal characters in the shortest match: how specific the rule is
};

struct Cause {
  std::string_view id, side;
  Text title, meaning;
  Strings checks;                ///< ids of known_checks: "ptr", "spf", "dnsbl-ip" ...
  Strings confirmed_by;          ///< finding ids
  Strings confirmed_when_named;  ///< finding ids that confirm only where they agree with match_fact
  Strings refuted_by;
  Strings inconclusive_by;
  Strings advice;               ///< checks that run once the cause is not refuted: whom to ask
  Strings advised_by;           ///< finding ids of any check whose remedies come first then
  std::string_view match_fact;  ///< a deciding finding must agree with this fact of the reply where
                                ///< it is known ("list")
  std::string_view
      refines;  ///< a broader cause: where only findings of this one confirm that, this one it is
  bool untestable = false;   ///< where no finding decides, only the receiver can tell
  bool passes = false;       ///< can be over by itself: words that ask to try again later count
  int alternative_rank = 0;  ///< 0: never offered as an alternative; else smaller is likelier
  Texts fix;
  Strings links;
  /// Entries of reputation.* of which the first that there is goes with the cause; of_provider:
  /// that of the provider which refused.
  Strings reputation;
};
inline constexpr std::string_view of_provider = "provider";

struct FindingText {
  std::string_view id;
  std::string_view severity;  ///< the usual one, for documentation
  Text title, detail;         ///< with {placeholders} out of Finding::data and {subject}
  Texts remedy;
  std::string_view reference;
};

/// How a list's answer is read; see rules/dnsbl/*.toml.
struct ListCode {
  std::string_view code;  ///< "127.0.0.2", "127.0.0.4-127.0.0.7", "127.0.*.3"; empty with bits
  unsigned bits = 0;      ///< of the last octet of 127.0.0.N
  /// Overrides the list's class; empty: the list's. "statistics" is a class of codes only.
  std::string_view list_class;
  std::string_view
      kind;  ///< of an error: typo public-resolver rate-limited not-registered invalid-key refused
  Text meaning;
  bool matches(const IpAddress& answer) const;
};
struct DnsList {
  std::string_view zone;  ///< with "{key}" where a key belongs
  std::string_view key;   ///< the configuration's name of that key
  std::string_view name, operator_name;
  bool ip4 = false, ip6 = false, domain = false;
  std::string_view list_class;  ///< block policy range domain allow info geo retired
  bool enabled = false;         ///< asked by default
  std::string_view weight;      ///< "critical" "warning" "info"
  std::span<const ListCode> codes, errors;
  std::string_view test_listed, test_clean, test_listed6;
  std::string_view public_resolvers, registration;
  double rate = 0;  ///< queries a second; 0: no known limit
  std::string_view lookup_url, removal_url;
  bool self_service = false, paid = false;
  std::string_view retired;
  Text notes;
};

struct DkimSelector {
  std::string_view name, provider;
};

/// What a mailbox provider demands of those who send to it; see rules/bulk-senders.toml.
struct Requirement {
  std::string_view id;
  std::string_view provider;  ///< the id of a Provider
  std::string_view check;     ///< one of known_sender_checks
  std::string_view senders;   ///< "all" or "bulk"
  std::string_view level;     ///< "required" or "recommended"
  std::string_view since;     ///< "2024-02"
  Text text;
  std::string_view link;
};

/// A registry of names, addresses or AS numbers, and its servers; see rules/registries.toml.
struct Registry {
  std::string_view id, name;
  std::string_view rdap;  ///< an https base URL with a final slash (RFC 7480 section 4.1); or empty
  std::string_view whois;        ///< a port-43 server (RFC 3912); or empty
  std::string_view question;     ///< what it is asked, with {target}; empty: the target alone
  std::string_view as_question;  ///< the same for AS numbers
  std::string_view charset;      ///< of what it answers, where that is neither UTF-8 nor EUC-KR
  Strings networks;              ///< "203.0.0.0/8", "2400::/12"
  Strings as_numbers;            ///< "4608-4865", "681"
  Strings domains;               ///< top-level domains, as A-labels
  Strings hosts;  ///< suffixes of its own name servers: a reverse zone on these is not delegated
};

/// A word or sentence of the user interface.
struct Label {
  std::string_view id;
  Text text;
};

/// A reply as the matcher sees it.
struct ReplyView {
  int code = 0;                  ///< 0: none
  std::string_view status;       ///< "5.7.1" or empty
  std::string_view text;         ///< see bounce::Reply::text
  std::string_view remote_host;  ///< may be empty
  std::string_view recipient_domain;
  bool winner_only = false;  ///< neither facts nor the runner-up are looked for: half the time
  std::string_view sender_domain = "";
  std::string_view except_cause = "";  ///< rules of it are passed over; empty: none
};

struct Match {
  const Rule* rule = nullptr;  ///< nullptr: unclassified
  const Rule* runner_up = nullptr;
  std::vector<std::pair<std::string, std::string>>
      facts;  ///< named groups of the winner, non-empty ones
};

/// The checks that a cause may ask for; diagnose runs them.
inline constexpr std::array<std::string_view, 14> known_checks = {
    "ptr", "helo", "sender-domain", "recipient-domain", "dns-health",   "route",        "receiver",
    "spf", "dkim", "dmarc",         "dnsbl-ip",         "dnsbl-domain", "reverse-zone", "holder"};

/// The points that a requirement may name; checks/bulk.h decides them.
inline constexpr std::array<std::string_view, 12> known_sender_checks = {
    "spf-or-dkim", "spf", "dkim",      "dmarc",  "alignment", "fcrdns",
    "tls",         "arc", "one-click", "format", "own-from",  "spam-rate"};

/// Immutable after loading; may be shared between threads. Owns all texts that it returns, so keep
/// it alive as long as they are used.
class Rulebook {
 public:
  /// The compiled-in rules, then each directory's *.toml in order; a table with a known id replaces
  /// it. No TOML is parsed without directories. configuration: names file, line and rule id;
  /// nothing is used in part.
  static Result<std::shared_ptr<const Rulebook>> load(const std::vector<std::string>& directories);

  Match match(const ReplyView& reply) const;  ///< literals first, RE2 on the few that hit
  /// Match::facts of a rule that is known to win for `text`. REQUIRES: one of rules().
  std::vector<std::pair<std::string, std::string>> facts(const Rule& rule,
                                                         std::string_view text) const;
  /// For bulk: one table of all literals. Agrees with match() (property test).
  class BulkMatcher;
  std::unique_ptr<BulkMatcher> bulk_matcher() const;

  /// Indices of rules(), those that win first.
  std::span<const std::uint16_t> winning_order() const;
  std::span<const Rule> rules() const;  ///< by id, as are providers, causes, texts and labels
  std::span<const Provider> providers() const;
  std::span<const Cause> causes() const;
  std::span<const DnsList> lists() const;  ///< in the order of the files
  std::span<const DkimSelector> dkim_selectors() const;
  std::span<const Requirement> requirements() const;  ///< in the order of the files
  std::span<const Registry> registries() const;       ///< in the order of the files
  std::span<const FindingText> finding_texts() const;
  std::span<const Label> labels() const;
  const Rule* rule(std::string_view id) const;
  const Provider* provider(std::string_view id) const;
  const Cause* cause(std::string_view id) const;
  const FindingText* finding_text(std::string_view id) const;
  /// A word or sentence of the user interface (rules/labels.toml); where there is none, the view
  /// that was given as `id`.
  std::string_view label(std::string_view id, Language language) const;

  ~Rulebook();
  class Impl;
  explicit Rulebook(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

class Rulebook::BulkMatcher {
 public:
  virtual ~BulkMatcher() = default;
  virtual Match match(const ReplyView& reply) = 0;
};

struct ExampleFault {
  const Rule* rule;
  std::string example;
  std::string winner;  ///< a rule id or "" (none)
};
struct ExampleReply {
  int code = 0;
  std::string status, text;
};
/// Turns an example into what the matcher sees (bounce::parse_reply lives above this module).
/// Nothing: it is not tried.
using ParseExample = std::function<std::optional<ExampleReply>(std::string_view)>;
/// Proves that each example is won by its own rule and each not-example is not.
std::vector<ExampleFault> test_examples(const Rulebook& rulebook, const ParseExample& parse);

}  // namespace maildiag::rulebook
