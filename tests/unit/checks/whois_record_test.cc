#include "checks/whois_record.h"

#include <string>

#include <doctest/doctest.h>

#include "checks/whois_rdap.h"
#include "checks/whois_text.h"
#include "core/json_parse.h"

namespace maildiag::checks::whois {
namespace {

Registration read(std::string_view text, std::string_view target, bool korean = false) {
  const auto found = read_record(parse_whois(text, korean), parse_target(target).value());
  REQUIRE(found);
  return *found;
}

std::string day(const std::optional<WallTime>& time) {
  return time ? to_rfc3339(*time).substr(0, 10) : "-";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : "|") + text;
  return all;
}

constexpr std::string_view verisign = R"(
   Domain Name: EXAMPLE.COM
   Registry Domain ID: 1_DOMAIN_COM-VRSN
   Registrar WHOIS Server: whois.registrar.example
   Updated Date: 2026-01-02T03:04:05Z
   Creation Date: 1995-08-14T04:00:00Z
   Registry Expiry Date: 2027-08-13T04:00:00Z
   Registrar: Registrar of Examples, Inc.
   Registrar IANA ID: 376
   Registrar Abuse Contact Email: abuse@registrar.example
   Registrar Abuse Contact Phone: +1.5555551212
   Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited
   Domain Status: clientHold https://icann.org/epp#clientHold
   Name Server: A.NS.EXAMPLE.NET
   Name Server: B.NS.EXAMPLE.NET
   DNSSEC: unsigned
>>> Last update of whois database: 2026-11-22T03:00:00Z <<<

TERMS OF USE: You are not authorized to access or query our Whois limit exceeded
)";

constexpr std::string_view krnic_domain = R"(query : example.co.kr


# KOREAN(UTF8)

도메인이름                  : example.co.kr
등록인                      : 홍길동
책임자                      : 홍길동
책임자 전자우편             : owner@example.co.kr
등록일                      : 1996. 12. 17.
최근 정보 변경일            : 2025. 11. 2.
사용 종료일                 : 2026. 12. 7.
정보공개여부                : N
등록대행자                  : (주)가나다(http://www.registrar.example)
DNSSEC                      : 미서명

1차 네임서버 정보
   호스트이름               : ns1.example.co.kr
   IP 주소                  : 192.0.2.53

2차 네임서버 정보
   호스트이름               : ns2.example.co.kr

# ENGLISH

Domain Name                 : example.co.kr
Registrant                  : Hong Gildong
Registered Date             : 1996. 12. 17.
Last Updated Date           : 2025. 11. 2.
Expiration Date             : 2026. 12. 7.
Authorized Agency           : Ganada Inc.(http://www.registrar.example)
DNSSEC                      : unsigned

Primary Name Server
   Host Name                : ns1.example.co.kr
)";

constexpr std::string_view krnic_network = R"(# KOREAN(UTF8)

[ 네트워크 할당 정보 ]
IPv4주소           : 211.200.0.0 - 211.205.255.255 (/14+/15)
기관명             : 보기통신(주)
서비스명           : bogi-net
주소               : 서울특별시 중구
할당일자           : 20000503

이름               : IP주소 담당자
전화번호           : +82-2-000-0000
전자우편           : ip@bogi.example

조회하신 IPv4주소는 위의 관리대행자로부터 아래의 사용자에게 할당되었습니다.

[ 네트워크 할당 정보 ]
IPv4주소           : 211.200.7.0 - 211.200.7.255 (/24)
기관명             : 우리회사
네트워크 구분      : CUSTOMER
할당내역 등록일    : 20170101

# ENGLISH

[ Network Information ]
IPv4 Address       : 211.200.0.0 - 211.205.255.255 (/14+/15)
Organization Name  : Bogi Telecom
Registration Date  : 20000503
)";

constexpr std::string_view arin = R"(
#
# ARIN WHOIS data and services are subject to the Terms of Use
#

NetRange:       64.6.64.0 - 64.6.65.255
CIDR:           64.6.64.0/23
NetName:        EXAMPLE-1
NetHandle:      NET-64-6-64-0-1
NetType:        Direct Allocation
Organization:   Example Networks (EXN)
RegDate:        2012-02-24
Updated:        2014-03-14

OrgName:        Example Networks
Country:        US
OrgAbuseEmail:  abuse@example.net
OrgAbusePhone:  +1-555-555-0100
OrgTechEmail:   noc@example.net
)";

