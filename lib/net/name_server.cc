#include "net/name_server.h"

#include <utility>

#include "net/network.h"

namespace maildiag::net {

Task<NameServerReply> ask_name_server(const AccessOptions& access, NameServerRequest request) {
  NameServerReply answer;
  auto& server = request.question.server;
  const auto wanted = access.endpoint(request.host, {server.address, server.port}, request.reach);
  if (!wanted) {
    answer.fault = Fault::offline;
    co_return answer;
  }
  server.address = wanted->address;
  server.port = wanted->port;
  answer.reply = co_await dns::ask_server(std::move(request.question));
  co_return answer;
}

}  // namespace maildiag::net
