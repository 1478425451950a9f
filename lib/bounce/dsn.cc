#include "bounce/dsn.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "bounce/charset.h"
#include "bounce/dsn_fields.h"
#include "bounce/dsn_groups.h"
#include "bounce/dsn_values.h"
#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

Action action_of(string_view value) {
  // "failed (delivery loop)": only the first word counts.
  const auto word = text::ascii_lower(value.substr(0, value.find_first_of(" \t\n(;,")));
  for (const auto action :
       {Action::failed, Action::delayed, Action::delivered, Action::relayed, Action::expanded}) {
    if (word == to_string(action)) return action;
  }
  return Action::unknown;
}

/// As the class of a reply tells it.
Action action_of(const Reply& reply) {
  const auto digit = reply.code != 0        ? static_cast<char>('0' + reply.code / 100)
                     : reply.status.empty() ? ' '
                                            : reply.status.front();
  return digit == '2' ? Action::delivered : digit == '4' ? Action::delayed : Action::failed;
}

void read_remote_mta(string_view value, DeliveryFailure& failure) {
  const auto remote = dsn::without_type(value);
  if (const auto ips = find_ip_addresses(remote); !ips.empty()) failure.remote_ip = ips.front();
  failure.remote_host = host_of(remote.substr(0, remote.find_first_of(" ([\n")));
}

DeliveryFailure read_recipient(const Fields& group) {
  DeliveryFailure failure;
  failure.recipient = dsn::address_in(group.get("Final-Recipient"));
  failure.original_recipient = dsn::address_in(group.get("Original-Recipient"));
  if (failure.recipient.empty())
    failure.recipient = dsn::address_in(group.get("X-Actual-Recipient"));
  if (failure.recipient.empty()) failure.recipient = failure.original_recipient;
  failure.action = action_of(group.get("Action"));
  if (!group.get("Remote-MTA").empty()) read_remote_mta(group.get("Remote-MTA"), failure);
  failure.remote_greeted = !group.get("X-Supplementary-Info").empty();  // Exchange's own field
  failure.time = from_rfc5322_date(group.get("Last-Attempt-Date"));

  auto diagnostic = group.get("Diagnostic-Code");
  if (diagnostic.empty()) diagnostic = group.get("X-Supplementary-Info");
  if (!diagnostic.empty()) apply_diagnostic(decode_words(diagnostic), failure);

  const auto status = group.get("Status");
  if (const auto length = status_length(text::trim(status)); length > 0) {
    const auto code = text::trim(status).substr(0, length);
    // A reporter's "5.0.0" beside a reply without a status says nothing that the reply's code does
    // not.
    const bool vague = dsn::is_vague(code) && failure.reply.code != 0;
    if (failure.reply.status.empty() && !vague) failure.reply.status = code;
  }
  if (failure.reply.raw.empty() && !status.empty()) {
    const auto parsed = parse_reply(status);  // "5.1.1 (bad destination mailbox address)"
    failure.reply.raw = parsed.reply.raw;
    failure.reply.text = parsed.reply.text;
  }
  if (failure.action == Action::unknown) {
    const char status_class = failure.reply.status.empty() ? ' ' : failure.reply.status.front();
    failure.action = status_class == '2'   ? Action::delivered
                     : status_class == '4' ? Action::delayed
                                           : Action::failed;
  }
  return failure;
}

}  // namespace

void DeliveryStatus::add(DeliveryStatus other) {
  if (!other.sender.empty()) sender = std::move(other.sender);
  if (other.arrival) arrival = other.arrival;
  full = full || other.full;
  for (auto& guess : other.guesses) {
    guess.place += recipients.size();
    guesses.push_back(std::move(guess));
  }
  std::move(other.recipients.begin(), other.recipients.end(), std::back_inserter(recipients));
}

void apply_diagnostic(string_view text, DeliveryFailure& failure) {
  auto parsed = parse_reply(text);
  failure.reply = std::move(parsed.reply);
  if (failure.command.empty()) failure.command = std::move(parsed.command);
  if (failure.remote_host.empty()) failure.remote_host = std::move(parsed.remote_host);
  if (!failure.remote_ip) failure.remote_ip = parsed.remote_ip;
}

bool looks_like_delivery_status(string_view text) {
  text = text.substr(0, max_header_bytes);
  int fields = 0;
  while (!text.empty()) {
    const auto line = text::trim(take_line(text));
    fields += text::starts_with_ignore_case(line, "Final-Recipient:") ||
              text::starts_with_ignore_case(line, "Action:") ||
              text::starts_with_ignore_case(line, "Diagnostic-Code:") ||
              text::starts_with_ignore_case(line, "Reporting-MTA:");
    if (fields >= 2) return true;
  }
  return false;
}

DeliveryStatus read_delivery_status(string_view text) {
  DeliveryStatus status;
  std::string reporting_mta;
  for (const auto& [group, whose] : read_groups(text)) {
    if (const auto reporter = group.get("Reporting-MTA"); !reporter.empty()) {
      reporting_mta = text::ascii_lower(trim_any(dsn::without_type(reporter), "."));
      if (const auto end = reporting_mta.find_first_of(" ([\n"); end != std::string::npos)
        reporting_mta.resize(end);
    }
    if (!status.arrival) status.arrival = from_rfc5322_date(group.get("Arrival-Date"));
    if (const auto sender = group.get("X-Postfix-Sender"); !sender.empty())
      status.sender = dsn::address_in(sender);
    const bool recipient = group.has("Final-Recipient") || group.has("Original-Recipient") ||
                           group.has("Action") || group.has("Diagnostic-Code") ||
                           group.has("Status");
    const bool known = whose == Whose::known;
    const auto size = known ? status.recipients.size() : status.guesses.size();
    if (known && !recipient) continue;
    if (size >= max_failures) {
      status.full = status.full || !known;
      continue;
    }
    auto failure = read_recipient(group);
    failure.reporting_mta = reporting_mta;
    if (known) {
      status.recipients.push_back(std::move(failure));
      continue;
    }
    if (!group.has("Action")) failure.action = action_of(failure.reply);
    // Perhaps: nothing says that it was looked up.
    failure.remote_greeted = true;
    status.guesses.push_back({std::move(failure), status.recipients.size(), whose != Whose::nobodys,
                              whose == Whose::his_or_nobodys});
  }
  return status;
}

}  // namespace maildiag::bounce
