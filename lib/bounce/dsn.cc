#include "bounce/dsn.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

#include "bounce/charset.h"
#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "core/text.h"
#include "core/utf8.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// RFC 3464 section 2, RFC 6533 and what vendors add. Other lines with a colon ("https://...")
/// continue a diagnostic.
constexpr std::array<string_view, 17> known_fields{
    "original-envelope-id", "reporting-mta",    "dsn-gateway",
    "received-from-mta",    "arrival-date",     "original-recipient",
    "final-recipient",      "action",           "status",
    "remote-mta",           "diagnostic-code",  "last-attempt-date",
    "final-log-id",         "will-retry-until", "remote-recipient",
    "localized-reason",     "reply-to"};

/// Those of them that only stand in a recipient's group (RFC 3464 section 2.3), in any order.
constexpr std::array<string_view, 8> recipient_fields{
    "original-recipient", "final-recipient", "action",           "status",
    "remote-mta",         "diagnostic-code", "will-retry-until", "last-attempt-date"};

bool is_recipient_field(string_view name) {
  return std::any_of(recipient_fields.begin(), recipient_fields.end(),
                     [=](string_view f) { return text::equals_ignore_case(f, name); });
}

bool is_field(string_view line) {
  const auto length = field_name_length(line);
  if (length == 0) return false;
  const auto name = text::ascii_lower(text::trim(line.substr(0, length - 1)));
  return (name.starts_with("x-") && name.size() > 3) ||
         std::find(known_fields.begin(), known_fields.end(), name) != known_fields.end();
}

/// Fields of one group that are kept; of the standards' each beyond it, once. Real groups hold up
/// to twenty. Bounds the search for a field that comes again.
constexpr std::size_t max_group_fields = 40;

bool is_recipient(string_view name) {
  return text::equals_ignore_case(name, "Final-Recipient") ||
         text::equals_ignore_case(name, "Original-Recipient");
}

/// What became of a recipient: with one of these a group needs no other field.
bool is_outcome(string_view name) {
  return text::equals_ignore_case(name, "Action") || text::equals_ignore_case(name, "Status") ||
         text::equals_ignore_case(name, "Diagnostic-Code");
}

/// The fields about one recipient, or about the mail, as they come.
class Group {
 public:
  Group() = default;
  /// `front`: see take_tail().
  explicit Group(std::vector<Field> front) : fields_(std::move(front)) {}

  bool empty() const { return fields_.empty(); }
  /// False: one field too many.
  bool takes(string_view name) const {
    return fields_.size() < max_group_fields ||
           (!text::starts_with_ignore_case(name, "X-") && !holds(name));
  }
  bool holds(string_view name) const {
    return any([=](string_view other) { return text::equals_ignore_case(other, name); });
  }
  bool has_recipient() const { return any(is_recipient); }
  bool complete() const { return any(is_outcome); }
  bool in_recipient() const { return any(is_recipient_field); }

  void add(Field field) {
    if (is_recipient(field.name) && !has_recipient() && !complete()) front_ = fields_.size();
    fields_.push_back(std::move(field));
  }
  /// Of the last field.
  void add_line(string_view line) {
    if (fields_.back().value.size() < max_reply_bytes)
      fields_.back().value += "\n" + std::string(line);
  }
  void move_to(Fields& fields) {
    for (auto& field : fields_) fields.add(std::move(field.name), std::move(field.value));
  }

  /// What comes next may be another recipient's: an empty line ends a group (RFC 3464 section 2.1),
  /// but not in all reports, so that only a recipient behind it will tell.
  void mark_end() {
    if (has_recipient() && complete()) tail_ = fields_.size();
  }
  /// Takes what stands behind that line, where it is nothing that makes a group of its own.
  std::vector<Field> take_tail() {
    const auto begin = std::min(tail_.value_or(fields_.size()), fields_.size());
    for (auto at = begin; at < fields_.size(); ++at)
      if (is_outcome(fields_[at].name)) return {};
    return take(begin, fields_.size());
  }

