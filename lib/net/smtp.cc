#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "net/smtp_channel.h"
#include "net/smtp_reply.h"
#include "net/transports.h"

namespace maildiag::net {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// For the reply to QUIT: the dialogue is over, and nothing that counts comes any more.
constexpr milliseconds quit_timeout{5000};
/// Octets of `garbage` that are kept.
constexpr std::size_t max_garbage = 256;

microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<microseconds>(Clock::now() - start);
}

bool is_positive(const SmtpReply& reply) {
  return reply.code / 100 == 2;  // RFC 5321 section 4.2.1
}

/// What a caller puts into a command must not end it.
void require_one_line(std::string_view text) {
  const bool good = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && static_cast<unsigned char>(c) != 0x7f;
  });
  if (!good) throw std::invalid_argument("an SMTP command must be one line");
}

/// RFC 5321 section 4.1.3: what a client without a name calls itself.
std::string address_literal(const IpAddress& address) {
  return fmt::format("[{}{}]", address.is_v6() ? "IPv6:" : "", address.to_string());
}

class SmtpDialogue {
 public:
  SmtpDialogue(const AccessOptions& options, const Endpoint& endpoint, const SmtpRequest& request)
      : request_(request),
        name_(request.helo_name.empty() ? options.helo_name : request.helo_name),
        channel_(options, endpoint),
        end_(start_ + request.timeout) {
    require_one_line(name_);
  }
  SmtpDialogue(const SmtpDialogue&) = delete;
  SmtpDialogue& operator=(const SmtpDialogue&) = delete;

  Task<SmtpTalk> run();

 private:
  // Each: false where the dialogue cannot go on.
  Task<bool> converse();
  Task<bool> connect();
  Task<bool> greet();
  Task<bool> introduce();
  Task<bool> start_tls();
  Task<bool> secure(SmtpStage stage);
  Task<bool> ask_relay(RelayQuestion question);
  Task<bool> command(std::string line, SmtpReply& reply);
  Task<bool> read_reply(SmtpReply& reply, Clock::time_point deadline);
  Task<void> quit();

  bool enter(SmtpStage stage) {
    talk_.stage = stage;
    return true;
  }
  bool stop(SmtpFailure failure);
  void note(bool ours, std::string_view line) {
    talk_.transcript.push_back({since(start_), ours, text::sanitize(line)});
  }
  Clock::time_point within(milliseconds limit) const {
    return std::min(end_, Clock::now() + limit);
  }

  const SmtpRequest& request_;
  std::string name_;
  SmtpChannel channel_;
  Clock::time_point start_ = Clock::now(), end_;
  bool speaks_smtp_ = false;  // QUIT would be understood
  SmtpTalk talk_;
};

bool SmtpDialogue::stop(SmtpFailure failure) {
  talk_.fault = failure.fault;
  talk_.reason = text::sanitize(failure.reason);
  speaks_smtp_ = speaks_smtp_ && failure.fault != Fault::closed;
  return false;
}

Task<bool> SmtpDialogue::connect() {
  enter(SmtpStage::connect);
  auto failure = co_await channel_.connect(within(request_.connect_timeout));
  if (failure) co_return stop(std::move(failure));
  talk_.connect = channel_.connect_time();
  talk_.source = channel_.source();
  if (name_.empty()) name_ = address_literal(talk_.source);
  co_return true;
}

Task<bool> SmtpDialogue::secure(SmtpStage stage) {
  enter(stage);
  const auto begin = Clock::now();
  auto failure = co_await channel_.secure(request_.host, within(request_.reply_timeout));
  if (failure) co_return stop(std::move(failure));
  talk_.handshake = since(begin);
  talk_.tls = channel_.tls();
  speaks_smtp_ = stage == SmtpStage::handshake;
  co_return true;
}

Task<bool> SmtpDialogue::read_reply(SmtpReply& reply, Clock::time_point deadline) {
  const auto keep = [this](std::string_view line) { note(false, line); };
  const auto turn = talk_.stage == SmtpStage::greeting ? SmtpReplyReader::Turn::to_refusal
                                                       : SmtpReplyReader::Turn::never;
  SmtpReplyReader reader(keep, turn);
  auto state = SmtpReplyReader::State::unfinished;
  SmtpFailure failure;
  while (!failure && state == SmtpReplyReader::State::unfinished) {
    failure = co_await channel_.receive(deadline);
    // Too much of it is shown, too, as far as the reader keeps it.
    if (!failure || failure.fault == Fault::too_large) state = reader.read(channel_.octets());
  }
  if (state != SmtpReplyReader::State::whole && !reader.rest().empty()) note(false, reader.rest());
  if (state == SmtpReplyReader::State::garbage) {
    if (talk_.stage == SmtpStage::greeting)
      talk_.garbage = text::sanitize(reader.rest().substr(0, max_garbage));
    if (!failure) failure = {Fault::protocol, "a line that is none of an SMTP reply"};
  }
  reply = reader.take();
  // It would be taken for the reply to the next command; behind a refusal there is none.
  if (!failure && is_positive(reply) && reader.more_behind())
    failure = {Fault::protocol, "more octets behind the end of a reply"};
  if (failure) co_return stop(std::move(failure));
  co_return true;
}

