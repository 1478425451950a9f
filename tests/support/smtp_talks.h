/// Dialogues with mail servers, as a test makes them up for FakeNetwork.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "net/smtp.h"

namespace maildiag::test {

inline net::SmtpReply smtp_reply(int code, std::vector<std::string> lines) {
  net::SmtpReply reply;
  reply.code = code;
  reply.lines = std::move(lines);
  return reply;
}

/// Greeted and answered as Postfix does, without TLS.
inline net::SmtpTalk plain_talk(const std::string& name = "mail.example.com") {
  using std::chrono::microseconds;
  net::SmtpTalk talk;
  talk.stage = net::SmtpStage::quit;
  talk.source = IpAddress::parse("198.51.100.9").value();
  talk.connect = microseconds(1234);
  talk.greeted = microseconds(20400);
  talk.total = microseconds(50000);
  talk.greeting = smtp_reply(220, {name + " ESMTP Postfix"});
  talk.ehlo = smtp_reply(250, {name, "PIPELINING", "SIZE 10240000", "VRFY", "ETRN",
                               "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "CHUNKING"});
  talk.quit = smtp_reply(221, {"2.0.0 Bye"});
  talk.transcript = {{microseconds(0), false, "220 " + name + " ESMTP Postfix"},
                     {microseconds(100), true, "EHLO client.example.net"}};
  return talk;
}

/// The same with STARTTLS, and `chain` (DER) inside.
inline net::SmtpTalk tls_talk(std::vector<std::string> chain,
                              const std::string& name = "mail.example.com") {
  auto talk = plain_talk(name);
  talk.ehlo_again = talk.ehlo;
  talk.ehlo_again.lines.emplace_back("AUTH PLAIN LOGIN");
  talk.ehlo.lines.emplace_back("STARTTLS");
  talk.starttls = smtp_reply(220, {"2.0.0 Ready to start TLS"});
  talk.handshake = std::chrono::microseconds(7000);
  net::TlsFacts tls;
  tls.version = "TLSv1.3";
  tls.cipher = "TLS_AES_256_GCM_SHA384";
  tls.chain = std::move(chain);
  tls.verify_text = "ok";
  talk.tls = std::move(tls);
  return talk;
}

/// Not let in: what happened where.
inline net::SmtpTalk failed_talk(net::SmtpStage stage, net::Fault fault,
                                 const std::string& reason = "as the test says") {
  net::SmtpTalk talk;
  talk.stage = stage;
  talk.fault = fault;
  talk.reason = reason;
  if (stage != net::SmtpStage::connect) talk.connect = std::chrono::microseconds(1000);
  return talk;
}

}  // namespace maildiag::test
