#include "checks/whois.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "checks/whois_access.h"
#include "checks/whois_refresh.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"

namespace maildiag::checks {
namespace {

using namespace whois;

const WallTime now = *from_rfc3339("2026-11-22T00:00:00Z");

constexpr std::string_view domain_body = R"({"objectClassName":"domain","ldhName":"EXAMPLE.COM",
 "status":["client transfer prohibited","active"],
 "events":[{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},
           {"eventAction":"expiration","eventDate":"2027-08-13T04:00:00Z"}],
 "nameservers":[{"ldhName":"NS1.EXAMPLE.NET"}],"secureDNS":{"delegationSigned":true},
 "entities":[
  {"roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","Jane Doe"],["email",{},"text","jane@example.com"]]]},
  {"roles":["registrar"],"publicIds":[{"type":"IANA Registrar ID","identifier":"376"}],
   "vcardArray":["vcard",[["fn",{},"text","Registrar, Inc."]]],
   "entities":[{"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","abuse@registrar.example"],
     ["tel",{},"uri","tel:+1.5555551212"]]]}]}]})";

constexpr std::string_view network_body =
    R"({"objectClassName":"ip network","handle":"H","name":"KORNET",
 "startAddress":"211.200.0.0","endAddress":"211.200.255.255","country":"KR","type":"ALLOCATED PORTABLE",
 "cidr0_cidrs":[{"v4prefix":"211.200.0.0","length":16}],
 "entities":[
  {"roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","MNT-X"],["kind",{},"text","individual"]]]},
  {"roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","Example Telecom"],["kind",{},"text","org"]]]},
  {"roles":["technical"],"vcardArray":["vcard",[["kind",{},"text","individual"],["email",{},"text","jane@telecom.example"]]]},
  {"roles":["technical"],"vcardArray":["vcard",[["kind",{},"text","group"],["email",{},"text","noc@telecom.example"]]]},
  {"roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","abuse@telecom.example"]]]}]})";

/// DNS that knows the registries' servers, and a network whose answers a test sets by URL.
struct World {
  std::shared_ptr<test::MemoryBackend> dns = std::make_shared<test::MemoryBackend>();
  test::FakeNetwork network;
  WhoisAccess access;
  std::map<std::string, net::HttpReply> pages;
  std::vector<std::string> asked;

  World() {
    for (const auto* host :
         {"rdap.verisign.com", "rdap.apnic.net", "rdap.arin.net", "other.example", "data.iana.org",
          "whois.verisign-grs.com", "whois.apnic.net", "whois.iana.org", "whois.jprs.jp",
          "whois.first.example"})
      dns->add_address(host, "198.41.0.4");
    network.on_fetch = [this](const net::HttpRequest& request) {
      asked.push_back(request.url);
      CHECK(request.reach == net::Reach::public_only);
      CHECK(request.max_body <= max_rdap);
      const auto found = pages.find(request.url);
      net::HttpReply reply;
      reply.fault = net::Fault::refused;
      return found == pages.end() ? reply : found->second;
    };
  }
  void page(const std::string& url, long status, std::string_view body) {
    net::HttpReply reply;
    reply.status = status;
    reply.body = body;
    reply.content_type = "application/rdap+json";
    pages[url] = reply;
  }
  void redirect(const std::string& url, const std::string& location) {
    page(url, 302, "");
    pages[url].location = location;
  }
  WhoisReport ask(std::string_view target) {
    const auto wanted = parse_target(target).value();
    auto report = test::run_check<WhoisReport>(
        dns,
        [&](Context context) {
          context.whois = &access;
          return check_whois(context, wanted, now);
        },
        &network);
    for (const auto& finding : report.findings) CHECK(test::text_fault(finding) == "");
    return report;
  }
};

const std::string verisign = "https://rdap.verisign.com/com/v1/domain/example.com";
const std::string apnic = "https://rdap.apnic.net/ip/211.200.7.9";

TEST_CASE("what an internationalised name loses makes no domain of a number") {
  // U+FEFF, which IDNA drops
  CHECK(to_string(parse_target("AS3\xEF\xBB\xBF").value()) == "AS3");
  CHECK(kind_of(parse_target("AS3\xEF\xBB\xBF").value()) == "as-number");
}