constexpr std::string_view ripe = R"(% This is the RIPE Database query service.

% Abuse contact for '193.0.0.0 - 193.0.7.255' is 'abuse@ripe.example'

inetnum:        193.0.0.0 - 193.0.7.255
netname:        EXAMPLE-NET
descr:          An old description
country:        NL
org:            ORG-EX1-RIPE
status:         ASSIGNED PA
created:        2003-03-17T12:15:57Z
last-modified:  2017-12-04T14:42:31Z

organisation:   ORG-EX1-RIPE
org-name:       Example Holder B.V.

person:         Jane Doe
e-mail:         jane@example.org
)";

TEST_CASE("Verisign's style") {
  const auto found = read(verisign, "example.com");
  CHECK(found.registrar == "Registrar of Examples, Inc.");
  CHECK(found.registrar_id == "376");
  CHECK(found.abuse.email == "abuse@registrar.example");
  CHECK(day(found.registered) == "1995-08-14");
  CHECK(day(found.changed) == "2026-01-02");
  CHECK(day(found.expires) == "2027-08-13");
  CHECK(joined(found.status) == "client transfer prohibited|client hold");
  CHECK(joined(found.name_servers) == "a.ns.example.net|b.ns.example.net");
  CHECK(found.is_signed == false);
  CHECK(judge_whois(verisign) == WhoisVerdict::record);
}

TEST_CASE("KRNIC's two languages, and no registrant in either") {
  for (const bool korean : {true, false}) {
    const auto found = read(krnic_domain, "example.co.kr", korean);
    CHECK(found.registrar == (korean ? "(주)가나다" : "Ganada Inc."));
    CHECK(day(found.registered) == "1996-12-17");
    CHECK(day(found.changed) == "2025-11-02");
    CHECK(day(found.expires) == "2026-12-07");
    CHECK(joined(found.name_servers) ==
          (korean ? "ns1.example.co.kr|ns2.example.co.kr" : "ns1.example.co.kr"));
    CHECK(found.is_signed == false);
    CHECK(found.holder.empty());
    CHECK(found.technical.empty());
  }
  const auto network = read(krnic_network, "211.200.7.9", true);
  CHECK(network.range == "211.200.7.0 - 211.200.7.255 (/24)");
  CHECK(network.holder == "우리회사");
  CHECK(network.provider == "보기통신(주)");
  CHECK(network.technical.email == "ip@bogi.example");
  CHECK(day(network.registered) == "2017-01-01");
}

TEST_CASE("ARIN's and RIPE's styles") {
  const auto american = read(arin, "64.6.64.6");
  CHECK(american.range == "64.6.64.0 - 64.6.65.255");
  CHECK(joined(american.networks) == "64.6.64.0/23");
  CHECK(american.holder == "Example Networks (EXN)");
  CHECK(american.country == "US");
  CHECK(american.abuse.email == "abuse@example.net");
  CHECK(american.technical.email == "noc@example.net");
  const auto european = read(ripe, "193.0.1.1");
  CHECK(european.holder == "Example Holder B.V.");
  CHECK(european.abuse.email == "abuse@ripe.example");
  CHECK(european.technical.empty());  // a person's
  CHECK(european.name == "EXAMPLE-NET");
  CHECK(day(european.changed) == "2017-12-04");
}

