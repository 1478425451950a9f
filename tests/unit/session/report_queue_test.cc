#include "session/report_queue.h"

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

using namespace maildiag;

namespace {

Report report_of(const std::string& target) {
  Report report;
  report.target = target;
  return report;
}

}  // namespace

TEST_CASE("reports leave in the order of their targets, as early as that allows") {
  std::string told;
  const ReportSink sink = [&](const Report& report) { return told += report.target, true; };
  session::ReportQueue queue(4, sink, session::HandOver::early);
  queue.add(1, report_of("b"));
  CHECK(told.empty());
  queue.add(0, report_of("a"));
  CHECK(told == "ab");
  queue.add(3, report_of("d"));
  CHECK(told == "ab");
  queue.add(2, report_of("c"));
  CHECK(told == "abcd");
  CHECK(queue.finish() == 0);
}

TEST_CASE("no report leaves before the end where a sink that waits would cost others their time") {
  std::string told;
  const ReportSink sink = [&](const Report& report) { return told += report.target, true; };
  session::ReportQueue queue(2, sink, session::HandOver::at_end);
  queue.add(0, report_of("a"));
  queue.add(1, report_of("b"));
  CHECK(told.empty());
  CHECK(queue.finish() == 0);
  CHECK(told == "ab");
}

TEST_CASE("at the end what is complete leaves, and the others are counted") {
  std::string told;
  const ReportSink sink = [&](const Report& report) { return told += report.target, true; };
  session::ReportQueue queue(5, sink, session::HandOver::early);
  queue.add(4, report_of("e"));
  queue.add(1, report_of("b"));
  CHECK(queue.finish() == 3);
  CHECK(told == "be");
  CHECK_FALSE(queue.stopped());
}

TEST_CASE("a sink that has enough hears nothing more") {
  std::string told;
  const ReportSink sink = [&](const Report& report) { return told += report.target, told != "ab"; };
  session::ReportQueue queue(4, sink, session::HandOver::early);
  for (const std::size_t index : {2U, 1U, 0U}) queue.add(index, report_of({char('a' + index)}));
  CHECK(told == "ab");
  CHECK(queue.stopped());
  queue.add(3, report_of("d"));
  CHECK(queue.finish() == 0);
  CHECK(told == "ab");
}

TEST_CASE("a sink that throws hears nothing more") {
  int calls = 0;
  const ReportSink sink = [&](const Report&) -> bool {
    ++calls;
    throw std::runtime_error("full");
  };
  session::ReportQueue queue(2, sink, session::HandOver::early);
  CHECK_THROWS_AS(queue.add(0, report_of("a")), std::runtime_error);
  queue.add(1, report_of("b"));
  CHECK(queue.finish() == 0);
  CHECK(calls == 1);
}
