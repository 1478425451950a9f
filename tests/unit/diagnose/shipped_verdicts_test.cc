// The verdict rules of rules/causes.toml against tests/data/verdicts.tsv, which says the same a
// second time: who changes a verdict has to say so twice. tests/mutation flips each rule and wants
// a test to fail.
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "diagnose/verdict.h"

using namespace maildiag;

namespace {

struct Row {
  std::string cause, finding, verdict, named;
};

std::vector<Row> rows() {
  std::ifstream file(TEST_SOURCE_DIR "/tests/data/verdicts.tsv");
  std::vector<Row> result;
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
    REQUIRE(cells.size() == 4);
    result.push_back({cells[0], cells[1], cells[2], cells[3]});
  }
  return result;
}

/// The shipped rules, or what tests/mutation made of them.
std::shared_ptr<const rulebook::Rulebook> rules() {
  const char* directory = std::getenv("MAILDIAG_MUTATED_RULES");
  auto book = rulebook::Rulebook::load(directory == nullptr ? std::vector<std::string>{}
                                                            : std::vector<std::string>{directory});
  REQUIRE(book);
  return *book;
}

diagnose::Decision decide(const rulebook::Cause& cause, const std::string& id,
                          const std::string& named) {
  std::vector<Finding> findings;
  if (id != "-") {
    Finding finding;
    finding.id = id;
    finding.data.set("list", "zen.spamhaus.org");
    findings.push_back(std::move(finding));
  }
  rulebook::Match match;
  if (!named.empty()) match.facts.emplace_back("list", named);
  return diagnose::decide(cause, match, findings, {});
}

}  // namespace

TEST_CASE("shipped verdicts: each finding alone says of each cause what the table says") {
  const auto book = rules();
  for (const auto& row : rows()) {
    CAPTURE(row.cause);
    CAPTURE(row.finding);
    const auto* cause = book->cause(row.cause);
    REQUIRE(cause != nullptr);
    const auto alone = decide(*cause, row.finding, "");
    if (row.verdict == "nothing") {
      CHECK(alone.verdict == diagnose::Verdict::inconclusive);
      CHECK(alone.decided_by.empty());
    } else {
      CHECK(diagnose::to_string(alone.verdict) == row.verdict);
      if (row.finding != "-") CHECK(alone.decided_by == std::vector{row.finding});
    }
    if (row.named == "-") continue;
    CHECK(diagnose::to_string(decide(*cause, row.finding, "www.spamhaus.org").verdict) ==
          row.named);
    // Another list than the one that the reply names speaks neither for the cause nor against it.
    CHECK(decide(*cause, row.finding, "bl.spamcop.net").verdict == diagnose::Verdict::inconclusive);
  }
}

TEST_CASE("shipped verdicts: the table has each rule, and no other") {
  const auto book = rules();
  std::set<std::pair<std::string, std::string>> known, told;
  for (const auto& cause : book->causes()) {
    told.emplace(cause.id, "-");
    for (const auto& ids : {cause.confirmed_by, cause.confirmed_when_named, cause.refuted_by,
                            cause.inconclusive_by}) {
      for (const auto id : ids) told.emplace(cause.id, id);
    }
  }
  for (const auto& row : rows()) known.emplace(row.cause, row.finding);
  for (const auto& each : told) {
    CAPTURE(each.first);
    CAPTURE(each.second);
    CHECK(known.contains(each));
  }
  for (const auto& each : known) {
    CAPTURE(each.first);
    CAPTURE(each.second);
    CHECK(told.contains(each));
  }
}

TEST_CASE("shipped verdicts: the likeliest other cause comes first") {
  const auto book = rules();
  std::map<int, std::string> ranked;
  for (const auto& cause : book->causes()) {
    if (cause.alternative_rank != 0) CHECK(ranked.emplace(cause.alternative_rank, cause.id).second);
  }
  std::string order;
  for (const auto& [rank, id] : ranked) order += id + ' ';
  CHECK(order ==
        "dynamic-ip-listed dnsbl-listed ptr-missing fcrdns-mismatch dmarc-reject spf-fail "
        "dkim-fail sender-domain-unresolvable recipient-domain-unresolvable helo-invalid "
        "domain-listed auth-missing ");
}

TEST_CASE("shipped verdicts: one cause alone is a narrower name for another") {
  const auto book = rules();
  std::string narrower;
  for (const auto& cause : book->causes()) {
    if (!cause.refines.empty())
      narrower += std::string(cause.id) + '<' + std::string(cause.refines) + ' ';
  }
  CHECK(narrower == "dynamic-ip-listed<dnsbl-listed ");
}
