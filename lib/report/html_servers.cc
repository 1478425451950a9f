#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "core/clock.h"
#include "report/domain_topics.h"
#include "report/html.h"

namespace maildiag::report {

namespace {

/// Certificates that are drawn: a page is read.
constexpr std::size_t max_bars = 24;
/// Servers of a page; no more are ever asked.
constexpr std::size_t max_servers = 100;

/// "TLSv1.3 TLS_AES_256_GCM_SHA384", or that there is none.
std::string tls_text(const HtmlContext& context, const Value& tls) {
  if (!tls["version"].is_null())
    return escaped(tls["version"].to_text() + " " + tls["cipher"].to_text());
  return tls["offered"].as_bool() ? word(context, "domain.tls-failed")
                                  : word(context, "domain.no-tls");
}

void write_trust(const HtmlContext& context, const Value& tls) {
  if (tls["certificate"].is_null() || tls["verified"].is_null()) {
    context.out.markup("<td>{}</td>", icon("none"));
    return;
  }
  const bool chain = tls["verified"].as_bool(), name = tls["name_matches"].as_bool();
  context.out.markup("<td>{}{}</td>", icon(chain && name ? Severity::ok : Severity::warning),
                     !chain ? escaped(tls["verify_text"].to_text())
                     : name ? word(context, "domain.trusted")
                            : word(context, "domain.other-name"));
}

void write_server(const HtmlContext& context, const Value& mx, const Value& address) {
  const Value& smtp = address["smtp"];
  const bool ready = smtp["state"].as_string() == "ready";
  const auto banner = smtp["code"].is_null()
                          ? smtp["banner"].to_text()
                          : smtp["code"].to_text() + " " + smtp["banner"].to_text();
  context.out.markup("<tr><td>{}<br/><code class=\"soft\">{}</code></td><td>{}<code>{}</code></td>",
                     escaped(mx["host"].to_text()), escaped(address["ip"].to_text()),
                     icon(ready ? Severity::ok : Severity::unknown),
                     escaped(banner.empty() ? smtp["state"].to_text() : banner));
  if (ready) {
    context.out.markup("<td>{}</td>", tls_text(context, smtp["starttls"]));
    write_trust(context, smtp["starttls"]);
  } else {
    context.out.markup("<td>{0}</td><td>{0}</td>", icon("none"));
  }
  context.out.markup("</tr>\n");
}

/// How much of its time has passed, in percent.
int passed(const Value& certificate, WallTime now) {
  const auto begin = from_rfc3339(certificate["not_before"].as_string());
  const auto end = from_rfc3339(certificate["not_after"].as_string());
  if (!begin || !end || *end <= *begin) return 100;
  const auto share = std::chrono::duration<double>(now - *begin) / (*end - *begin);
  return static_cast<int>(std::clamp(share * 100, 0.0, 100.0));
}

/// What the check warns of by default (ExpiryLimits).
const char* life_state(const Value& certificate, WallTime now) {
  const auto begin = from_rfc3339(certificate["not_before"].as_string());
  const auto end = from_rfc3339(certificate["not_after"].as_string());
  if (!begin || !end) return "critical";
  constexpr auto day = std::chrono::hours(24);
  const auto left = *end - now, lifetime = *end - *begin;
  if (left < std::min<WallTime::duration>(3 * day, lifetime / 10)) return "critical";
  return left < std::min<WallTime::duration>(14 * day, lifetime / 3) ? "warning" : "ok";
}

void write_life(const HtmlContext& context, const Value& certificate) {
  const auto days = certificate["days_left"].as_integer();
  const auto names = certificate["names"].as_array().empty() ? certificate["subject"].to_text()
                                                             : certificate["names"].to_text();
  context.out.markup(
      "<div class=\"life\"><code>{}</code><div class=\"track {}\"><i style=\"width:{}%\"></i></div>"
      "<p class=\"ends small soft\"><span>{}</span><b>{}: {}</b><span>{}</span></p>"
      "<p class=\"small soft\">{}</p></div>\n",
      escaped(names), life_state(certificate, context.report.started),
      passed(certificate, context.report.started),
      escaped(certificate["not_before"].to_text().substr(0, 10)), word(context, "domain.days-left"),
      days, escaped(certificate["not_after"].to_text().substr(0, 10)),
      escaped(certificate["issuer"].to_text()));
}

void write_lives(const HtmlContext& context) {
  std::set<std::string> shown;
  for (const auto& mx : context.report.result["mx"].as_array()) {
    for (const auto& address : mx["addresses"].as_array()) {
      const Value& certificate = address["smtp"]["starttls"]["certificate"];
      if (certificate.is_null() || shown.size() >= max_bars ||
          !shown.insert(certificate["sha256"].to_text()).second)
        continue;
      if (shown.size() == 1)
        context.out.markup("<h3>{}</h3><div class=\"bars\">", word(context, "domain.certificates"));
      write_life(context, certificate);
    }
  }
  if (!shown.empty()) context.out.markup("</div>\n");
}

}  // namespace

void write_servers(const HtmlContext& context) {
  std::size_t shown = 0;
  for (const auto& mx : context.report.result["mx"].as_array()) {
    for (const auto& address : mx["addresses"].as_array()) {
      if (address["smtp"].is_null() || shown >= max_servers) continue;
      if (shown++ == 0)
        context.out.markup(
            "<div class=\"scroll\"><table><thead><tr><th>{}</th><th>{}</th><th>TLS</th>"
            "<th>{}</th></tr></thead><tbody>\n",
            word(context, "page.exchanger"), word(context, "domain.greeting"),
            word(context, "domain.certificate"));
      write_server(context, mx, address);
    }
  }
  if (shown == 0) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.not-asked"));
    return;
  }
  context.out.markup("</tbody></table></div>\n");
  write_lives(context);
}

}  // namespace maildiag::report
