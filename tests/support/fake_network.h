/// A network that a test makes up: what it does not answer is Fault::offline.
#pragma once

#include <functional>
#include <utility>

#include "net/network.h"

namespace maildiag::test {

class FakeNetwork : public net::Network {
 public:
  std::function<net::HttpReply(const net::HttpRequest&)> on_fetch;
  std::function<net::SmtpTalk(const net::SmtpRequest&)> on_talk;
  std::function<net::WhoisReply(const net::WhoisRequest&)> on_whois;
  std::function<net::TcpReply(const net::TcpRequest&)> on_connect;
  std::function<net::PingReply(const net::PingRequest&)> on_ping;
  std::function<net::TraceReply(const net::TraceRequest&)> on_trace;
  std::function<net::NameServerReply(const net::NameServerRequest&)> on_ask;

  Task<net::HttpReply> fetch(net::HttpRequest request) override {
    return answer(on_fetch, std::move(request));
  }
  Task<net::SmtpTalk> talk(net::SmtpRequest request) override {
    return answer(on_talk, std::move(request));
  }
  Task<net::WhoisReply> whois(net::WhoisRequest request) override {
    return answer(on_whois, std::move(request));
  }
  Task<net::TcpReply> connect(net::TcpRequest request) override {
    return answer(on_connect, std::move(request));
  }
  Task<net::PingReply> ping(net::PingRequest request) override {
    return answer(on_ping, std::move(request));
  }
  Task<net::TraceReply> trace(net::TraceRequest request) override {
    return answer(on_trace, std::move(request));
  }
  Task<net::NameServerReply> ask(net::NameServerRequest request) override {
    return answer(on_ask, std::move(request));
  }

 private:
  template <class Reply, class Request>
  static Task<Reply> answer(const std::function<Reply(const Request&)>& handler, Request request) {
    if (handler) co_return handler(request);
    Reply reply;
    reply.fault = net::Fault::offline;
    co_return reply;
  }
};

}  // namespace maildiag::test
