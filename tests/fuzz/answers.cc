// What servers answer to single questions: codes of DNS lists, PTR names, HTTP headers, and the
// URLs that lead there.
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checks/dnsbl_read.h"
#include "checks/generic_name.h"
#include "checks/lookup.h"
#include "checks/ptr.h"
#include "checks/spf_macro.h"
#include "checks/whois_url.h"
#include "core/text.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "net/http_header.h"
#include "net/url_parts.h"
#include "support/check_context.h"
#include "support/fake_network.h"
#include "support/memory_backend.h"

namespace maildiag::fuzz {

namespace {

using checks::ListState;

void check_texts(const Value& value) {
  if (value.is_string()) require(is_one_safe_line(value.as_string()), "a text is one safe line");
  for (const auto& item : value.as_array()) check_texts(item);
  for (const auto& member : value.as_object()) check_texts(member.value);
}

void check_findings(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    require(test::text_fault(finding).empty(), "a finding has its words, and what they name");
    check_texts(finding.data);
  }
}

/// Addresses and texts, one a line, as records of one name.
dns::Answer read_list_answer(std::string_view octets) {
  constexpr std::size_t max_records = 200;
  dns::Answer answer;
  answer.question.name = *DomainName::parse("2.0.0.127.list.example.com");
  for (std::size_t count = 0; !octets.empty() && count < max_records; ++count) {
    const auto line = take_line(octets);
    const auto ip = IpAddress::parse(line);
    const auto type = ip ? dns::RecordType::a : dns::RecordType::txt;
    dns::RecordData data = dns::TxtData{{std::string(line)}};
    if (ip) data = *ip;
    answer.records.push_back({answer.question.name, type, 300, std::move(data)});
  }
  answer.outcome = answer.records.empty() ? dns::Outcome::nodata : dns::Outcome::answer;
  return answer;
}

/// The next octet: which of the shipped lists.
void list_answer(std::string_view octets) {
  const auto lists = test::shipped_rulebook().lists();
  const auto& list = lists[take_choice(octets, lists.size())];
  const checks::AskedList asked{&list, *DomainName::parse("list.example.com"), "list.example.com",
                                "", false};
  auto answer = read_list_answer(octets);
  const auto result = checks::read_answer(asked, answer);
  const auto all = checks::addresses_of(answer);
  const bool good = result.state == ListState::listed || result.state == ListState::allowed;
  const bool loopback = std::all_of(all.begin(), all.end(), [](const IpAddress& ip) {
    return IpNetwork::parse("127.0.0.0/8")->contains(ip);
  });
  const auto refused = [&](const rulebook::ListCode& code) {
    return std::any_of(all.begin(), all.end(), [&](const auto& ip) { return code.matches(ip); });
  };
  const auto documented = [&list](const IpAddress& ip) {
    return std::any_of(list.codes.begin(), list.codes.end(),
                       [&ip](const auto& code) { return code.matches(ip); });
  };
  require(!good || (loopback && !all.empty()), "a listing is a code of 127/8");
  require(!good || std::none_of(list.errors.begin(), list.errors.end(), refused),
          "an error code is no listing");
  require(!good || !result.meanings.empty(), "a listing has a meaning");
  const bool is_beside =
      answer.found() && result.code_class == "statistics" &&
      (list.list_class == "allow" || std::all_of(all.begin(), all.end(), documented));
  require((result.state == ListState::not_listed) == (!answer.found() || is_beside),
          "only what is not there, or what the list tells besides, is not listed");
  require(result.codes.size() <= 64, "codes that are shown are bounded");
  const auto reason = checks::read_reason(answer);
  require(is_one_safe_line(reason) && text::display_width(reason) <= 300, "words are bounded");

  std::reverse(answer.records.begin(), answer.records.end());
  require(checks::read_answer(asked, answer).state == result.state,
          "the order of addresses says nothing");
  answer.outcome = dns::Outcome::timeout;
  require(checks::read_answer(asked, answer).state == ListState::error, "a time-out says nothing");
  auto judged = result;
  checks::SelfTestVerdict verdict;
  verdict.kind = checks::SelfTestVerdict::Kind::broken;
  verdict.reason = "dnsbl.reason.lists-everything";
  checks::apply_verdict(verdict, judged);
  require(judged.state == ListState::broken && judged.codes.empty() && judged.meanings.empty(),
          "nothing that a broken list said is kept");
}

std::vector<std::string> changed_labels(const DomainName& name, int (*change)(int)) {
  auto labels = name.labels();
  for (auto& label : labels)
    std::transform(label.begin(), label.end(), label.begin(), [change](char c) {
      return static_cast<unsigned char>(c) < 0x80 ? static_cast<char>(change(c)) : c;
    });
  return labels;
}

void check_generic(const DomainName& name, const IpAddress& ip) {
  const bool generic = checks::looks_generic(name, ip);
  for (const auto change : {&::toupper, &::tolower}) {
    const auto other = DomainName::from_labels(changed_labels(name, change));
    require(other && checks::looks_generic(*other, ip) == generic, "case says nothing");
  }
  require(!generic || name.label_count() > 2, "a registered name itself is nobody's line");
  if (!ip.is_v4() || name.label_count() < 2) return;
  auto dashes = ip.to_string();
  std::replace(dashes.begin(), dashes.end(), '.', '-');
  const auto own = name.child(dashes);
  require(!own || checks::looks_generic(*own, ip), "a name that carries its address is generic");
}

/// Lines: the address; then the names behind it, of which a '+' in front says that they lead back.
void ptr(std::string_view octets) {
  constexpr std::size_t max_names = 50;
  const auto ip = IpAddress::parse(take_line(octets));
  if (!ip) return;
  const auto backend = std::make_shared<test::MemoryBackend>();
  const auto reverse = *DomainName::parse(ip->ptr_name());
  std::size_t leading_back = 0, count = 0;
  for (; !octets.empty() && count < max_names; ++count) {
    auto line = take_line(octets);
    const bool leads_back = line.starts_with('+');
    if (leads_back) line.remove_prefix(1);
    const auto name = checks::spf::to_domain_name(line);
    if (!name) continue;
    check_generic(*name, *ip);
    backend->add(reverse, dns::RecordType::ptr, dns::NameData{*name});
    if (!leads_back) continue;
    ++leading_back;
    backend->add(*name, ip->is_v4() ? dns::RecordType::a : dns::RecordType::aaaa, *ip);
  }
  const auto result = test::run_check<checks::PtrResult>(backend, [&](checks::Context context) {
    return checks::check_ptr(context, *ip, std::nullopt);
  });
  check_findings(result.findings);
  check_texts(result.to_value());
  // Of more names than are confirmed nothing is said.
  constexpr std::size_t most_confirmed = 20;
  require(result.fcrdns != checks::Fcrdns::temperror || result.names.size() > most_confirmed,
          "there was no DNS error");
  require(result.fcrdns != checks::Fcrdns::pass || leading_back > 0, "what passes leads back");
  require(backend->asked().size() <= 100, "questions are bounded");
}

bool is_kept_well(const net::HttpReply& reply) {
  const std::array kept{&reply.content_type, &reply.location, &reply.retry_after, &reply.server,
                        &reply.strict_transport_security};
  return std::all_of(kept.begin(), kept.end(),
                     [](const std::string* text) { return is_one_safe_line(*text); });
}

/// The header as it comes, its first line "HTTP/1.1 301 ...".
net::HttpReply read_header(std::string_view octets) {
  net::HttpReply reply;
  reply.address = *IpAddress::parse("192.0.2.1");
  // libcurl takes three digits there, or no answer at all.
  if (octets.size() > 12) std::from_chars(octets.data() + 9, octets.data() + 12, reply.status);
  if (reply.status < 100) reply.status = 0;
  net::HttpHeader header;
  for (auto rest = octets; !rest.empty();) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    require(header.take(line, reply), "a short header is read");
  }
  require(is_kept_well(reply), "a value is one safe line");
  return reply;
}

