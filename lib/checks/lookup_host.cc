#include "checks/lookup_host.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "core/typed_domain.h"

namespace maildiag::checks {

namespace {

/// URLs that browsers take are shorter.
constexpr std::size_t max_url = 2048;

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

/// An address with colons stands in brackets where a port follows.
HostAndPort split_port(std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return {text, std::nullopt};
  const bool bare_address =
      bracket == std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos;
  if (bare_address) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Result<HostTarget> HostTarget::parse_host(std::string_view text) {
  HostTarget target;
  if (const auto address = IpAddress::parse(text)) {
    target.address = address;
    target.host = address->to_string();
    return target;
  }
  target.name = domain_from_user(text);
  if (!target.name)
    return fail_with(ErrorCode::usage, "`{}` is not a host (examples: mail.example.com, 192.0.2.1)",
                     text::sanitize(text));
  target.host = target.name->to_string();
  return target;
}

Result<HostTarget> HostTarget::parse_host_port(std::string_view text) {
  const auto [host, port] = split_port(text);
  const auto number = port ? read_port(*port) : std::nullopt;
  if (!number)
    return fail_with(ErrorCode::usage,
                     "`{}` is not HOST:PORT (examples: mail.example.com:25, [2001:db8::1]:25)",
                     text::sanitize(text));
  auto target = parse_host(host);
  if (target) target->port = *number;
  return target;
}

Result<HostTarget> HostTarget::parse_url(std::string_view scheme, std::string_view text) {
  const auto shown = text::sanitize(text);
  const auto usage = ErrorCode::usage;
  if (text.size() > max_url)
    return fail_with(usage, "`{}` is too long (example: {}://www.example.com/)", shown, scheme);
  auto rest = text;
  // Behind the host it belongs to the path or the query.
  const auto end = text.find("://");
  if (end != std::string_view::npos && end < text.find_first_of("/?#")) {
    if (!text::equals_ignore_case(text.substr(0, end), scheme))
      return fail_with(usage, "`{}` is no {} URL (example: {}://www.example.com/)", shown, scheme,
                       scheme);
    rest.remove_prefix(end + 3);
  }
  const auto path_at = std::min(rest.find_first_of("/?#"), rest.size());
  const auto authority = rest.substr(0, path_at);
  const auto path = rest.substr(path_at, rest.find('#') - path_at);
  if (authority.find('@') != std::string_view::npos)
    return fail_with(
        usage,
        "`{}` holds a user or a password, which are not sent (example: {}://www.example.com/)",
        shown, scheme);
  if (!is_plain(path))
    return fail_with(usage,
                     "`{}` holds characters that a URL writes as %20 and the like (example: "
                     "{}://www.example.com/)",
                     shown, scheme);
  const auto [host, port] = split_port(authority);
  auto target = parse_host(host);
  if (!target) return target;
  if (target->name && ends_in_number(*target->name))
    return fail_with(usage, "`{}` is not a host (examples: mail.example.com, 192.0.2.1)",
                     text::sanitize(host));
  target->port = scheme == "https" ? 443 : 80;
  std::string port_text;
  if (port) {
    const auto number = read_port(*port);
    if (!number)
      return fail_with(usage, "`{}` has no good port (example: {}://www.example.com/)", shown,
                       scheme);
    target->port = *number;
    port_text = fmt::format(":{}", *number);
  }
  const bool v6 = target->address && target->address->is_v6();
  target->url = fmt::format("{}://{}{}{}{}{}", scheme, v6 ? "[" : "", target->host, v6 ? "]" : "",
                            port_text, path.starts_with('/') ? "" : "/");
  target->url += path;
  return target;
}

Finding& add_lookup_finding(LookupReport& report, std::string id, Severity severity,
                            const HostTarget& target) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.subject = target.host;
  finding.data.set("host", target.host);
  return report.findings.emplace_back(std::move(finding));
}

namespace {

/// NXDOMAIN of one type holds for the other.
void add_no_address(const HostTarget& target, const std::vector<dns::Answer>& answers,
                    LookupReport& report) {
  const auto unknown = std::find_if(answers.begin(), answers.end(),
                                    [](const dns::Answer& answer) { return !answer.definite(); });
  const auto missing = std::find_if(answers.begin(), answers.end(), [](const dns::Answer& answer) {
    return answer.outcome == dns::Outcome::nxdomain;
  });
  Finding* finding = nullptr;
  if (missing != answers.end()) {
    finding = &add_lookup_finding(report, "lookup.nxdomain", Severity::warning, target);
  } else if (unknown != answers.end()) {
    finding = &add_lookup_finding(report, "lookup.unknown", Severity::unknown, target);
    finding->data.set("outcome", dns::to_string(unknown->outcome));
  } else {
    finding = &add_lookup_finding(report, "lookup.nodata", Severity::warning, target);
  }
  finding->data.set("name", target.host).set("type", "A, AAAA");
  for (const auto& answer : answers) finding->evidence.push_back(dns::to_evidence(answer));
}

/// Of the other type there are addresses, whose state says nothing of those that are not known.
void add_unknown_types(const HostTarget& target, const std::vector<dns::Answer>& answers,
                       LookupReport& report) {
  for (const auto& answer : answers) {
    if (answer.definite()) continue;
    auto& finding = add_lookup_finding(report, "lookup.unknown", Severity::unknown, target);
    finding.data.set("outcome", dns::to_string(answer.outcome))
        .set("name", target.host)
        .set("type", dns::to_string(answer.question.type));
    finding.evidence.push_back(dns::to_evidence(answer));
  }
}

}  // namespace

Task<HostAddresses> find_host_addresses(Context context, HostTarget target, LookupReport& report) {
  HostAddresses found;
  if (target.address) {
    found.addresses.push_back(*target.address);
    co_return found;
  }
  std::vector<dns::Answer> answers;
  for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
    const DomainName name = *target.name;
    auto answer = co_await context.resolver.query(name, type);
    for (const auto& record : answer.records) {
      const auto* ip = std::get_if<IpAddress>(&record.data);
      if (ip != nullptr && found.addresses.size() < max_lookup_addresses)
        found.addresses.push_back(*ip);
    }
    found.evidence.push_back(dns::to_evidence(answer));
    answers.push_back(std::move(answer));
  }
  if (found.addresses.empty()) {
    add_no_address(target, answers, report);
  } else {
    add_unknown_types(target, answers, report);
  }
  co_return found;
}

void add_evidence(const HostAddresses& found, LookupReport& report) {
  for (auto& finding : report.findings) {
    if (finding.evidence.empty()) finding.evidence = found.evidence;
  }
}

double milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

void set_fault(Value& value, net::Fault fault, const std::string& reason) {
  value.set("fault", fault == net::Fault::none ? Value() : Value(net::to_string(fault)));
  value.set("reason", text::sanitize(reason));
}

bool was_not_tried(net::Fault fault) {
  return fault == net::Fault::offline || net::is_own(fault);
}

}  // namespace maildiag::checks
