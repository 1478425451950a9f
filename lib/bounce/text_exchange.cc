// Exchange 2003 to Microsoft 365. The words for people come in any language; the diagnostic section
// decides.

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// Lines above a diagnostic in which its recipient stands.
constexpr std::size_t recipient_distance = 12;

/// "#5.1.1 smtp;550 ...", "#<host #5.1.1 ...>", "<host #5.1.1>", "#550 5.1.1 RESOLVER...". Position
/// of the '#', npos: none.
std::size_t find_hash_diagnostic(string_view line) {
  for (auto at = line.find('#'); at != string_view::npos; at = line.find('#', at + 1)) {
    const auto behind = line.substr(at + 1);
    const auto length = status_length(behind);
    if (length > 0) {
      const auto rest = text::trim(behind.substr(length));
      const bool typed =
          text::starts_with_ignore_case(rest, "smtp") || text::starts_with_ignore_case(rest, "x-");
      const bool bracket = line.substr(0, at).find('<') != string_view::npos &&
                           (rest.empty() || rest.starts_with('>'));
      if (typed || bracket) return at;
    }
    const auto head = read_reply_head(behind);
    if (head && !head->status.empty()) return at;
  }
  return string_view::npos;
}

/// "server" in the languages that Exchange speaks.
constexpr std::array<string_view, 7> server_words{"serv",     "서버",   "服务器",  "伺服器",
                                                  "サーバー", "сервер", "palvelin"};

/// The reply between quotes, as Exchange 2013 and later write it in every language: "Remote Server
/// returned '550 5.1.1 ...'", "Le serveur distant a renvoyé «550 5.1.1 ...»".
struct Quoted {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< of the text behind the closing quote; npos: on a further line
};
std::optional<Quoted> find_quoted_reply(string_view text) {
  for (auto at = text.find_first_of("'\""); at != string_view::npos;
       at = text.find_first_of("'\"", at + 1)) {
    const auto begin = text.find_first_not_of(' ', at + 1);
    if (begin == string_view::npos) break;
    const auto head = read_reply_head(text.substr(begin));
    if (at == 0 || !head || head->status.empty()) continue;
    const auto close = text.rfind(text[at]);
    return Quoted{begin, close > at ? close + 1 : string_view::npos};
  }
  return {};
}

bool names_server(string_view lower) {
  return std::any_of(server_words.begin(), server_words.end(),
                     [&](string_view w) { return lower.find(w) != string_view::npos; });
}

bool is_diagnostic(string_view line, string_view lower) {
  if (lower.find("remote server returned '") != string_view::npos) return true;
  if (lower.find("remote server at ") != string_view::npos &&
      lower.find(" returned '") != string_view::npos)
    return true;
  if (lower.find("gave this error:") != string_view::npos) return true;
  if (line.find('#') != string_view::npos && find_hash_diagnostic(line) != string_view::npos)
    return true;
  return find_quoted_reply(line) && names_server(lower);
}

/// Ends of the diagnostic on which it stands: a quote, ">" or "##" closes it, an empty line always
/// does.
std::size_t diagnostic_end(const TextReport& report, std::size_t begin) {
  auto end = begin + 1;
  // "mx.example.com gave this error:" stands alone above the error.
  if (report.lower(begin).ends_with("gave this error:")) {
    while (end < report.size() && report.blank(end)) ++end;
  }
  const auto closed = [&](std::size_t i) {
    const auto line = text::trim(report.line(i));
    if (const auto quoted = find_quoted_reply(line)) return quoted->end != string_view::npos;
    return line.ends_with("##") || line.ends_with("#SMTP#") || line.ends_with('>') ||
           line.ends_with("'");
  };
  while (end < report.size() && !report.blank(end) && end - begin < TextReport::max_block_lines) {
    if (closed(end - 1) || is_diagnostic(report.line(end), report.lower(end))) break;
    const auto address = find_address(text::trim(report.line(end)));
    if (address && address->begin == 0 && address->end == text::trim(report.line(end)).size())
      break;
    ++end;
  }
  return end;
}

/// What is said to people in front of "<exch.example.com #5.1.1>", which has no words of its own.
std::string sentence_above(const TextReport& report, std::size_t at) {
  auto begin = at;
  while (begin > 0 && at - begin < recipient_distance && !report.blank(begin - 1) &&
         !find_address(report.line(begin - 1))) {
    --begin;
  }
  return text::collapse_spaces(report.join(begin, at));
}

