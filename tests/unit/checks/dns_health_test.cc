#include "checks/dns_health.h"

#include <map>

#include <doctest/doctest.h>

#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"

using namespace maildiag;
using namespace maildiag::checks;
using namespace maildiag::test;

namespace {

dns::Record record(std::string_view name, dns::RecordType type, dns::RecordData data) {
  return {raw_name(name), type, 300, std::move(data)};
}

/// One name server of example.com, and what is wrong with it.
struct FakeServer {
  std::vector<std::string> names{"ns1.example.com", "ns2.example.net"};
  std::uint32_t serial = 7, refresh = 86400, expire = 1209600;
  bool silent = false, refuses = false, lame = false, no_tcp = false, drops_edns = false,
       no_edns = false, recursive = false, cuts_ns = false, drops_any = false, any_over_tcp = false;
  std::size_t txt_octets = 100;

  dns::ServerReply reply(const dns::ServerQuestion& asked) const {
    dns::ServerReply out;
    if (refuses) {
      out.outcome = dns::Outcome::network_error;
      out.error = std::make_error_code(std::errc::connection_refused);
      return out;
    }
    const bool any = asked.question.type == dns::RecordType::any;
    if (any && drops_any && !(asked.tcp && any_over_tcp)) return out;
    if (silent || (no_tcp && asked.tcp) || (drops_edns && asked.edns && !asked.tcp)) return out;
    out.octets = 100;
    out.recursion_available = recursive;
    if (no_edns && asked.edns) return with_rcode(out, 1, dns::Outcome::other_rcode);
    if (lame) return with_rcode(out, 5, dns::Outcome::refused);
    out = with_rcode(out, 0, dns::Outcome::answer);
    out.authoritative = true;
    out.edns = asked.edns;
    fill(asked, out);
    return out;
  }

 private:
  static dns::ServerReply with_rcode(dns::ServerReply out, int rcode, dns::Outcome outcome) {
    out.rcode = rcode;
    out.outcome = outcome;
    return out;
  }
  void fill(const dns::ServerQuestion& asked, dns::ServerReply& out) const {
    using dns::RecordType;
    if (asked.question.type == RecordType::soa) {
      out.answers.push_back(record("example.com", RecordType::soa,
                                   dns::SoaData{raw_name("ns1.example.com"), raw_name("h.example"),
                                                serial, refresh, 7200, expire, 3600}));
    } else if (asked.question.type == RecordType::ns) {
      out.truncated = cuts_ns && !asked.tcp;
      for (const auto& name : names) {
        if (out.truncated && name != names.front()) break;
        out.answers.push_back(record("example.com", RecordType::ns, dns::NameData{raw_name(name)}));
      }
    } else if (asked.question.type == RecordType::txt) {
      out.octets = txt_octets;
      out.truncated = !asked.tcp && txt_octets > 512;
    }
  }
};

/// com at 12.13.14.1, example.com at 5.6.7.1 (ns1.example.com) and 9.10.11.1
/// (ns2.example.net).
struct World {
  std::shared_ptr<MemoryBackend> resolver = std::make_shared<MemoryBackend>();
  FakeNetwork network;
  std::map<std::string, FakeServer> servers{{"5.6.7.1", {}}, {"9.10.11.1", {}}};
  std::vector<std::string> delegated{"ns1.example.com", "ns2.example.net"};
  std::vector<std::pair<std::string, std::string>> glue{{"ns1.example.com", "5.6.7.1"}};
  int parent_rcode = 0;
  bool parent_silent = false, parent_cuts = false, parent_without_tcp = false;

  World() {
    const auto ns = [this](std::string_view zone, std::string_view host) {
      resolver->add(raw_name(zone), dns::RecordType::ns, dns::NameData{raw_name(host)});
    };
    ns("com", "a.gtld.example");
    ns("example.com", "ns1.example.com");
    ns("example.com", "ns2.example.net");
    resolver->add_address("a.gtld.example", "12.13.14.1");
    resolver->add_address("ns1.example.com", "5.6.7.1");
    resolver->add_address("ns2.example.net", "9.10.11.1");
    network.on_ask = [this](const net::NameServerRequest& request) { return answer(request); };
  }

  net::NameServerReply answer(const net::NameServerRequest& request) {
    net::NameServerReply out;
    const auto address = request.question.server.address.to_string();
    if (address == "12.13.14.1") {
      out.reply = referral(request.question.tcp);
    } else if (const auto found = servers.find(address); found != servers.end()) {
      out.reply = found->second.reply(request.question);
    }
    return out;
  }

