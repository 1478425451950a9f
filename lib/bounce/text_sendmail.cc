// Sendmail: a list of addresses with reasons, then the SMTP transcript.

#include <algorithm>

#include "bounce/dsn.h"
#include "bounce/notice_text.h"
#include "bounce/reader.h"
#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "bounce/text_report.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

struct Exchange {
  std::string host;     ///< "... while talking to"
  std::string command;  ///< the last ">>>" line, lower case
  std::string reply;
  std::string lower;    ///< the reply in lower case
  bool remote = false;  ///< "<<<": what the other side said; else Sendmail's own summary
};

/// Lines of a transcript that are compared with each recipient.
constexpr std::size_t max_exchanges = 500;

/// "503 Need RCPT", "503 Need MAIL", "501 5.6.0 Data format error", "554 5.0.0 Service
/// unavailable": what Sendmail or the other side say because of an earlier reply.
bool is_consequence(string_view reply) {
  const auto head = read_reply_head(text::trim(reply));
  if (!head) return false;
  const auto text = text::ascii_lower(reply.substr(0, 200));
  const auto has = [&](string_view words) { return text.find(words) != std::string::npos; };
  return (head->code == 503 &&
          (has("need") || has("rcpt") || has("recipient") || has("sequence") || has("valid"))) ||
         (head->code == 501 && has("data format error")) ||
         (head->code == 554 && (has("service unavailable") || has("no valid recipients")) &&
          text.size() < 60) ||
         head->code < 400;
}

class Sendmail {
 public:
  explicit Sendmail(const TextReport& report) : report_(report) {}

  std::optional<TextResult> run() {
    const auto transcript = report_.find("transcript of session follows");
    const auto addresses = report_.find("the following addresses had");
    const bool talk = report_.contains("while talking to");
    if (transcript >= report_.size() && addresses >= report_.size() && !talk) return {};
    result_.format = "sendmail";
    const bool warning = report_.contains("message still undelivered after") ||
                         report_.contains("transient non-fatal") ||
                         report_.contains("this is a warning message only");
    result_.kind =
        warning && !report_.contains("permanent fatal errors") ? Kind::delay : Kind::failure;
    read_received_line();
    const auto talk_begins =
        transcript < report_.size() ? transcript + 1 : report_.find("while talking to");
    if (addresses < report_.size())
      read_addresses(addresses + 1, addresses < talk_begins ? talk_begins : report_.size());
    read_transcript(talk_begins);
    complete();
    if (delays_in_subject() && std::ranges::none_of(result_.failures, is_for_good))
      result_.kind = Kind::delay;
    return std::move(result_);
  }

 private:
  /// "Warning: could not send message for past 4 hours".
  bool delays_in_subject() const {
    return told_by(subject_of_notice(report_), {}, Refused::none).told == Told::delayed;
  }

  static bool is_for_good(const DeliveryFailure& one) {
    return one.reply.code >= 500 || one.reply.status.starts_with('5');
  }

  /// "The original message was received at Mon, 11 Jun 2018 05:40:22 -0700".
  void read_received_line() {
    constexpr string_view words = "original message was received at ";
    const auto at = report_.all_lower().find(words);
    if (at == string_view::npos) return;
    const auto index = report_.find(words);
    const auto column = report_.lower(index).find(words) + words.size();
    auto date = report_.line(index).substr(std::min(column, report_.line(index).size()));
    date = date.substr(0, date.find(" from "));
    result_.arrival = from_rfc5322_date(text::trim(date));
  }

  void read_addresses(std::size_t from, std::size_t to) {
    for (auto i = from; i < std::min(to, report_.size()); ++i) {
      const auto line = text::trim(report_.line(i));
      const auto lower = text::trim(report_.lower(i));
      if (line.starts_with("---") && !result_.failures.empty()) break;
      if (lower.starts_with("(reason: ")) {
        i = read_reason(i, to);
        continue;
      }
      if (result_.failures.size() >= max_failures) break;
      const auto found = find_address(line);
      if (lower.starts_with("(expanded from")) {
        if (found && !result_.failures.empty())
          result_.failures.back().original_recipient = found->address;
      } else if (found && found->begin <= 6) {
        DeliveryFailure failure;
        failure.recipient = found->address;
        result_.failures.push_back(std::move(failure));
      }
    }
  }

  std::size_t read_reason(std::size_t at, std::size_t to) {
    auto end = at + 1;
    while (end < to && !report_.blank(end) && !text::trim(report_.line(end - 1)).ends_with(')') &&
           !text::trim(report_.line(end)).starts_with('<') &&
           !text::trim(report_.line(end)).starts_with("---")) {
      ++end;
    }
    if (result_.failures.empty()) result_.failures.emplace_back();
    apply_diagnostic(report_.join(at, end), result_.failures.back());
    return end - 1;
  }

