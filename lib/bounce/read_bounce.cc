// A message or text -> what it reports. Readers are asked from the most telling form to the least.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bounce/charset.h"
#include "bounce/delivery_failure.h"
#include "bounce/dsn.h"
#include "bounce/dsn_settle.h"
#include "bounce/given_up.h"
#include "bounce/html_text.h"
#include "bounce/mail_kind.h"
#include "bounce/mime.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/returned_message.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// A bounce that was forwarded as an attachment, twice at most.
constexpr int max_forwards = 3;
/// How much of an input decides whether it is text at all.
constexpr std::size_t sniffed_bytes = 4096;
/// "From ", a reverse-path of 320 octets at most, and a date.
constexpr std::size_t max_from_line = 400;
/// What a person types or pastes as one reply.
constexpr std::size_t short_text = 2000;

/// A bounce of which nothing useful is left.
Error cut_off(bool before_text) {
  return before_text ? make_error(ErrorCode::bad_data, "a bounce, but cut off before its text")
                     : make_error(ErrorCode::bad_data, "a bounce, but cut off before it says why");
}

bool is_cut_off(const Error& error) {
  return error.sentence == cut_off(true).sentence || error.sentence == cut_off(false).sentence;
}

/// The last failure of a mail that was cut off may be half of one: "<a@b.example>: host mx.exam".
bool is_fragment(const DeliveryFailure& failure) {
  return failure.reply.code == 0 && failure.reply.status.empty() && !failure.remote_ip;
}

/// Without the line of an mbox (RFC 4155), which some put in front of a mail, as it is or quoted.
string_view without_from_line(string_view octets) {
  const auto plain = octets.substr(octets.starts_with('>') ? 1 : 0);
  if (!plain.starts_with("From ") || field_name_length(plain) > 0 ||
      plain.substr(0, max_from_line).find('\n') == string_view::npos)
    return octets;
  auto rest = octets;
  take_line(rest);
  return starts_with_header(rest) ? rest : octets;
}

class Reading {
 public:
  Reading(const Mail& mail, string_view text_of_mail, int forwards)
      : mail_(mail),
        report_(text_of_mail, mail.header),
        forwards_(forwards),
        marked_(is_marked_bounce(mail)),
        cut_(mail.cut_off || (marked_ && mail.open_line)) {}

  Result<Bounce> run() {
    if (find_part([](string_view type) { return type == "message/feedback-report"; }) != nullptr) {
      bounce_.kind = Kind::feedback_report;
      bounce_.format = "arf";
      read_returned_message();
      return std::move(bounce_);
    }
    const bool receipt = mail_.report_type == "disposition-notification";
    if (!receipt && (read_status_parts() || read_known())) return finish();
    if (const auto kind = automatic_kind(mail_.header, report_.all_lower(), marked_);
        !receipt && kind != Kind::not_a_bounce) {
      bounce_.kind = kind;
      return std::move(bounce_);
    }
    if (auto forwarded = read_forwarded()) return std::move(*forwarded);
    if (!receipt && read_unknown()) return finish();
    if (marked_ && cut_) return tl::unexpected(cut_off(report_.size() == 0));
    return tl::unexpected(not_a_bounce(mail_));
  }

 private:
  template <class Predicate>
  const Part* find_part(Predicate matches) const {
    const auto found = std::find_if(mail_.parts.begin(), mail_.parts.end(),
                                    [&](const Part& p) { return matches(p.type); });
    return found == mail_.parts.end() ? nullptr : &*found;
  }