/// On the first line the URL that was asked; then the header.
void http(std::string_view octets) {
  const auto target = checks::HostTarget::parse_url("https", take_line(octets));
  if (!target || octets.size() > net::max_http_header) return;
  const auto reply = read_header(octets);
  const auto backend = std::make_shared<test::MemoryBackend>();
  if (target->name) backend->add(*target->name, dns::RecordType::a, *IpAddress::parse("192.0.2.1"));
  test::FakeNetwork network;
  network.on_fetch = [&](const net::HttpRequest& request) {
    require(request.url == target->url && !request.addresses.empty(), "what was meant is asked");
    return reply;
  };
  const auto report = test::run_check<checks::LookupReport>(
      backend, [&](checks::Context context) { return checks::look_up_http(context, *target); },
      &network);
  check_findings(report.findings);
  check_texts(report.result);
  require(report.findings.size() == 1, "an answer is judged once");
  const bool answered = reply.status > 0 && reply.status < 400;
  require(answered || report.findings.front().severity != Severity::ok, "no failure is ok");
}

const net::CurlLibrary& curl() {
  static net::CurlLibrary library;
  static const bool loaded = library.load();
  require(loaded, "libcurl is there");
  return library;
}

/// Who connects must not read another host out of a URL than the one whose addresses we looked up.
void check_host(const std::string& url, std::string_view host) {
  net::UrlParts parts(curl());
  if (!parts.parse(url)) return;
  auto theirs = parts.get(CURLUPART_HOST).value_or("");
  if (theirs.starts_with('[')) theirs = theirs.substr(1, theirs.size() - 2);
  const auto address = IpAddress::parse(theirs);
  if (address) return require(address == IpAddress::parse(host), "libcurl reads the same address");
  const auto name = DomainName::from_user(theirs);
  require(name.has_value() && name == DomainName::from_user(host), "libcurl reads the same host");
  require(!parts.get(CURLUPART_USER), "there is no user");
}

void url(std::string_view octets) {
  for (const char* scheme : {"https", "http"}) {
    const auto target = checks::HostTarget::parse_url(scheme, octets);
    if (!target) {
      require(is_one_safe_line(target.error().message), "a fault is one safe line");
      continue;
    }
    require(is_one_safe_line(target->url), "a URL is one safe line");
    const auto again = checks::HostTarget::parse_url(scheme, target->url);
    require(again && again->url == target->url && again->port == target->port,
            "a URL is read as written");
    check_host(target->url, target->host);
  }
  if (const auto parsed = checks::whois::HttpsUrl::parse(octets))
    check_host(parsed->text(), parsed->host);
  for (const auto& target :
       {checks::HostTarget::parse_host(octets), checks::HostTarget::parse_host_port(octets)}) {
    if (target) require(is_one_safe_line(target->host), "a host is one safe line");
  }
}

}  // namespace

// The first octet: 'a' a DNS list, 'b' PTR, 'c' HTTP, 'd' a URL.
void answers(std::string_view octets) {
  switch (take_choice(octets, 4)) {
    case 0:
      return list_answer(octets);
    case 1:
      return ptr(octets);
    case 2:
      return http(octets);
    default:
      return url(octets);
  }
}

}  // namespace maildiag::fuzz