  /// In front of the recipient.
  std::size_t front() const { return has_recipient() || complete() ? front_ : fields_.size(); }
  /// True if a field of the front comes again: who has it behind his name does not have it in
  /// front.
  bool repeats_front() const {
    const auto begin = fields_.begin();
    const auto middle = begin + static_cast<std::ptrdiff_t>(front());
    return std::any_of(begin, middle, [&](const Field& first) {
      return std::any_of(middle, fields_.end(), [&](const Field& later) {
        return text::equals_ignore_case(first.name, later.name);
      });
    });
  }
  void give_front_to(Group& other) {
    auto fields = take(0, front());
    front_ = 0;
    std::move(fields.begin(), fields.end(), std::back_inserter(other.fields_));
  }

 private:
  template <class Test>
  bool any(Test test) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return test(field.name); });
  }
  std::vector<Field> take(std::size_t from, std::size_t to) {
    const auto begin = fields_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = fields_.begin() + static_cast<std::ptrdiff_t>(to);
    std::vector<Field> taken(std::make_move_iterator(begin), std::make_move_iterator(end));
    fields_.erase(begin, end);
    return taken;
  }

  std::vector<Field> fields_;
  std::size_t front_ = 0;
  std::optional<std::size_t> tail_;
};

/// True if `name` begins another group. An empty line inside a recipient's fields does not, unless
/// something comes again. Amazon writes the Action before the recipient.
bool starts_group(const Group& group, string_view name, bool separated) {
  if (group.empty()) return false;
  const bool repeats = group.holds(name);
  if (separated && repeats) return true;
  if (separated && is_recipient_field(name) && !group.in_recipient()) return true;
  if (!is_recipient(name)) return false;
  return repeats || (group.has_recipient() ? separated && group.complete() : !group.in_recipient());
}

/// Fields between an empty line and a recipient are that one's (RFC 3464 section 2.1), unless he
/// has them behind his name as well, or all do: then the last one's are followed by no recipient.
void settle_fronts(std::vector<Group>& groups) {
  const auto first = std::find_if(groups.begin(), groups.end(),
                                  [](const Group& group) { return group.has_recipient(); });
  if (first == groups.end()) return;
  const auto& last = groups.back();
  const bool behind = first->front() == 0 && !last.has_recipient() && !last.complete();
  for (auto group = first + 1; group != groups.end(); ++group) {
    if (behind || group->repeats_front()) group->give_front_to(*(group - 1));
  }
}

/// Groups of fields; a group about a recipient begins with its recipient or after an empty line.
std::vector<Fields> read_groups(string_view text) {
  std::vector<Group> groups(1);
  bool separated = false;
  bool dropped = false;                    // the last field was one too many
  std::size_t margin = string_view::npos;  // pasted reports are indented as a whole
  while (!text.empty() && groups.size() <= max_failures) {
    const auto line = take_line(text);
    const auto trimmed = text::trim(line);
    if (trimmed.empty()) {
      separated = true;
      continue;
    }
    const auto indent = static_cast<std::size_t>(trimmed.data() - line.data());
    auto& group = groups.back();
    const bool field = is_field(trimmed);
    if (field) margin = std::min(margin, indent);
    if (!field || (indent > margin && !group.empty() && !separated)) {
      // RFC 5322 folding, or a line that an MTA forgot to fold.
      if (!group.empty() && !dropped) group.add_line(trimmed);
      separated = false;
      continue;
    }
    const auto length = field_name_length(trimmed);
    const auto name = text::trim(trimmed.substr(0, length - 1));
    if (starts_group(group, name, separated)) {
      groups.emplace_back(separated ? std::vector<Field>() : group.take_tail());
    } else if (separated || (group.holds(name) && is_recipient_field(name))) {
      group.mark_end();
    }
    separated = false;
    dropped = !groups.back().takes(name);
    if (!dropped)
      groups.back().add({std::string(name), std::string(text::trim(trimmed.substr(length)))});
  }
  settle_fronts(groups);
  std::vector<Fields> all(groups.size());
  for (std::size_t at = 0; at < groups.size(); ++at) groups[at].move_to(all[at]);
  return all;
}

/// "rfc822; a@b" -> "a@b" (RFC 3464 section 2.1.2); a type is optional in the wild.
string_view without_type(string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon != string_view::npos && semicolon < 20) value = value.substr(semicolon + 1);
  return text::trim(value);
}

