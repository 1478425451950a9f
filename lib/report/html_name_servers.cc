#include <string>

#include <fmt/format.h>

#include "report/html.h"

namespace maildiag::report {

namespace {

std::string yes_or_no(const HtmlContext& context, bool yes) {
  return icon(yes ? Severity::ok : Severity::unknown) + word(context, yes ? "yes" : "no");
}

}  // namespace

void write_name_servers(const HtmlContext& context) {
  const auto& servers = context.report.result["dns"]["servers"].as_array();
  if (servers.empty()) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.not-asked"));
    return;
  }
  context.out.markup(
      "<div class=\"scroll\"><table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th>"
      "<th>TCP</th><th>EDNS</th></tr></thead><tbody>\n",
      word(context, "domain.name-server"), word(context, "domain.answer"),
      word(context, "domain.authoritative"), word(context, "domain.serial"));
  for (const auto& server : servers) {
    context.out.markup("<tr><td>{}<br/><code class=\"soft\">{}</code></td><td>{}</td>",
                       escaped(server["name"].to_text()), escaped(server["address"].to_text()),
                       server["asked"].as_bool() ? escaped(server["outcome"].to_text())
                                                 : word(context, "page.not-asked"));
    if (server["asked"].as_bool()) {
      context.out.markup("<td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
                         yes_or_no(context, server["authoritative"].as_bool()),
                         escaped(server["serial"].to_text()),
                         yes_or_no(context, server["tcp"].as_bool()),
                         yes_or_no(context, server["edns"].as_bool()));
    } else {
      context.out.markup("<td></td><td></td><td></td><td></td>");
    }
    context.out.markup("</tr>\n");
  }
  context.out.markup("</tbody></table></div>\n");
}

}  // namespace maildiag::report
