/// What is wrong or risky in one record by itself, without a question.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

#include "checks/spf_record.h"
#include "dns/answer.h"

namespace maildiag::checks::spf {

/// How a record is reached: what follows "all" matters only where the record's result is the last
/// word.
enum class Place { root, redirected, included };

/// Networks that are compared with each other; a record of 64 KiB has 4,000, and the comparison is
/// quadratic.
inline constexpr std::size_t max_compared_networks = 500;
/// Findings about single terms of one record.
inline constexpr std::size_t max_record_findings = 50;
/// Findings of one tree at most: a hostile record has thousands of faulty terms, a person reads
/// none of them.
inline constexpr std::size_t max_lint_findings = 100;
/// Terms listed in one finding.
inline constexpr std::size_t max_listed_terms = 10;
/// Advice of RFC 7208 section 3.4: an answer that fits into 512 octets leaves about this for the
/// strings.
inline constexpr std::size_t advised_octets = 450;

/// Section 5: a mapped client is an IPv4 client, so no ip6 term ever sees it.
bool is_mapped(const IpNetwork& network);

std::vector<Finding> lint_record(std::string_view domain, const Record& record, Place place);

/// Two terms that a seam between two strings of the record made one, and the grammar lets pass: ':'
/// and '/' may stand in a name (section 7.1).
struct GluedTerm {
  std::size_t position = 0;  ///< among the terms
  std::string seam;          ///< "word|word"
  bool certain = true;       ///< false: a name that was cut looks alike; that it leads to nothing
                             ///< tells
  bool holds_all = false;    ///< one of those that became this one was "all"
};
/// `record` is the only SPF record of the answer, without a syntax error.
std::vector<GluedTerm> glued_terms(const dns::Answer& answer, const Record& record);
/// Receivers read one term where two were meant.
Finding glued_finding(std::string_view domain, std::string_view seam);

/// What the TXT answer itself shows: look-alikes of records, strings joined without a space, too
/// many octets.
std::vector<Finding> lint_answer(std::string_view domain, const dns::Answer& answer);
/// A record that is included twice is wrong once. In the order in which they were found; of too
/// many the weightiest, as nothing may be called valid for want of room.
std::vector<Finding> distinct(std::vector<Finding> findings);

/// Octets of all TXT records at the name, with their length octets.
std::size_t txt_octets(const dns::Answer& answer);

}  // namespace maildiag::checks::spf
