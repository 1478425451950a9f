// What one Received field tells, in the forms of several servers.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bounce/returned_message.h"

using namespace maildiag::bounce;

TEST_CASE("the name of EHLO stands where each server writes it") {
  struct Row {
    std::string from, helo, client_name;
  };
  for (const auto& row : std::vector<Row>{
           // Postfix, sendmail
           {"mail.sender.example (ptr7.isp.example [203.0.113.7])", "mail.sender.example",
            "ptr7.isp.example"},
           {"branch (unknown [203.0.113.7])", "branch", ""},
           {"unknown (unknown [203.0.113.7])", "", ""},
           // Exim
           {"ptr7.isp.example ([203.0.113.7]:4711 helo=mail.sender.example)", "mail.sender.example",
            "ptr7.isp.example"},
           {"[203.0.113.7] (helo=[10.0.0.1])", "[10.0.0.1]", ""},
           {"ptr7.isp.example ([203.0.113.7] helo=[10.0.0.1])", "[10.0.0.1]", "ptr7.isp.example"},
           // qmail
           {"unknown (HELO mail.sender.example) (203.0.113.7)", "mail.sender.example", ""},
           {"ptr7.isp.example (HELO Mail.sender.example) (203.0.113.7)", "mail.sender.example",
            "ptr7.isp.example"},
           {"unknown (HELO 10.0.0.1) (203.0.113.7)", "10.0.0.1", ""},
           {"mail.sender.example (203.0.113.7)", "mail.sender.example", ""},
           {"unknown (203.0.113.7)", "", ""},
           // James
           {"203.0.113.7 (EHLO mail.sender.example) ([203.0.113.7])", "mail.sender.example", ""},
       }) {
    CAPTURE(row.from);
    const auto hop = read_hop("from " + row.from + "\n  by mx.receiver.example with SMTP; now");
    CHECK(hop.helo == row.helo);
    CHECK(hop.client_name == row.client_name);
    CHECK(hop.by == "mx.receiver.example");
    REQUIRE(hop.client);
    CHECK(hop.client->to_string() == "203.0.113.7");
  }
}
