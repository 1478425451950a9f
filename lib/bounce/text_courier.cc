// Courier: "This is a delivery status notification from HOST, running the Courier mail server",
// "<recipient>:" with the remote host and the SMTP dialogue below.

#include <algorithm>

#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// "mx.example.com [192.0.2.1]:", ">>> RCPT TO:<a@b>", "<<< 550 User unknown." into a failure.
DeliveryFailure read_dialogue(const AddressBlock& block, const std::string& reporting_mta) {
  AddressBlock said = block;
  said.text.clear();
  std::string command;
  Unwrapped remote;
  for (const auto full : text::split(block.text, '\n')) {
    auto line = text::trim(full);
    if (line.starts_with(">>>")) {
      command = command_in(text::ascii_lower(line));
    } else if (line.ends_with("]:") && said.text.empty()) {
      read_remote(line, remote);
    } else {
      if (line.starts_with("<<<")) line = text::trim(line.substr(3));
      if (!said.text.empty()) said.text += '\n';
      said.text += line;
    }
  }
  auto failure = failure_of(said, reporting_mta);
  if (failure.command.empty()) failure.command = std::move(command);
  if (failure.remote_host.empty()) failure.remote_host = std::move(remote.remote_host);
  if (!failure.remote_ip) failure.remote_ip = remote.remote_ip;
  return failure;
}

}  // namespace

std::optional<TextResult> read_courier(const TextReport& report) {
  if (!report.contains("running the courier mail server")) return {};
  TextResult result;
  result.format = "courier";
  result.reporting_mta = host_after(report, "notification from ");
  const bool warning = report.contains("this is a warning") || report.contains("delayed mail");
  result.kind = warning ? Kind::delay : Kind::failure;
  // The dialogue may stand apart from its recipient.
  const auto goes_on = [&](std::size_t i) {
    const auto line = text::trim(report.line(i));
    return line.starts_with(">>>") || line.starts_with("<<<") || read_reply_head(line);
  };
  for (const auto& block : address_blocks(report, 0, report.size(), goes_on)) {
    if (!block.text.empty()) result.failures.push_back(read_dialogue(block, result.reporting_mta));
  }
  return result;
}

}  // namespace maildiag::bounce
