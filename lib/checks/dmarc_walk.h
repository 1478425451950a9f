/// The DNS tree walk, and what follows from it: organizational domain, policy, alignment (RFC 9989
/// section 4.10).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/dmarc_record.h"
#include "dns/answer.h"

namespace maildiag::checks::dmarc {

/// Section 4.10: names are shortened to seven labels after the first question, so eight do.
inline constexpr std::size_t max_walk_queries = 8, shortened_labels = 7;

/// One question of the walk and what stands there.
struct Step {
  DomainName domain;  ///< without "_dmarc"
  DomainName name;    ///< what was asked
  dns::Answer answer;
  std::optional<Record> record;           ///< the only DMARC record there
  std::vector<std::string> several;       ///< where there are more: all are dropped
  std::vector<std::string> near_records;  ///< meant as records and none
  bool above_zones = false;               ///< not asked for: see walk_tree()
  bool failed() const { return !answer.definite() && !above_zones; }
  /// Where the records stand: elsewhere if the name is an alias.
  const DomainName& holder() const;
};

struct Walk {
  DomainName start;
  std::vector<Step> steps;
  bool failed() const { return !steps.empty() && steps.back().failed(); }
  const Step* at(const DomainName& domain) const;
};
/// Ends at a record with psd=y or psd=n, above the top level, or where DNS did not answer: what
/// stands above that is of no use then. Answers out of zone files end above their zones: a name
/// that is below none of them is taken as without a record, so that a zone can be checked alone.
Task<Walk> walk_tree(Context context, DomainName start);
/// One question for the record of one domain.
Task<Step> ask_record(Context context, DomainName domain);

/// Section 4.10.2. nullopt: the walk failed.
std::optional<DomainName> organizational_domain(const Walk& walk);

/// The record that applies to an author domain (section 4.10.1).
enum class Level { author, organization, public_suffix };
struct Applied {
  const Step* step = nullptr;  ///< into the walk; nullptr: none applies or the walk failed before
  Level level = Level::author;
};
Applied find_record(const Walk& walk);

/// A policy and the tag that it comes from.
struct Choice {
  std::optional<Policy> policy;  ///< nullopt: DMARC is not applied to the message
  std::string tag;  ///< "p" "sp" "np"; empty: none of them (p=none is assumed, or none)
};
/// REQUIRES: the record applies at this level; `exists` tells whether the author domain does.
/// Before "t" is looked at.
Choice choose_policy(const Record& record, Level level, bool exists);
/// Whether the answer to that hangs on `exists`.
bool depends_on_existence(const Record& record, Level level);

struct Alignment {
  bool aligned = false;
  bool known = true;  ///< false: DNS did not answer
};
/// An authenticated identifier against the author domain of `author` (section 4.4).
Task<Alignment> check_alignment(Context context, const Walk& author, DomainName identifier,
                                AlignmentMode mode);

}  // namespace maildiag::checks::dmarc