  dns::ServerReply referral(bool tcp) const {
    dns::ServerReply out;
    if (parent_silent || (tcp && parent_without_tcp)) return out;
    out.rcode = parent_rcode;
    out.outcome = parent_rcode == 3 ? dns::Outcome::nxdomain : dns::Outcome::nodata;
    out.authoritative = parent_rcode == 3;
    if (parent_rcode != 0) return out;
    out.truncated = parent_cuts && !tcp;
    for (const auto& name : delegated) {
      if (out.truncated && name != delegated.front()) return out;
      out.authorities.push_back(
          record("example.com", dns::RecordType::ns, dns::NameData{raw_name(name)}));
    }
    for (const auto& [name, address] : glue)
      out.additionals.push_back(
          record(name, dns::RecordType::a, IpAddress::parse(address).value()));
    return out;
  }

  DnsHealth check(std::string_view domain = "example.com", bool with_network = true) {
    DnsHealthRequest request;
    request.domain = raw_name(domain);
    auto health = run_check<DnsHealth>(
        resolver, [&](Context context) { return check_dns_health(context, request); },
        with_network ? &network : nullptr);
    for (const auto& finding : health.findings) CHECK(text_fault(finding) == "");
    return health;
  }
};

std::string ids(const DnsHealth& health) {
  std::string text;
  for (const auto& finding : health.findings) {
    text += (text.empty() ? "" : " ") + finding.id;
  }
  return text;
}

}  // namespace

TEST_CASE("a healthy zone") {
  World world;
  const auto health = world.check();
  CHECK(ids(health) == "dns.healthy");
  CHECK(health.delegation.state == Delegation::State::delegated);
  REQUIRE(health.servers.size() == 2);
  CHECK(health.servers[0].authoritative());
  const auto value = health.to_value();
  CHECK(value["zone"].to_text() == "example.com");
  CHECK(value["parent"].to_text() == "com");
  CHECK(value["soa"]["serial"].as_integer() == 7);
}

TEST_CASE("a name inside a zone") {
  World world;
  world.resolver->add_address("www.example.com", "5.6.7.80");
  CHECK(ids(world.check("www.example.com")) == "dns.part-of-zone dns.healthy");
}

TEST_CASE("a zone that is not delegated, or whose parent is silent") {
  World world;
  world.parent_rcode = 3;
  auto health = world.check("gone.com");
  CHECK(ids(health) == "dns.no-delegation");
  CHECK(get(health.findings, "dns.no-delegation").severity == Severity::critical);
  world.parent_rcode = 0;
  world.parent_silent = true;
  CHECK(ids(world.check()) == "dns.parent-unknown");
}

TEST_CASE("both sides name different servers") {
  World world;
  world.delegated = {"ns1.example.com", "old.example.net"};
  world.resolver->add_address("old.example.net", "9.10.11.9");
  world.servers["9.10.11.9"].lame = true;
  const auto health = world.check();
  CHECK(ids(health) == "dns.ns-mismatch dns.lame");
  const auto& data = get(health.findings, "dns.ns-mismatch").data;
  CHECK(data["parent_only"].to_text() == "old.example.net");
  CHECK(data["child_only"].to_text() == "ns2.example.net");
  CHECK(get(health.findings, "dns.lame").data["servers"].to_text() ==
        "old.example.net (9.10.11.9)");
}

TEST_CASE("lame everywhere, or silent somewhere") {
  World world;
  for (auto& [address, server] : world.servers) server.lame = true;
  CHECK(ids(world.check()) == "dns.lame dns.no-authority");
  world.servers["5.6.7.1"].silent = true;
  CHECK(ids(world.check()) == "dns.server-silent dns.lame");
  world.servers["5.6.7.1"].refuses = true;
  const auto health = world.check();
  CHECK(find(health.findings, "dns.server-refuses") != nullptr);
  CHECK(find(health.findings, "dns.server-silent") == nullptr);
}

TEST_CASE("versions and times") {
  World world;
  world.servers["5.6.7.1"].serial = 6;
  CHECK(ids(world.check()) == "dns.serial-differs");
  world.servers["5.6.7.1"].serial = 7;
  for (auto& [address, server] : world.servers) server.refresh = 60;
  CHECK(ids(world.check()) == "dns.soa-times dns.healthy");
  for (auto& [address, server] : world.servers) {
    server.refresh = 86400;
    server.expire = 90000;
  }
  CHECK(ids(world.check()) == "dns.soa-times dns.soa-expire");
}

TEST_CASE("the transports of a server") {
  World world;
  auto& server = world.servers["9.10.11.1"];
  server.no_tcp = true;
  CHECK(ids(world.check()) == "dns.tcp-failed");
  server.txt_octets = 900;
  CHECK(ids(world.check()) == "dns.tcp-failed dns.large-answer-lost dns.large-answer");
  server.no_tcp = false;
  const auto health = world.check();
  CHECK(ids(health) == "dns.large-answer dns.healthy");
  CHECK(get(health.findings, "dns.large-answer").data["values"].to_text() == "TXT 900");
  server.txt_octets = 100;
  server.drops_edns = true;
  CHECK(ids(world.check()) == "dns.edns-dropped");
  server.drops_edns = false;
  server.no_edns = true;
  CHECK(ids(world.check()).find("dns.edns-refused") != std::string::npos);
  server.no_edns = false;
  server.recursive = true;
  CHECK(ids(world.check()) == "dns.recursion");
  world.resolver->add_address("ns2.example.net", "10.0.0.1");
  world.servers["10.0.0.1"] = {};
  server.recursive = false;
  CHECK(ids(world.check()) == "dns.ns-private");
}