TEST_CASE("a domain by RDAP: what the registry says, without its registrant") {
  World world;
  world.page(verisign, 200, domain_body);
  const auto report = world.ask("mail.example.com");
  CHECK(report.outcome == WhoisOutcome::found);
  const auto& found = report.registration;
  CHECK(found.name == "example.com");
  CHECK(found.registrar == "Registrar, Inc.");
  CHECK(found.registrar_id == "376");
  CHECK(found.abuse.email == "abuse@registrar.example");
  CHECK(found.abuse.phone == "+1.5555551212");
  CHECK(found.name_servers == std::vector<std::string>{"ns1.example.net"});
  CHECK(found.is_signed == true);
  CHECK(found.holder.empty());
  CHECK(report.findings.size() == 1);
  CHECK(test::get(report.findings, "whois.domain").severity == Severity::ok);
  std::string all;
  const auto value = report.to_value();
  CHECK(registration_from(value["registration"]).to_value() == value["registration"]);
  for (const auto& member : value["registration"].as_object()) all += member.value.to_text() + " ";
  CHECK(all.find("Jane") == std::string::npos);
}

TEST_CASE("an address by RDAP, and whom to ask for its PTR record") {
  World world;
  world.page(apnic, 200, network_body);
  dns::SoaData soa;
  soa.primary = test::raw_name("ns.telecom.example");
  soa.mailbox = test::raw_name("dns-admin.telecom.example");
  world.dns->add(test::raw_name("200.211.in-addr.arpa"), dns::RecordType::soa, soa);
  world.dns->add(test::raw_name("200.211.in-addr.arpa"), dns::RecordType::ns,
                 dns::NameData{test::raw_name("ns.telecom.example")});
  const auto report = world.ask("211.200.7.9");
  CHECK(report.registration.holder == "Example Telecom");
  CHECK(report.registration.technical.email == "noc@telecom.example");
  CHECK(report.registration.networks == std::vector<std::string>{"211.200.0.0/16"});
  const auto value = report.to_value();
  CHECK(value["ask"]["name"].as_string() == "Example Telecom");
  CHECK(value["ask"]["email"].as_string() == "noc@telecom.example");
  CHECK(value["reverse"]["zone"].as_string() == "200.211.in-addr.arpa");
  CHECK(value["reverse"]["mailbox"].as_string() == "dns-admin@telecom.example");
  CHECK(test::get(report.findings, "ptr.delegation").severity == Severity::info);
  CHECK(test::get(report.findings, "ptr.holder").data["contact"].as_string() ==
        "noc@telecom.example");
}

TEST_CASE("what a hoster's customers have is registered by the hoster") {
  World world;
  const auto target_of = [&](std::string_view name) { return to_string(world.ask(name).target); };
  CHECK(target_of("foo.blogspot.com") == "blogspot.com");
  CHECK(target_of("shop.foo.azurewebsites.net") == "azurewebsites.net");
  CHECK(target_of("mail.example.co.kr") == "example.co.kr");
  CHECK(target_of("www.city.kawasaki.jp") == "city.kawasaki.jp");
  CHECK(target_of("co.uk") == "co.uk");
  CHECK(target_of("a.b.unknown-tld") == "b.unknown-tld");
  // An address that is written as an IPv6 one is in the registry of IPv4.
  CHECK(target_of("::ffff:211.200.7.9") == "211.200.7.9");
}

TEST_CASE("redirects: three at most, https only, relative ones too") {
  World world;
  world.redirect(verisign, "https://other.example/a");
  world.redirect("https://other.example/a", "/b");
  world.redirect("https://other.example/b", "//rdap.arin.net/c");
  world.page("https://rdap.arin.net/c", 200, domain_body);
  CHECK(world.ask("example.com").outcome == WhoisOutcome::found);
  CHECK(world.asked.size() == 4);
  world.redirect("https://rdap.arin.net/c", "https://other.example/d");
  world.page("https://other.example/d", 200, domain_body);
  world.access.fresh = true;
  world.asked.clear();
  CHECK(world.ask("example.com").outcome == WhoisOutcome::failed);
  CHECK(world.asked.size() == 4);
  for (const auto* place :
       {"http://other.example/d", "ftp://other.example/d", "gopher://x.example",
        "https://user@other.example/d", "https://localhost/d", "file:///etc",
        "https://other.example:port/d", "https://other.example/\x01", "", "d"}) {
    CAPTURE(place);
    world.redirect(verisign, place);
    world.asked.clear();
    CHECK(world.ask("example.com").outcome == WhoisOutcome::failed);
    CHECK(world.asked.size() == 1);
  }
}