  bool read_status_parts() {
    DeliveryStatus all;
    for (const auto& part : mail_.parts) {
      const bool declared =
          part.type == "message/delivery-status" || part.type == "message/global-delivery-status";
      // Some senders declare the report as plain text, and who forwards it as a file.
      const bool other = part.type == "text/plain" || part.type == "application/octet-stream";
      if (!declared && (!other || !looks_like_delivery_status(part.content()))) continue;
      if (all.recipients.size() >= max_failures) break;
      all.add(read_delivery_status(part.content()));
    }
    const bool any = !all.recipients.empty();
    bounce_.full = limit_failures(all.recipients);
    if (cut_ && any) {
      drop_fragment(all.recipients, mail_.parts.back().type.ends_with("delivery-status"));
      all.guesses.clear();
    }
    sender_ = all.sender;
    arrival_ = all.arrival;
    if (all.recipients.empty() || (cut_ && text_says_more(all.recipients.size()))) return false;
    bounce_.format = "rfc3464";
    bounce_.kind = settle_status(all, report_);
    bounce_.full = bounce_.full || all.full;
    bounce_.failures = std::move(all.recipients);
    arrival_ = all.arrival;
    // It names hosts as they greeted it, also where an administrator wrote its words.
    if (is_from_exchange(mail_.header))
      for (auto& failure : bounce_.failures) failure.remote_greeted = true;
    return true;
  }

  static bool limit_failures(std::vector<DeliveryFailure>& failures) {
    if (failures.size() < max_failures) return false;
    failures.resize(max_failures);
    return true;
  }

  /// `last`: nothing of the mail stands behind the failures.
  static void drop_fragment(std::vector<DeliveryFailure>& failures, bool last) {
    if (last && !failures.empty() && is_fragment(failures.back())) failures.pop_back();
  }

  /// The words for people stand before the fields: where the end is missing they may name more
  /// recipients.
  bool text_says_more(std::size_t recipients) const {
    const auto known = read_known_text(report_);
    return known && known->failures.size() > recipients;
  }

  bool read_known() {
    if (!take(read_known_text(report_))) return false;
    if (cut_) drop_fragment(bounce_.failures, mail_.parts.size() <= 1);
    return !bounce_.failures.empty();
  }

  bool read_unknown() {
    const bool weak = is_from_mailer(mail_.header);
    const auto signs = !weak ? Signs::codes : cut_ ? Signs::reasons : Signs::any;
    if (take(read_generic(report_, signs))) return true;
    // Whom it concerns is known then, but not why.
    if (marked_ && cut_) return false;
    const auto recipients = addresses_of(mail_.header.get("X-Failed-Recipients"));
    for (const auto& recipient : recipients) {
      DeliveryFailure failure;
      failure.recipient = recipient;
      bounce_.failures.push_back(std::move(failure));
    }
    bounce_.kind = Kind::failure;
    bounce_.format = "reply";
    return !recipients.empty();
  }

  bool take(std::optional<TextResult> result) {
    if (!result) return false;
    bounce_.format = std::move(result->format);
    bounce_.kind = result->kind;
    bounce_.failures = std::move(result->failures);
    bounce_.full = limit_failures(bounce_.failures);
    arrival_ = result->arrival;
    for (auto& failure : bounce_.failures) {
      if (bounce_.kind == Kind::delay) failure.action = Action::delayed;
    }
    const auto recipients = addresses_of(mail_.header.get("X-Failed-Recipients"));
    if (bounce_.failures.size() == 1 && bounce_.failures[0].recipient.empty() &&
        recipients.size() == 1) {
      bounce_.failures[0].recipient = recipients[0];
    }
    return true;
  }

  std::optional<Result<Bounce>> read_forwarded() {
    if (forwards_ >= max_forwards) return {};
    std::optional<Result<Bounce>> found;
    for (const auto& part : mail_.parts) {
      if (!is_message_type(part.type)) continue;
      auto inner = read_message(part.content(), forwards_ + 1);
      if (inner ? inner->kind == Kind::not_a_bounce : !is_cut_off(inner.error())) continue;
      if (!found || !found->has_value()) {
        found = std::move(inner);
      } else if (inner) {
        join(**found, std::move(*inner));
      }
    }
    return found;
  }

