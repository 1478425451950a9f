#include "checks/smtp_servers.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/check_context.h"
#include "support/memory_backend.h"

using namespace maildiag;
using checks::SmtpServers;

namespace {

SmtpServers find(std::shared_ptr<test::MemoryBackend> backend, const std::string& name,
                 bool host = false) {
  const auto wanted = *DomainName::parse(name);
  const std::function<Task<SmtpServers>(checks::Context)> run = [&](checks::Context context) {
    return host ? checks::find_host(context, wanted) : checks::find_servers(context, wanted);
  };
  auto found = test::run_check<SmtpServers>(std::move(backend), run);
  for (const auto& finding : found.findings) CHECK(test::text_fault(finding) == "");
  return found;
}

std::string text(const SmtpServers& found) {
  std::string all;
  for (const auto& server : found.servers)
    all += server.host.to_string() + "=" + server.address.to_string() + " ";
  for (const auto& finding : found.findings) all += finding.id + " ";
  return all;
}

std::shared_ptr<test::MemoryBackend> world() {
  auto backend = std::make_shared<test::MemoryBackend>();
  backend->add_mx("example.com", 20, "mx2.example.com");
  backend->add_mx("example.com", 10, "mx1.example.com");
  backend->add_address("mx1.example.com", "192.0.2.1");
  backend->add_address("mx1.example.com", "2001:db8::1");
  backend->add_address("mx2.example.com", "192.0.2.2");
  backend->add_address("example.com", "192.0.2.80");
  backend->add_address("host.example.com", "192.0.2.3");
  return backend;
}

}  // namespace

TEST_CASE("a domain is its MX addresses, a host its own") {
  CHECK(text(find(world(), "example.com")) ==
        "mx1.example.com=192.0.2.1 mx1.example.com=2001:db8::1 mx2.example.com=192.0.2.2 ");
  CHECK(text(find(world(), "example.com", true)) == "example.com=192.0.2.80 ");
  CHECK(text(find(world(), "host.example.com")) == "host.example.com=192.0.2.3 ");
}

TEST_CASE("names that lead to no server say why") {
  auto backend = world();
  backend->add_mx("null.example.com", 0, ".");
  CHECK(text(find(backend, "null.example.com")) == "recipient-domain.null-mx ");
  CHECK(text(find(backend, "nothing.example.com")) == "recipient-domain.unresolvable ");
  CHECK(text(find(backend, "nothing.example.com", true)) == "smtp.host-unresolvable ");
}

TEST_CASE("what DNS leaves open is told beside what it answered") {
  auto backend = world();
  backend->fail("mx2.example.com", dns::Outcome::servfail);
  const auto found = find(backend, "example.com");
  CHECK(text(found) == "mx1.example.com=192.0.2.1 mx1.example.com=2001:db8::1 smtp.host-unknown ");
  CHECK(found.findings[0].severity == Severity::unknown);
  backend->fail("example.com", dns::Outcome::timeout);
  CHECK(text(find(backend, "example.com")) == "recipient-domain.unknown ");
  backend->fail("host.example.com", dns::Outcome::timeout);
  CHECK(text(find(backend, "host.example.com", true)) == "smtp.host-unknown ");
}

TEST_CASE("a domain with hundreds of addresses is asked in part, and that is said") {
  auto backend = std::make_shared<test::MemoryBackend>();
  backend->add_mx("example.com", 10, "mx.example.com");
  for (int at = 0; at < 200; ++at)
    backend->add_address("mx.example.com", fmt::format("192.0.2.{}", at));
  const auto found = find(backend, "example.com");
  CHECK(found.servers.size() == checks::max_servers);
  REQUIRE(found.findings.size() == 1);
  CHECK(found.findings[0].id == "smtp.more-servers");
  CHECK(found.findings[0].data["count"].as_integer() == 200);
}
