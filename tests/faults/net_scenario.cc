#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "faults/heap.h"
#include "faults/scenario.h"
#include "faults/talk_fault.h"
#include "faults/virtual_time.h"
#include "net/network.h"
#include "support/temporary_file.h"

namespace maildiag::faults {
namespace {

using std::chrono::milliseconds;

test::CertificatePlan plan_for(const std::string& host, int days_left) {
  test::CertificatePlan plan;
  const auto now = std::chrono::system_clock::now();
  plan.common_name = host;
  plan.names = {"DNS:" + host};
  plan.not_before = now - std::chrono::hours(24 * 30);
  plan.not_after = now + std::chrono::hours(24 * days_left);
  return plan;
}

constexpr const char* host = "policy.test";

/// The client trusts `good` and `expired`, which is nobody's any more.
struct Certificates {
  test::MadeCertificate good{plan_for(host, 30)}, expired{plan_for(host, -1)},
      other_name{plan_for("other.test", 30)}, stranger{plan_for(host, 30)};
  test::TemporaryFile trusted{good.pem() + expired.pem() + other_name.pem()};
};

const Certificates& certificates() {
  static const Certificates all;
  return all;
}

bool is_clean(std::string_view text) {
  for (const char each : text) {
    const auto c = static_cast<unsigned char>(each);
    if (c < 0x20U || c == 0x7fU) return false;
  }
  return text.find("\xc2\x9b") == std::string_view::npos &&
         text.find("\xe2\x80\xae") == std::string_view::npos;
}

/// One scenario: its loop, its network, what is found.
class Scenario {
 public:
  Scenario(std::uint64_t seed, ScenarioEnd& end) : dice_(seed), end_(end) {
    options_.ca_file = certificates().trusted.path();
  }

  void run() {
    switch (dice_.below(3)) {
      case 0:
        return talk();
      case 1:
        return fetch();
      default:
        return ask_whois();
    }
  }

 private:
  void require(bool holds, const std::string& otherwise) { end_.ledger.require(holds, otherwise); }
  void require_clean(std::string_view text, const char* what) {
    require(is_clean(text), std::string("control characters in ") + what);
  }

  /// Within `limit` of virtual time.
  void play_out(Task<void> body, milliseconds limit) {
    const auto started = virtual_time::now();
    const HeapMark heap;
    bool ended = false;
    std::exception_ptr failure;
    asio::co_spawn(loop_, std::move(body), [&](std::exception_ptr thrown) {
      failure = thrown;
      ended = true;
      loop_.stop();
    });
    loop_.run_for(std::chrono::hours(2));
    if (failure) std::rethrow_exception(failure);
    const auto took = virtual_time::now() - started;
    require(ended && took <= limit, "it took " + std::to_string(took / milliseconds(1)) +
                                        " ms instead of " + std::to_string(limit.count()));
    end_.seconds = std::chrono::duration<double>(took).count();
    end_.memory = heap.highest();
    ++end_.ledger.asked;
    ++end_.ledger.answered;
  }

  void talk() {
    const auto play = smtp_play(dice_);
    end_.title = "SMTP, " + play.name;
    HostileTcp server(loop_, play.script, nullptr);
    const auto network = net::make_network(options_);
    net::SmtpRequest request;
    request.address = *IpAddress::parse("127.0.0.1");
    request.port = server.port();
    request.host = request.helo_name = "client.test";
    net::SmtpTalk talk;
    std::function<Task<void>()> body = [&]() -> Task<void> {
      talk = co_await network->talk(request);
    };
    constexpr milliseconds quit{6000};
    play_out(body(), request.timeout + quit);
    judge(talk, play);
  }

  void judge(const net::SmtpTalk& talk, const SmtpPlay& play) {
    const bool well = talk.fault == net::Fault::none;
    if (well) ++end_.ledger.definite;
    if (play.outcome == Outcome::whole) {
      require(well && talk.stage == net::SmtpStage::quit, "it came to " + talk.reason);
      require(talk.greeting.code == 220 && talk.ehlo.code == 250, "not all is told");
    }
    if (play.outcome == Outcome::broken) {
      require(!well, "nothing is said to be wrong");
      if (!play.greeted) require(talk.greeting.code == 0, "there was no greeting");
      if (!play.introduced) require(talk.ehlo.code == 0, "there was no reply to EHLO");
    }
    if (!play.greeted) require(!talk.ehlo.came(), "EHLO before the greeting");
    require(!talk.tls && !talk.ehlo_again.came(), "TLS that never was");
    std::size_t kept = talk.garbage.size() + talk.reason.size();
    for (const auto& line : talk.transcript) {
      kept += line.text.size();
      if (end_.ledger.verbose) {
        end_.ledger.log.push_back((line.ours ? "> " : "< ") + line.text.substr(0, 200));
      }
      require_clean(line.text, "the transcript");
    }
    for (const auto* reply : {&talk.greeting, &talk.ehlo, &talk.quit, &talk.starttls}) {
      require(reply->lines.size() <= net::max_reply_lines, "more lines than are kept");
      for (const auto& line : reply->lines) require_clean(line, "a reply");
    }
    require(kept <= 4 * net::max_dialogue, std::to_string(kept) + " octets are kept");
    require_clean(talk.garbage, "the garbage");
    require_clean(talk.reason, "the reason");
  }