  void read_transcript(std::size_t from) {
    std::string host;
    std::string command;
    for (auto i = from; i < report_.size(); ++i) {
      auto line = text::trim(report_.line(i));
      const auto lower = text::trim(report_.lower(i));
      if (const auto talk = lower.find("while talking to "); talk != string_view::npos) {
        host = host_of(lower.substr(talk + 17, lower.substr(talk + 17).find(' ')));
        continue;
      }
      if (lower.starts_with(">>> ")) {
        command = lower;
        continue;
      }
      const bool remote = line.starts_with("<<< ");
      if (remote) line = text::trim(line.substr(4));
      const bool local =
          !remote && (read_reply_head(line) || lower.find("... deferred") != string_view::npos);
      if (!remote && !local) continue;
      const bool continues = remote && !talk_.empty() && talk_.back().remote && !line.empty() &&
                             i > 0 && text::trim(report_.line(i - 1)).starts_with("<<< ") &&
                             is_multi_line(talk_.back().reply);
      if (continues) {
        if (talk_.back().reply.size() < 8192) talk_.back().reply += "\n" + std::string(line);
        continue;
      }
      if (talk_.size() < max_exchanges)
        talk_.push_back({host, command, std::string(line), text::ascii_lower(line), remote});
    }
  }

  /// The last line of the reply so far says that another follows.
  static bool is_multi_line(string_view reply) {
    const auto last =
        reply.substr(reply.rfind('\n') == string_view::npos ? 0 : reply.rfind('\n') + 1);
    const auto head = read_reply_head(last);
    return head && head->separator == '-';
  }

  /// The exchange that explains this recipient's failure.
  const Exchange* cause_for(const DeliveryFailure& failure) const {
    const Exchange* best = nullptr;
    int best_rank = 0;
    const auto recipient = text::ascii_lower(failure.recipient);
    for (const auto& exchange : talk_) {
      if (is_consequence(exchange.reply)) continue;
      const bool names =
          !recipient.empty() && (exchange.command.find(recipient) != std::string::npos ||
                                 exchange.lower.find(recipient) != std::string::npos);
      const int rank = (exchange.remote ? 2 : 1) + (names ? 2 : 0);
      if (rank <= best_rank) continue;
      best = &exchange;
      best_rank = rank;
    }
    return best;
  }

  bool followed_by_need_rcpt(const Exchange* exchange) const {
    return std::any_of(talk_.begin() + (exchange - talk_.data()) + 1, talk_.end(),
                       [](const Exchange& later) {
                         return later.remote && later.reply.starts_with("503") &&
                                text::contains_ignore_case(later.reply, "rcpt");
                       });
  }

  /// "<a@b.example>,<c@d.example>... Deferred: 421 ...", "550 5.1.1 <a@b.example>... User unknown".
  void add_recipients(string_view reply) {
    const auto dots = reply.find("...");
    if (dots == string_view::npos) return;
    std::size_t end = 0;
    std::vector<string_view> listed;
    for (auto found = find_address(reply.substr(0, dots)); found;
         found = find_address(reply.substr(0, dots), end)) {
      // Words between two addresses: the first belongs to a sentence.
      if (!listed.empty() &&
          !text::trim(trim_any(reply.substr(end, found->begin - end), ",;")).empty())
        listed.clear();
      listed.push_back(found->address);
      end = found->end;
    }
    if (end != dots) return;
    for (const auto address : listed) {
      if (result_.failures.size() >= max_failures) return;
      const bool known = std::any_of(
          result_.failures.begin(), result_.failures.end(),
          [&](const auto& f) { return text::equals_ignore_case(f.recipient, address); });
      if (known) continue;
      DeliveryFailure failure;
      failure.recipient = address;
      result_.failures.push_back(std::move(failure));
    }
  }

  void complete() {
    if (result_.failures.empty()) {
      for (const auto& exchange : talk_) add_recipients(exchange.reply);
      if (result_.failures.empty()) result_.failures.emplace_back();
    }
    for (auto& failure : result_.failures) {
      if (const auto* cause = cause_for(failure)) apply(*cause, failure);
    }
    std::erase_if(result_.failures, [](const DeliveryFailure& f) {
      return f.reply.raw.empty() && f.recipient.empty();
    });
  }

  void apply(const Exchange& cause, DeliveryFailure& failure) const {
    const bool vague =
        failure.reply.code == 0 || is_consequence(failure.reply.raw) || failure.reply.text.empty();
    if (vague) apply_diagnostic(cause.reply, failure);
    // Sendmail's own line repeats what the other side said before.
    const auto said = std::find_if(talk_.begin(), talk_.end(), [&](const Exchange& e) {
      return e.remote &&
             (&e == &cause || (!cause.remote && cause.reply.find(e.reply) != std::string::npos));
    });
    if (failure.remote_host.empty()) failure.remote_host = cause.host;
    if (!failure.command.empty() || said == talk_.end()) return;
    failure.command = command_in(said->command);
    // With pipelining the reply to RCPT is shown behind DATA; the complaint about the missing
    // recipient tells.
    if (failure.command == "DATA" && followed_by_need_rcpt(&*said)) failure.command = "RCPT TO";
  }

  const TextReport& report_;
  TextResult result_;
  std::vector<Exchange> talk_;
};

}  // namespace

std::optional<TextResult> read_sendmail(const TextReport& report) {
  return Sendmail(report).run();
}

}  // namespace maildiag::bounce
