/// A domain that signs, its keys in memory, and a message.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "checks/dkim.h"
#include "support/check_context.h"
#include "support/dkim_signer.h"
#include "support/memory_backend.h"

namespace maildiag::test {

inline constexpr std::string_view dkim_message =
    "From: Alice <alice@example.com>\r\n"
    "To: bob@example.net\r\n"
    "Subject: Is dinner\r\n ready?\r\n"
    "Date: Fri, 20 Nov 2026 10:00:00 +0900\r\n"
    "\r\n"
    "Hi Bob,\r\n"
    "\r\n"
    "we lost the game.  Are you hungry?\r\n"
    "--\r\n"
    "Alice\r\n";
/// 2026-11-21T00:00:00Z.
inline constexpr std::int64_t dkim_now = 1795219200;

/// All tags but bh= and b=.
inline std::string dkim_tags(std::string_view more = "", std::string_view forms = "relaxed/relaxed",
                             std::string_view fields = "from:to:subject:date") {
  return "v=1; a=rsa-sha256; d=example.com; s=s1; c=" + std::string(forms) +
         "; h=" + std::string(fields) + (more.empty() ? "" : "; ") + std::string(more);
}

inline std::shared_ptr<MemoryBackend> dkim_dns(std::string_view record) {
  auto dns = std::make_shared<MemoryBackend>();
  if (!record.empty()) dns->add("s1._domainkey.example.com", record);
  return dns;
}

inline checks::DkimMessageReport verify(const std::shared_ptr<MemoryBackend>& dns,
                                        const std::string& message,
                                        std::optional<WallTime> today = std::nullopt) {
  const auto now = std::chrono::system_clock::from_time_t(dkim_now);
  const auto result = run_check<Result<checks::DkimMessageReport>>(
      dns,
      [&](checks::Context context) { return check_dkim_message(context, message, now, today); });
  if (!result) throw std::runtime_error(result.error().message);
  for (const auto& finding : result->findings) CHECK(text_fault(finding) == "");
  return *result;
}

/// The first signature: "pass", "fail body-changed footer-added" ...
inline std::string verdict(const checks::DkimMessageReport& report) {
  if (report.signatures.empty()) return "none";
  const auto& signature = report.signatures.front();
  std::string text(to_string(signature.result));
  for (const auto& problem : signature.problems) text += " " + problem.substr(5);
  for (const auto& change : signature.changes) text += " " + change.id.substr(5);
  return text;
}

/// `text` with the first `from` replaced; throws where there is none.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace maildiag::test
