/// The rules, causes, lists and texts of rules/, compiled in, with a user's directories on top.
#pragma once

#include <maildiag/language.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::rulebook {

/// A text in each language of the catalogue.
struct Text {
  std::string en, ko;
  const std::string& in(Language language) const { return language == Language::ko && !ko.empty() ? ko : en; }
};
struct Texts {
  std::vector<std::string> en, ko;
  const std::vector<std::string>& in(Language language) const { return language == Language::ko && !ko.empty() ? ko : en; }
};

struct Provider {
  std::string id;
  std::string kind;  ///< "provider", "mta" or "dnsbl"
  Text name;
  std::vector<std::string> mx, domains;
  std::string postmaster;
};

struct Rule {
  std::string id;
  std::string provider;
  bool subcode = false;
  bool from_provider = false;
  std::vector<int> reply;
  std::vector<std::string> status;  ///< "5.7.1"; a component may be "*"
  std::string match;                ///< RE2; empty: the guards alone
  std::string cause;
  std::optional<bool> permanent;
  Text meaning;
  Texts fix;
  std::vector<std::string> links, examples, not_examples;
  std::string source;
  std::string origin;               ///< "FILE:LINE" for messages
};

struct Cause {
  std::string id, side;
  Text title, meaning;
  std::vector<std::string> checks;         ///< check ids of diagnose: "ptr", "spf", "dnsbl-ip" ...
  std::vector<std::string> confirmed_by;   ///< finding ids
  std::vector<std::string> refuted_by;
  std::vector<std::string> inconclusive_by;
  std::string match_fact;                  ///< a confirming finding must agree with this fact of the reply where it is known ("list")
  bool untestable = false;
  int alternative_rank = 0;                ///< 0: never offered as an alternative; else smaller is likelier
  Texts fix;
  std::vector<std::string> links;
};

struct FindingText {
  std::string id;
  std::string severity;   ///< the usual one, for documentation
  Text title, detail;     ///< with {placeholders} out of Finding::data and {subject}
  Texts remedy;
  std::string reference;
};

/// How a list's answer is read; see rules/dnsbl/*.toml.
struct ListCode {
  std::string code;       ///< "127.0.0.2", "127.0.0.4-127.0.0.7", "127.0.*.3"; empty with bits
  unsigned bits = 0;      ///< of the last octet
  std::string list_class; ///< overrides the list's class; empty: the list's
  std::string kind;       ///< of an error: typo public-resolver rate-limited not-registered invalid-key refused
  Text meaning;
  bool matches(const IpAddress& answer) const;
};
struct DnsList {
  std::string zone;       ///< with "{key}" where a key belongs
  std::string key;        ///< the configuration's name of that key
  std::string name, operator_name;
  bool ip4 = false, ip6 = false, domain = false;
  std::string list_class; ///< block policy range allow info geo retired
  bool enabled = false;   ///< asked by default
  std::string weight;     ///< "critical" "warning" "info"
  std::vector<ListCode> codes, errors;
  std::string test_listed, test_clean, test_listed6;
  std::string public_resolvers, registration;
  double rate = 0;        ///< queries a second; 0: no known limit
  std::string lookup_url, removal_url;
  bool self_service = false, paid = false;
  std::string retired;
  Text notes;
};

struct DkimSelector { std::string name, provider; };

/// A reply as the matcher sees it.
struct ReplyView {
  int code = 0;                   ///< 0: none
  std::string_view status;        ///< "5.7.1" or empty
  std::string_view text;          ///< see bounce::Reply::text
  std::string_view remote_host;   ///< may be empty
  std::string_view recipient_domain;
};

struct Match {
  const Rule* rule = nullptr;        ///< nullptr: unclassified
  const Rule* runner_up = nullptr;
  std::vector<std::pair<std::string, std::string>> facts;  ///< named groups of the winner, non-empty ones
};

/// Immutable after loading; may be shared between threads.
class Rulebook {
 public:
  /// The compiled-in rules, then each directory's *.toml in order; a table with a known id replaces it. No TOML is parsed without
  /// directories. configuration: names file, line and rule id; nothing is used in part.
  static Result<std::shared_ptr<const Rulebook>> load(const std::vector<std::string>& directories);

  Match match(const ReplyView& reply) const;          ///< literals first, RE2 on the few that hit
  /// For bulk: one RE2::Set of all patterns. Agrees with match() (property test).
  class BulkMatcher;
  std::unique_ptr<BulkMatcher> bulk_matcher() const;

  const std::vector<Rule>& rules() const;
  const std::vector<Provider>& providers() const;
  const std::vector<Cause>& causes() const;
  const std::vector<DnsList>& lists() const;
  const std::vector<DkimSelector>& dkim_selectors() const;
  const std::vector<FindingText>& finding_texts() const;
  const Rule* rule(std::string_view id) const;
  const Provider* provider(std::string_view id) const;
  const Cause* cause(std::string_view id) const;
  const FindingText* finding_text(std::string_view id) const;
  /// A word or sentence of the user interface (rules/labels.toml); the id itself where there is none.
  const std::string& label(std::string_view id, Language language) const;

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

struct ExampleFault { const Rule* rule; std::string example; std::string winner; };  ///< winner: a rule id or "" (none)
/// Proves that each example is won by its own rule and each not-example by another. `parse` turns an example into a ReplyView's
/// owner (bounce::parse_reply lives above this module).
struct ExampleReply { int code = 0; std::string status, text; };
std::vector<ExampleFault> test_examples(const Rulebook& rulebook, const std::function<ExampleReply(std::string_view)>& parse);

}  // namespace maildiag::rulebook
