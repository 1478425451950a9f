// One reply out of any text that holds one.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "bounce/delivery_failure.h"
#include "bounce/fields.h"
#include "bounce/reader.h"
#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "bounce/reply_wrapper.h"
#include "core/octet_word.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Replies are ASCII but for few; those need no decoding.
std::string valid_utf8(string_view text) {
  return text::is_ascii(text) ? std::string(text) : text::to_valid_utf8(text);
}

/// Runs of white space become one space.
void append_words(string_view line, std::string& out) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  std::size_t copied = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (!is_space(line[at])) continue;
    const auto begin = at;
    while (at + 1 < line.size() && is_space(line[at + 1])) ++at;
    if (at == begin && line[at] == ' ') continue;
    out += line.substr(copied, begin - copied);
    out += ' ';
    copied = at + 1;
  }
  out += line.substr(copied);
}

/// One line with single spaces and without quoting marks, as nearly all replies are. Control
/// characters count as none.
bool is_tidy_line(string_view text) {
  if (text.empty() || text.front() == ' ' || text.front() == '>' || text.front() == '|' ||
      text.back() == ' ')
    return false;
  // Eight octets at a time, beside the eight that begin one octet behind them.
  constexpr std::uint64_t tops = 0x80 * each_octet;
  std::size_t at = 0;
  for (; at + word_size < text.size(); at += word_size) {
    const auto word = word_at(text.data() + at);
    const auto controls = (word - ' ' * each_octet) & ~word & tops;
    const auto no_spaces =
        (word ^ ' ' * each_octet) | (word_at(text.data() + at + 1) ^ ' ' * each_octet);
    const auto both_spaces = (no_spaces - each_octet) & ~no_spaces & tops;
    if ((controls | both_spaces) != 0) return false;
  }
  for (; at < text.size(); ++at) {
    const auto octet = static_cast<unsigned char>(text[at]);
    if (octet < ' ' || text.substr(at, 2) == "  ") return false;
  }
  return true;
}

/// Lines of one reply into one, without quoting marks ("> ") and with single spaces.
std::string join_lines(string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto line = text::trim(take_line(text));
    while (!line.empty() && (line[0] == '>' || line[0] == '|') && !line.starts_with(">>>")) {
      line = text::trim(line.substr(1));
    }
    if (line.empty()) continue;
    if (!out.empty()) out += ' ';
    append_words(line, out);
  }
  return out;
}

/// The code and status again at the start of each further line (RFC 5321 section 4.2.1): "... pass
/// 421-4.7.0 authentication checks. 421 4.7.0 more information".
std::string drop_repeated_heads(string_view text, string_view code) {
  std::string out;
  bool after_code = false;
  for (auto token : text::split(text, ' ')) {
    if (token == code) {
      after_code = true;
      continue;
    }
    if (token.starts_with(code) && token.size() > code.size() && token[code.size()] == '-') {
      token.remove_prefix(code.size() + 1);
      after_code = true;
    }
    if (after_code && status_length(token) == token.size()) token = {};
    after_code = after_code && token.empty();
    if (token.empty()) continue;
    if (!out.empty()) out += ' ';
    out += token;
  }
  return out;
}

/// " 550-" stands in it. A dash is rarer than a space.
bool has_further_line(string_view text, string_view code) {
  const auto length = code.size() + 1;
  for (auto at = text.find('-', length); at != string_view::npos; at = text.find('-', at + 1)) {
    if (text[at - length] == ' ' && text.substr(at - code.size()).starts_with(code)) return true;
  }
  return false;
}

/// A reply code inside running text: with a status code behind it, or where a reply is quoted.
std::size_t find_inner_head(string_view text) {
  std::size_t weak = string_view::npos;
  for (std::size_t at = 1; at + 3 <= text.size(); ++at) {
    if ((text[at] != '4' && text[at] != '5') || is_alnum(text[at - 1])) continue;
    if (std::string_view(".-+/@").find(text[at - 1]) != string_view::npos) continue;
    const auto head = read_reply_head(text.substr(at));
    if (!head) continue;
    // "응답:550 5.1.1 ..." but no port or time.
    if (text[at - 1] == ':' && (head->status.empty() || at < 2 || is_alnum(text[at - 2]))) continue;
    if (!head->status.empty()) return at;
    const auto before = text::trim(text.substr(0, at));
    const char mark = before.empty() ? ' ' : before.back();
    const bool quoted = string_view("'\"(<[=").find(text[at - 1]) != string_view::npos ||
                        string_view(":;").find(mark) != string_view::npos ||
                        before.ends_with("error") || before.ends_with("code") ||
                        before.ends_with("returned");
    if (quoted && weak == string_view::npos && text.size() - at > 4) weak = at;
  }
  return weak;
}

/// "(#5.1.2)" of qmail and "#5.1.0" of others, anywhere in the text.
string_view find_marked_status(string_view text) {
  for (auto at = text.find('#'); at != string_view::npos; at = text.find('#', at + 1)) {
    if (const auto length = status_length(text.substr(at + 1)); length > 0)
      return text.substr(at + 1, length);
  }
  return {};
}