TEST_CASE("LACNIC's handles, JPRS's brackets, Nominet's indents, AS numbers") {
  const auto latin = read(
      "inetnum: 200.160.0.0/20\nowner: Nome Exemplo\ncountry: BR\nabuse-c: ABC1\ncreated: "
      "19990101\n"
      "\nnic-hdl: ABC1\ne-mail: cert@example.br\n",
      "200.160.0.8");
  CHECK(latin.holder == "Nome Exemplo");
  CHECK(latin.abuse.email == "cert@example.br");
  CHECK(joined(latin.networks) == "200.160.0.0/20");
  const auto japanese = read(
      "[Domain Name]  EXAMPLE.JP\n[Registrant] X\n[Name Server] ns1.example.jp\n"
      "[Created on] 2001/08/23\n[Expires on] 2027/08/31\n[Status] Active\n",
      "example.jp");
  CHECK(day(japanese.expires) == "2027-08-31");
  CHECK(joined(japanese.name_servers) == "ns1.example.jp");
  const auto company =
      read("a. [Domain Name] EXAMPLE.CO.JP\n[State] Connected (2027/03/31)\n", "example.co.jp");
  CHECK(day(company.expires) == "2027-03-31");
  CHECK(joined(company.status) == "connected");
  const auto british = read(
      "    Domain name:\n        example.uk\n\n    Registrar:\n        Example [Tag = EX]\n\n"
      "    Relevant dates:\n        Registered on: 14-Feb-1996\n        Expiry date:  "
      "14-Feb-2027\n\n"
      "    Name servers:\n        ns1.example.uk\n        ns2.example.uk  192.0.2.1\n",
      "example.uk");
  CHECK(british.registrar == "Example");
  CHECK(day(british.registered) == "1996-02-14");
  CHECK(joined(british.name_servers) == "ns1.example.uk|ns2.example.uk");
  const auto as =
      read("aut-num: AS4766\nas-name: KIXS-AS-KR\ndescr: Example Telecom\ncountry: KR\n", "AS4766");
  CHECK(as.name == "KIXS-AS-KR");
  CHECK(as.holder == "Example Telecom");
}

TEST_CASE("verdicts") {
  const auto is = [](std::string_view text) { return judge_whois(text); };
  CHECK(is("No match for domain \"X.COM\".\r\n") == WhoisVerdict::not_found);
  CHECK(is("Domain: x.de\nStatus: free\n") == WhoisVerdict::not_found);
  CHECK(is("%ERROR:101: no entries found\n") == WhoisVerdict::not_found);
  CHECK(is("상기 도메인이름은 등록되어 있지 않은 도메인입니다.\n") == WhoisVerdict::not_found);
  CHECK(is("%ERROR:201: access denied for 192.0.2.1\n") == WhoisVerdict::rate_limited);
  CHECK(is("WHOIS LIMIT EXCEEDED - SEE WWW.EXAMPLE.ORG\n") == WhoisVerdict::rate_limited);
  CHECK(is("Registrar: X\nLimit exceeded is what we say in our terms\n") == WhoisVerdict::record);
  CHECK(is("") == WhoisVerdict::record);
}

TEST_CASE("referrals lead to whois servers only") {
  const auto leads = [](std::string_view text) {
    const auto found = find_referral(parse_whois(text, false));
    return found ? found->to_string() : "";
  };
  CHECK(leads("refer:        whois.example.net\n\ndomain: EXAMPLE\n") == "whois.example.net");
  CHECK(leads("ReferralServer:  whois://whois.ripe.net\n") == "whois.ripe.net");
  CHECK(leads("ReferralServer:  whois://whois.ripe.net:43/\n") == "whois.ripe.net");
  CHECK(leads("ReferralServer: rwhois://rwhois.example.net:4321\n").empty());
  CHECK(leads("refer: whois.example.net:22\n").empty());
  CHECK(leads("refer: localhost\n").empty());
  CHECK(leads("refer: 127.0.0.1\n").empty());
  CHECK(leads("nothing\n").empty());
}

