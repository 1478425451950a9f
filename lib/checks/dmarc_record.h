/// A DMARC policy record as text: what it says, and what of it does not count (RFC 9989 sections
/// 4.7 and 4.8).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain_name.h"
#include "core/tag_list.h"

namespace maildiag::checks::dmarc {

/// Report destinations that are read; RFC 7489 asked receivers for two, real records have up to
/// five.
inline constexpr std::size_t max_uris = 20;

enum class Policy { none, quarantine, reject };
std::string_view to_string(Policy policy);
/// One level below (RFC 9989 section 4.7, "t"): reject -> quarantine -> none.
Policy lowered(Policy policy);

enum class AlignmentMode { relaxed, strict };
std::string_view to_string(AlignmentMode mode);

enum class Psd { yes, no, undeclared };

/// What keeps a part of the record from counting, or should not stand there.
enum class Fault {
  syntax,         ///< a part that is no tag=value, or holds octets that no value may hold
  duplicate,      ///< a tag that was there before; the first counts
  too_many,       ///< more tags than are read
  version_case,   ///< "V": the ABNF allows it, receivers that compare names as DKIM do not
  tag_case,       ///< a known name in other letters: a tag that nobody knows
  unknown_tag,    ///< not in the registry
  withdrawn_tag,  ///< rf, ri (RFC 7489), and pct=100
  withdrawn_pct,  ///< pct below 100: new receivers apply the policy to all mail, old ones to a part
  bad_policy,     ///< p, sp or np that is no policy: spoils the whole record (section 4.10.1)
  bad_value,      ///< of adkim, aspf, fo, psd, t: the default counts
  bad_uri,        ///< of rua or ruf
  uri_scheme,     ///< a URI of a scheme that receivers need not support
  report_size,    ///< "!10m" (obsolete)
  too_many_uris,  ///< more than max_uris
};
struct Problem {
  Fault fault{};
  std::string tag;   ///< its name, empty where there is none
  std::string text;  ///< the value or part at fault, raw octets
};

struct ReportUri {
  std::string tag;                 ///< "rua" or "ruf"
  std::string uri;                 ///< without the obsolete size
  std::optional<DomainName> host;  ///< of a mailto: URI; nullopt: another scheme
};

struct Record {
  std::string text;
  std::vector<Tag> tags;            ///< behind the version, without what receivers discard
  std::optional<Policy> p, sp, np;  ///< as they stand, valid ones
  bool has_p = false, has_sp = false, has_np = false;
  bool p_is_second = false;  ///< where RFC 7489 wants it
  AlignmentMode adkim = AlignmentMode::relaxed, aspf = AlignmentMode::relaxed;
  Psd psd = Psd::undeclared;
  bool test_mode = false;
  bool has_fo = false;
  std::optional<int> pct;  ///< RFC 7489's, 0-100
  std::vector<ReportUri> uris;
  std::vector<Problem> problems;

  bool has_reports(std::string_view tag) const;
  /// p, sp and np are usable: p valid, the others valid or absent (section 4.10.1).
  bool has_valid_policies() const;
};

/// Begins with a "v" tag that says DMARC1 (section 4.10 step 2): everything else at the name is
/// somebody else's text.
bool is_record(std::string_view text);
/// Meant as one and yet none: "v=dmarc1", a "v" that is not first, "DMARC1; p=..."
bool looks_like_record(std::string_view text);
/// REQUIRES: is_record(text).
Record parse_record(std::string_view text);

/// The URIs of an rua or ruf value; faults go to `problems`.
std::vector<ReportUri> parse_uris(std::string_view tag, std::string_view value,
                                  std::vector<Problem>& problems);

}  // namespace maildiag::checks::dmarc
