// hMailServer: "The following recipient(s) could not be reached:", each with lines "Error Type:",
// "hMailServer sent:", "Remote server replied:" or "Error Description:".

#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// What stands behind a label at a line's start; empty: another line.
string_view behind(string_view line, string_view label) {
  return text::starts_with_ignore_case(line, label) ? text::trim(line.substr(label.size()))
                                                    : string_view();
}

DeliveryFailure read_recipient(const AddressBlock& block) {
  AddressBlock said{block.recipient, block.original, ""};
  std::string command;
  Unwrapped remote;
  bool replied = false;
  for (const auto full : text::split(block.text, '\n')) {
    const auto line = text::trim(full);
    const auto reply = behind(line, "Remote server replied:");
    const auto description = behind(line, "Error Description:");
    if (!reply.empty() || !description.empty()) {
      replied = !reply.empty();
      said.text = replied ? reply : description;
    } else if (line.starts_with("Remote server (")) {
      read_remote(line, remote);
    } else if (text::starts_with_ignore_case(line, "hMailServer sent:")) {
      command = command_in(">>> " + text::ascii_lower(behind(line, "hMailServer sent:")));
    } else if (replied) {
      said.text += "\n" + std::string(line);  // the reply's further lines
    }
  }
  auto failure = failure_of(said, "");
  if (failure.command.empty()) failure.command = std::move(command);
  if (!failure.remote_ip) failure.remote_ip = remote.remote_ip;
  return failure;
}

}  // namespace

std::optional<TextResult> read_hmailserver(const TextReport& report) {
  const auto begin = report.find("recipient(s) could not be reached");
  if (begin >= report.size() || !report.contains("error type:")) return {};
  TextResult result;
  result.format = "hmailserver";
  for (const auto& block :
       address_blocks(report, begin + 1, report.size(), [](std::size_t) { return false; })) {
    if (!block.text.empty()) result.failures.push_back(read_recipient(block));
  }
  return result;
}

}  // namespace maildiag::bounce
