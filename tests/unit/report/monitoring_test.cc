#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include <maildiag/monitoring.h>

using namespace maildiag;

namespace {

Report report_of(const std::string& target, Severity severity, const std::string& title) {
  Report report;
  report.command = "rblcheck";
  report.target = target;
  report.status = severity;
  report.elapsed_ms = 250;
  Finding finding;
  finding.id = "dnsbl.listed";
  finding.severity = severity;
  finding.title = title;
  report.findings.push_back(finding);
  return report;
}

Report with_lists(std::initializer_list<std::pair<const char*, const char*>> states) {
  auto report = report_of("203.0.113.7", Severity::critical, "203.0.113.7 is listed");
  Value lists = Value::array();
  for (const auto& [zone, state] : states)
    lists.push(Value::object({{"zone", zone}, {"state", state}, {"txt", "words of strangers"}}));
  report.result = Value::object({{"listed", 1}, {"answered", 2}, {"queried", 3}, {"lists", lists}});
  return report;
}

template <class Sink>
std::string text_of(Sink sink, std::string (Sink::*text)() const, const Report& report) {
  sink.add(report);
  return (sink.*text)();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string hostile = "a\x1b[31m|b\nc\"d'e<script>$HOSTNAME$`id`;\\n&\xff\xe2\x80\xae";

}  // namespace

TEST_CASE("nagios: a report is one line with its status word and performance data") {
  const auto line = text_of(NagiosStatus{}, &NagiosStatus::line, with_lists({}));
  CHECK(line ==
        "MAILDIAG RBLCHECK CRITICAL - 203.0.113.7 is listed | targets=1;;;0 critical=1;;;0 "
        "warning=0;;;0 unknown=0;;;0 listed=1;;;0 answered=2;;;0;3 queried=3;;;0 time=0.250s;;;0");
}

TEST_CASE("nagios: several targets have the worst status, and the worst are named first") {
  NagiosStatus status;
  status.add(report_of("192.0.2.1", Severity::ok, "clean"));
  CHECK(status.exit_status() == 0);
  status.add(report_of("192.0.2.2", Severity::warning, "policy"));
  CHECK(status.exit_status() == 1);
  status.add(report_of("192.0.2.3", Severity::unknown, "quorum"));
  CHECK(status.exit_status() == 3);
  status.add(report_of("192.0.2.4", Severity::critical, "listed"));
  status.add(report_of("192.0.2.5", Severity::warning, "policy, too"));
  CHECK(status.exit_status() == 2);
  const auto line = status.line();
  CHECK(has(line, "CRITICAL - 192.0.2.4: listed, 192.0.2.3: quorum, 192.0.2.2: policy (+1) |"));
  CHECK(has(line, "targets=5;;;0 critical=1;;;0 warning=2;;;0 unknown=1;;;0"));
}

TEST_CASE("nagios: an error is unknown, whatever its exit code is elsewhere") {
  for (const auto code : {ErrorCode::usage, ErrorCode::locked, ErrorCode::configuration}) {
    NagiosStatus status;
    status.add(Error{code, "cannot | read\nit"});
    CHECK(status.exit_status() == 3);
    CHECK(has(status.line(), "MAILDIAG UNKNOWN - cannot / read it |"));
  }
}

TEST_CASE("nagios: words of strangers cannot end the text, start data, or reach a shell or HTML") {
  NagiosStatus status;
  status.add(report_of(hostile, Severity::critical, hostile + hostile));
  const auto line = status.line();
  CHECK(std::count(line.begin(), line.end(), '|') == 1);
  CHECK(line.find_first_of("\n\r\x1b<>$`\"\\&{}") == std::string::npos);
  CHECK(!has(line, "\xe2\x80\xae"));
}

TEST_CASE("nagios: the line stays short, however many and long the problems are") {
  NagiosStatus status;
  for (int i = 0; i < 70000; ++i)
    status.add(report_of("192.0.2.1", Severity::critical, std::string(5000, 'x')));
  CHECK(status.line().size() < 1000);
  CHECK(has(status.line(), "critical=70000;;;0"));
}

TEST_CASE("prometheus: families have HELP and TYPE once and no timestamps") {
  PrometheusText metrics;
  metrics.add(with_lists({{"a.example", "listed"},
                          {"b.example", "not-listed"},
                          {"c.example", "error"},
                          {"d.example", "skipped"}}));
  const auto text = metrics.text();
  CHECK(has(text,
            "# TYPE maildiag_status gauge\nmaildiag_status{command=\"rblcheck\",target="
            "\"203.0.113.7\"} 2\n"));
  const auto zone = [](const char* name) {
    return std::string("{command=\"rblcheck\",target=\"203.0.113.7\",zone=\"") + name + "\"} ";
  };
  CHECK(has(text, "maildiag_dnsbl_listed" + zone("a.example") + "1\n"));
  CHECK(has(text, "maildiag_dnsbl_listed" + zone("b.example") + "0\n"));
  CHECK(!has(text, "maildiag_dnsbl_listed" + zone("c.example")));
  CHECK(has(text, "maildiag_dnsbl_answered" + zone("c.example") + "0\n"));
  CHECK(!has(text, "d.example"));
  CHECK(!has(text, "strangers"));
  CHECK(text.find("# HELP maildiag_status") == text.rfind("# HELP maildiag_status"));
}

TEST_CASE("prometheus: a mail server has its times and the end of its certificate, if any") {
  Report report;
  report.command = "smtpcheck";
  report.target = "mx.example.com[192.0.2.1]:25";
  report.result.set("connect_ms", 1.5).set("banner_ms", Value());
  const std::string labels = R"({command="smtpcheck",target="mx.example.com[192.0.2.1]:25"} )";
  PrometheusText without;
  without.add(report);
  CHECK(has(without.text(), "maildiag_smtp_connect_seconds" + labels + "0.0015\n"));
  CHECK(!has(without.text(), "greeting_seconds"));
  CHECK(!has(without.text(), "certificate"));
  auto certificate = Value::object({{"not_after", "2027-02-10T12:00:00Z"}});
  auto tls = Value::object({{"certificate", std::move(certificate)}});
  report.result.set("banner_ms", 20.0).set("starttls", std::move(tls));
  PrometheusText with;
  with.add(report);
  CHECK(has(with.text(), "maildiag_smtp_greeting_seconds" + labels + "0.02\n"));
  CHECK(has(with.text(), "maildiag_certificate_end_time_seconds" + labels + "1802260800\n"));
}

TEST_CASE("prometheus: a target that comes twice is one series with the worse status") {
  PrometheusText metrics;
  metrics.add(report_of("192.0.2.1", Severity::unknown, "quorum"));
  metrics.add(report_of("192.0.2.1", Severity::warning, "policy"));
  const auto text = metrics.text();
  CHECK(has(text, "maildiag_status{command=\"rblcheck\",target=\"192.0.2.1\"} 3\n"));
  CHECK(!has(text, "maildiag_status{command=\"rblcheck\",target=\"192.0.2.1\"} 1\n"));
}

TEST_CASE("prometheus: labels are escaped and hold no control characters") {
  PrometheusText metrics;
  metrics.add(report_of(hostile, Severity::ok, "x"));
  const auto text = metrics.text();
  CHECK(has(text, "\\\""));
  CHECK(has(text, "\\\\"));
  CHECK(text.find('\x1b') == std::string::npos);
  for (std::size_t at = 0; at < text.size();) {  // each line is a comment or a whole series
    const auto end = text.find('\n', at);
    const auto line = text.substr(at, end - at);
    CHECK((line.starts_with("# ") || line.find("} ") != std::string::npos));
    at = end + 1;
  }
}

TEST_CASE("prometheus: a sweep of a network stays below a bound and says what it leaves out") {
  PrometheusText metrics;
  for (int i = 0; i < 30000; ++i)
    metrics.add(report_of(std::to_string(i) + ".example", Severity::ok, "x"));
  const auto text = metrics.text();
  CHECK(std::count(text.begin(), text.end(), '\n') < 20100);
  // Of each target its status and four counts of findings.
  CHECK(has(text,
            "maildiag_run_omitted_series{command=\"rblcheck\",first_target=\"0.example\"} "
            "130000\n"));
}
