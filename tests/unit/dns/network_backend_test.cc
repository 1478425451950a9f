#include <doctest/doctest.h>

#include "unit/dns/asking.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

TEST_CASE("an answer has its records, its TTL and its server") {
  const FakeDnsServer server(
      FakeZone("example.com MX 10 mx1.example.com.\n"
               "example.com MX 20 mx2.example.com."));
  const auto answer = ask(server, "example.com", RecordType::mx);
  CHECK(answer.outcome == Outcome::answer);
  CHECK(answer.rcode == 0);
  REQUIRE(answer.records.size() == 2);
  CHECK(rdata_text(answer.records[0]) == "10 mx1.example.com");
  CHECK(rdata_text(answer.records[1]) == "20 mx2.example.com");
  CHECK(answer.ttl == 300);
  CHECK(answer.server == server.address().to_string());
  CHECK(answer.question == Question{name("example.com"), RecordType::mx});
  CHECK(answer.elapsed.count() > 0);
}

TEST_CASE("NXDOMAIN and NODATA differ, and carry the SOA record's negative TTL") {
  const FakeDnsServer server([](const FakeQuery& query) {
    const bool exists = query.question.type == RecordType::txt;
    return FakeReply(exists ? 0 : 3).soa("example", 17, 4000);
  });
  const auto nxdomain = ask(server, "gone.example", RecordType::a);
  CHECK(nxdomain.outcome == Outcome::nxdomain);
  CHECK(nxdomain.rcode == 3);
  CHECK(nxdomain.ttl == 17);
  const auto nodata = ask(server, "here.example", RecordType::txt);
  CHECK(nodata.outcome == Outcome::nodata);
  CHECK(nodata.rcode == 0);
  CHECK(nodata.ttl == 17);
}

TEST_CASE("NXDOMAIN with records of the name contradicts itself, and is no answer") {
  const auto outcome = [](std::string_view asked, RecordType type, FakeReply reply) {
    const FakeDnsServer server([&](const FakeQuery&) { return reply; });
    const auto answer = ask(server, asked, type);
    CHECK(answer.definite() == answer.detail.empty());
    CHECK(answer.records.empty());
    return answer.outcome;
  };
  const auto nxdomain = [] { return FakeReply(3).soa("example", 60, 60); };
  const auto listed = nxdomain().answer("a.example", RecordType::a, "127.0.0.2");
  CHECK(outcome("a.example", RecordType::a, listed) == Outcome::malformed);
  CHECK(outcome("a.example", RecordType::any, listed) == Outcome::malformed);
  CHECK(outcome("a.example", RecordType::txt,
                FakeReply(3).answer("a.example", RecordType::txt, "\"v=spf1 +all\"")) ==
        Outcome::malformed);
  // RFC 6604 section 3: the code is that of the chain's end.
  const auto alias = nxdomain().answer("a.example", RecordType::cname, "gone.example.");
  CHECK(outcome("a.example", RecordType::a, alias) == Outcome::nxdomain);
  CHECK(outcome("a.example", RecordType::cname, alias) == Outcome::malformed);
  CHECK(outcome("a.example", RecordType::a,
                FakeReply(alias).answer("gone.example", RecordType::a, "192.0.2.1")) ==
        Outcome::malformed);
}

TEST_CASE("a negative answer's TTL is at most the SOA record's own") {
  const FakeDnsServer server([](const FakeQuery&) { return FakeReply(3).soa("example", 900, 30); });
  CHECK(ask(server, "gone.example", RecordType::a).ttl == 30);
}

TEST_CASE("forged messages are ignored until the true answer comes") {
  FakeReply forged;
  SUBCASE("another id") {
    forged.answer("victim.example", RecordType::a, "6.6.6.6").forge_id();
  }
  SUBCASE("another question") {
    forged.answer("victim.example", RecordType::a, "6.6.6.6").forge_question("other.example");
  }
  SUBCASE("another source port") {
    forged.answer("victim.example", RecordType::a, "6.6.6.6").from_other_port();
  }
  SUBCASE("a header with the right id and rcode NXDOMAIN alone") {
    forged = FakeReply(3).without_question();
  }
  SUBCASE("a query instead of a response") {
    forged = FakeReply::bytes(std::string("\0\0\1\0\0\1\0\0\0\0\0\0", 12), true);
  }
  SUBCASE("one octet") {
    forged = FakeReply::bytes("x");
  }
  SUBCASE("an empty datagram") {
    forged = FakeReply::bytes("");
  }
  const FakeDnsServer server([&](const FakeQuery&) {
    FakeReply reply;
    return reply.answer("victim.example", RecordType::a, "192.0.2.1")
        .delay(milliseconds(20))
        .after(forged);
  });
  const auto answer = ask(server, "victim.example", RecordType::a);
  CHECK(answer.outcome == Outcome::answer);
  REQUIRE(answer.records.size() == 1);
  CHECK(rdata_text(answer.records[0]) == "192.0.2.1");
  CHECK(server.queries().size() == 1);
}

