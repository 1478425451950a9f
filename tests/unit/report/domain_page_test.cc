#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <maildiag/report.h>

#include "report/html.h"
#include "report/mail_path.h"
#include "report/text.h"

using namespace maildiag;

namespace {

std::string_view label(std::string_view id) {
  return id;
}

/// A server that everything is known of; its certificate is in its last third.
Value server(const std::string& words) {
  const auto certificate = Value::object({{"subject", words},
                                          {"issuer", words},
                                          {"names", Value::strings({words})},
                                          {"not_before", "2026-09-01T00:00:00Z"},
                                          {"not_after", "2026-12-01T00:00:00Z"},
                                          {"days_left", 9},
                                          {"sha256", words}});
  return Value::object({{"state", "ready"},
                        {"code", 220},
                        {"banner", words},
                        {"starttls", Value::object({{"offered", true},
                                                    {"version", words},
                                                    {"cipher", words},
                                                    {"verified", false},
                                                    {"verify_text", words},
                                                    {"name_matches", true},
                                                    {"certificate", certificate}})}});
}

Value address(const std::string& ip, const std::string& name, const char* fcrdns) {
  return Value::object({{"ip", ip},
                        {"ptr", name.empty() ? Value::array() : Value::strings({name})},
                        {"fcrdns", fcrdns},
                        {"smtp", server(name)}});
}

Value exchanger(int preference, const std::string& host, Value::Array addresses) {
  return Value::object({{"preference", preference}, {"host", host}, {"addresses", addresses}});
}

Value listing(const std::string& zone, const char* state, const char* weight) {
  return Value::object({{"zone", zone}, {"name", zone}, {"state", state}, {"class", weight}});
}

Value listed_address(const std::string& ip, const std::string& zone) {
  Value::Array lists{listing(zone, "listed", "block"), listing("b.test", "not-listed", "block"),
                     listing("c.test", "blocked", "block")};
  return Value::object(
      {{"ip", ip}, {"listed", 1}, {"answered", 2}, {"queried", 3}, {"lists", lists}});
}

Finding finding(const char* id, Severity severity, const std::string& words) {
  Finding result;
  result.id = id;
  result.severity = severity;
  result.subject = words;
  result.title = words;
  result.detail = words;
  result.remedy = {words};
  result.reference = words;
  result.evidence.push_back({Value::object({{"kind", "reply"}, {"text", words}})});
  return result;
}

/// A domain with everything, and the same stranger's words wherever a stranger may write.
Report domain(const std::string& words, std::size_t addresses = 2) {
  Report report;
  report.command = "report";
  report.target = words;
  report.status = Severity::critical;
  report.started = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
  Value::Array hosts, listed;
  for (std::size_t i = 0; i < addresses; ++i) {
    hosts.push_back(exchanger(10, words, {address(words, words, "fail")}));
    listed.push_back(listed_address(words + std::to_string(i), words));
  }
  hosts.push_back(exchanger(20, words, {}));
  const auto leaf = Value::object(
      {{"domain", words}, {"term", words}, {"state", words}, {"record", words}, {"lookups", 1}});
  Value::Array children(9, leaf);
  const auto tree = Value::object(
      {{"domain", words},
       {"term", ""},
       {"state", "ok"},
       {"record", words},
       {"lookups", 11},
       {"children",
        Value::Array{Value::object({{"term", words}, {"lookups", 9}, {"children", children}})}}});
  report.result = Value::object(
      {{"mx", hosts},
       {"spf",
        Value::object({{"records", Value::strings({words})}, {"lookups", 11}, {"tree", tree}})},
       {"dmarc", Value::object({{"record", words}, {"policy", words}, {"found_at", words}})},
       {"dkim", Value::object({{"keys", Value::Array{Value::object({{"selector", words},
                                                                    {"type", words},
                                                                    {"bits", 2048},
                                                                    {"problem", words},
                                                                    {"record", words}})}}})},
       {"dnsbl", Value::object({{"addresses", listed}})},
       {"mta_sts", Value::object({{"record", words},
                                  {"policy", Value::object({{"mode", words},
                                                            {"max_age", 86400},
                                                            {"mx", Value::strings({words})}})}})},
       {"tls_rpt", Value::object({{"record", words}})},
       {"dns", Value::object({{"servers", Value::Array{Value::object({{"name", words},
                                                                      {"address", words},
                                                                      {"asked", true},
                                                                      {"outcome", words},
                                                                      {"serial", words}})}}})},
       {"resolver", Value::strings({words})}});
  report.findings = {finding("mx.missing", Severity::critical, words),
                     finding("spf.ok", Severity::ok, words),
                     finding("dmarc.missing", Severity::warning, words),
                     finding("dkim.key-valid", Severity::info, words),
                     finding("dnsbl.error", Severity::unknown, words),
                     finding("smtp.silent", Severity::unknown, words),
                     finding("mta-sts.missing", Severity::info, words),
                     finding("dns.lame", Severity::warning, words),
                     finding("strange.id", Severity::info, words)};
  return report;
}

std::string page(const Report& report) {
  return report::render_html(report, Language::ko, label);
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// Every element that is opened is closed, in order; the page is written as XML wants it.
std::string markup_fault(const std::string& page) {
  std::vector<std::string> open;
  for (auto at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    if (page.compare(at, 2, "<!") == 0) continue;
    const auto end = page.find('>', at);
    if (end == std::string::npos) return "an open tag";
    const auto tag = page.substr(at + 1, end - at - 1);
    if (tag.ends_with('/')) continue;
    const auto name = tag.substr(tag.starts_with('/') ? 1 : 0, tag.find(' ') - (tag[0] == '/'));
    if (!tag.starts_with('/')) {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> does not close " + (open.empty() ? "anything" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back() + " stays open";
}

}  // namespace

TEST_CASE("a page is well formed, self-contained and in the reader's language") {
  for (const std::size_t addresses : {0U, 1U, 2U, 12U}) {
    const auto text = page(domain("mail.example.com", addresses));
    CHECK(markup_fault(text) == "");
    CHECK(text.find("lang=\"ko\"") != std::string::npos);
    CHECK(text.find("default-src 'none'; style-src 'unsafe-inline'") != std::string::npos);
    for (const char* foreign : {"<script", "src=", "url(", "@import", "http://", "https://"})
      CHECK(text.find(foreign) == std::string::npos);
  }
}

TEST_CASE("nothing of strangers is markup") {
  const std::vector<std::string> hostile{"<script>alert(1)</script>",
                                         "\"><img src=x onerror=alert(1)>",
                                         "'onload='x",
                                         "</style><b>",
                                         "]]><!--",
                                         "&lt;b&gt;",
                                         std::string("\x1b[31m\0\x07", 7),
                                         "\xe2\x80\xae",
                                         "\xff\xfe"};
  const auto tags = count(page(domain("harmless")), "<");
  for (const auto& words : hostile) {
    const auto text = page(domain(words));
    CHECK(markup_fault(text) == "");
    CHECK(count(text, "<") == tags);
    CHECK(text.find(words) == std::string::npos);
    CHECK(std::none_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }));
  }
}

TEST_CASE("a domain without anything makes a page, too") {
  Report report;
  report.command = "report";
  report.target = "example.com";
  report.result = Value::object({{"mx", Value::array()}, {"spf", Value()}, {"dnsbl", Value()}});
  report.findings = {finding("mx.nxdomain", Severity::critical, "gone")};
  const auto text = page(report);
  CHECK(markup_fault(text) == "");
  CHECK(text.find("page.no-exchanger") != std::string::npos);
  CHECK(text.find("id=\"spf\"") == std::string::npos);
}

TEST_CASE("states are told in words beside their signs") {
  const auto few = page(domain("x", 2)), many = page(domain("x", 12));
  for (const auto* text : {&few, &many}) {
    CHECK(text->find("state.listed") != std::string::npos);
    CHECK(text->find("state.not-listed") != std::string::npos);
    CHECK(text->find("state.blocked") != std::string::npos);
  }
  CHECK(many.find("class=\"grid\"") != std::string::npos);
  CHECK(few.find("class=\"grid\"") == std::string::npos);
}

TEST_CASE("a certificate's life is a bar of what has passed, with the days in words") {
  const auto text = page(domain("mx.test", 12));
  CHECK(count(text, "class=\"life\"") == 1);  // all show the same one
  CHECK(text.find("class=\"track warning\"><i style=\"width:90%\"") != std::string::npos);
  CHECK(text.find("domain.days-left: 9") != std::string::npos);
}

TEST_CASE("long include trees fold, short ones do not") {
  CHECK(page(domain("x")).find("page.includes (9)") != std::string::npos);
  auto report = domain("x");
  Value tree = Value::object({{"domain", "x"}, {"state", "ok"}, {"record", "x"}, {"lookups", 0}});
  report.result.find("spf")->set("tree", tree);
  CHECK(page(report).find("page.includes") == std::string::npos);
}

TEST_CASE("thousands of exchangers make a picture of bounded size") {
  auto many = domain("x", 0);
  Value::Array hosts;
  for (int i = 0; i < 50; ++i) {
    Value::Array addresses(100, address("192.0.2.1", "x.test", "pass"));
    hosts.push_back(exchanger(i, "mx.test", addresses));
  }
  many.result.set("mx", hosts);
  report::HtmlWriter out;
  const report::Labels labels = label;
  const report::HtmlContext context{many, labels, out};
  const auto path = report::read_mail_path(context);
  std::size_t rows = 0;
  for (const auto& host : path.hosts) rows += host.addresses.size();
  CHECK(rows == report::max_path_rows);
  CHECK(rows + path.hidden == 5000);
  CHECK(page(many).size() < 400000);
}

TEST_CASE("names are shortened in their middle") {
  CHECK(report::shortened("mx.example.com", 14) == "mx.example.com");
  CHECK(report::shortened("mail-ej1-f41.google.com", 11) == "mail-…e.com");
  CHECK(report::shortened("메일서버.한국", 9) == "메일…한국");
  CHECK(report::shortened("a\x1b[31m", 40) == "a\\x1b[31m");
}

TEST_CASE("the text is calm: quiet shows only what is wrong") {
  const auto whole = domain("mail.example.com");
  TextOptions options;
  const auto all = report::render_text(whole, options, label);
  CHECK(all.find("domain.spf") != std::string::npos);
  CHECK(all.find("mail.example.com (fcrdns.fail)") != std::string::npos);
  options.quiet = true;
  const auto wrong = report::render_text(whole, options, label);
  CHECK(wrong.find("domain.spf") == std::string::npos);
  CHECK(wrong.find("domain.dkim") == std::string::npos);
  CHECK(wrong.find("domain.exchangers") != std::string::npos);
  CHECK(wrong.find("fcrdns.fail") == std::string::npos);
}
