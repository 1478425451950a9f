#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "checks/smtp.h"
#include "faults/stage.h"
#include "faults/talk_fault.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::faults {
namespace {

using checks::SmtpReport;
using checks::SmtpState;

/// One dialogue, seen by smtpcheck.
class SmtpJudge {
 public:
  SmtpJudge(Stage& stage, const SmtpPlay& play, const SmtpReport& report)
      : stage_(stage), play_(play), report_(report), talk_(report.talk) {}

  void run(const test::MadeCertificate& certificate) {
    judge_end();
    judge_replies();
    judge_tls(certificate);
    judge_relay();
    judge_texts();
  }

 private:
  void require(bool holds, const std::string& otherwise) { stage_.require(holds, otherwise); }
  bool finds(std::string_view id) const { return test::find(report_.findings, id) != nullptr; }

  void judge_end() {
    const bool well = talk_.fault == net::Fault::none;
    if (well) ++stage_.end.ledger.definite;
    const auto came_to = std::string(to_string(talk_.fault)) + " " + talk_.reason;
    if (play_.outcome == Outcome::whole) {
      require(well && talk_.stage == net::SmtpStage::quit, "it came to " + came_to);
    }
    if (play_.outcome == Outcome::cut) {
      require(talk_.fault == net::Fault::closed || talk_.fault == net::Fault::timeout,
              "cut, and it came to " + came_to);
    }
    if (play_.outcome == Outcome::broken) require(!well, "nothing is said to be wrong");
    if (play_.fault) require(talk_.fault == *play_.fault, "it came to " + came_to);
  }

  void judge_code(const net::SmtpReply& reply, int code, const char* what) {
    if (code == SmtpPlay::any) return;
    require(reply.code == code, std::string(what) + " has the code " + std::to_string(reply.code) +
                                    " instead of " + std::to_string(code));
  }

  void judge_replies() {
    judge_code(talk_.greeting, play_.greeting, "the greeting");
    judge_code(talk_.ehlo, play_.ehlo, "the reply to EHLO");
    judge_code(talk_.ehlo_again, play_.ehlo_again, "the reply to EHLO within TLS");
    if (talk_.greeting.code / 100 != 2) {
      require(std::none_of(talk_.transcript.begin(), talk_.transcript.end(),
                           [](const auto& each) { return each.ours && each.text != "QUIT"; }),
              "EHLO without a greeting");
    }
    if (play_.outcome != Outcome::unclear || !play_.ready) {
      require((report_.state == SmtpState::ready) == play_.ready,
              "its state is " + std::string(to_string(report_.state)));
    }
    require(finds("smtp.ready") == (report_.state == SmtpState::ready), "the finding is another");
    // Whoever just goes away has said nothing.
    if (play_.outcome == Outcome::cut && play_.relay.empty()) {
      require(std::none_of(report_.findings.begin(), report_.findings.end(),
                           [](const Finding& each) { return each.severity == Severity::critical; }),
              "a broken connection is held against the server");
    }
  }

  void judge_tls(const test::MadeCertificate& certificate) {
    const auto& all = certificates();
    require(talk_.tls.has_value() == play_.secured, "TLS, or none, that is not so");
    require(!talk_.tls || finds("smtp.tls") == play_.ready, "the finding of TLS is another");
    const bool trusted = &certificate != &all.stranger && &certificate != &all.expired;
    if (talk_.tls) {
      require((talk_.tls->verify_result == 0) == trusted, "the chain is judged wrongly");
      require(talk_.tls->chain.size() == 1 && talk_.tls->chain.front() == certificate.der(),
              "it is another certificate");
    }
    const bool good = play_.secured && play_.ready && &certificate == &all.good;
    require(finds("smtp.certificate-ok") == good, "the certificate is judged wrongly");
    const bool other = play_.secured && play_.ready && &certificate == &all.other_name;
    require(finds("smtp.certificate-name") == other, "its name is judged wrongly");
  }

  void judge_relay() {
    constexpr std::array ids{"smtp.relay-refused", "smtp.relay-not-refused",
                             "smtp.relay-undecided"};
    for (const auto* id : ids) {
      const bool is_right = play_.asks_relay && (play_.relay.empty() || play_.relay == id);
      require(is_right || !finds(id), std::string(id) + " instead of " + play_.relay);
      require(play_.never != id || !finds(id), std::string(id) + ", which is not so");
    }
  }

  void judge_texts() {
    std::size_t kept = talk_.garbage.size() + talk_.reason.size();
    for (const auto& line : talk_.transcript) {
      kept += line.text.size();
      if (stage_.end.ledger.verbose) {
        stage_.end.ledger.log.push_back((line.ours ? "> " : "< ") + line.text.substr(0, 200));
      }
      stage_.require_clean(line.text, "the transcript");
    }
    for (const auto* reply : {&talk_.greeting, &talk_.ehlo, &talk_.starttls, &talk_.ehlo_again,
                              &talk_.mail, &talk_.rcpt, &talk_.quit}) {
      require(reply->lines.size() <= net::max_reply_lines, "more lines than are kept");
      for (const auto& line : reply->lines) {
        stage_.require_clean(line, "a reply");
        require(line.size() <= net::max_reply_line, "more of a line than is kept");
      }
    }
    require(kept <= 4 * net::max_dialogue, std::to_string(kept) + " octets are kept");
    stage_.require_clean(talk_.garbage, "the garbage");
    stage_.require_clean(talk_.reason, "the reason");
    stage_.require_clean(report_.findings);
  }

  Stage& stage_;
  const SmtpPlay& play_;
  const SmtpReport& report_;
  const net::SmtpTalk& talk_;
};

}  // namespace

void play_smtp(Stage& stage) {
  const auto play = stage.dice.chance(30) ? smtp_twist(stage.dice) : smtp_play(stage.dice);
  const auto& certificate = stage.any_certificate();
  stage.end.title = "SMTP, " + play.name;
  HostileTcp server(stage.loop, {play.script}, &certificate);
  const auto network = net::make_network(stage.options);
  dns::Resolver resolver(std::make_shared<test::MemoryBackend>());
  checks::SmtpQuestion question;
  question.address = *IpAddress::parse("127.0.0.1");
  question.port = server.port();
  question.host = test::raw_name(host);
  question.helo_name = "client.test";
  question.now = std::chrono::system_clock::now();
  if (play.asks_relay) question.relay = {"a@elsewhere.test", "b@elsewhere.test"};
  SmtpReport report;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    const checks::Context context{resolver, test::shipped_rulebook(), nullptr, network.get()};
    report = co_await checks::check_smtp(context, question);
  };
  constexpr std::chrono::milliseconds longest{60'000 + 6000};
  stage.play_out(body(), longest);
  SmtpJudge(stage, play, report).run(certificate);
}

}  // namespace maildiag::faults