TEST_CASE("nothing but forged messages is a time-out that says so") {
  const FakeDnsServer server([](const FakeQuery&) {
    return FakeReply().answer("victim.example", RecordType::a, "6.6.6.6").forge_id();
  });
  const auto answer = ask(hasty_options({server.address()}), "victim.example", RecordType::a);
  CHECK(answer.outcome == Outcome::timeout);
  CHECK(answer.records.empty());
  CHECK(answer.detail.find("3 messages with a wrong id or question ignored") != std::string::npos);
}

TEST_CASE("silence: tries with growing time-outs, then a slow one without EDNS") {
  const FakeDnsServer server([](const FakeQuery&) { return FakeReply::drop(); });
  const auto answer = ask(hasty_options({server.address()}), "slow.example", RecordType::a);
  CHECK(answer.outcome == Outcome::timeout);
  CHECK(answer.rcode == -1);
  CHECK_FALSE(answer.definite());
  const auto queries = server.queries();
  REQUIRE(queries.size() == 3);
  CHECK(queries[0].edns);
  CHECK(queries[1].edns);
  CHECK_FALSE(queries[2].edns);
  CHECK(queries[0].id != queries[1].id);
  // 60, 90 and 180 ms.
  CHECK(answer.elapsed >= milliseconds(330));
  CHECK(answer.elapsed < milliseconds(2000));
}

TEST_CASE("a lost packet is sent again") {
  const FakeDnsServer server([](const FakeQuery& query) {
    if (query.earlier < 1) return FakeReply::drop();
    return FakeReply().answer("lost.example", RecordType::a, "192.0.2.7");
  });
  CHECK(ask(hasty_options({server.address()}), "lost.example", RecordType::a).outcome ==
        Outcome::answer);
  CHECK(server.queries().size() == 2);
}

TEST_CASE("the last slow try gets what the others were too impatient for") {
  const FakeDnsServer server([](const FakeQuery&) {
    return FakeReply().answer("slow.example", RecordType::a, "192.0.2.7").delay(milliseconds(260));
  });
  auto options = hasty_options({server.address()});
  options.timeout = milliseconds(150);  // then 225, and 450 at last
  CHECK(ask(options, "slow.example", RecordType::a).outcome == Outcome::answer);
}

TEST_CASE("servers without EDNS are asked again without it") {
  int rcode = 0;
  bool bare = false;
  SUBCASE("FORMERR") {
    rcode = 1;
  }
  SUBCASE("NOTIMP") {
    rcode = 4;
  }
  SUBCASE("BADVERS") {
    rcode = 16;
  }
  SUBCASE("FORMERR with a header alone") {
    rcode = 1;
    bare = true;
  }
  const FakeDnsServer server([&](const FakeQuery& query) {
    auto reply = FakeReply(query.edns ? rcode : 0);
    if (!query.edns) return reply.answer("old.example", RecordType::a, "192.0.2.7");
    return bare ? reply.without_question() : reply;
  });
  CHECK(ask(server, "old.example", RecordType::a).outcome == Outcome::answer);
  CHECK(server.queries().size() == 2);
}

TEST_CASE("a server that answers FORMERR whatever it is asked") {
  const FakeDnsServer server([](const FakeQuery&) { return FakeReply(1); });
  const auto answer = ask(server, "old.example", RecordType::a);
  CHECK(answer.outcome == Outcome::other_rcode);
  CHECK(answer.rcode == 1);
  CHECK(server.queries().size() == 2);
}

TEST_CASE("what one server cannot answer another may") {
  FakeReply bad;
  SUBCASE("SERVFAIL") {
    bad = FakeReply(2);
  }
  SUBCASE("REFUSED") {
    bad = FakeReply(5);
  }
  SUBCASE("silence") {
    bad = FakeReply::drop();
  }
  SUBCASE("a referral") {
    bad.authority("example", RecordType::ns, "ns.example.").authoritative(false);
  }
  SUBCASE("garbage behind the question") {
    bad.raw_answer("two.example", RecordType::a, std::string("\1\2\3", 3));
  }
  const FakeDnsServer first([&](const FakeQuery&) { return bad; });
  const FakeDnsServer second(FakeZone("two.example A 192.0.2.9"));
  const auto answer =
      ask(hasty_options({first.address(), second.address()}), "two.example", RecordType::a);
  CHECK(answer.outcome == Outcome::answer);
  CHECK(answer.server == second.address().to_string());
  CHECK(first.queries().size() == 1);
}

