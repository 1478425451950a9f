#include "bounce/log/line.h"

#include <algorithm>
#include <cstddef>

#include "bounce/reply_text.h"

namespace maildiag::bounce::log {
namespace {

using std::string_view;

/// Does `text` begin with `shape`, where 0 stands for a digit?
bool has_shape(string_view text, string_view shape) {
  return text.size() >= shape.size() &&
         std::equal(shape.begin(), shape.end(), text.begin(), [](char want, char have) {
           return want == '0' ? is_digit(have) : want == have;
         });
}

bool is_month(string_view text) {
  static constexpr string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < 3) return false;
  const auto at = months.find(text.substr(0, 3));
  return at != string_view::npos && at % 3 == 0;
}

/// Behind a fraction of a second at `at`, if there is one: ".123456".
std::size_t fraction_end(string_view text, std::size_t at) {
  if (at + 1 >= text.size() || (text[at] != '.' && text[at] != ',') || !is_digit(text[at + 1]))
    return at;
  ++at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// "Nov 21 09:30:01", "Nov  1 09:30:01"; journalctl's short-precise adds a fraction.
std::size_t syslog_stamp_length(string_view text) {
  const bool shape = text.size() >= 15 && text[3] == ' ' && (is_digit(text[4]) || text[4] == ' ') &&
                     is_digit(text[5]) && has_shape(text.substr(6), " 00:00:00");
  return shape && is_month(text) ? fraction_end(text, 15) : 0;
}

/// Fraction and zone are optional; Exim puts a blank in front of the zone.
std::size_t iso_stamp_length(string_view text) {
  if (!has_shape(text, "0000-00-00") || text.size() < 19 || (text[10] != 'T' && text[10] != ' ') ||
      !has_shape(text.substr(11), "00:00:00"))
    return 0;
  const auto at = fraction_end(text, 19);
  const std::size_t blank = at < text.size() && text[at] == ' ' ? 1 : 0;
  const auto zone = text.substr(at + blank);
  if (zone.starts_with('Z') && blank == 0) return at + 1;
  if (zone.starts_with('+') || zone.starts_with('-')) {
    if (has_shape(zone.substr(1), "00:00")) return at + blank + 6;
    if (has_shape(zone.substr(1), "0000")) return at + blank + 5;
  }
  return at;
}

/// "@" and 16 to 24 hexadecimal digits.
std::size_t tai64n_length(string_view text) {
  if (!text.starts_with("@4")) return 0;
  std::size_t at = 1;
  while (at < text.size() && at < 25 &&
         (is_digit(text[at]) || (text[at] >= 'a' && text[at] <= 'f')))
    ++at;
  return at == 25 || at == 17 ? at : 0;
}

string_view take_word(string_view& text) {
  const auto space = text.find(' ');
  const auto word = text.substr(0, space);
  text.remove_prefix(space == string_view::npos ? text.size() : space + 1);
  return word;
}

/// "<22>" (RFC 3164 section 4.1.1), and RFC 5424's version behind it. True: RFC 5424.
bool drop_priority(string_view& line) {
  const auto close = line.substr(0, 5).find('>');
  if (close == string_view::npos || close < 2) return false;
  line.remove_prefix(close + 1);
  if (!line.starts_with("1 ")) return false;
  line.remove_prefix(2);
  return true;
}

/// RFC 5424 section 6.3: "-" or "[id name="value"]...".
void drop_structured_data(string_view& text) {
  if (text.starts_with("- ")) {
    text.remove_prefix(2);
    return;
  }
  while (text.starts_with('[')) {
    const auto close = text.find("\"]");
    const auto end = close == string_view::npos ? text.find(']') : close + 1;
    if (end == string_view::npos) return;
    text.remove_prefix(end + 1);
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
}

/// "postfix/smtp[1234]: text"; false: no such thing in front.
bool split_tag(string_view rest, LogLine& line) {
  const auto space = rest.find(' ');
  if (space == string_view::npos || space < 2 || rest[space - 1] != ':') return false;
  auto tag = rest.substr(0, space - 1);
  if (const auto open = tag.find('['); open != string_view::npos) tag = tag.substr(0, open);
  // "delivery 5: failure: ..." behind svlogd's time is qmail's own line; msg="... is no tag.
  if (std::all_of(tag.begin(), tag.end(), is_digit) || tag.find('"') != string_view::npos)
    return false;
  line.program = tag;
  line.text = rest.substr(space + 1);
  // Solaris and others: "[ID 197553 mail.info] "
  if (line.text.starts_with("[ID ")) {
    const auto close = line.text.find("] ");
    if (close != string_view::npos) line.text.remove_prefix(close + 2);
  }
  return true;
}

/// FreeBSD's syslogd -v: "<mail.info> " behind the time.
void drop_facility(string_view& text) {
  if (!text.starts_with('<')) return;
  const auto close = text.substr(0, 20).find("> ");
  if (close != string_view::npos) text.remove_prefix(close + 2);
}

/// A container's runtime writes its own time, and maybe the stream's name, in front of the line
/// that the server wrote: "2026-11-21T00:30:01.123Z stdout F Nov 21 09:30:01 mx ...".
void drop_container_part(string_view& text, Stamp& stamp) {
  if (stamp.form != StampForm::iso) return;
  auto rest = text;
  if (rest.starts_with("stdout ") || rest.starts_with("stderr ")) {
    rest.remove_prefix(7);
    if (rest.starts_with("F ") || rest.starts_with("P ")) rest.remove_prefix(2);
  }
  const auto inner = take_stamp(rest);
  if (inner.form == StampForm::none) return;
  // The outer one knows its year and zone.
  if (inner.form != StampForm::syslog) stamp = inner;
  text = rest;
}

}  // namespace

string_view take_queue_id(string_view& text, std::size_t shortest, std::size_t longest) {
  std::size_t end = 0;
  while (end < text.size() && end < longest && is_alnum(text[end])) ++end;
  if (end < shortest || text.substr(end, 2) != ": ") return {};
  const auto id = text.substr(0, end);
  text.remove_prefix(end + 2);
  return id == "NOQUEUE" ? string_view() : id;
}

Stamp take_stamp(string_view& text) {
  Stamp stamp;
  if (text.empty()) return stamp;
  std::size_t length = 0;
  if (text[0] >= 'A' && text[0] <= 'Z') {
    length = syslog_stamp_length(text);
    stamp.form = StampForm::syslog;
  } else if (is_digit(text[0])) {
    length = iso_stamp_length(text);
    stamp.form = StampForm::iso;
  } else if (text[0] == '@') {
    length = tai64n_length(text);
    stamp.form = StampForm::tai64n;
  }
  if (length == 0) return {};
  stamp.text = text.substr(0, length);
  text.remove_prefix(length);
  if (text.starts_with(' ')) text.remove_prefix(1);
  return stamp;
}

LogLine split_line(string_view text) {
  LogLine line;
  const bool rfc5424 = text.starts_with('<') && drop_priority(text);
  line.stamp = take_stamp(text);
  drop_container_part(text, line.stamp);
  drop_facility(text);
  line.text = text;
  if (line.stamp.form == StampForm::none || line.stamp.form == StampForm::tai64n) return line;
  auto rest = text;
  const auto host = take_word(rest);
  if (rfc5424) {
    line.host = host;
    line.program = take_word(rest);
    take_word(rest);  // process
    take_word(rest);  // message id
    drop_structured_data(rest);
    line.text = rest;
    return line;
  }
  // Programs' own logs have a blank inside the time (Exim, tai64nlocal); what looks like a tag
  // there must have a process number.
  const bool own_log = line.stamp.form == StampForm::iso && line.stamp.text[10] == ' ';
  if (own_log && rest.substr(0, rest.find(' ')).find("]:") == string_view::npos) return line;
  if (split_tag(rest, line)) line.host = host;
  return line;
}

}  // namespace maildiag::bounce::log