  /// The failures of two bounces. Which of them a copy of the mail belongs to could not be told any
  /// more, so that none is kept.
  static void join(Bounce& bounce, Bounce&& other) {
    if (!is_diagnosed(other.kind)) return;
    if (!is_diagnosed(bounce.kind)) {
      bounce = std::move(other);
      return;
    }
    if (other.kind == Kind::failure) bounce.kind = Kind::failure;
    bounce.returned.reset();
    auto& failures = bounce.failures;
    bounce.full =
        bounce.full || other.full || failures.size() + other.failures.size() > max_failures;
    const auto room = max_failures - std::min(max_failures, failures.size());
    const auto count = std::min(room, other.failures.size());
    std::move(other.failures.begin(), other.failures.begin() + static_cast<std::ptrdiff_t>(count),
              std::back_inserter(failures));
  }
  static bool is_diagnosed(Kind kind) { return kind == Kind::failure || kind == Kind::delay; }

 public:
  static Result<Bounce> read_message(string_view octets, int forwards);
  static Result<Bounce> read_text(string_view octets);

 private:
  void read_returned_message() {
    const auto* part = find_part(is_message_type);
    const auto* headers = find_part(is_headers_type);
    string_view octets = report_.returned();
    if (part != nullptr || headers != nullptr)
      octets = part != nullptr ? part->content() : headers->content();
    while (octets.starts_with('\n') || octets.starts_with('\r')) octets.remove_prefix(1);
    octets = without_from_line(octets);
    if (!starts_with_header(octets)) return;
    const auto halves = split_header(octets);
    returned_header_ = Fields::parse(halves.header);
    returned_hops_ = read_hops(returned_header_);
    bounce_.returned = read_returned(octets, returned_header_, returned_hops_,
                                     part == nullptr && headers != nullptr);
  }

  Result<Bounce> finish() {
    read_returned_message();
    const auto date = from_rfc5322_date(mail_.header.get("Date"));
    for (auto& failure : bounce_.failures) {
      if (!failure.time) failure.time = date ? date : arrival_;
      find_sender(failure);
      find_sending_host(mail_.header, returned_hops_, failure);
    }
    return std::move(bounce_);
  }

  /// A bounce goes to the reverse-path (RFC 5321 section 6.1), so its own To tells it too.
  void find_sender(DeliveryFailure& failure) const {
    const auto set = [&](std::string address, const char* source) {
      if (!failure.sender.empty() || address.empty()) return;
      failure.sender = std::move(address);
      failure.sender_source = source;
    };
    set(sender_, "dsn");
    set(return_path_of(returned_header_), "return-path");
    const auto to = addresses_of(mail_.header.get("To"));
    if (to.size() == 1 && is_from_mailer(mail_.header)) set(to[0], "bounce-to");
    const auto from = addresses_of(returned_header_.get("From"));
    if (!from.empty()) set(from[0], "from");
  }

  const Mail& mail_;
  TextReport report_;
  int forwards_;
  bool marked_;  ///< a bounce whatever can be read of it
  bool cut_;     ///< its end is missing
  Bounce bounce_;
  Fields returned_header_;
  std::vector<Hop> returned_hops_;
  std::string sender_;
  std::optional<WallTime> arrival_;
};

/// Text parts up to the returned message; HTML only where there is no plain text.
std::string text_of(const Mail& mail) {
  std::string text;
  for (const auto& part : mail.parts) {
    if (is_message_type(part.type)) break;
    if (part.type == "text/plain" && text.size() < max_text_bytes) text += part.decoded + "\n";
  }
  if (!text::trim(text).empty()) return text;
  for (const auto& part : mail.parts) {
    if (is_message_type(part.type)) break;
    if (part.type == "text/html" && text.size() < max_text_bytes)
      text += html_to_text(part.decoded) + "\n";
  }
  return text;
}

Result<Bounce> Reading::read_message(string_view octets, int forwards) {
  if (!starts_with_header(octets)) return read_text(octets);
  auto mail = parse_mail(octets);
  if (!mail) return tl::unexpected(mail.error());
  return Reading(*mail, text_of(*mail), forwards).run();
}

