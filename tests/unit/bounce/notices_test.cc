// Bounces without a reply, or with one told twice: notices for people, each recipient once and with
// the words of the reason only.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/delivery_failure.h"
#include "bounce/reader.h"

using namespace maildiag;
using namespace maildiag::bounce;

namespace {

struct Expected {
  std::string recipient;
  int code;
  std::string status, text;
};

void check(const std::string& name, const std::string& format, const std::vector<Expected>& rows) {
  CAPTURE(name);
  std::ifstream file(TEST_SOURCE_DIR "/tests/data/bounces/" + name, std::ios::binary);
  REQUIRE(file);
  const auto bounce = read_bounce(std::string{std::istreambuf_iterator<char>(file), {}});
  REQUIRE(bounce.has_value());
  CHECK(bounce->kind == Kind::failure);
  CHECK(bounce->format == format);
  REQUIRE(bounce->failures.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    CHECK(bounce->failures[i].recipient == rows[i].recipient);
    CHECK(bounce->failures[i].reply.code == rows[i].code);
    CHECK(bounce->failures[i].reply.status == rows[i].status);
    CHECK(bounce->failures[i].reply.text == rows[i].text);
  }
}

const std::string lee = "lee@receiver.example";
const std::string park = "park@other.example";

}  // namespace

TEST_CASE("Exchange before 2007 may tell the reason in words only") {
  check("exchange-55.eml", "exchange",
        {{lee, 0, "",
          "The recipient name is not recognized MSEXCH:IMS:Receiver:HQ:EXCH 0 (000C05A6) Unknown "
          "Recipient"},
         {park, 0, "",
          "The message could not be delivered because the recipient's mailbox is full"}});
  check("exchange-2003-words.eml", "exchange",
        {{lee, 0, "",
          "The e-mail account does not exist at the organization this message was sent to. Check "
          "the e-mail address."},
         {"", 0, "", "This message is larger than the current system limit."}});
}

TEST_CASE("Exchange tells one failure twice: to the sender without codes, to his administrator") {
  check("exchange-gave-error.eml", "exchange",
        {{lee, 552, "5.2.0",
          "Xy1 Message rejected by Filter - For more information, see "
          "https://help.receiver.example/filter [602]"}});
}

TEST_CASE("A gateway's notice names the recipient among the fields of the mail that it stopped") {
  check("mailmarshal.eml", "reply",
        {{lee, 0, "",
          "MailMarshal (an automated content monitoring gateway) has stopped the following email "
          "because it believes it may contain a virus:"}});
}

TEST_CASE("SmarterMail labels recipient and reason") {
  check("smartermail.eml", "smartermail",
        {{lee, 552, "5.2.2", "Mailbox full"}, {park, 0, "", "No such domain"}});
}

TEST_CASE("The words that announce a reason are no part of it") {
  check("gmail-2012-dns.eml", "gmail",
        {{lee, 0, "", "DNS Error: DNS server returned answer with no data"}});
  check("kundenserver.eml", "exim", {{lee, 0, "", "multiple delivery attempts failed"}});
}

TEST_CASE("IronPort names the last reply behind its own: that one tells why the mail expired") {
  const auto deferred = parse_reply(
      "smtp; 5.4.7 - Delivery expired (message too old) [Default] 452-'4.2.2 Mailbox full' "
      "(delivery attempts: 18)");
  CHECK(deferred.reply.code == 452);
  CHECK(deferred.reply.status == "4.2.2");
  CHECK(deferred.reply.text == "Mailbox full");
  const auto silent = parse_reply(
      "smtp; 5.4.7 - Delivery expired (message too old) 'timeout' (delivery "
      "attempts: 18)");
  CHECK(silent.reply.code == 0);
  CHECK(silent.reply.status == "5.4.7");
  CHECK(silent.reply.text == "Delivery expired (message too old) 'timeout'");
}
