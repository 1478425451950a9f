#include "unit/diagnose/shipped_verdicts.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "diagnose/verdict.h"

namespace maildiag::test {

namespace {

using Faults = std::vector<std::string>;

diagnose::Decision decide(const rulebook::Cause& cause, const std::string& id,
                          const std::string& named) {
  std::vector<Finding> findings;
  if (id != "-") {
    Finding finding;
    finding.id = id;
    if (id.ends_with("listed")) {
      finding.data.set("list", "zen.spamhaus.org");
    } else {
      finding.data.set("lists", Value::strings({"zen.spamhaus.org"}));
    }
    findings.push_back(std::move(finding));
  }
  rulebook::Match match;
  if (!named.empty()) match.facts.emplace_back("list", named);
  return diagnose::decide(cause, match, findings, {});
}

/// What a row of verdicts.tsv would say: the verdict, and that where the reply names the list.
std::pair<std::string, std::string> told(const rulebook::Cause& cause, const std::string& finding) {
  const auto alone = decide(cause, finding, "");
  std::string verdict(diagnose::to_string(alone.verdict));
  if (finding != "-" && alone.decided_by != std::vector{finding})
    verdict = alone.decided_by.empty() && alone.verdict == diagnose::Verdict::inconclusive
                  ? "nothing"
                  : verdict + " by others";
  // Another list than the one that the reply names speaks neither for the cause nor against it.
  const auto other = decide(cause, finding, "bl.spamcop.net").verdict;
  std::string named(diagnose::to_string(decide(cause, finding, "www.spamhaus.org").verdict));
  if (other != diagnose::Verdict::inconclusive) named += " by another list";
  return {verdict, named};
}

/// "A B": what stands on one side only.
template <class Key>
Faults differences(const std::set<Key>& known, const std::set<Key>& found) {
  Faults faults;
  for (const auto& [cause, id] : known) {
    if (!found.contains({cause, id})) faults.push_back("only in the table: " + cause + " " + id);
  }
  for (const auto& [cause, id] : found) {
    if (!known.contains({cause, id})) faults.push_back("not in the table: " + cause + " " + id);
  }
  return faults;
}

using Pairs = std::set<std::pair<std::string, std::string>>;

Pairs first_two(const std::vector<std::vector<std::string>>& rows) {
  Pairs result;
  for (const auto& row : rows) result.emplace(row.at(0), row.at(1));
  return result;
}

void expect(const std::string& found, std::string_view wanted, Faults& faults) {
  if (found != wanted) faults.push_back(found + "in place of " + std::string(wanted));
}

}  // namespace

std::vector<std::vector<std::string>> table_rows(const std::string& name) {
  std::ifstream file(TEST_SOURCE_DIR "/tests/data/" + name);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> cells{""};
    for (const char c : line) {
      if (c == '\t') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    rows.push_back(std::move(cells));
  }
  if (rows.empty()) throw std::runtime_error("no rows in " + name);
  return rows;
}

Faults verdict_faults(const rulebook::Rulebook& book) {
  static const auto rows = table_rows("verdicts.tsv");
  Faults faults;
  for (const auto& row : rows) {
    const auto* cause = book.cause(row.at(0));
    if (cause == nullptr) throw std::runtime_error("no cause " + row.at(0));
    const auto [verdict, named] = told(*cause, row.at(1));
    if (verdict != row.at(2))
      faults.push_back(row[0] + " " + row[1] + ": " + verdict + ", not " + row[2]);
    if (row.at(3) != "-" && named != row[3])
      faults.push_back(row[0] + " " + row[1] + " of the list: " + named + ", not " + row[3]);
  }
  return faults;
}

Faults unknown_rule_faults(const rulebook::Rulebook& book) {
  static const auto known = first_two(table_rows("verdicts.tsv"));
  Pairs found;
  for (const auto& cause : book.causes()) {
    found.emplace(cause.id, "-");
    for (const auto& ids : {cause.confirmed_by, cause.confirmed_when_named, cause.refuted_by,
                            cause.inconclusive_by}) {
      for (const auto id : ids) found.emplace(cause.id, id);
    }
  }
  return differences(known, found);
}

Faults cause_check_faults(const rulebook::Rulebook& book) {
  static const auto known = first_two(table_rows("cause_checks.tsv"));
  Pairs found;
  for (const auto& cause : book.causes()) {
    for (const auto check : cause.checks) found.emplace(cause.id, check);
  }
  return differences(known, found);
}

Faults order_faults(const rulebook::Rulebook& book) {
  Faults faults;
  std::map<int, std::string> ranked;
  std::string order, narrower;
  for (const auto& cause : book.causes()) {
    if (cause.alternative_rank != 0 && !ranked.emplace(cause.alternative_rank, cause.id).second)
      faults.push_back(std::string(cause.id) + " has the rank of another");
    if (!cause.refines.empty())
      narrower += std::string(cause.id) + '<' + std::string(cause.refines) + ' ';
  }
  for (const auto& [rank, id] : ranked) order += id + ' ';
  expect(
      order,
      "dynamic-ip-listed dnsbl-listed ptr-missing fcrdns-mismatch dmarc-reject spf-fail "
      "dkim-fail sender-domain-unresolvable spf-missing recipient-domain-unresolvable helo-invalid "
      "domain-listed auth-missing ",
      faults);
  expect(narrower, "dynamic-ip-listed<dnsbl-listed spf-fail<spf-record spf-missing<spf-record ",
         faults);
  return faults;
}

}  // namespace maildiag::test
