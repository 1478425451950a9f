#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "checks/dmarc.h"
#include "support/check_context.h"
#include "support/dmarc_suite.h"

namespace maildiag::checks {
namespace {

using namespace test;
using nlohmann::json;

DmarcReport check(const std::shared_ptr<MemoryBackend>& backend, const std::string& domain) {
  return run_check<DmarcReport>(backend, [&domain](Context context) {
    return check_dmarc(context, raw_name(domain), DmarcScope{});
  });
}

void expect_policy(const json& test) {
  const auto report = check(dmarc_backend(test), test.at("author").get<std::string>());
  const auto value = report.to_value();
  const auto expected = [&test](const char* key) {
    return test.at(key).is_null() ? Value() : Value(test.at(key).get<std::string>());
  };
  CHECK(value["policy"] == expected("policy"));
  CHECK(value["policy_tag"] == expected("tag"));
  CHECK(value["found_at"] == expected("record"));
}

Task<dmarc::Alignment> align(Context context, std::string author, std::string identifier,
                             dmarc::AlignmentMode mode) {
  const auto walk = co_await dmarc::walk_tree(context, raw_name(author));
  co_return co_await dmarc::check_alignment(context, walk, raw_name(identifier), mode);
}

void expect_alignment(const json& test) {
  const auto mode =
      test.at("mode") == "s" ? dmarc::AlignmentMode::strict : dmarc::AlignmentMode::relaxed;
  const auto alignment =
      run_check<dmarc::Alignment>(dmarc_backend(test), [&test, mode](Context context) {
        return align(context, test.at("author").get<std::string>(),
                     test.at("ident").get<std::string>(), mode);
      });
  CHECK(alignment.known);
  CHECK(alignment.aligned == test.at("aligned").get<bool>());
}

TEST_CASE("RFC 9989: walks, policies and alignments of the conformance table") {
  const auto file = conformance_file("dmarc/rfc9989.json");
  if (!file) {
    MESSAGE("skipped: no conformance table (set MAILDIAG_CONFORMANCE)");
    return;
  }
  const auto table = load_json(*file);
  for (const auto& test : table.at("tree_walk")) {
    CAPTURE(test.at("id").get<std::string>());
    const auto backend = dmarc_backend(test);
    const auto report = check(backend, test.at("domain").get<std::string>());
    CHECK(report.to_value()["queries"] ==
          Value::strings(test.at("queries").get<std::vector<std::string>>()));
    std::vector<std::string> asked;
    for (const auto& name : test.at("queries")) asked.push_back(name.get<std::string>() + " TXT");
    CHECK(backend->asked() == asked);
    REQUIRE(report.organizational_domain);
    CHECK(report.organizational_domain->to_string() == test.at("org").get<std::string>());
  }
  for (const auto& test : table.at("policy")) {
    CAPTURE(test.at("id").get<std::string>());
    expect_policy(test);
  }
  for (const auto& test : table.at("alignment")) {
    CAPTURE(test.at("id").get<std::string>());
    expect_alignment(test);
  }
  CHECK(table.at("tree_walk").size() == 8);
  CHECK(table.at("policy").size() == 16);
  CHECK(table.at("alignment").size() == 6);
}

/// The table's words: an error of DNS, of the record, or none.
std::string status_of(dmarc::Authorisation state) {
  if (state == dmarc::Authorisation::unknown) return "temperror";
  return state == dmarc::Authorisation::malformed ? "permerror" : "none";
}

TEST_CASE("RFC 9990 section 4: authorisations of the conformance table") {
  const auto file = conformance_file("dmarc/external-reporting.json");
  if (!file) {
    MESSAGE("skipped: no conformance table (set MAILDIAG_CONFORMANCE)");
    return;
  }
  const auto table = load_json(*file);
  CHECK(table.at("cases").size() == 8);
  for (const auto& test : table.at("cases")) {
    const auto domain = test.at("domain").get<std::string>();
    const auto host = test.at("destination").get<std::string>();
    CAPTURE(host);
    const auto authority =
        run_check<dmarc::Authority>(dmarc_backend(table), [&domain, &host](Context context) {
          return dmarc::ask_authority(context, raw_name(domain), raw_name(host));
        });
    CHECK(status_of(authority.state) == test.at("status").get<std::string>());
    CHECK((authority.state == dmarc::Authorisation::authorised) == test.at("accepts").get<bool>());
    CHECK(authority.name.to_string() == domain + "._report._dmarc." + host);
  }
}

}  // namespace
}  // namespace maildiag::checks
