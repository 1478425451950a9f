/// A domain with two mail servers, a validating resolver and certificates: tests change what they
/// are about.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/sha.h>

#include "checks/tls_domain.h"
#include "support/certificate_maker.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/signed_backend.h"

namespace maildiag::test {

struct TlsWorld {
  const WallTime now = *from_rfc3339("2026-11-22T12:00:00Z");
  std::shared_ptr<MemoryBackend> records = std::make_shared<MemoryBackend>();
  std::shared_ptr<SignedBackend> dns = std::make_shared<SignedBackend>(records);
  FakeNetwork network;
  bool connected = true;
  std::map<std::string, net::SmtpTalk> talks;  ///< by address
  std::map<std::string, std::string> sni;      ///< the same
  MadeCertificate root{plan("Test Root", true)};

  /// mx1 and mx2.example.com at 192.0.2.1 and 192.0.2.2, everything signed, good certificates.
  TlsWorld() {
    dns->secure = {DomainName()};
    for (const auto& [host, address] :
         {std::pair{"mx1.example.com", "192.0.2.1"}, std::pair{"mx2.example.com", "192.0.2.2"}}) {
      records->add_mx("example.com", 10, host);
      records->add_address(host, address);
      serve(address, plan(host));
    }
    network.on_talk = [this](const net::SmtpRequest& request) {
      const auto address = request.address.to_string();
      sni[address] = request.host;
      return talks.at(address);
    };
  }

  CertificatePlan plan(const std::string& name, bool authority = false) const {
    CertificatePlan made;
    made.common_name = name;
    made.names = {"DNS:" + name};
    made.authority = authority;
    made.not_before = now - std::chrono::hours(240);
    made.not_after = now + std::chrono::hours(24 * 80);
    return made;
  }

  /// `address` shows a certificate, and the root behind it. Returns its key's DER.
  std::string serve(const std::string& address, const CertificatePlan& wanted) {
    const MadeCertificate made(wanted, &root);
    net::SmtpTalk talk;
    talk.stage = net::SmtpStage::quit;
    talk.greeting = {220, {"hello"}};
    talk.ehlo = {250, {"hello", "STARTTLS"}};
    talk.starttls = {220, {"go ahead"}};
    talk.tls = net::TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {made.der(), root.der()}, 0, ""};
    talks[address] = talk;
    return checks::Certificate::from_der(made.der())->public_key;
  }

  static std::string sha256(const std::string& octets) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
           reinterpret_cast<unsigned char*>(out.data()));
    return out;
  }
  static std::string sha512(const std::string& octets) {
    std::string out(SHA512_DIGEST_LENGTH, '\0');
    SHA512(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(),
           reinterpret_cast<unsigned char*>(out.data()));
    return out;
  }
  std::string key_of(const std::string& address) const {
    return checks::Certificate::from_der(talks.at(address).tls->chain.front())->public_key;
  }
  void tlsa(std::string_view host, std::uint8_t usage, std::uint8_t selector, std::uint8_t type,
            std::string data) {
    records->add(raw_name("_25._tcp." + std::string(host)), dns::RecordType::tlsa,
                 dns::TlsaData{usage, selector, type, std::move(data)});
  }
  /// Records of both servers' keys.
  void good_tlsa() {
    tlsa("mx1.example.com", 3, 1, 1, sha256(key_of("192.0.2.1")));
    tlsa("mx2.example.com", 3, 1, 1, sha256(key_of("192.0.2.2")));
  }
  void policy(std::string_view mode) {
    records->add("_mta-sts.example.com", "v=STSv1; id=1;");
    records->add_address("mta-sts.example.com", "192.0.2.80");
    net::HttpReply reply;
    reply.status = 200;
    reply.content_type = "text/plain";
    reply.body =
        "version: STSv1\nmode: " + std::string(mode) + "\nmx: *.example.com\nmax_age: 604800\n";
    network.on_fetch = [reply](const net::HttpRequest&) { return reply; };
  }

  checks::TlsReport check() {
    const auto run = [this](checks::Context context) -> Task<checks::TlsReport> {
      checks::TlsQuestion question;
      question.domain = raw_name("example.com");
      question.now = now;
      co_return co_await checks::check_tls(context, std::move(question));
    };
    return run_check<checks::TlsReport>(dns, run, connected ? &network : nullptr);
  }
};

/// "match:ok rollover:info" of the findings of one area.
inline std::string ids_of(const std::vector<Finding>& findings, std::string_view area) {
  std::string all;
  for (const auto& finding : findings) {
    if (!finding.id.starts_with(std::string(area) + ".")) continue;
    all += (all.empty() ? "" : " ") + finding.id.substr(area.size() + 1) + ":" +
           std::string(to_string(finding.severity));
  }
  return all;
}

}  // namespace maildiag::test
