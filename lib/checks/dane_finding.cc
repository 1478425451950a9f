#include "checks/dane_finding.h"

#include <algorithm>
#include <string>
#include <utility>

namespace maildiag::checks::dane {

namespace {

/// What goes wrong where a sender demands DANE is lost mail; elsewhere it is a fault in waiting.
Severity graver(const DaneReport& report, const DaneHost& host) {
  return report.demanded(host.name) ? Severity::critical : Severity::warning;
}

class Writer {
 public:
  Writer(const DaneReport& report, std::vector<Finding>& findings)
      : report_(report), findings_(findings) {}

  void write() {
    if (report_.any_records()) {
      add_dnssec();
      for (const auto& host : report_.hosts) add_host(host);
      add_partial();
    } else {
      const auto unanswered = std::count_if(
          report_.hosts.begin(), report_.hosts.end(),
          [](const DaneHost& host) { return host.has_address && !host.answer.definite(); });
      for (const auto& host : report_.hosts) add_unanswered(host);
      if (unanswered == 0 && !report_.hosts.empty()) add("dane.missing", Severity::info);
    }
  }

 private:
  Finding& add(std::string_view id, Severity severity) {
    Finding finding;
    finding.id = std::string(id);
    finding.severity = severity;
    finding.subject = report_.domain.to_string();
    finding.data.set("domain", finding.subject);
    finding.data.set("resolver", report_.resolver);
    return findings_.emplace_back(std::move(finding));
  }

  Finding& add(std::string_view id, Severity severity, const DaneHost& host) {
    auto& finding = add(id, severity);
    finding.subject = host.name.to_string();
    finding.data.set("host", finding.subject);
    finding.data.set("name", host.answer.question.name.to_string());
    finding.data.set("outcome", dns::to_string(host.answer.outcome));
    auto brief = host.answer;
    if (brief.records.size() > max_associations) brief.records.resize(max_associations);
    finding.evidence.push_back(dns::to_evidence(brief));
    return finding;
  }

  Finding& add(std::string_view id, Severity severity, const DaneHost& host,
               const DaneHost::Server& server) {
    auto& finding = add(id, severity, host);
    finding.data.set("ip", server.address.to_string());
    return finding;
  }

  void add_dnssec() {
    if (report_.validator == Validator::file) add("dane.from-file", Severity::info);
    if (report_.validator == Validator::none) add("dane.not-validated", Severity::unknown);
    if (report_.validator == Validator::remote) add("dane.remote-resolver", Severity::info);
    if (report_.mx == Dnssec::insecure) add("dane.mx-insecure", Severity::warning);
  }

  void add_unanswered(const DaneHost& host) {
    if (host.has_address && !host.answer.definite())
      add("dane.unanswered", Severity::unknown, host);
  }

  void add_host(const DaneHost& host) {
    add_unanswered(host);
    if (host.associations.empty()) return;
    if (host.tlsa == Dnssec::insecure || host.address == Dnssec::insecure)
      add("dane.insecure", Severity::warning, host);
    for (const auto& each : host.associations) add_record(host, each);
    if (!host.has_usable()) {
      add("dane.no-usable-record", Severity::warning, host);
      return;
    }
    for (const auto& server : host.servers) add_server(host, server);
    add_agreement(host);
  }

  void add_record(const DaneHost& host, const Association& each) {
    constexpr std::uint8_t whole_certificate = 0;
    if (each.fault == Fault::pkix_usage) {
      add("dane.pkix-usage", Severity::warning, host).data.set("record", each.text());
    } else if (!each.usable()) {
      add("dane.bad-record", Severity::warning, host).data.set("record", each.text());
    } else if (each.data.usage == usage_server && each.data.selector == whole_certificate) {
      add("dane.whole-certificate", Severity::info, host).data.set("record", each.text());
    }
  }

  /// A sender looks for an authority in the chain, and for nothing else.
  static bool wants_authority(const DaneHost& host) {
    return std::all_of(
        host.associations.begin(), host.associations.end(),
        [](const Association& each) { return !each.usable() || each.data.usage == usage_anchor; });
  }

