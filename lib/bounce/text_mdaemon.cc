// MDaemon: "Failed address: RECIPIENT" and the log of the session, each line with its time: "-->"
// what it sent, "<--" what it got, "*" what happened.

#include <algorithm>

#include "bounce/reader.h"
#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// "Sat 2026-11-21 18:30:03: <-- 550 ..." -> "<-- 550 ..."; other versions write no date.
string_view without_time(string_view line) {
  line = text::trim(line);
  for (std::size_t at = 0; at + 10 < std::min<std::size_t>(line.size(), 40); ++at) {
    // HH:MM:SS:
    if (line[at] == ':' && line[at + 3] == ':' && is_digit(line[at + 4]) &&
        (line[at + 6] == ':' || line[at + 6] == ' '))
      return text::trim(line.substr(at + 7));
  }
  return line;
}

class Session {
 public:
  explicit Session(const TextReport& report) : report_(report) {}

  void read_line(std::size_t i) {
    const auto line = without_time(report_.line(i));
    if (line.starts_with("<--")) {
      read_answer(text::trim(line.substr(3)));
      return;
    }
    talks_ = false;
    if (line.starts_with("-->")) command_ = command_in(">>> " + text::ascii_lower(line.substr(4)));
    if (line.starts_with("*")) read_event(text::trim(line.substr(1)));
    constexpr string_view connecting = "Attempting SMTP connection to [";
    if (line.starts_with(connecting)) {
      const auto target = line.substr(connecting.size());
      const auto name = target.substr(0, target.find_first_of(":]"));
      host_ = host_of(name);
      ip_ = IpAddress::parse(name);
    }
  }

  DeliveryFailure failure(const std::string& recipient) const {
    auto failure = failure_of({recipient, "", reply_.empty() ? event_ : reply_}, "");
    if (failure.remote_host.empty()) failure.remote_host = host_;
    if (!failure.remote_ip) failure.remote_ip = ip_;
    if (failure.command.empty()) failure.command = reply_.empty() ? command_ : refused_;
    return failure;
  }
  bool empty() const { return reply_.empty() && event_.empty(); }

 private:
  /// The last refusal counts; its lines follow one another.
  void read_answer(string_view line) {
    const auto head = read_reply_head(line);
    if (!head || head->code < 400) {
      talks_ = false;
      return;
    }
    if (!talks_) reply_.clear();
    if (!reply_.empty()) reply_ += '\n';
    if (reply_.size() < max_reply_bytes) reply_ += line;
    refused_ = command_.empty() ? "connect" : command_;
    talks_ = true;
  }

  void read_event(string_view line) {
    const auto lower = text::ascii_lower(line.substr(0, 300));
    const auto has = [&](string_view words) { return lower.find(words) != std::string::npos; };
    if (has("connection established")) {
      const auto arrow = line.find("->");
      const auto ips = find_ip_addresses(line.substr(std::min(arrow, line.size())));
      if (!ips.empty()) ip_ = ips.front();
    }
    if (has("error") || has("timed out") || has("refused") || has("unable") || has("failed"))
      event_ = line;
  }

  const TextReport& report_;
  std::string reply_, event_, host_;
  std::string command_, refused_;
  std::optional<IpAddress> ip_;
  bool talks_ = false;
};

}  // namespace

std::optional<TextResult> read_mdaemon(const TextReport& report) {
  const auto begin = report.find("session transcript");
  if (begin >= report.size()) return {};
  Session session(report);
  for (auto i = begin + 1; i < report.size(); ++i) {
    if (report.lower(i).find("end transcript") != string_view::npos) break;
    session.read_line(i);
  }
  if (session.empty()) return {};
  TextResult result;
  result.format = "mdaemon";
  constexpr string_view label = "failed address";
  for (auto i = report.find(label); i < begin && result.failures.size() < max_failures;
       i = report.find(label, i + 1)) {
    if (const auto found = find_address(report.line(i)))
      result.failures.push_back(session.failure(std::string(found->address)));
  }
  if (result.failures.empty()) result.failures.push_back(session.failure(""));
  const bool delay = report.contains("non-fatal") || report.contains("will be tried again") ||
                     report.contains("still trying");
  result.kind = delay ? Kind::delay : Kind::failure;
  return result;
}

}  // namespace maildiag::bounce