TEST_CASE("hostile answers") {
  const auto escaped =
      read("Registrar: \x1b]0;x\x07 evil\xe2\x80\xae\nstatus: a\x1b[2J\n", "a.com");
  CHECK(escaped.registrar.find('\x1b') == std::string::npos);
  CHECK(escaped.registrar.find("\xe2\x80\xae") == std::string::npos);
  CHECK(joined(escaped.status).find('\x1b') == std::string::npos);
  const auto target = *parse_target("example.com");
  CHECK_FALSE(read_record(parse_whois(std::string(200'000, ':'), false), target));
  CHECK_FALSE(read_record(parse_whois(std::string(200'000, '['), false), target));
  CHECK_FALSE(read_record(parse_whois(std::string(1000, '\0'), false), target));
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "Name Server: ns" + std::to_string(i) + ".example\n";
  CHECK(read(many, "example.com").name_servers.size() == max_texts);
  CHECK(read("Registrar: " + std::string(100'000, 'x') + "\n", "a.com").registrar.size() < 300);
}

TEST_CASE("a cache gives back what it got, however long") {
  std::string words;
  for (int i = 0; i < 100; ++i) words += "aB";
  const auto found =
      read("Domain Name: EXAMPLE.COM\nRegistrar: R\nDomain Status: " + words + "\n", "example.com");
  REQUIRE(found.status.size() == 1);
  CHECK(registration_from(found.to_value()).to_value() == found.to_value());
}

TEST_CASE("dates in every notation") {
  const auto is = [](std::string_view text) { return day(registry_date(text)); };
  CHECK(is("2026-08-13T04:00:00Z") == "2026-08-13");
  CHECK(is("2026-08-13T04:00:00.123+09:00") == "2026-08-12");
  CHECK(is("2026-08-13") == "2026-08-13");
  CHECK(is("2026-08-13 12:20:05") == "2026-08-13");
  CHECK(is("2026/08/13 01:05:10 (JST)") == "2026-08-13");
  CHECK(is("1996. 12. 7.") == "1996-12-07");
  CHECK(is("20000503") == "2000-05-03");
  CHECK(is("14-Feb-1996") == "1996-02-14");
  CHECK(is("13.08.2026") == "2026-08-13");
  CHECK(is("08/13/2026") == "-");
  CHECK(is("2026-13-40") == "-");
  CHECK(is("99999999") == "-");
  CHECK(is("") == "-");
  CHECK(is("yesterday") == "-");
  const auto end = [](std::string_view text) { return to_rfc3339(*registry_deadline(text)); };
  CHECK(end("2026-08-13") == "2026-08-13T23:59:59Z");
  CHECK(end(" 2026. 08. 13.") == "2026-08-13T23:59:59Z");
  CHECK(end("2026-08-13T04:00:00Z") == "2026-08-13T04:00:00Z");
  CHECK_FALSE(registry_deadline("yesterday"));
}

TEST_CASE("what is told of another domain, network or AS number is no answer") {
  const auto tells = [](std::string_view text, std::string_view target) {
    return read_record(parse_whois(text, false), parse_target(target).value()).has_value();
  };
  CHECK(tells(verisign, "example.com"));
  CHECK_FALSE(tells(verisign, "example.net"));
  CHECK_FALSE(tells(krnic_domain, "example.or.kr"));
  // A damaged octet: no name, and not this one.
  CHECK_FALSE(tells("Domain Name: EXAM\x90LE.COM\nRegistrar: X\n", "example.com"));
  CHECK_FALSE(tells("Domain Name: EXAM LE.COM\nRegistrar: X\n", "example.com"));
  // IANA, of a top level without a whois server.
  CHECK_FALSE(tells("domain: GR\nstatus: ACTIVE\ncreated: 1989-02-19\n", "example.gr"));
  CHECK(tells(arin, "64.6.64.6"));
  CHECK_FALSE(tells(arin, "64.6.66.6"));
  CHECK(tells(krnic_network, "211.205.1.1"));
  CHECK_FALSE(tells(krnic_network, "211.206.1.1"));
  CHECK(tells("inetnum: 200.3.12/22\nowner: X\n", "200.3.12.1"));  // LACNIC's way
  CHECK(tells("inet6num: 2001:db8::/32\nnetname: X\n", "2001:db8::1"));
  CHECK_FALSE(tells("inet6num: 2001:db8::/32\nnetname: X\n", "2001:db9::1"));
  CHECK(tells("aut-num: AS3333\nas-name: X\n", "AS3333"));
  CHECK_FALSE(tells("aut-num: AS3334\nas-name: X\n", "AS3333"));
}

TEST_CASE("RDAP objects of another network or AS number are none of the target") {
  const auto reads = [](std::string_view json, std::string_view target) {
    return read_rdap(parse_json(json).value(), parse_target(target).value()).has_value();
  };
  constexpr std::string_view network =
      R"({"objectClassName":"ip network","startAddress":"203.0.113.0",
          "endAddress":"203.0.113.255"})";
  CHECK(reads(network, "203.0.113.255"));
  CHECK(reads(R"({"objectClassName":"ip network"})", "203.0.113.255"));
  CHECK_FALSE(reads(network, "203.0.114.0"));
  CHECK_FALSE(reads(network, "2001:db8::1"));
  constexpr std::string_view numbers =
      R"({"objectClassName":"autnum","startAutnum":3000,"endAutnum":3333})";
  CHECK(reads(numbers, "AS3333"));
  CHECK_FALSE(reads(numbers, "AS3334"));
  CHECK_FALSE(reads(numbers, "AS2999"));
}

}  // namespace
}  // namespace maildiag::checks::whois