/// "<exch.example.com #5.1.1>"
bool is_bare(string_view line) {
  const auto hash = line.find('#');
  if (hash == string_view::npos) return false;
  const auto length = status_length(line.substr(hash + 1));
  return length > 0 && text::trim(line.substr(hash + 1 + length)) == ">";
}

std::string recipient_above(const TextReport& report, std::size_t at) {
  const auto same_line = find_address(report.line(at).substr(0, report.line(at).find('#')));
  if (same_line && same_line->begin <= 2) return std::string(same_line->address);
  for (std::size_t up = 1; up <= std::min(at, recipient_distance); ++up) {
    const auto found = find_address(report.line(at - up));
    if (found) return std::string(found->address);
  }
  return {};
}

/// "Generating server: HOST" in any language: the last line above that ends with a label and a
/// host.
std::string generating_server(const TextReport& report, std::size_t at) {
  for (std::size_t up = 1; up <= std::min(at, recipient_distance); ++up) {
    const auto line = report.line(at - up);
    const auto colon = line.rfind(": ");
    if (colon == string_view::npos || line.find('@') != string_view::npos) continue;
    auto host = host_of(text::trim(line.substr(colon + 2)));
    if (!host.empty()) return host;
  }
  return {};
}

/// What "gave this error:" quotes for people without its codes comes again in the diagnostic
/// section.
void drop_retold(std::vector<DeliveryFailure>& failures) {
  const auto has_code = [](const DeliveryFailure& f) {
    return f.reply.code != 0 || !f.reply.status.empty();
  };
  std::set<std::string, std::less<>> explained;
  for (const auto& failure : failures) {
    if (has_code(failure)) explained.insert(text::ascii_lower(failure.recipient));
  }
  std::erase_if(failures, [&](const DeliveryFailure& f) {
    return !has_code(f) && explained.contains(text::ascii_lower(f.recipient));
  });
}

}  // namespace

std::optional<TextResult> read_exchange(const TextReport& report) {
  TextResult result;
  result.format = "exchange";
  for (std::size_t i = 0; i < report.size() && result.failures.size() < 1000; ++i) {
    if (!is_diagnostic(report.line(i), report.lower(i))) continue;
    const auto end = diagnostic_end(report, i);
    AddressBlock block;
    block.recipient = recipient_above(report, i);
    block.text = report.join(i, end);
    // The recipient in front of the diagnostic is no part of it.
    if (const auto hash = find_hash_diagnostic(report.line(i)); hash != string_view::npos) {
      const auto address = find_address(block.text);
      if (address && address->begin <= 2 && address->end < hash) block.text.erase(0, address->end);
    }
    if (const auto quoted = find_quoted_reply(block.text);
        quoted && quoted->end != string_view::npos)
      block.text.resize(quoted->end);
    auto failure = failure_of(block, generating_server(report, i));
    // Exchange 2003 names itself there: "<exch.example.com #5.1.1 smtp;550 ...>".
    const auto line = text::trim(report.line(i));
    if (line.starts_with('<')) std::swap(failure.remote_host, failure.reporting_mta);
    if (is_bare(line) && line.starts_with('<')) {
      failure.reporting_mta = host_of(line.substr(1, line.find_first_of(" #") - 1));
      failure.reply.text = sentence_above(report, i);
    }
    const bool repeated =
        std::any_of(result.failures.begin(), result.failures.end(), [&](const DeliveryFailure& f) {
          return f.recipient == failure.recipient && f.reply.code == failure.reply.code &&
                 f.reply.text == failure.reply.text;
        });
    if (!repeated) result.failures.push_back(std::move(failure));
    i = end - 1;
  }
  if (result.failures.empty()) return {};
  drop_retold(result.failures);
  for (auto& failure : result.failures) failure.remote_greeted = true;
  const bool delayed = report.contains("delivery is delayed") ||
                       report.contains("has been delayed") || report.contains("배달이 지연") ||
                       report.contains("delivery of this message has been delayed");
  result.kind = delayed ? Kind::delay : Kind::failure;
  return result;
}

}  // namespace maildiag::bounce
