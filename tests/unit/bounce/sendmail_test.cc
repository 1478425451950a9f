// Sendmail's transcript: one line for several recipients.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag::bounce;

namespace {

const std::string received =
    "The original message was received at Mon, 11 Jun 2018 05:40:22 -0700 from "
    "ool-6c3a22a6.static.optonline.net []";
const std::string said = "421 bosimpinc13 bizsmtp Temporarily rejected. Reverse DNS for failed.";
const std::string to_both = "<abc@bntechny.example>,<bcd@bntechny.example>... Deferred: " + said;

void check_both(const std::string& text) {
  CAPTURE(text);
  const auto bounce = read_bounce(text);
  REQUIRE(bounce.has_value());
  CHECK(bounce->format == "sendmail");
  CHECK(bounce->kind == Kind::delay);
  REQUIRE(bounce->failures.size() == 2);
  CHECK(bounce->failures[0].recipient == "abc@bntechny.example");
  CHECK(bounce->failures[1].recipient == "bcd@bntechny.example");
  for (const auto& failure : bounce->failures) {
    CHECK(failure.reply.code == 421);
    CHECK(failure.reply.text ==
          "bosimpinc13 bizsmtp Temporarily rejected. Reverse DNS for failed.");
    CHECK(failure.remote_host == "mx.bntechny.example");
    CHECK(failure.action == Action::delayed);
  }
}

}  // namespace

TEST_CASE("a transcript's line for two recipients makes two failures") {
  const std::string end =
      "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days "
      "old\n";
  const std::string talk = "... while talking to mx.bntechny.example.:";
  const std::string mark = "----- Transcript of session follows -----";
  check_both(received + "\n\n   " + mark + "\n" + talk + "\n<<< " + said + "\n" + to_both + "\n" +
             end);
  check_both(
      "-----Original Message----- From: Mail Delivery Subsystem "
      "[mailto:MAILER-DAEMON@ABC.example] ********************************************** " +
      received + "\n" + mark + " " + talk + " <<< " + said + " " + to_both +
      " Warning: message still undelivered after 4 hours Will keep trying until message is "
      "5 days old |");
  // With a blank behind the comma.
  check_both(received + "\n" + mark + " " + talk + " <<< " + said +
             " <abc@bntechny.example>, <bcd@bntechny.example>... Deferred: " + said +
             " Warning: message still undelivered after 4 hours");
}

TEST_CASE("lines for different recipients keep their own replies") {
  const auto bounce = read_bounce(
      "   ----- Transcript of session follows -----\n"
      "... while talking to mx.a.example.:\n"
      "<<< 451 4.1.8 first\n"
      "<one@a.example>... Deferred: 451 4.1.8 first\n"
      "... while talking to mx.b.example.:\n"
      "<<< 452 4.2.2 second\n"
      "<two@b.example>, three@b.example... Deferred: 452 4.2.2 second\n"
      "Warning: message still undelivered after 4 hours\n");
  REQUIRE(bounce.has_value());
  REQUIRE(bounce->failures.size() == 3);
  CHECK(bounce->failures[0].recipient == "one@a.example");
  CHECK(bounce->failures[0].reply.code == 451);
  CHECK(bounce->failures[0].remote_host == "mx.a.example");
  CHECK(bounce->failures[1].recipient == "two@b.example");
  CHECK(bounce->failures[1].reply.code == 452);
  CHECK(bounce->failures[2].recipient == "three@b.example");
  CHECK(bounce->failures[2].reply.text == "second");
  CHECK(bounce->failures[2].remote_host == "mx.b.example");
}

TEST_CASE("a warning's subject tells of a delay where no reply refuses for good") {
  const auto kind_of = [](const std::string& subject, const std::string& reply) {
    const auto bounce = read_bounce("From: MAILER-DAEMON@mx.sender.example\nSubject: " + subject +
                                    "\n\n   ----- Transcript of session follows -----\n<<< " +
                                    reply + "\n<lee@rcpt.example>... Deferred: " + reply + "\n");
    REQUIRE(bounce.has_value());
    REQUIRE(bounce->failures.size() == 1);
    CHECK((bounce->failures[0].action == Action::delayed) == (bounce->kind == Kind::delay));
    return bounce->kind;
  };
  const std::string warning = "Warning: could not send message for past 4 hours";
  CHECK(kind_of(warning, "450 4.2.1 mailbox busy") == Kind::delay);
  CHECK(kind_of(warning, "550 5.1.1 User unknown") == Kind::failure);
  CHECK(kind_of("Returned mail: see transcript for details", "450 4.2.1 mailbox busy") ==
        Kind::failure);
}
