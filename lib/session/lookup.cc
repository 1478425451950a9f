#include "checks/lookup.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <maildiag/lookup.h>

#include "checks/dns_health.h"
#include "core/text.h"
#include "core/typed_domain.h"
#include "session/impl.h"

namespace maildiag {

const std::vector<std::string>& lookup_types() {
  static const std::vector<std::string> types{"a",   "aaaa", "mx",    "txt",  "cname", "soa", "ns",
                                              "ptr", "srv",  "caa",   "tlsa", "ds",    "any", "dns",
                                              "tcp", "http", "https", "ping", "trace"};
  return types;
}

namespace {

using Lookup = std::function<Task<checks::LookupReport>(checks::Context)>;
using Named = std::pair<std::string, Lookup>;

/// A name, or for PTR an address; "." is the root.
Result<DomainName> read_name(const std::string& type, const std::string& text) {
  if (text == ".") return DomainName();
  if (const auto address = IpAddress::parse(text)) {
    if (type == "ptr" || type == "any") return *DomainName::parse(address->ptr_name());
    return fail_with(ErrorCode::usage,
                     "`{}` is an address: its name is found by maildiag lookup ptr", text);
  }
  if (auto name = domain_from_user(text)) return *name;
  return fail_with(ErrorCode::usage, "`{}` is not a name (example: www.example.com)",
                   text::sanitize(text));
}

Result<Lookup> record_lookup(const std::string& type, const std::string& text) {
  std::vector<dns::RecordType> types = checks::usual_types();
  const bool address = IpAddress::parse(text).has_value();
  if (type == "any" && address) types = {dns::RecordType::ptr};
  if (type != "any") {
    const auto known = dns::record_type_from(type);
    if (!known)
      return fail_with(ErrorCode::usage, "`{}` is not a record type", text::sanitize(type));
    types = {*known};
  }
  auto name = read_name(type, text);
  if (!name) return tl::unexpected(name.error());
  const auto shown = type == "any" ? std::string("any") : dns::to_string(types.front());
  return [shown, types, name = *name](checks::Context context) {
    return checks::look_up_records(context, shown, name, types);
  };
}

template <class Check>
Result<Lookup> host_lookup(Result<checks::HostTarget> target, Check check) {
  if (!target) return tl::unexpected(target.error());
  return [check, target = *target](checks::Context context) { return check(context, target); };
}

Result<Lookup> make_lookup(const std::string& type, const std::string& text) {
  using checks::HostTarget;
  if (type == "tcp") return host_lookup(HostTarget::parse_host_port(text), checks::look_up_tcp);
  if (type == "http" || type == "https")
    return host_lookup(HostTarget::parse_url(type, text), checks::look_up_http);
  if (type == "ping") return host_lookup(HostTarget::parse_host(text), checks::look_up_ping);
  if (type == "trace") return host_lookup(HostTarget::parse_host(text), checks::look_up_trace);
  return record_lookup(type, text);
}

Result<Lookup> health_lookup(const std::string& text, std::chrono::milliseconds timeout) {
  checks::DnsHealthRequest request;
  request.timeout = timeout;
  auto name = read_name("dns", text);
  if (!name) return tl::unexpected(name.error());
  request.domain = std::move(*name);
  return [request](checks::Context context) -> Task<checks::LookupReport> {
    auto asked = request;
    auto health = co_await checks::check_dns_health(context, std::move(asked));
    checks::LookupReport report;
    report.result = health.to_value();
    report.findings = std::move(health.findings);
    co_return report;
  };
}

}  // namespace

void Session::lookup(const std::string& type, const std::vector<std::string>& targets,
                     const ReportSink& sink, const ErrorSink& errors) {
  const auto word = text::ascii_lower(type);
  const auto timeout = impl_->network ? impl_->network->timeout : dns::NetworkOptions().timeout;
  std::vector<Named> lookups;
  for (const auto& text : targets) {
    auto lookup = word == "dns" ? health_lookup(text, timeout) : make_lookup(word, text);
    if (lookup) {
      lookups.emplace_back(text, std::move(*lookup));
    } else {
      errors(lookup.error());
    }
  }
  session::run_all<Named>(
      *impl_, lookups,
      [this](Named named) -> Task<Report> {
        auto report = session::new_report("lookup", named.first);
        auto result = co_await named.second(impl_->context());
        report.result = std::move(result.result);
        report.findings = std::move(result.findings);
        impl_->finish(report);
        co_return report;
      },
      sink, errors);
}

}  // namespace maildiag