  void add_server(const DaneHost& host, const DaneHost::Server& server) {
    const auto severity = graver(report_, host);
    if (server.state == TlsState::no_starttls || server.state == TlsState::refused ||
        server.state == TlsState::failed) {
      add("dane.no-starttls", severity, host, server);
      return;
    }
    if (server.matches.empty()) return;
    const bool stale = add_stale_digest(host, server);
    if (stale || server.holds()) return;
    const auto found =
        std::find_if(server.matches.begin(), server.matches.end(),
                     [](const Match& each) { return each.found && !each.passed_over; });
    if (found == server.matches.end()) {
      add(wants_authority(host) ? "dane.anchor-not-sent" : "dane.mismatch", severity, host, server);
    } else if (!found->reason.empty()) {
      add("dane.anchor-chain", severity, host, server).data.set("reason", found->reason);
    } else {
      add("dane.anchor-name", severity, host, server);
    }
  }

  /// Records that a right one is passed over for, though they are not of what the server shows.
  static std::vector<std::size_t> find_wrong(const DaneHost& host, const DaneHost::Server& server,
                                             std::size_t right) {
    std::vector<std::size_t> wrong;
    if (!server.matches[right].passed_over || !server.matches[right].found) return wrong;
    const auto& own = host.associations[right].data;
    for (std::size_t i = 0; i < host.associations.size(); ++i) {
      const auto& data = host.associations[i].data;
      if (!host.associations[i].usable() || server.matches[i].passed_over ||
          data.usage != own.usage || data.selector != own.selector ||
          data.matching_type <= own.matching_type)
        continue;
      if (server.matches[i].found) return {};
      wrong.push_back(i);
    }
    return wrong;
  }

  bool add_stale_digest(const DaneHost& host, const DaneHost::Server& server) {
    for (std::size_t right = 0; right < server.matches.size(); ++right) {
      const auto wrong = find_wrong(host, server, right);
      if (wrong.empty()) continue;
      std::vector<std::string> texts;
      for (const auto index : wrong) texts.push_back(host.associations[index].text());
      // Where another record holds, mail is delivered all the same.
      const auto severity = server.holds() ? Severity::warning : graver(report_, host);
      add("dane.stale-digest", severity, host, server)
          .data.set("record", host.associations[right].text())
          .set("strongest", Value::strings(texts));
      return true;
    }
    return false;
  }

  /// Whether the record is of a certificate that is served, or one that is hides behind it.
  static bool is_of_served(const DaneHost& host, std::size_t index) {
    return std::any_of(host.servers.begin(), host.servers.end(), [&](const auto& server) {
      if (server.matches.empty()) return false;
      if (server.matches[index].holds() ||
          (server.matches[index].passed_over && server.matches[index].found))
        return true;
      for (std::size_t right = 0; right < server.matches.size(); ++right) {
        const auto wrong = find_wrong(host, server, right);
        if (std::find(wrong.begin(), wrong.end(), index) != wrong.end()) return true;
      }
      return false;
    });
  }

  /// All servers that were seen agree; and which records are for a key to come or gone.
  void add_agreement(const DaneHost& host) {
    std::size_t compared = 0;
    std::size_t holding = 0;
    for (const auto& server : host.servers) {
      compared += server.matches.empty() ? 0U : 1U;
      holding += server.holds() ? 1U : 0U;
    }
    if (compared == 0 || holding < compared) return;
    add("dane.match", Severity::ok, host).data.set("count", holding);
    std::vector<std::string> current;
    std::vector<std::string> others;
    for (std::size_t i = 0; i < host.associations.size(); ++i) {
      if (!host.associations[i].usable()) continue;
      (is_of_served(host, i) ? current : others).push_back(host.associations[i].text());
    }
    if (others.empty()) return;
    auto& finding = add("dane.rollover", Severity::info, host);
    finding.data.set("current", Value::strings(current));
    finding.data.set("others", Value::strings(others));
  }

  void add_partial() {
    std::vector<std::string> without;
    for (const auto& host : report_.hosts) {
      if (host.has_address && host.answer.definite() && host.associations.empty())
        without.push_back(host.name.to_string());
    }
    if (!without.empty())
      add("dane.partial", Severity::warning).data.set("hosts", Value::strings(without));
  }

  const DaneReport& report_;
  std::vector<Finding>& findings_;
};

}  // namespace

void add_findings(const DaneReport& report, std::vector<Finding>& findings) {
  Writer(report, findings).write();
}

}  // namespace maildiag::checks::dane
