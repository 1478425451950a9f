// Sentences about the client that name its address, and those that name another one.
#include <string>

#include <doctest/doctest.h>

#include "bounce/reader.h"
#include "support/cost_growth.h"

namespace maildiag {

namespace {

std::string address_in(const std::string& words) {
  const auto failure = bounce::read_reply(words).failures.front();
  return failure.sending_ip ? failure.sending_ip->to_string() : "";
}

}  // namespace

TEST_CASE("a sentence about the client that ends in an address names the client's") {
  for (const std::string words : {
           "Your IP is blacklisted (192.0.2.7), see zen.spamhaus.org",
           "The sending IP has no PTR record [192.0.2.7]",
           "Your IP has been blocked using zen.spamhaus.org: 192.0.2.7",
           "Your IP has been blocked: 192.0.2.7",
           "Your IP address was rejected - 192.0.2.7",
           "Your mail server's IP, 192.0.2.7, is on our blocklist",
           "your host (mail.example.com [192.0.2.7]) is listed",
           "Your server mail.example.com with IP 192.0.2.7 has no reverse DNS",
           "Sender IP must resolve: 192.0.2.7",
           "발신 서버 IP 192.0.2.7",
           "발송 서버(192.0.2.7)",
           "귀하의 메일 서버 IP(192.0.2.7)는",
           "귀하의 IP가 차단되었습니다. (IP: 192.0.2.7)",
           "발신 서버 IP 192.0.2.7의 PTR 레코드가 없습니다",
           "발송 서버(192.0.2.7)가 차단 목록에 등록되어 있습니다",
           "귀하의 메일 서버 IP(192.0.2.7)는 블랙리스트에 등록되어 있습니다",
           "Sorry, your IP address has been blacklisted [192.0.2.7]",
           "Access denied. Your IP is listed in zen.spamhaus.org: 192.0.2.7",
           "Your IP has been temporarily blocked (IP: 192.0.2.7).",
           "The sending server has no reverse DNS: 192.0.2.7",
           "Your mail server is on our blocklist (192.0.2.7)",
           "Your IP has a poor reputation (192.0.2.7)",
           "The client does not have a valid PTR record [192.0.2.7]",
           "Your IP is blocked due to spam: 192.0.2.7. See https://example.net/",
           "발신 IP가 RBL에 등록되어 있습니다: 192.0.2.7",
           "발신 IP에 PTR 레코드가 없습니다. (192.0.2.7)",
           "귀하의 IP 주소가 스팸으로 차단되었습니다 [192.0.2.7]",
           "발송 서버 IP: 192.0.2.7",
       }) {
    CAPTURE(words);
    CHECK(address_in(words) == "192.0.2.7");
  }
}

TEST_CASE("a sentence in which the address may be another host's names none") {
  for (const std::string words : {
           "your IP was blocked by 192.0.2.7",
           "Your IP is blocked; contact the server 192.0.2.7",
           "message from your server was rejected by host mx [192.0.2.7]",
           "Your IP is blocked: 192.0.2.7 refused the connection",
           "Your IP is blocked: 192.0.2.7: Connection refused",
           "Your IP is blocked by mx.example.net [192.0.2.7]",
           "Your IP is blocked by mx.example.net: 192.0.2.7",
           "Your IP was rejected using mx.example.net [192.0.2.7]",
           "Your IP was rejected, 192.0.2.7 said so",
           "Your IP was rejected, 192.0.2.7",
           "message from your server was rejected: 192.0.2.7",
           "mail to your server was rejected: 192.0.2.7",
           "message from your server was rejected by host mx [192.0.2.7]",
           "Your IP was rejected by our server: 192.0.2.7",
           "Your IP was rejected by the host (192.0.2.7)",
           "Your IP was rejected by the remote server - 192.0.2.7",
           "your server could not reach mx.example.net with IP 192.0.2.7",
           "your server mx.example.net could not reach 192.0.2.7",
           "Your IP is blocked. Server IP: 192.0.2.7",
           "Your IP is blocked. Receiver: 192.0.2.7",
           "Your IP is not allowed to connect to this server: 192.0.2.7",
           "the receiver of your IP is blocked (192.0.2.7)",
           "your IP was blocked at 192.0.2.7",
           "your IP was blocked on (192.0.2.7)",
           "Your IP is blocked (192.0.2.7 said)",
           "Your IP is blocked; contact the server 192.0.2.7",
           "your IP is listed in our DNS server 192.0.2.7",
           "Your host is blocked, 192.0.2.7, ask there",
           "Your server's peer, 192.0.2.7, is listed",
           "발신 서버는 192.0.2.7을 찾지 못했습니다",
           "발신 서버에서 192.0.2.7로 접속 실패",
           "발신 서버(192.0.2.7)에 연결할 수 없습니다",
           "상대 발송 서버(192.0.2.7)가 응답하지 않습니다",
           "발신 서버가 수신 서버(192.0.2.7)에 접속하지 못했습니다",
           "귀하의 IP가 차단되었습니다. (수신 서버 IP: 192.0.2.7)",
           "귀하의 IP가 수신 서버에서 차단되었습니다. (192.0.2.7)",
           "귀하의 IP가 192.0.2.7에서 차단되었습니다",
           "수신 서버가 귀하의 IP를 차단했습니다: 192.0.2.7",
           "상대방 발신 서버 192.0.2.7",
           "blocked by your host (mx.example.net [192.0.2.7])",
           "198.51.100.1: Your IP is blocked: 192.0.2.7",
           "Your IP has been blocked: 192.0.2.7:25",
           "Your IP is listed on our server [192.0.2.7]",
           "No route from your host to the server [192.0.2.7]",
           "Your IP must resolve at 192.0.2.7",
       }) {
    CAPTURE(words);
    CHECK(address_in(words) == "");
  }
}

TEST_CASE("an address that stands everywhere costs no more than its places") {
  for (const std::string part :
       {"your ip is blocked: 192.0.2.7 ", "no: 192.0.2.7. ", "the ", "your server x.example "}) {
    // Of a reply no more than 8 KiB are read.
    const auto growth = test::cost_growth(
        part, 2'000, [](const std::string& text) { address_in(text + "192.0.2.7"); });
    CHECK_MESSAGE(growth < test::least_superlinear_growth, part);
  }
}

}  // namespace maildiag