string_view find_any_status(string_view text) {
  for (std::size_t at = 0; at + 5 <= text.size(); ++at) {
    if (text[at + 1] != '.' || !is_digit(text[at])) continue;
    if (at > 0 && (is_alnum(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-')) continue;
    if (const auto length = status_length(text.substr(at)); length > 0)
      return text.substr(at, length);
  }
  return {};
}

/// A quote or bracket at the end whose other half is not in the text.
bool is_stray_end(string_view text) {
  const char last = text.back();
  const auto count = [text](char c) { return std::count(text.begin(), text.end(), c); };
  switch (last) {
    case ' ':
    case '|':
      return true;
    case '\'':
    case '"':
      return count(last) % 2 == 1;
    case ')':
      return count(')') > count('(');
    case ']':
      return count(']') > count('[');
    case '>':
      return count('>') > count('<');
    default:
      return false;
  }
}

/// What is left of the marks between the codes and the words.
string_view tidy(string_view text) {
  text = text::trim(text);
  while (!text.empty()) {
    const bool dots = text.starts_with("...");
    if (!dots && string_view(":;,-= '\"").find(text.front()) == string_view::npos) break;
    text = text::trim(text.substr(dots ? 3 : 1));
  }
  while (!text.empty() && is_stray_end(text)) text.remove_suffix(1);
  return text;
}

/// REQUIRES: `text` starts with the head, or `head` has no code.
void read_reply(string_view text, Reply& reply) {
  auto head = read_reply_head(text);
  if (!head) {
    if (const auto at = find_inner_head(text); at != string_view::npos) {
      text = text.substr(at);
      head = read_reply_head(text);
    }
  }
  if (head) {
    reply.code = head->code;
    if (!head->status.empty()) reply.status = head->status;
    const auto code = std::to_string(head->code);
    const auto words = text.substr(head->length);
    const bool several = head->separator == '-' || has_further_line(words, code);
    reply.text = several ? tidy(drop_repeated_heads(words, code)) : tidy(words);
    if (const auto inner = status_length(reply.text); reply.status.empty() && inner > 0) {
      reply.status = reply.text.substr(0, inner);
      reply.text = tidy(string_view(reply.text).substr(inner));
    }
  } else {
    const auto start = std::min(text.find_first_not_of("#( "), text.size());
    const auto length = status_length(text.substr(start));
    if (length > 0) {
      reply.status = text.substr(start, length);
      text = trim_any(text.substr(start + length), text[0] == '(' ? ")" : "");
    }
    reply.text = tidy(text);
  }
  if (reply.status.empty()) reply.status = find_marked_status(reply.text);
  if (reply.status.empty() && reply.code == 0) reply.status = find_any_status(reply.text);
}

}  // namespace

ParsedReply parse_reply(string_view text) {
  ParsedReply parsed;
  auto valid = valid_utf8(text::trim(text).substr(0, max_reply_bytes));
  if (valid.size() > max_reply_bytes)
    valid = text::to_valid_utf8(valid.substr(0, max_reply_bytes - 3));
  parsed.reply.raw = std::move(valid);

  const bool tidy = text::is_ascii(parsed.reply.raw) && is_tidy_line(parsed.reply.raw);
  const auto joined = tidy ? std::string() : join_lines(ascii_punctuation(parsed.reply.raw));
  const auto line = tidy ? string_view(parsed.reply.raw) : string_view(joined);
  const auto lower = text::ascii_lower(line);
  auto unwrapped = unwrap_reply(line, lower);
  read_reply(unwrapped.reply, parsed.reply);
  if (parsed.reply.code == 0 && !unwrapped.remote_ip) {
    const auto offset = static_cast<std::size_t>(unwrapped.reply.data() - line.data());
    read_talk(unwrapped.reply, string_view(lower).substr(offset, unwrapped.reply.size()),
              unwrapped);
  }
  if (parsed.reply.status.empty()) parsed.reply.status = unwrapped.status;
  parsed.command = unwrapped.command;
  if (parsed.command.empty() && lower.starts_with("connect to ")) parsed.command = "connect";
  parsed.remote_host = std::move(unwrapped.remote_host);
  parsed.remote_ip = unwrapped.remote_ip;
  // qmail with TLS: "TLS connect failed: ...; connected to 192.0.2.1."
  if (!parsed.remote_ip && lower.find("connected to ") != std::string::npos) {
    const auto at = lower.rfind("connected to ");
    const auto ips = find_ip_addresses(line.substr(at + 13, 50));
    if (!ips.empty()) parsed.remote_ip = ips.front();
  }
  if (parsed.command == "connect" && !parsed.remote_ip && parsed.reply.code == 0) {
    Unwrapped remote;
    read_remote(line, remote);
    parsed.remote_host = std::move(remote.remote_host);
    parsed.remote_ip = remote.remote_ip;
  }
  return parsed;
}

}  // namespace maildiag::bounce