/// \x{HEX} of utf-8-addr-xtext (RFC 6533 section 3) into UTF-8.
std::string decode_xtext(string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto close = text.substr(at).starts_with("\\x{") ? text.find('}', at) : string_view::npos;
    if (close == string_view::npos || close - at > 9) {
      out += text[at];
      continue;
    }
    char32_t point = 0;
    for (const char c : text.substr(at + 3, close - at - 3)) {
      const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
      point = point * 16 + static_cast<char32_t>(is_digit(lower) ? lower - '0' : lower - 'a' + 10);
    }
    utf8::append(out, point);
    at = close;
  }
  return text::to_valid_utf8(out);
}

/// RFC 5321 section 4.5.3.1: 64 + 1 + 255.
constexpr std::size_t max_address = 320;

/// `"a@b c"@one.example` at the front: in quotes a local part may hold what else ends an address
/// (RFC 5321 section 4.1.2). Empty: there is none.
string_view quoted_address(string_view text) {
  text = trim_any(text, "<>");
  if (!text.starts_with('"')) return {};
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  if (at + 2 >= text.size() || text[at + 1] != '@') return {};
  const auto address = text.substr(0, text.find_first_of(" \t\n<>()[],;\"", at + 2));
  return address.size() > max_address || address.ends_with('@') ? string_view() : address;
}

std::string address_in(string_view value) {
  const auto plain = decode_xtext(without_type(value));
  if (const auto quoted = quoted_address(plain); !quoted.empty()) return std::string(quoted);
  if (const auto found = find_address(plain)) return std::string(found->address);
  return std::string(trim_any(plain, "<>"));
}

Action action_of(string_view value) {
  // "failed (delivery loop)": only the first word counts.
  const auto word = text::ascii_lower(value.substr(0, value.find_first_of(" \t\n(;,")));
  for (const auto action :
       {Action::failed, Action::delayed, Action::delivered, Action::relayed, Action::expanded}) {
    if (word == to_string(action)) return action;
  }
  return Action::unknown;
}

void read_remote_mta(string_view value, DeliveryFailure& failure) {
  const auto remote = without_type(value);
  if (const auto ips = find_ip_addresses(remote); !ips.empty()) failure.remote_ip = ips.front();
  failure.remote_host = host_of(remote.substr(0, remote.find_first_of(" ([\n")));
}

DeliveryFailure read_recipient(const Fields& group) {
  DeliveryFailure failure;
  failure.recipient = address_in(group.get("Final-Recipient"));
  failure.original_recipient = address_in(group.get("Original-Recipient"));
  if (failure.recipient.empty()) failure.recipient = address_in(group.get("X-Actual-Recipient"));
  if (failure.recipient.empty()) failure.recipient = failure.original_recipient;
  failure.action = action_of(group.get("Action"));
  if (!group.get("Remote-MTA").empty()) read_remote_mta(group.get("Remote-MTA"), failure);
  failure.time = from_rfc5322_date(group.get("Last-Attempt-Date"));

  auto diagnostic = group.get("Diagnostic-Code");
  if (diagnostic.empty()) diagnostic = group.get("X-Supplementary-Info");
  if (!diagnostic.empty()) apply_diagnostic(decode_words(diagnostic), failure);

  const auto status = group.get("Status");
  if (const auto length = status_length(text::trim(status)); length > 0) {
    const auto code = text::trim(status).substr(0, length);
    // A reporter's "5.0.0" beside a reply without a status says nothing that the reply's code does
    // not.
    const bool vague = code.ends_with(".0.0") && failure.reply.code != 0;
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
  for (const auto& group : read_groups(text)) {
    if (const auto reporter = group.get("Reporting-MTA"); !reporter.empty()) {
      reporting_mta = text::ascii_lower(trim_any(without_type(reporter), "."));
      if (const auto end = reporting_mta.find_first_of(" ([\n"); end != std::string::npos)
        reporting_mta.resize(end);
    }
    if (!status.arrival) status.arrival = from_rfc5322_date(group.get("Arrival-Date"));
    if (const auto sender = group.get("X-Postfix-Sender"); !sender.empty())
      status.sender = address_in(sender);
    const bool recipient = group.has("Final-Recipient") || group.has("Original-Recipient") ||
                           group.has("Action") || group.has("Diagnostic-Code") ||
                           group.has("Status");
    if (!recipient || status.recipients.size() >= max_failures) continue;
    auto failure = read_recipient(group);
    failure.reporting_mta = reporting_mta;
    status.recipients.push_back(std::move(failure));
  }
  return status;
}

}  // namespace maildiag::bounce
