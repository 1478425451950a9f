#include "bounce/log/exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// Exchange 2019 writes about 30 columns.
constexpr std::size_t max_columns = 100;
/// Recipients of one row; Exchange splits larger mails (RecipientThreadLimit 5,000 at most).
constexpr std::size_t max_row_recipients = 5000;
/// What a row's only status may take for all of its recipients: each failure is read by itself.
constexpr std::size_t max_shared_octets = 1UL << 20;
/// So much of it is always told; those of Exchange have 100 to 400 octets.
constexpr std::size_t least_shared_octets = 512;

/// Values between commas; quotes around them hold commas, and are doubled inside.
void split_cells(string_view line, std::vector<std::string>& cells) {
  cells.clear();
  std::string cell;
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '"') {
      const bool twice = quoted && at + 1 < line.size() && line[at + 1] == '"';
      if (twice) {
        cell += '"';
        ++at;
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      cells.push_back(std::move(cell));
      cell.clear();
      if (cells.size() == max_columns) return;
    } else {
      cell += c;
    }
  }
  cells.push_back(std::move(cell));
}

/// "recipient-status" and "RecipientStatus" are one.
std::string plain_name(string_view name) {
  auto out = text::ascii_lower(text::trim(name));
  out.erase(std::remove(out.begin(), out.end(), '-'), out.end());
  return out;
}

/// "a@b;c@d"
std::vector<string_view> split_recipients(string_view text) {
  std::vector<string_view> parts;
  while (parts.size() < max_row_recipients) {
    const auto end = text.find(';');
    parts.push_back(text::trim(text.substr(0, end)));
    if (end == string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

/// Statuses hold semicolons: one ends where another begins.
std::vector<string_view> split_statuses(string_view text) {
  std::vector<string_view> parts;
  std::size_t begin = 0;
  for (auto at = text.find(';'); at != string_view::npos && parts.size() < max_row_recipients;
       at = text.find(';', at + 1)) {
    const auto rest = text.substr(at + 1);
    if (!read_reply_head(rest) && !rest.starts_with("'[") && !rest.starts_with("[{")) continue;
    parts.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

/// "[{LED=550 5.1.1 ...};{MSG=};{FQDN=mx.example.net};{IP=192.0.2.1};{LRT=}]"
string_view member(string_view status, string_view name) {
  const auto at = status.find(name);
  if (at == string_view::npos) return {};
  status.remove_prefix(at + name.size());
  return status.substr(0, status.find('}'));
}

/// What a status says, or the row's context where there is none.
struct Told {
  string_view text;
  std::string relay;
};

Told read_status(string_view status, string_view context) {
  status = trim_any(status, "'");
  Told told;
  told.text = member(status, "LED=");
  if (told.text.empty() && status.find("{LED=") == string_view::npos) told.text = status;
  if (told.text.empty()) told.text = context;
  const auto ip = member(status, "IP=");
  told.relay = member(status, "FQDN=");
  if (!ip.empty()) told.relay.append("[").append(ip).append("]");
  return told;
}

struct Event {
  string_view name;
  Action action;
};
constexpr std::array events{Event{"FAIL", Action::failed}, Event{"BADMAIL", Action::failed},
                            Event{"POISONMESSAGE", Action::failed}, Event{"DSN", Action::failed},
                            Event{"DEFER", Action::delayed}};

}  // namespace

bool ExchangeLog::read_header(string_view line) {
  if (line.starts_with("#Fields:")) {
    line.remove_prefix(8);
  } else if (line.find("EventId") == string_view::npos ||
             line.find("RecipientStatus") == string_view::npos) {
    return false;
  }
  split_cells(line, cells_);
  time_ = event_ = recipients_ = status_ = sender_ = return_path_ = none;
  message_id_ = internal_id_ = server_host_ = context_ = none;
  const std::array<std::pair<string_view, std::size_t*>, 13> names{{
      {"datetime", &time_},
      {"timestamp", &time_},
      {"eventid", &event_},
      {"recipientaddress", &recipients_},
      {"recipients", &recipients_},
      {"recipientstatus", &status_},
      {"senderaddress", &sender_},
      {"sender", &sender_},
      {"returnpath", &return_path_},
      {"messageid", &message_id_},
      {"internalmessageid", &internal_id_},
      {"serverhostname", &server_host_},
      {"sourcecontext", &context_},
  }};
  for (std::size_t column = 0; column < cells_.size(); ++column) {
    const auto name = plain_name(cells_[column]);
    for (const auto& [known, where] : names) {
      if (name == known) *where = column;
    }
  }
  return has_columns();
}

string_view ExchangeLog::cell(std::size_t column) const {
  return column < cells_.size() ? string_view(cells_[column]) : string_view();
}

void ExchangeLog::read_row(string_view line, Stamp& stamp, const FoundSink& sink) {
  const auto has = [line](const Event& event) {
    return line.find(event.name) != string_view::npos;
  };
  if (std::none_of(events.begin(), events.end(), has)) return;
  split_cells(line, cells_);
  const auto* event = std::find_if(events.begin(), events.end(), [this](const Event& known) {
    return known.name == cell(event_);
  });
  if (event == events.end()) return;
  auto time = cell(time_);
  stamp = take_stamp(time);
  Found found;
  found.format = "exchange";
  found.action = event->action;
  found.queue_id = cell(internal_id_).empty() ? cell(message_id_) : cell(internal_id_);
  found.reporter = cell(server_host_);
  // A DSN goes from nobody to the sender of the mail that failed; FAIL has told about it, unless
  // the row says why itself.
  if (event->name == "DSN") {
    if (!read_reply_head(member(cell(status_), "LED="))) return;
    found.sender = cell(recipients_);
    found.text = member(cell(status_), "LED=");
    sink(found);
    return;
  }
  found.sender = cell(return_path_).empty() ? cell(sender_) : cell(return_path_);
  report(found, sink);
}

/// Statuses stand in the order of the recipients; a single one counts for all.
void ExchangeLog::report(Found& found, const FoundSink& sink) const {
  const auto recipients = split_recipients(cell(recipients_));
  const auto statuses = split_statuses(cell(status_));
  const bool paired = statuses.size() == recipients.size();
  const auto shared = std::max(least_shared_octets, max_shared_octets / recipients.size());
  const auto context = cell(context_).substr(0, shared);
  auto told = read_status(cell(status_), context);
  told.text = told.text.substr(0, shared);
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    if (paired) told = read_status(statuses[i], context);
    found.recipient = recipients[i];
    found.text = told.text;
    found.relay = told.relay;
    sink(found);
  }
}

}  // namespace maildiag::bounce::log