TEST_CASE("the outcome on which all servers agree is reported, each server once") {
  int rcode = 2;
  SUBCASE("SERVFAIL") {
    rcode = 2;
  }
  SUBCASE("REFUSED") {
    rcode = 5;
  }
  const FakeDnsServer first([&](const FakeQuery&) { return FakeReply(rcode); });
  const FakeDnsServer second([&](const FakeQuery&) { return FakeReply(rcode); });
  const auto answer =
      ask(patient_options({first.address(), second.address()}), "bad.example", RecordType::a);
  CHECK(answer.outcome == (rcode == 2 ? Outcome::servfail : Outcome::refused));
  CHECK(answer.rcode == rcode);
  CHECK(first.queries().size() + second.queries().size() == 2);
  CHECK(answer.detail.find(first.address().to_string()) != std::string::npos);
  CHECK(answer.detail.find(second.address().to_string()) != std::string::npos);
}

TEST_CASE("servers that are not there") {
  std::vector<ServerAddress> gone;
  for (const char* host : {"127.0.0.1", "127.0.0.2"}) {
    const FakeDnsServer closed([](const FakeQuery&) { return FakeReply::drop(); }, host);
    gone.push_back(closed.address());
  }
  const auto begin = std::chrono::steady_clock::now();
  SUBCASE("all of them: an error at once") {
    const auto answer = ask(patient_options(gone), "any.example", RecordType::a);
    CHECK(answer.outcome == Outcome::network_error);
    CHECK(answer.detail.find("Connection refused") != std::string::npos);
  }
  SUBCASE("the next one is asked at once") {
    const FakeDnsServer there(FakeZone("any.example A 192.0.2.9"));
    gone.push_back(there.address());
    CHECK(ask(patient_options(gone), "any.example", RecordType::a).outcome == Outcome::answer);
  }
  // Long before the time-out, however busy the machine is.
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(1500));
}

TEST_CASE("no server, no route, no such interface") {
  CHECK(ask(patient_options({}), "any.example", RecordType::a).outcome == Outcome::network_error);
  auto scoped = ServerAddress::parse("fe80::1%nosuchif0").value();
  const auto answer = ask(patient_options({scoped}), "any.example", RecordType::a);
  CHECK(answer.outcome == Outcome::network_error);
  CHECK(answer.detail.find("fe80::1%nosuchif0#53") != std::string::npos);
}

TEST_CASE("IPv6 servers") {
  const FakeDnsServer server(
      [](const FakeQuery&) {
        return FakeReply().answer("six.example", RecordType::aaaa, "2001:db8::1");
      },
      "::1");
  const auto answer = ask(server, "six.example", RecordType::aaaa);
  CHECK(answer.outcome == Outcome::answer);
  CHECK(answer.server.starts_with("::1#"));
}

TEST_CASE("malformed answers are refused before they cost anything") {
  RecordType type{};
  std::string rdata;
  SUBCASE("a short address") {
    type = RecordType::a;
    rdata = "abc";
  }
  SUBCASE("a pointer to itself") {
    type = RecordType::cname;
    // Header, question, the record's name and its other fields stand in front of the RDATA.
    const std::size_t position = 12 + (13 + 4) + 13 + 10;
    rdata = {static_cast<char>(0xc0), static_cast<char>(position)};
  }
  SUBCASE("a name that leaves the packet") {
    type = RecordType::cname;
    rdata = "\x3f\x61";
  }
  SUBCASE("65,000 empty strings") {
    type = RecordType::txt;
    rdata = std::string(65'000, '\0');
  }
  SUBCASE("a string that leaves its record") {
    type = RecordType::txt;
    rdata = "\x7f\x61";
  }
  const FakeDnsServer server(
      [&](const FakeQuery&) { return FakeReply().raw_answer("bad.example", type, rdata); });
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = ask(server, "bad.example", type);
  CHECK(answer.outcome == Outcome::malformed);
  CHECK(answer.records.empty());
  CHECK_FALSE(answer.detail.empty());
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(200));
}

TEST_CASE("the AD bit is asked for and reported") {
  const FakeDnsServer server([](const FakeQuery&) {
    return FakeReply().answer("signed.example", RecordType::a, "192.0.2.3").authentic();
  });
  CHECK(ask(server, "signed.example", RecordType::a).authenticated);
  CHECK((server.queries().at(0).wire.at(3) & 0x20) != 0);
}

TEST_CASE("a server that keeps silent is not asked first for long") {
  const FakeDnsServer silent([](const FakeQuery&) { return FakeReply::drop(); });
  const FakeDnsServer good([](const FakeQuery& query) {
    return FakeReply().answer(query.question.name.to_string(), RecordType::a, "192.0.2.9");
  });
  const auto backend = make_network_backend(hasty_options({silent.address(), good.address()}));
  auto work = [&]() -> Task<void> {
    for (int i = 0; i < 10; ++i) {
      Question question{name(std::to_string(i) + ".example"), RecordType::a};
      const auto answer = co_await backend->ask(std::move(question));
      CHECK(answer.found());
    }
  };
  run_task(work());
  CHECK(silent.queries().size() == 2);
  CHECK(good.queries().size() == 10);
}