Task<bool> SmtpDialogue::command(std::string line, SmtpReply& reply) {
  note(true, line);
  const auto deadline = within(request_.reply_timeout);
  auto sending = channel_.send(line + "\r\n", deadline);
  auto failure = co_await std::move(sending);
  if (failure) co_return stop(std::move(failure));
  co_return co_await read_reply(reply, deadline);
}

Task<bool> SmtpDialogue::greet() {
  enter(SmtpStage::greeting);
  const auto begin = Clock::now();
  const bool read = co_await read_reply(talk_.greeting, within(request_.greeting_timeout));
  if (!talk_.greeting.came()) co_return false;
  talk_.greeted = since(begin);
  // Not before: who speaks ahead of the greeting looks like a spammer's program.
  speaks_smtp_ = true;
  co_return read&& is_positive(talk_.greeting);
}

Task<bool> SmtpDialogue::introduce() {
  enter(SmtpStage::ehlo);
  auto line = "EHLO " + name_;
  if (!co_await command(std::move(line), talk_.ehlo)) co_return false;
  if (talk_.ehlo.code / 100 != 5) co_return is_positive(talk_.ehlo);
  auto old_line = "HELO " + name_;  // RFC 5321 section 3.2
  if (!co_await command(std::move(old_line), talk_.helo)) co_return false;
  co_return is_positive(talk_.helo);
}

Task<bool> SmtpDialogue::start_tls() {
  enter(SmtpStage::starttls);
  auto line = std::string("STARTTLS");
  const bool read = co_await command(std::move(line), talk_.starttls);
  if (talk_.starttls.code != 220) co_return read;  // RFC 3207 section 4: it goes on in clear
  speaks_smtp_ = false;
  if (!read) co_return false;
  // CVE-2011-0411: before our ClientHello, the server has nothing to say.
  if (channel_.has_more())
    co_return stop({Fault::protocol, "octets between the reply to STARTTLS and the handshake"});
  if (!co_await secure(SmtpStage::handshake)) co_return false;
  enter(SmtpStage::ehlo_again);
  auto again = "EHLO " + name_;
  if (!co_await command(std::move(again), talk_.ehlo_again)) co_return false;
  co_return is_positive(talk_.ehlo_again);
}

Task<bool> SmtpDialogue::ask_relay(RelayQuestion question) {
  enter(SmtpStage::relay);
  auto mail = fmt::format("MAIL FROM:<{}>", question.reverse_path);
  if (!co_await command(std::move(mail), talk_.mail)) co_return false;
  if (!is_positive(talk_.mail)) co_return true;
  auto rcpt = fmt::format("RCPT TO:<{}>", question.forward_path);
  if (!co_await command(std::move(rcpt), talk_.rcpt)) co_return false;
  auto rset = std::string("RSET");
  co_return co_await command(std::move(rset), talk_.rset);
}

Task<bool> SmtpDialogue::converse() {
  if (!co_await connect()) co_return false;
  if (request_.tls == SmtpTls::implicit && !co_await secure(SmtpStage::implicit_tls))
    co_return false;
  if (!co_await greet()) co_return false;
  if (!co_await introduce()) co_return false;
  if (request_.tls == SmtpTls::starttls && offers(talk_.ehlo, "STARTTLS") && !co_await start_tls())
    co_return false;
  if (!request_.relay) co_return true;
  auto question = *request_.relay;
  co_return co_await ask_relay(std::move(question));
}

/// Where a fault ended the dialogue, politeness costs one packet: the reply is not waited for.
Task<void> SmtpDialogue::quit() {
  if (!speaks_smtp_) co_return;
  note(true, "QUIT");
  const bool faulty = talk_.fault != Fault::none;
  const auto deadline =
      faulty ? Clock::now() : within(std::min(quit_timeout, request_.reply_timeout));
  auto sending = channel_.send("QUIT\r\n", deadline);
  const auto failure = co_await std::move(sending);
  if (faulty) co_return;
  enter(SmtpStage::quit);
  if (failure || !co_await read_reply(talk_.quit, deadline)) {
    talk_.fault = Fault::none;  // all that was asked is answered
    talk_.reason.clear();
  }
}

Task<SmtpTalk> SmtpDialogue::run() {
  co_await converse();
  co_await quit();
  talk_.total = since(start_);
  co_return std::move(talk_);
}

}  // namespace

Task<SmtpTalk> talk_smtp(const AccessOptions& options, SmtpRequest request) {
  if (request.relay) {
    require_one_line(request.relay->reverse_path);
    require_one_line(request.relay->forward_path);
  }
  const auto endpoint =
      options.endpoint(request.host, {request.address, request.port}, request.reach);
  if (!endpoint) {
    SmtpTalk talk;
    talk.fault = Fault::offline;
    co_return talk;
  }
  SmtpDialogue dialogue(options, *endpoint, request);
  auto running = dialogue.run();
  co_return co_await std::move(running);
}

}  // namespace maildiag::net