TEST_CASE("glue") {
  World world;
  world.glue.clear();
  CHECK(ids(world.check()) == "dns.glue-missing");
  world.glue = {{"ns1.example.com", "5.6.7.99"}};
  const auto health = world.check();
  CHECK(find(health.findings, "dns.glue-mismatch") != nullptr);
  CHECK(health.servers.size() == 3);  // resolvers go to the old address, too
}

TEST_CASE("what is cut off is asked for over TCP, or not known") {
  World world;
  world.parent_cuts = true;
  CHECK(ids(world.check()) == "dns.healthy");
  world.parent_without_tcp = true;
  const auto cut = world.check();
  CHECK(cut.delegation.state == Delegation::State::delegated);
  CHECK_FALSE(cut.delegation.glue_known);
  CHECK(ids(cut) == "dns.healthy");
  world.parent_cuts = false;
  for (auto& [address, server] : world.servers) server.cuts_ns = true;
  CHECK(ids(world.check()) == "dns.healthy");
  for (auto& [address, server] : world.servers) server.no_tcp = true;
  CHECK(ids(world.check()) == "dns.tcp-failed");
}

TEST_CASE("a host with more addresses than are asked has them all") {
  World world;
  world.glue.clear();
  for (const char* address : {"5.6.7.1", "5.6.7.2", "5.6.7.3", "2a06:98c1::1", "2a06:98c1::2"}) {
    world.glue.emplace_back("ns1.example.com", address);
    if (std::string(address) != "5.6.7.1") world.resolver->add_address("ns1.example.com", address);
    world.servers[address];
  }
  CHECK(ids(world.check()) == "dns.healthy");
  world.glue.emplace_back("ns1.example.com", "5.6.7.99");
  CHECK(ids(world.check()).find("dns.glue-mismatch") != std::string::npos);
}

TEST_CASE("an answer that only UDP does not bring is not lost") {
  World world;
  for (auto& [address, server] : world.servers) server.drops_any = server.any_over_tcp = true;
  CHECK(ids(world.check()) == "dns.healthy");
  for (auto& [address, server] : world.servers) server.any_over_tcp = false;
  CHECK(ids(world.check()) == "dns.large-answer-lost");
}

TEST_CASE("one server, one network") {
  World world;
  world.resolver = std::make_shared<MemoryBackend>();
  world.delegated = {"ns1.example.com"};
  world.resolver->add(raw_name("com"), dns::RecordType::ns,
                      dns::NameData{raw_name("a.gtld.example")});
  world.resolver->add(raw_name("example.com"), dns::RecordType::ns,
                      dns::NameData{raw_name("ns1.example.com")});
  world.resolver->add_address("a.gtld.example", "12.13.14.1");
  world.resolver->add_address("ns1.example.com", "5.6.7.1");
  world.servers["5.6.7.1"].names = {"ns1.example.com"};
  CHECK(ids(world.check()) == "dns.single-server");
  world.resolver->add_address("ns2.example.com", "5.6.7.2");
  world.delegated = {"ns1.example.com", "ns2.example.com"};
  world.glue = {{"ns1.example.com", "5.6.7.1"}, {"ns2.example.com", "5.6.7.2"}};
  world.servers["5.6.7.1"].names = world.delegated;
  world.servers["5.6.7.2"].names = world.delegated;
  CHECK(ids(world.check()) == "dns.one-network");
  // Whoever is not known may stand elsewhere.
  world.delegated.emplace_back("ns3.example.net");
  for (auto& [address, server] : world.servers) server.names = world.delegated;
  world.resolver->fail("ns3.example.net", dns::Outcome::servfail);
  CHECK(ids(world.check()) == "dns.ns-unknown");
}

TEST_CASE("a domain with too many addresses is asked at some of each host") {
  World world;
  world.delegated.clear();
  for (int i = 0; i < 40; ++i) {
    const auto host = "ns" + std::to_string(i) + ".example.net";
    world.delegated.push_back(host);
    for (int j = 0; j < 10; ++j)
      world.resolver->add_address(host, "9.10." + std::to_string(i) + "." + std::to_string(j));
  }
  const auto health = world.check();
  CHECK(health.servers.size() == 32);
  std::set<DomainName> hosts;
  for (const auto& server : health.servers) hosts.insert(server.host);
  CHECK(hosts.size() >= max_name_servers);
}

TEST_CASE("without a network nothing is claimed") {
  World world;
  const auto health = world.check("example.com", false);
  CHECK(ids(health) == "dns.parent-unknown dns.not-asked");
  for (const auto& finding : health.findings) {
    CHECK(finding.severity == Severity::unknown);
  }
}
