// Gmail's words for people, old ("Technical details of permanent failure") and new ("The response
// was:").

#include <algorithm>
#include <array>

#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// The reply stands behind these, in the same paragraph or the next.
constexpr std::array<string_view, 8> gmail_reply_marks{
    "google tried to deliver your message",
    "the error that the other server returned was",
    "the response from the remote server was",
    "the response was:",
    "원격 서버의 응답은 다음과 같습니다",
    "원격 서버에서 다음과 같이 응답",
    "원격 서버에서 보낸 응답",
    "응답 내용:"};
constexpr std::array<string_view, 8> gmail_introductions{
    "technical details of permanent failure",
    "technical details of temporary failure",
    "your message wasn't delivered to",
    "there was a problem delivering your message to",
    "temporary problem delivering your message",
    "delivery to the following recipient failed",
    "delivery to the following recipient has been delayed",
    "delivery to the following recipients failed"};

/// Other mail systems have these words in their sentences; Gmail's stand alone in a line.
constexpr string_view korean_mark = "응답:";
constexpr std::array<string_view, 3> korean_titles{"주소를 찾을 수 없음", "메일이 전송되지 않음",
                                                   "메일이 차단됨"};

/// The first line that is these words and no more, but for the marks of a heading; size(): none.
std::size_t find_line(const TextReport& report, string_view words) {
  std::size_t at = 0;
  while (at < report.size() && trim_any(report.line(at), "* ") != words) ++at;
  return at;
}

bool has_korean_title(const TextReport& report) {
  return std::any_of(korean_titles.begin(), korean_titles.end(),
                     [&](string_view words) { return find_line(report, words) < report.size(); });
}

std::string find_recipient(const TextReport& report) {
  for (const auto words : {string_view("following recipient"), string_view("delivered to "),
                           string_view("delivering your message to "), string_view("message to "),
                           string_view("수신자")}) {
    const auto at = report.all_lower().find(words);
    if (at == string_view::npos) continue;
    const auto found = find_address(report.all_lower().substr(at, 400));
    if (found) return std::string(found->address);
  }
  // In other languages: the first address of the sentence above the reply.
  const auto found = find_address(report.all_lower().substr(0, 1000));
  return found ? std::string(found->address) : std::string();
}

/// Lines from the mark to the end of the paragraph that holds the reply.
std::string reply_text(const TextReport& report, std::size_t mark) {
  auto end = mark;
  std::string text;
  for (int paragraph = 0; paragraph < 3; ++paragraph) {
    auto begin = end;
    while (begin < report.size() && report.blank(begin)) ++begin;
    end = begin;
    while (end < report.size() && !report.blank(end) && end - begin < TextReport::max_block_lines)
      ++end;
    if (begin == end || report.lower(begin).starts_with("-----")) break;
    text += report.join(begin, end) + "\n";
    const auto parsed = parse_reply(text);
    const bool introduced = text::trim(report.line(end - 1)).ends_with(':');
    if ((parsed.reply.code != 0 || !parsed.reply.status.empty()) && !introduced) break;
  }
  return text;
}

/// Where no reply is quoted, the sentence that explains is all there is: the introduction itself,
/// or what stands behind its colon ("Technical details of permanent failure:").
std::string explanation(const TextReport& report, std::size_t introduction) {
  auto end = introduction;
  while (!report.blank(end)) ++end;
  if (!report.line(introduction).ends_with(':')) return report.join(introduction, end);
  if (end > introduction + 1) return report.join(introduction + 1, end);
  if (report.blank(end + 1)) return report.join(introduction, end);
  return report.join(introduction + 1, end + 8);
}

}  // namespace

std::optional<TextResult> read_gmail(const TextReport& report) {
  std::size_t mark = report.size();
  for (const auto words : gmail_reply_marks) mark = std::min(mark, report.find(words));
  if (mark >= report.size() && has_korean_title(report))
    mark = std::min(report.size(), find_line(report, korean_mark) + 1);
  const auto* introduced = std::find_if(gmail_introductions.begin(), gmail_introductions.end(),
                                        [&](string_view words) { return report.contains(words); });
  if (mark >= report.size() && introduced == gmail_introductions.end()) return {};
  TextResult result;
  result.format = "gmail";
  const bool delay = report.contains("will retry") || report.contains("has been delayed") ||
                     report.contains("temporary problem delivering") ||
                     report.contains("technical details of temporary") ||
                     text::trim(report.header().get("Subject")).ends_with("(Delay)");
  result.kind = delay ? Kind::delay : Kind::failure;
  AddressBlock block;
  block.recipient = find_recipient(report);
  if (mark < report.size()) {
    block.text = reply_text(report, mark);
  } else {
    // No reply: the sentence that explains is all there is.
    block.text = explanation(report, report.find(*introduced));
  }
  result.failures.push_back(failure_of(block, ""));
  return result;
}

}  // namespace maildiag::bounce