TEST_CASE("a redirect into a private network leads nowhere") {
  World world;
  world.dns->add_address("inside.example", "10.0.0.1");
  world.dns->add_address("translated.example", "64:ff9b::7f00:1");
  world.network.on_fetch = [&](const net::HttpRequest& request) {
    // As the real one does without a --connect-to rule.
    net::HttpReply reply;
    if (request.addresses.front().is_special()) {
      CHECK(request.reach == net::Reach::public_only);
      reply.fault = net::Fault::offline;
    } else {
      world.asked.push_back(request.url);
      reply = world.pages[request.url];
    }
    return reply;
  };
  for (const auto* place : {"https://inside.example/", "https://127.0.0.1/", "https://[::1]/",
                            "https://169.254.169.254/latest", "https://translated.example/"}) {
    CAPTURE(place);
    world.redirect(verisign, place);
    world.asked.clear();
    const auto report = world.ask("example.com");
    CHECK(report.outcome == WhoisOutcome::failed);
    CHECK(world.asked.size() == 1);
    CHECK(test::get(report.findings, "whois.unanswered").severity == Severity::unknown);
  }
}

TEST_CASE("what an answer means") {
  World world;
  world.page(verisign, 404, R"({"errorCode":404})");
  CHECK(test::get(world.ask("example.com").findings, "whois.not-registered").severity ==
        Severity::critical);
  world.access.fresh = true;
  world.page(verisign, 429, "");
  world.pages[verisign].retry_after = "120";
  const auto limited = world.ask("example.com");
  CHECK(test::get(limited.findings, "whois.rate-limited").severity == Severity::unknown);
  CHECK(limited.findings.front().data["retry_after"].as_string() == "120");
  const auto outcome = [&](long status, std::string_view body, std::string_view type) {
    world.page(verisign, status, body);
    world.pages[verisign].content_type = type;
    return world.ask("example.com").outcome;
  };
  // A web server's own 404 says nothing of the domain.
  CHECK(outcome(404, "<html>", "text/html") == WhoisOutcome::failed);
  CHECK(outcome(503, "", "") == WhoisOutcome::failed);
  CHECK(outcome(200, "", "application/rdap+json") == WhoisOutcome::failed);
  CHECK(outcome(200, "[]", "application/rdap+json") == WhoisOutcome::failed);
  CHECK(outcome(200, std::string(100'000, '['), "") == WhoisOutcome::failed);
  CHECK(outcome(200, network_body, "") == WhoisOutcome::failed);
  CHECK(outcome(200, R"({"objectClassName":"domain","ldhName":"other.com"})", "") ==
        WhoisOutcome::failed);
  CHECK(outcome(200, R"({"objectClassName":"domain","entities":[[[1]],{"roles":"x"}],"events":7})",
                "") == WhoisOutcome::found);
}

TEST_CASE("port 43 where RDAP tells nothing, over its referrals") {
  World world;
  std::vector<std::string> questions;
  std::map<std::string, std::string> servers = {
      {"whois.verisign-grs.com", "Registrar: R\nRegistry Expiry Date: 2027-08-13T04:00:00Z\n"}};
  world.network.on_whois = [&](const net::WhoisRequest& request) {
    questions.push_back(request.server + " " + request.question);
    CHECK(request.reach == net::Reach::public_only);
    net::WhoisReply reply;
    reply.text = servers[request.server];
    return reply;
  };
  const auto plain = world.ask("example.com");
  CHECK(plain.outcome == WhoisOutcome::found);
  CHECK(plain.source == "whois");
  CHECK(questions == std::vector<std::string>{"whois.verisign-grs.com domain example.com"});
  questions.clear();
  servers["whois.iana.org"] = "refer: whois.jprs.jp\n";
  servers["whois.jprs.jp"] = "[Created on] 2001/08/23\n";
  CHECK(world.ask("example.unknowntld").outcome == WhoisOutcome::found);
  CHECK(questions == std::vector<std::string>{"whois.iana.org example.unknowntld",
                                              "whois.jprs.jp example.unknowntld/e"});
  servers["whois.jprs.jp"] = "refer: whois.iana.org\n";
  CHECK(world.ask("loop.unknowntld").outcome == WhoisOutcome::failed);
  questions.clear();
  servers["whois.jprs.jp"] = "refer: whois.first.example\n";
  servers["whois.first.example"] = "refer: whois.apnic.net\n";
  CHECK(world.ask("deep.unknowntld").outcome == WhoisOutcome::failed);
  CHECK(questions.size() == 3);
  servers["whois.iana.org"] = "%ERROR:201: access denied\n";
  CHECK(world.ask("much.unknowntld").outcome == WhoisOutcome::rate_limited);

  // A thin registry names the registrar's server, which is asked once for the rest.
  servers["whois.verisign-grs.com"] = "Registrar: R\nRegistrar WHOIS Server: whois.first.example\n";
  servers["whois.first.example"] =
      "Registrar: Other\nRegistrar WHOIS Server: whois.jprs.jp\nName Server: b.example\n";
  questions.clear();
  const auto both = world.ask("thin.com").registration;
  CHECK(both.registrar == "R");
  CHECK(both.name_servers == std::vector<std::string>{"b.example"});
  CHECK(questions == std::vector<std::string>{"whois.verisign-grs.com domain thin.com",
                                              "whois.first.example thin.com"});
  // Whatever that one says, the registry has spoken.
  for (const auto* words : {"", "No match for domain\n", "Query rate limit exceeded\n"}) {
    servers["whois.first.example"] = words;
    world.access.fresh = true;
    CHECK(world.ask("thin.com").outcome == WhoisOutcome::found);
  }
}

TEST_CASE("expiry and status") {
  World world;
  const auto ids = [&](const std::string& expires, const std::string& status) {
    world.access.fresh = true;
    world.page(verisign, 200,
               R"({"objectClassName":"domain","status":[")" + status +
                   R"("],"events":[{"eventAction":"expiration","eventDate":")" + expires + "\"}]}");
    std::string all;
    for (const auto& finding : world.ask("example.com").findings)
      all += finding.id.substr(6) + ":" + std::string(to_string(finding.severity)) + " ";
    return all;
  };
  CHECK(ids("2026-12-22T00:00:00Z", "active") == "domain:ok ");
  CHECK(ids("2026-12-21T23:59:59Z", "active") == "domain:ok expires-soon:warning ");
  CHECK(ids("2026-11-28T00:00:00Z", "active") == "domain:ok expires-soon:critical ");
  CHECK(ids("2026-11-21T23:59:59Z", "active") == "domain:ok expired:critical ");
  // Without a time the whole day counts; `now` is its first second.
  CHECK(ids("2026-11-22", "active") == "domain:ok expires-soon:critical ");
  CHECK(ids("2026-11-21", "active") == "domain:ok expired:critical ");
  CHECK(ids("2027-11-21T00:00:00Z", "client hold") == "domain:ok held:critical ");
  CHECK(ids("2027-11-21T00:00:00Z", "pendingDelete") == "domain:ok being-deleted:critical ");
}

TEST_CASE("the cache") {
  World world;
  world.page(verisign, 200, domain_body);
  CHECK_FALSE(world.ask("example.com").from_cache);
  CHECK(world.ask("EXAMPLE.com").from_cache);
  CHECK(world.asked.size() == 1);
  world.access.fresh = true;
  CHECK_FALSE(world.ask("example.com").from_cache);
  Cache cache;
  Cache::Entry entry;
  entry.asked = now;
  cache.keep("a", entry);
  CHECK(cache.find("a", now + std::chrono::hours(23)) != nullptr);
  CHECK(cache.find("a", now + std::chrono::hours(24)) == nullptr);
  CHECK(cache.find("a", now - std::chrono::hours(1)) == nullptr);
  entry.found = false;
  cache.keep("b", entry);
  CHECK(cache.find("b", now + std::chrono::hours(1)) == nullptr);
  for (int i = 0; i < 1000; ++i) {
    entry.asked = now + std::chrono::seconds(i);
    cache.keep(std::to_string(i), entry);
  }
  CHECK(cache.entries().size() == Cache::most_entries);
  CHECK(cache.entries().contains("999"));
}

TEST_CASE("nobody is asked about what no registry has, or without a network") {
  World world;
  for (const auto* target : {"192.168.1.1", "10.0.0.0/8", "2001:db8::1", "AS64512", "AS0"}) {
    CAPTURE(target);
    const auto report = world.ask(target);
    CHECK(test::get(report.findings, "whois.special").severity == Severity::info);
  }
  CHECK(world.asked.empty());
  world.network.on_fetch = nullptr;
  const auto report = world.ask("example.com");
  CHECK(report.outcome == WhoisOutcome::offline);
  CHECK(test::get(report.findings, "whois.offline").severity == Severity::unknown);
}

TEST_CASE("the most specific row, refreshed ones first") {
  const auto& rules = test::shipped_rulebook();
  Bootstrap none;
  const auto rdap = [&](std::string_view target) {
    return find_servers(rules, none, parse_target(target).value()).rdap;
  };
  CHECK(rdap("211.1.2.3") == "https://rdap.apnic.net/");
  CHECK(rdap("193.0.0.0/21") == "https://rdap.db.ripe.net/");
  CHECK(rdap("8.8.8.8") == "https://rdap.arin.net/registry/");
  CHECK(rdap("2a10:1::1") == "https://rdap.db.ripe.net/");
  CHECK(rdap("2001:200::1") == "https://rdap.apnic.net/");
  CHECK(rdap("AS4766") == "https://rdap.apnic.net/");
  CHECK(rdap("AS15169") == "https://rdap.arin.net/registry/");
  CHECK(rdap("AS200000") == "https://rdap.db.ripe.net/");
  CHECK(rdap("example.co.kr") == "https://rdap.nic.or.kr/");
  CHECK(rdap("com").empty());
  const auto korean = find_servers(rules, none, parse_target("보기.한국").value());
  CHECK(korean.whois == "whois.kr");
  CHECK(korean.rdap.empty());
  Bootstrap fresh;
  CHECK(fresh.add(BootstrapFile::dns, R"({"version":"1.0","services":[
    [["com","..","net"],["http://plain.example/","https://new.example/rdap"]],
    [["org"],["http://plain.example/"]],[["dev"],["https://user@x.example/"]],[["app"],[7]],7]})"));
  CHECK(fresh.size() == 2);
  CHECK(find_servers(rules, fresh, parse_target("example.com").value()).rdap ==
        "https://new.example/rdap/");
  CHECK(find_servers(rules, fresh, parse_target("example.org").value()).rdap ==
        "https://rdap.publicinterestregistry.org/rdap/");
  for (const auto* bad : {"", "{}", "[]", R"({"version":"1.0","services":[]})",
                          R"({"version":"2.0","services":[[["com"],["https://a.example/"]]]})",
                          R"({"version":"1.0","services":[[["com"],["http://a.example/"]]]})"}) {
    CAPTURE(bad);
    CHECK_FALSE(Bootstrap().add(BootstrapFile::dns, bad));
  }
  CHECK_FALSE(Bootstrap().add(
      BootstrapFile::ipv4, R"({"version":"1.0","services":[[["::/0"],["https://a.example/"]]]})"));
}

TEST_CASE("a refresh keeps what is no bootstrap file out") {
  World world;
  world.page("https://data.iana.org/rdap/dns.json", 200,
             R"({"version":"1.0","services":[[["com"],["https://a.example/"]]]})");
  world.page("https://data.iana.org/rdap/ipv4.json", 200, "<html>");
  world.page("https://data.iana.org/rdap/ipv6.json", 500, "");
  const auto files = test::run_check<std::vector<RefreshedFile>>(
      world.dns, [](Context context) { return refresh_bootstrap(context); }, &world.network);
  REQUIRE(files.size() == 4);
  CHECK(files[0].finding.id == "whois.refreshed");
  CHECK_FALSE(files[0].body.empty());
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(files[i].finding.id == "whois.not-refreshed");
    CHECK(files[i].body.empty());
  }
  for (const auto& file : files) CHECK(test::text_fault(file.finding) == "");
}

TEST_CASE("the holder beside another purpose: once, and not for ever") {
  World world;
  world.page(apnic, 200, network_body);
  const auto find = [&](std::string_view ip) {
    return test::run_check<std::vector<Finding>>(
        world.dns,
        [&](Context context) {
          context.whois = &world.access;
          return find_holder(context, IpAddress::parse(ip).value());
        },
        &world.network);
  };
  CHECK(test::get(find("211.200.7.9"), "ptr.holder").data["holder"].as_string() ==
        "Example Telecom");
  CHECK(find("211.200.7.9").size() == 1);
  CHECK(world.asked.size() == 1);
  CHECK(find("192.0.2.1").empty());
  CHECK(test::get(find("211.200.7.8"), "ptr.holder-unknown").severity == Severity::unknown);
  world.access.side_lookups = 0;
  CHECK(find("211.200.7.7").empty());
  CHECK(world.asked.size() == 2);
}

}  // namespace
}  // namespace maildiag::checks
