/// One dialogue with a server on loopback.
#pragma once

#include <chrono>
#include <string>

#include "core/task.h"
#include "net/transports.h"
#include "support/scripted_server.h"

namespace maildiag::test {

/// Limits that a test can wait for. What must not end by them has longer ones.
inline net::SmtpRequest request_to(const ScriptedServer& server) {
  net::SmtpRequest request;
  request.address = IpAddress::parse("127.0.0.1").value();
  request.port = server.port();
  request.host = "mail.example.com";
  request.helo_name = "client.example";
  return request;
}

/// A server's silence is seen after this.
inline net::SmtpRequest hasty_request_to(const ScriptedServer& server) {
  auto request = request_to(server);
  request.greeting_timeout = request.reply_timeout = std::chrono::milliseconds(200);
  return request;
}

inline net::SmtpTalk talk(const net::SmtpRequest& request, const net::AccessOptions& options = {}) {
  net::SmtpTalk result;
  const auto work = [&]() -> Task<void> {
    auto talking = net::talk_smtp(options, request);
    result = co_await std::move(talking);
  };
  run_task(work());
  return result;
}

inline std::string transcript_of(const net::SmtpTalk& talk) {
  std::string text;
  for (const auto& line : talk.transcript) text += (line.ours ? "> " : "< ") + line.text + "\n";
  return text;
}

inline CertificatePlan good_plan() {
  CertificatePlan plan;
  const auto now = std::chrono::system_clock::now();
  plan.not_before = now - std::chrono::hours(24);
  plan.not_after = now + std::chrono::hours(24 * 30);
  return plan;
}

}  // namespace maildiag::test