/// Text without a header: fragments, pasted notices, replies.
Result<Bounce> Reading::read_text(string_view octets) {
  Mail mail;
  Part part;
  part.type = "text/plain";
  part.decoded = to_utf8(octets.substr(0, max_text_bytes), "");
  const auto text = part.decoded;
  mail.parts.push_back(std::move(part));
  Reading reading(mail, text, max_forwards);
  if (reading.read_status_parts() || reading.read_known()) return reading.finish();
  const auto trimmed = text::trim(text);
  // A reply alone, as by --reply.
  const auto parsed = trimmed.size() <= short_text ? parse_reply(trimmed) : ParsedReply{};
  if (read_reply_head(trimmed) && parsed.reply.code >= 400) return read_reply(trimmed);
  const bool one_line = trimmed.size() <= 400;
  if (reading.take(read_generic(reading.report_, one_line ? Signs::any : Signs::codes)))
    return reading.finish();
  if (!parsed.reply.status.empty() && trimmed.size() <= short_text) return read_reply(trimmed);
  return fail_with(ErrorCode::bad_data,
                   "not a bounce: plain text without a reply of a mail server in it");
}

Result<void> check_is_text(string_view octets) {
  if (text::trim(octets.substr(0, sniffed_bytes)).empty() && text::trim(octets).empty()) {
    return fail_with(ErrorCode::bad_data, "not a bounce: it is empty");
  }
  const auto start = octets.substr(0, sniffed_bytes);
  if (start.starts_with("\xD0\xCF\x11\xE0")) {
    return fail_with(ErrorCode::bad_data, "not a mail but an Outlook .msg file; save it as .eml");
  }
  const auto zeros = std::count(start.begin(), start.end(), '\0');
  const auto controls =
      std::count_if(start.begin(), start.end(), [](char c) { return c > '\0' && c < '\x08'; });
  if (zeros * 20 > static_cast<std::ptrdiff_t>(start.size()) ||
      controls * 10 > static_cast<std::ptrdiff_t>(start.size())) {
    return fail_with(ErrorCode::bad_data, "not a bounce: binary data");
  }
  return {};
}

}  // namespace

Result<Bounce> read_bounce(string_view octets) {
  if (octets.size() > max_message_bytes) {
    return fail_with(ErrorCode::bad_data, "larger than {} MiB; not read", max_message_bytes >> 20U);
  }
  std::string owned;
  if (octets.starts_with("\xFF\xFE") || octets.starts_with("\xFE\xFF")) {
    owned = to_utf8(octets.substr(2), octets[0] == '\xFF' ? "utf-16le" : "utf-16be");
    octets = owned;
  }
  if (octets.starts_with("\xEF\xBB\xBF")) octets.remove_prefix(3);
  if (auto text = check_is_text(octets); !text) return tl::unexpected(text.error());
  if (octets.find('\n') == string_view::npos && octets.find('\r') != string_view::npos) {
    owned = octets;
    std::replace(owned.begin(), owned.end(), '\r', '\n');
    octets = owned;
  }
  const auto start = octets.find_first_not_of("\r\n");
  octets.remove_prefix(std::min(start, octets.size()));
  return Reading::read_message(without_from_line(octets), 0);
}

Bounce read_reply(string_view text) {
  Bounce bounce;
  bounce.kind = Kind::failure;
  bounce.format = "reply";
  auto& failure = bounce.failures.emplace_back();
  apply_diagnostic(text, failure);
  // "<a@b>: host mx said: ..."
  const auto trimmed = text::trim(text);
  const auto front = trimmed.substr(0, 400);
  const auto head = read_reply_head(front);  // where one is in front, no address is
  const auto found = head && head->separator == ' ' ? std::nullopt : find_address(front);
  if (found && found->begin == 0 && found->end < trimmed.size() && trimmed[found->end] == ':') {
    failure.recipient = found->address;
  }
  find_sending_host(Fields(), {}, failure);
  settle_action(false, failure);
  return bounce;
}

}  // namespace maildiag::bounce