  /// Whose certificate a server shows; nullptr: it speaks in clear.
  const test::MadeCertificate* choose_certificate(bool& trusted) {
    const auto& all = certificates();
    trusted = true;
    if (dice_.chance(65)) return nullptr;
    if (dice_.chance(60)) return &all.good;
    trusted = false;
    return dice_.pick({&all.expired, &all.other_name, &all.stranger});
  }

  void fetch() {
    auto play = http_play(dice_);
    bool trusted = true;
    const auto* certificate = choose_certificate(trusted);
    bool secure = certificate != nullptr;
    if (!secure && dice_.chance(10)) {  // clear text where TLS is expected
      secure = true;
      trusted = false;
    }
    if (!trusted) play = {{"no trusted TLS", play.script, Outcome::broken}, 0, ""};
    end_.title = (secure ? "HTTPS, " : "HTTP, ") + play.name;
    HostileTcp server(loop_, play.script, certificate);
    const auto network = net::make_network(options_);
    net::HttpRequest request;
    request.url = (secure ? "https://" : "http://") + std::string(host) + ":" +
                  std::to_string(server.port()) + "/";
    request.plain = !secure;
    request.addresses = {*IpAddress::parse("127.0.0.1")};
    net::HttpReply reply;
    std::function<Task<void>()> body = [&]() -> Task<void> {
      reply = co_await network->fetch(request);
    };
    constexpr milliseconds margin{1500};
    play_out(body(), request.timeout + margin);
    judge(reply, play, request);
    require(server.connections() <= 1, std::to_string(server.connections()) + " connections");
  }

  void judge(const net::HttpReply& reply, const HttpPlay& play, const net::HttpRequest& request) {
    const bool well = reply.fault == net::Fault::none;
    if (well) ++end_.ledger.definite;
    if (play.outcome == Outcome::whole) {
      require(well && reply.status == play.status && reply.body == play.body,
              "it came to " + std::to_string(reply.status) + " " + reply.reason);
    }
    if (play.outcome == Outcome::broken) require(!well, "nothing is said to be wrong");
    require(reply.body.size() <= request.max_body, "the body is too large");
    for (const auto* text : {&reply.reason, &reply.content_type, &reply.location, &reply.server,
                             &reply.retry_after, &reply.strict_transport_security}) {
      require_clean(*text, "a field");
      require(text->size() <= net::max_http_header, "a field is too large");
    }
  }

  void ask_whois() {
    const auto play = whois_play(dice_);
    end_.title = "whois, " + play.name;
    HostileTcp server(loop_, play.script, nullptr);
    const auto network = net::make_network(options_);
    net::WhoisRequest request;
    request.server = "whois.test";
    request.addresses = {*IpAddress::parse("127.0.0.1")};
    request.port = server.port();
    request.question = "example.com";
    net::WhoisReply reply;
    std::function<Task<void>()> body = [&]() -> Task<void> {
      reply = co_await network->whois(request);
    };
    constexpr milliseconds margin{1500};
    play_out(body(), request.timeout + margin);
    const bool well = reply.fault == net::Fault::none;
    if (well) ++end_.ledger.definite;
    if (play.outcome == Outcome::whole) require(well && reply.text == play.body, reply.reason);
    if (play.outcome == Outcome::broken) require(!well, "nothing is said to be wrong");
    require(reply.text.size() <= net::max_whois, "the text is too large");
    require_clean(reply.reason, "the reason");
  }

  Dice dice_;
  ScenarioEnd& end_;
  net::AccessOptions options_;
  asio::io_context loop_{1};
};

}  // namespace

/// An easy handle of libcurl with TLS, and the largest thing that is kept: 256 KiB, some times
/// over.
const std::size_t most_memory = std::size_t{6} << 20U;

ScenarioEnd run_scenario(std::uint64_t seed, bool verbose) {
  (void)certificates();  // with the true time
  virtual_time::start();
  ScenarioEnd end;
  end.ledger.verbose = verbose;
  Scenario(seed, end).run();
  return end;
}

}  // namespace maildiag::faults
