/// What a client is called in the words that it is told.
#pragma once

#include <array>
#include <string_view>

namespace maildiag::bounce {

/// What calls an address the client's. The last two are Postfix's, in front of "[x]".
inline constexpr std::array<std::string_view, 53> client_names{
    "client",
    "your ip",
    "your host",
    "your server",
    "your mail server",
    "your address",
    "sending ip",
    "sending ipv6",
    "your ipv6",
    "sending host",
    "sending server",
    "sending mta",
    "sender ip",
    "source ip",
    "originating ip",
    "connecting ip",
    "connecting host",
    "발신 ip",
    "발신ip",
    "발송 ip",
    "발송ip",
    "송신 ip",
    "송신ip",
    "귀하의 ip",
    "귀하의 서버 ip",
    "귀 서버 ip",
    "보내는 ip",
    "발신 서버",
    "발신서버",
    "발송 서버",
    "발송서버",
    "송신 서버",
    "송신서버",
    "발신 서버 ip",
    "발신서버 ip",
    "발송 서버 ip",
    "발송서버 ip",
    "송신 서버 ip",
    "송신서버 ip",
    "발신 메일 서버",
    "발신 메일 서버 ip",
    "발신자 ip",
    "발신지 ip",
    "귀하의 서버",
    "귀하의 메일 서버",
    "귀하의 메일서버",
    "귀하의 메일 서버 ip",
    "귀하의 메일서버 ip",
    "귀사의 ip",
    "귀사의 메일 서버 ip",
    "your mail server ip",
    "cannot find your hostname,",
    "cannot find your reverse hostname,"};
}  // namespace maildiag::bounce
