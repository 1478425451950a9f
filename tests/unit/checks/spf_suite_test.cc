#include "support/spf_suite.h"

#include <algorithm>
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "checks/spf.h"
#include "support/check_context.h"
#include "support/spf_suite_servers.h"

namespace maildiag {
namespace {

using checks::SpfEvaluation;
using BackendMaker = std::function<std::shared_ptr<dns::Backend>(const test::SuiteScenario&)>;

struct Score {
  int results = 0, result_count = 0, explanations = 0, explanation_count = 0;
};

SpfEvaluation evaluate(const std::shared_ptr<dns::Backend>& backend, const test::SuiteCase& test) {
  checks::SpfRequest request;
  request.ip = IpAddress::parse(test.host).value();
  request.sender = test.sender;
  request.helo = test.helo;
  return test::run_check<SpfEvaluation>(
      backend, [&](checks::Context context) { return checks::evaluate_spf(context, request); });
}

Score run_suite(const test::SuiteTable& table, const BackendMaker& make) {
  Score score;
  for (const auto& scenario : table.scenarios) {
    const auto backend = make(scenario);
    for (const auto& test : scenario.cases) {
      const auto evaluation = evaluate(backend, test);
      const std::string result(checks::to_string(evaluation.result));
      const bool right =
          std::find(test.results.begin(), test.results.end(), result) != test.results.end();
      CHECK_MESSAGE(right, scenario.description << ": " << test.id << " is " << result << ", not "
                                                << test.results.front() << " ("
                                                << evaluation.problem.code << ")");
      score.results += right ? 1 : 0;
      ++score.result_count;
      if (!test.explanation) continue;
      const auto& explanation =
          evaluation.explanation.empty() ? table.default_explanation : evaluation.explanation;
      CHECK_MESSAGE(explanation == *test.explanation, test.id);
      score.explanations += explanation == *test.explanation ? 1 : 0;
      ++score.explanation_count;
    }
  }
  MESSAGE("RFC 7208 suite: " << score.results << " of " << score.result_count << " results, "
                             << score.explanations << " of " << score.explanation_count
                             << " explanations");
  return score;
}

/// Every way to DNS must score the same: whole.
void check_suite(const BackendMaker& make) {
  const auto file = test::conformance_file("spf/rfc7208.json");
  if (!file) {
    MESSAGE("SKIPPED: no conformance tables; set MAILDIAG_CONFORMANCE to their folder");
    return;
  }
  const auto score = run_suite(test::load_spf_suite(*file), make);
  CHECK(score.results == 203);
  CHECK(score.result_count == 203);
  CHECK(score.explanations == 22);
  CHECK(score.explanation_count == 22);
}

TEST_CASE("the RFC 7208 suite in memory") {
  check_suite(test::memory_backend);
}

TEST_CASE("the RFC 7208 suite through the zone backend") {
  check_suite([](const test::SuiteScenario& scenario) {
    return std::make_shared<test::ZoneFileBackend>(scenario);
  });
}

TEST_CASE("the RFC 7208 suite over the wire") {
  check_suite([](const test::SuiteScenario& scenario) {
    return std::make_shared<test::WireBackend>(scenario);
  });
}

}  // namespace
}  // namespace maildiag
