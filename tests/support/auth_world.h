/// A sender in memory: SPF, a key, a DMARC policy, and messages that it signs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "checks/message_auth.h"
#include "support/dkim_world.h"

namespace maildiag::test {

/// example.com sends from 192.0.2.1, signs with s1 and asks to reject.
inline std::shared_ptr<MemoryBackend> auth_dns(
    std::string_view policy = "v=DMARC1; p=reject; rua=mailto:d@example.com") {
  auto dns = dkim_dns(DkimSigner::usual().record());
  dns->add("example.com", "v=spf1 ip4:192.0.2.1 -all");
  dns->add("mail.example.com", "v=spf1 a -all");
  dns->add_address("mail.example.com", "192.0.2.1");
  if (!policy.empty()) dns->add("_dmarc.example.com", policy);
  return dns;
}

inline checks::MessageRequest auth_request(std::string_view ip = "192.0.2.1",
                                           std::string_view sender = "bounce@example.com") {
  checks::MessageRequest request;
  request.envelope.ip = IpAddress::parse(ip);
  request.envelope.helo = "mail.example.com";
  request.envelope.sender = std::string(sender);
  request.now = std::chrono::system_clock::from_time_t(dkim_now);
  return request;
}

inline std::string signed_message(const std::string& tags = dkim_tags(),
                                  std::string_view message = dkim_message) {
  return DkimSigner::usual().sign(message, tags);
}

inline checks::MessageAuth authenticate(const std::shared_ptr<MemoryBackend>& dns,
                                        const std::string& message,
                                        const checks::MessageRequest& request = auth_request()) {
  const auto result = run_check<Result<checks::MessageAuth>>(
      dns, [&](checks::Context context) { return evaluate_message(context, message, request); });
  if (!result) throw std::runtime_error(result.error().message);
  for (const auto& finding : result->findings) CHECK(text_fault(finding) == "");
  return *result;
}

/// "fail reject", "pass none", "temperror"
inline std::string outcome(const checks::MessageAuth& auth) {
  std::string text(to_string(auth.dmarc));
  if (auth.disposition) text += " " + std::string(checks::dmarc::to_string(*auth.disposition));
  return text;
}

}  // namespace maildiag::test
