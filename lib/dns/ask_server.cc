#include "dns/ask_server.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "core/deadline.h"
#include "dns/codec.h"
#include "dns/event.h"
#include "dns/random_source.h"
#include "dns/reply.h"
#include "dns/tcp_exchange.h"
#include "dns/udp_channel.h"
#include "dns/wire_message.h"

namespace maildiag::dns {
namespace {

bool take_sections(std::string_view message, ServerReply& reply) {
  auto answers = read_section(message, WireSection::answer);
  auto authorities = read_section(message, WireSection::authority);
  auto additionals = read_section(message, WireSection::additional);
  if (!answers || !authorities || !additionals) return false;
  reply.answers = std::move(*answers);
  reply.authorities = std::move(*authorities);
  reply.additionals = std::move(*additionals);
  return true;
}

void set_malformed(ServerReply& reply, std::string_view detail) {
  reply.outcome = Outcome::malformed;
  reply.detail = detail;
}

/// What stands in the message. False: it is not an answer to this question, and another may come.
bool read_message(std::string_view message, const Question& question, std::uint16_t id,
                  ServerReply& reply) {
  const auto header = read_header(message);
  if (!header || !header->is_response() || header->opcode() != 0 || header->id != id) return false;
  const bool bare = header->questions == 0 && header->rcode() != 0;
  if (!bare && !repeats_question(message, *header, question)) return false;
  reply.octets = message.size();
  reply.rcode = static_cast<int>(header->rcode());
  reply.authoritative = header->authoritative();
  reply.truncated = header->truncated();
  reply.recursion_available = (header->flags & 0x0080U) != 0;
  reply.outcome = outcome_of_rcode(reply.rcode);
  if (const auto fault = find_fault(message)) {
    if (!reply.truncated) set_malformed(reply, *fault);
    return true;  // a truncated message may end anywhere
  }
  for_each_record(message, [&](const WireRecord& record) {
    if (record.section != WireSection::additional || record.type != type_opt) return;
    reply.edns = true;
    reply.rcode |= static_cast<int>(record.ttl >> 24U << 4U);
  });
  reply.outcome = outcome_of_rcode(reply.rcode);
  if (!take_sections(message, reply)) {
    set_malformed(reply, "a record's data does not fit its type");
    return true;
  }
  const bool found =
      std::any_of(reply.answers.begin(), reply.answers.end(), [&](const Record& record) {
        return record.type == question.type || question.type == RecordType::any;
      });
  if (reply.outcome == Outcome::nodata && found) reply.outcome = Outcome::answer;
  return true;
}

/// A refusal by ICMP is told by the first receive.
class UdpQuestion {
 public:
  UdpQuestion(const ServerQuestion& asked, std::uint16_t id) : asked_(asked), id_(id) {}

  Task<void> run(ServerReply& reply) {
    const auto executor = co_await asio::this_coro::executor;
    std::error_code error;
    UdpChannel channel(executor, asked_.server, error);
    for (unsigned i = 0; !error && i < std::max(1U, asked_.tries) && !answered_; ++i) {
      append_query(channel.staging(), asked_.question, id_, {asked_.edns, asked_.recursion});
      channel.end_packet();
      error = channel.flush();
      const auto until = std::chrono::steady_clock::now() + asked_.timeout;
      while (!error && !answered_ && std::chrono::steady_clock::now() < until) {
        co_await wait(channel, executor, until);
        error = receive(channel, reply);
      }
    }
    if (answered_) co_return;
    reply.error = error ? error : std::make_error_code(std::errc::timed_out);
    reply.outcome = error ? Outcome::network_error : Outcome::timeout;
    reply.detail = reply.error.message();
  }

 private:
  static Task<void> wait(UdpChannel& channel, asio::any_io_executor executor,
                         std::chrono::steady_clock::time_point until) {
    const Deadline deadline(executor, until, [&channel] {
      std::error_code ignored;
      channel.descriptor().cancel(ignored);
    });
    std::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    co_await channel.descriptor().async_wait(asio::posix::stream_descriptor::wait_read, token);
  }

  std::error_code receive(UdpChannel& channel, ServerReply& reply) {
    std::error_code error;
    const auto count = buffers_.receive(channel.native(), error);
    for (std::size_t i = 0; i < count && !answered_; ++i) {
      answered_ = read_message(buffers_.packet(i), asked_.question, id_, reply);
      if (answered_ && buffers_.cut_off(i)) reply.truncated = true;
    }
    const bool none = error == std::errc::operation_would_block ||
                      error == std::errc::resource_unavailable_try_again ||
                      error == std::errc::interrupted;
    return none || answered_ ? std::error_code() : error;
  }

  const ServerQuestion& asked_;
  std::uint16_t id_;
  ReceiveBuffers buffers_;
  bool answered_ = false;
};

Task<void> ask_tcp(const ServerQuestion& asked, std::uint16_t id, ServerReply& reply) {
  const auto executor = co_await asio::this_coro::executor;
  std::string query;
  append_query(query, asked.question, id, {asked.edns, asked.recursion});
  Event ended(executor);
  std::error_code failed;
  std::string message;
  TcpExchange::Done done = [&](std::error_code error, std::string octets) {
    failed = error;
    message = std::move(octets);
    ended.set();
  };
  const auto exchange =
      TcpExchange::start(executor, asked.server, std::move(query), asked.timeout, std::move(done));
  co_await ended.wait();
  if (failed) {
    // Asio's category of errno values does not know std::errc.
    reply.error = std::error_code(failed.value(), std::generic_category());
    reply.outcome = failed == std::errc::timed_out ? Outcome::timeout : Outcome::network_error;
    reply.detail = failed.message();
  } else if (!read_message(message, asked.question, id, reply)) {
    set_malformed(reply, "not an answer to the question over TCP");
  }
}

}  // namespace

Task<ServerReply> ask_server(ServerQuestion question) {
  ServerReply reply;
  RandomSource random;
  const auto id = random.next();
  const auto started = std::chrono::steady_clock::now();
  if (question.tcp) {
    co_await ask_tcp(question, id, reply);
  } else {
    UdpQuestion udp(question, id);
    co_await udp.run(reply);
  }
  reply.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started);
  co_return reply;
}

Evidence to_evidence(const Question& question, const ServerReply& reply,
                     const std::string& server) {
  Answer answer;
  answer.question = question;
  answer.outcome = reply.outcome;
  answer.rcode = reply.rcode;
  for (const auto& record : reply.answers) {
    if (record.type == question.type) answer.records.push_back(record);
  }
  answer.server = server;
  answer.elapsed = reply.elapsed;
  answer.detail = reply.detail;
  return to_evidence(answer);
}

}  // namespace maildiag::dns
