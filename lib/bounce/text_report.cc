#include "bounce/text_report.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "bounce/dsn.h"
#include "bounce/mime.h"
#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Marks in front of which an MTA had a line end, and behind which it had one.
struct Mark {
  string_view words;  ///< lower case
  bool break_behind;
};
constexpr std::array<Mark, 17> marks{{
    {"<<< ", false},
    {">>> ", false},
    {"... while talking to ", false},
    {"(reason: ", false},
    {"transcript of session follows", true},
    {"the following addresses had ", false},
    {"permanent fatal errors", true},
    {"transient non-fatal errors", true},
    {"warning: message still undelivered", false},
    {"will keep trying until ", false},
    {"remote host said:", false},
    {"giving up on ", false},
    {"i'm not going to try again", false},
    {"hi. this is the ", false},
    {"delivery attempt failure", false},
    {"error message: ", false},
    {"retries attempt: ", false},
}};

/// Lines longer than this are looked at for lost line ends: two of these marks need more.
constexpr std::size_t long_line = 50;

string_view unquote(string_view line) {
  // "> > text" of a reply or forward; ">>> DATA" is a transcript's own.
  while (!line.empty() && (line[0] == '>' || line[0] == '|') && !line.starts_with(">>> ")) {
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

/// Where the addresses that end at `end` begin ("<a@b.example>, c@d.example... Deferred:").
std::size_t address_start(string_view line, std::size_t end) {
  auto begin = end;
  while (begin > 0 && (line[begin - 1] != ' ' || (begin > 1 && line[begin - 2] == ','))) --begin;
  return line.substr(begin, end - begin).find('@') == string_view::npos ? end : begin;
}

/// Positions in a line that lost its ends, ascending.
std::vector<std::size_t> lost_breaks(string_view line, string_view lower) {
  std::vector<std::size_t> breaks;
  for (const auto& mark : marks) {
    for (auto at = lower.find(mark.words); at != string_view::npos;
         at = lower.find(mark.words, at + 1)) {
      auto front = at;
      while (front > 0 && (line[front - 1] == '-' || line[front - 1] == ' ')) --front;
      breaks.push_back(front);
      if (!mark.break_behind) continue;
      auto behind = at + mark.words.size();
      while (behind < line.size() && (line[behind] == '-' || line[behind] == ' ')) ++behind;
      breaks.push_back(behind);
    }
  }
  for (auto at = lower.find("... deferred: "); at != string_view::npos;
       at = lower.find("... deferred: ", at + 1)) {
    breaks.push_back(address_start(line, at));
  }
  if (breaks.empty()) return breaks;
  // A transcript's other replies: "... 501 5.6.0 Data format error". The lines of one reply have
  // one code.
  int code = 0;
  for (std::size_t at = 0; at + 9 < line.size(); ++at) {
    if (at > 0 && line[at - 1] != ' ') continue;
    const auto head = read_reply_head(line.substr(at));
    if (!head || head->status.empty() || head->code < 400) continue;
    const bool introduced = at >= 2 && (line[at - 2] == ':' || line[at - 2] == '<');
    const bool behind_data =
        text::equals_ignore_case(line.substr(at - std::min<std::size_t>(at, 9), 9), ">>> DATA ");
    if ((code != 0 && head->code != code && !introduced) || behind_data) breaks.push_back(at);
    code = head->code;
  }
  std::sort(breaks.begin(), breaks.end());
  return breaks;
}

void append_line(string_view line, string_view lower, std::string& out) {
  std::vector<std::size_t> breaks;
  if (line.size() > long_line) breaks = lost_breaks(line, lower);
  std::size_t begin = 0;
  for (const auto at : breaks) {
    if (at <= begin || at >= line.size()) continue;
    out += text::trim(line.substr(begin, at - begin));
    out += '\n';
    begin = at;
  }
  if (begin > 0) line = text::trim(line.substr(begin));
  out += line;
  out += '\n';
}

/// Lines that announce the returned message, in lower case.
constexpr std::array<string_view, 18> returned_marks{
    "--- below this line is a copy of the message",
    "--- enclosed are the original headers",
    "--- enclosed is a copy of the message",
    "--- original message follows",
    "this is a copy of the message, including all the headers",
    "this is a copy of the message's header",
    "this is a copy of your message, including all the headers",
    "----- original message -----",
    "----- message header follows -----",
    "----- original message follows",
    "original message headers:",
    "----- returned message",
    "----- unsent message follows",
    "--- returned message",
    "--- the header of the original message",
    "원본 메시지 헤더:",
    "원본 메시지 머리글:",
    "below is a copy of the original message",
};

/// One of these stands in each of the marks; most lines hold none.
constexpr std::array<string_view, 4> mark_parts{"---", " is a copy of ",
                                                "original message headers:", "원본 메시지 "};

bool announces_returned(string_view line) {
  const auto holds = [&](string_view words) { return line.find(words) != string_view::npos; };
  return std::any_of(mark_parts.begin(), mark_parts.end(), holds) &&
         std::any_of(returned_marks.begin(), returned_marks.end(), holds);
}

/// Lines behind which the header of a returned message is looked for; more are no announcements.
constexpr int max_announcements = 20;

bool holds_status(string_view text) {
  for (auto at = text.find('.'); at != string_view::npos; at = text.find('.', at + 1)) {
    if (at > 0 && (at == 1 || !is_alnum(text[at - 2])) && status_length(text.substr(at - 1)) > 0)
      return true;
  }
  return false;
}

/// "En-têtes de message d'origine :" or "--- Kopie der Nachricht" in any language: a header with
/// fields that only mail on its way has stands below. A forward's own header has none of them.
bool announces_header(string_view line, string_view rest) {
  if (!line.ends_with(':') && !line.starts_with("--")) return false;
  for (int i = 0; i < 3 && !rest.empty(); ++i) {
    const auto next = unquote(take_line(rest));
    if (next.empty()) continue;
    return text::starts_with_ignore_case(next, "Return-Path:") ||
           text::starts_with_ignore_case(next, "Received:");
  }
  return false;
}

}  // namespace

TextReport::TextReport(string_view utf8, const Fields& header) : header_(header) {
  utf8 = utf8.substr(0, max_text_bytes);
  const auto plain = ascii_punctuation(text::to_valid_utf8(utf8));
  text_.reserve(plain.size() + 64);
  string_view rest = plain;
  int announcements = 0;
  while (!rest.empty()) {
    const auto line = unquote(take_line(rest));
    if (announcements < max_announcements && announces_header(line, rest)) {
      ++announcements;
      if (holds_status(text_)) {
        cut_returned(rest);
        break;
      }
    }
    const auto lower = text::ascii_lower(line);
    // Outlook's "-----Original Message-----" stands above a forward, not above a returned
    // message.
    if (line.size() > 20 && line.size() < 200 && announces_returned(lower)) {
      cut_returned(rest);
      break;
    }
    append_line(line, lower, text_);
  }
  lower_text_ = text::ascii_lower(text_);
  for (std::size_t at = 0; at < text_.size();) {
    const auto end = text_.find('\n', at);
    lines_.push_back(string_view(text_).substr(at, end - at));
    lower_.push_back(string_view(lower_text_).substr(at, end - at));
    at = end + 1;
  }
}

void TextReport::cut_returned(string_view source) {
  returned_.reserve(source.size());
  bool started = false;
  while (!source.empty()) {
    const auto line = unquote(take_line(source));
    // qmail and others leave an empty line in front of the header.
    if (!started && (line.empty() || line.find_first_not_of("-= ") == string_view::npos)) continue;
    started = true;
    returned_ += line;
    returned_ += '\n';
  }
}

namespace {

/// string_view::find stops at each first letter; each reader asks for a dozen phrases.
std::size_t find_phrase(string_view text, string_view words) {
  const auto* found =
      static_cast<const char*>(memmem(text.data(), text.size(), words.data(), words.size()));
  return found == nullptr ? string_view::npos : static_cast<std::size_t>(found - text.data());
}

}  // namespace

bool TextReport::contains(string_view lower_words) const {
  return find_phrase(lower_text_, lower_words) != string_view::npos;
}

std::size_t TextReport::find(string_view lower_words, std::size_t from) const {
  if (from >= lower_.size()) return size();
  const auto offset = static_cast<std::size_t>(lower_[from].data() - lower_text_.data());
  auto at = find_phrase(string_view(lower_text_).substr(offset), lower_words);
  if (at == string_view::npos) return size();
  at += offset;
  const auto* place = lower_text_.data() + at;
  const auto next =
      std::upper_bound(lower_.begin(), lower_.end(), place,
                       [](const char* p, string_view line) { return p < line.data(); });
  return static_cast<std::size_t>(next - lower_.begin()) - 1;
}

std::string TextReport::join(std::size_t from, std::size_t to) const {
  std::string out;
  to = std::min({to, size(), from + max_block_lines});
  for (auto i = from; i < to && out.size() < max_reply_bytes; ++i) {
    if (!out.empty()) out += '\n';
    out += line(i);
  }
  return out;
}

namespace {

struct BlockStart {
  std::string recipient;
  std::string original;
  string_view rest;
};

/// REQUIRES: `line` is trimmed.
std::optional<BlockStart> block_start(string_view line) {
  if (line.size() < 3 || line.size() > 2000) return {};
  const auto found = find_address(line.substr(0, 400));
  if (!found || found->begin > 1) return {};
  if (found->begin == 1 && string_view("'\"(").find(line[0]) == string_view::npos) return {};
  BlockStart start{std::string(found->address), "", line.substr(found->end)};
  while (start.rest.starts_with('\'') || start.rest.starts_with('"')) start.rest.remove_prefix(1);
  auto rest = text::trim(start.rest);
  for (const auto words : {string_view("(expanded from"), string_view("(generated from"),
                           string_view("(originally")}) {
    if (!rest.starts_with(words)) continue;
    if (const auto original = find_address(rest)) start.original = original->address;
    const auto close = rest.find(')');
    rest = close == string_view::npos ? string_view() : text::trim(rest.substr(close + 1));
  }
  if (!rest.empty() && rest[0] != ':') return {};
  start.rest = rest.empty() ? rest : text::trim(rest.substr(1));
  return start;
}

}  // namespace

std::vector<AddressBlock> address_blocks(const TextReport& report, std::size_t from, std::size_t to,
                                         const std::function<bool(std::size_t)>& goes_on) {
  std::vector<AddressBlock> blocks;
  bool open = false;
  std::size_t lines = 0;
  std::size_t margin = 0;
  // "said: 550 5.1.1" / "    <a@b>: Recipient address rejected": a wrapped reply may have an
  // address where a line begins.
  const auto is_wrapped = [&](const BlockStart& start, std::size_t indent) {
    const auto& block = blocks.back();
    if (indent > margin) return !block.text.empty() || !start.rest.empty();
    return !block.text.empty() && text::equals_ignore_case(start.recipient, block.recipient);
  };
  for (auto i = from; i < std::min(to, report.size()); ++i) {
    const auto line = text::trim(report.line(i));
    if (line.empty()) {
      // A recipient alone may be followed by an empty line.
      open = open &&
             (blocks.back().text.empty() || (i + 1 < to && !report.blank(i + 1) && goes_on(i + 1)));
      continue;
    }
    const auto indent = static_cast<std::size_t>(line.data() - report.line(i).data());
    if (auto start = block_start(line); start && !(open && is_wrapped(*start, indent))) {
      if (blocks.size() >= max_failures) break;
      margin = indent;
      blocks.push_back(
          {std::move(start->recipient), std::move(start->original), std::string(start->rest)});
      open = true;
      lines = 0;
      continue;
    }
    if (!open || ++lines > TextReport::max_block_lines) continue;
    auto& block = blocks.back();
    const auto lower = report.lower(i);
    if (lower.find("generated from ") != string_view::npos ||
        lower.find("generated by ") != string_view::npos) {
      if (const auto original = find_address(line)) block.original = original->address;
      continue;
    }
    if (block.text.size() > max_reply_bytes) continue;
    if (!block.text.empty()) block.text += '\n';
    block.text += line;
  }
  return blocks;
}

DeliveryFailure failure_of(const AddressBlock& block, const std::string& reporting_mta) {
  DeliveryFailure failure;
  failure.recipient = block.recipient;
  failure.original_recipient = block.original;
  failure.reporting_mta = reporting_mta;
  apply_diagnostic(block.text, failure);
  return failure;
}

std::string host_after(const TextReport& report, string_view words) {
  const auto at = report.all_lower().find(words);
  if (at == string_view::npos) return {};
  const auto rest = report.all_lower().substr(at + words.size(), 300);
  return host_of(rest.substr(0, rest.find_first_of(" \n")));
}

std::optional<TextResult> read_known_text(const TextReport& report) {
  for (auto* reader : {read_postfix, read_smartermail, read_qmail, read_sendmail, read_exim,
                       read_courier, read_mdaemon, read_hmailserver, read_groupwise, read_domino,
                       read_gmail, read_exchange, read_exchange_notice}) {
    if (auto result = reader(report); result && !result->failures.empty()) return result;
  }
  return {};
}

}  // namespace maildiag::bounce
