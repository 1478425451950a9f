#include <algorithm>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "report/html.h"

namespace maildiag::report {

namespace {

/// A receiver stops at so many lookups (RFC 7208 section 4.6.4).
constexpr std::int64_t spf_limit = 10;
/// A record that is included deeper is past every receiver's limit.
constexpr std::size_t deepest_record = 12;
/// Branches of a tree that is shown open; longer ones open when they are asked to.
constexpr std::size_t open_branches = 8;

std::size_t count_nodes(const Value& node, std::size_t depth = 0) {
  if (depth > deepest_record) return 0;
  std::size_t count = 1;
  for (const auto& child : node["children"].as_array()) count += count_nodes(child, depth + 1);
  return count;
}

void write_meter(const HtmlContext& context, std::int64_t lookups) {
  const char* state = lookups > spf_limit        ? "critical"
                      : lookups >= spf_limit - 1 ? "warning"
                                                 : "ok";
  context.out.markup("<p>{}: <b>{} / {}</b></p><div class=\"meter {}\" aria-hidden=\"true\">",
                     word(context, "check.lookups"), lookups, spf_limit, state);
  for (std::int64_t i = 0; i < spf_limit; ++i)
    context.out.markup("<i{}></i>", i < lookups ? " class=\"on\"" : "");
  context.out.markup("</div>\n");
}

class SpfTree {
 public:
  explicit SpfTree(const HtmlContext& context) : context_(context) {}

  void write(const Value& root) {
    long_ = count_nodes(root) > open_branches;
    context_.out.markup("<ul class=\"tree\">");
    write_node(root, 0);
    context_.out.markup("</ul>\n");
  }

 private:
  void write_node(const Value& node, std::size_t depth) {
    auto name = node["term"].to_text();
    if (name.empty()) name = node["domain"].to_text();
    context_.out.markup("<li><code class=\"term\">{}</code><span class=\"cost\">{}: {}</span>",
                        escaped(name), word(context_, "check.lookups"),
                        node["lookups"].as_integer());
    if (node["state"].as_string() != "ok")
      context_.out.markup(" <span class=\"s-warning small\">{}</span>",
                          escaped(node["state"].to_text()));
    if (const auto record = node["record"].to_text(); !record.empty())
      context_.out.markup("<code class=\"text\">{}</code>", escaped(record));
    write_children(node, depth);
    context_.out.markup("</li>\n");
  }

  void write_children(const Value& node, std::size_t depth) {
    const auto& children = node["children"].as_array();
    if (children.empty() || depth >= deepest_record) return;
    const bool folded = long_ && depth > 0;
    if (folded)
      context_.out.markup("<details><summary>{} ({})</summary>", word(context_, "page.includes"),
                          count_nodes(node) - 1);
    context_.out.markup("<ul>");
    for (const auto& child : children) write_node(child, depth + 1);
    context_.out.markup("</ul>{}", folded ? "</details>" : "");
  }

  const HtmlContext& context_;
  bool long_ = false;
};

std::string alignment(const Value& dmarc) {
  const auto adkim = dmarc["adkim"].to_text(), aspf = dmarc["aspf"].to_text();
  return adkim.empty() ? "" : fmt::format("DKIM {}, SPF {}", adkim, aspf);
}

/// "reject (p)", "quarantine (sp, t=y)"
std::string policy(const Value& dmarc) {
  const auto text = dmarc["policy"].to_text(), tag = dmarc["policy_tag"].to_text();
  if (text.empty() || tag.empty()) return text;
  return fmt::format("{} ({}{})", text, tag, dmarc["test_mode"].as_bool() ? ", t=y" : "");
}

std::string key_kind(const Value& key) {
  const auto bits = key["bits"].as_integer();
  return bits > 0 ? fmt::format("{} {}", key["type"].to_text(), bits) : "-";
}

}  // namespace

void write_spf_tree(const HtmlContext& context) {
  const Value& spf = context.report.result["spf"];
  const Value& tree = spf["tree"];
  if (spf["records"].as_array().empty()) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.no-record"));
    return;
  }
  if (spf.find("lookups") != nullptr) write_meter(context, spf["lookups"].as_integer());
  if (spf["records"].as_array().size() > 1 || tree.is_null()) {
    for (const auto& record : spf["records"].as_array())
      context.out.markup("<code class=\"record\">{}</code>\n", escaped(record.to_text()));
  } else {
    SpfTree(context).write(tree);
  }
}

void write_dmarc(const HtmlContext& context) {
  const Value& dmarc = context.report.result["dmarc"];
  if (dmarc["record"].to_text().empty()) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.no-record"));
    return;
  }
  context.out.markup("<dl class=\"facts\">\n");
  write_fact(context, "check.policy", policy(dmarc));
  write_fact(context, "check.record", dmarc["record"].to_text(), true);
  write_fact(context, "check.found-at", dmarc["found_at"].to_text());
  write_fact(context, "check.organizational-domain", dmarc["organizational_domain"].to_text());
  write_fact(context, "check.alignment", alignment(dmarc));
  context.out.markup("</dl>\n");
}

void write_dkim(const HtmlContext& context) {
  const auto& keys = context.report.result["dkim"]["keys"].as_array();
  if (keys.empty()) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.no-record"));
    return;
  }
  context.out.markup(
      "<div class=\"scroll\"><table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>"
      "</thead><tbody>\n",
      word(context, "check.selector"), word(context, "check.key"), word(context, "check.state"),
      word(context, "check.record"));
  for (const auto& key : keys) {
    const auto problem = key["problem"].to_text();
    context.out.markup(
        "<tr><td><code>{}</code></td><td class=\"nowrap\">{}</td><td class=\"nowrap\">{}{}</td>"
        "<td><code class=\"soft\">{}</code></td></tr>\n",
        escaped(key["selector"].to_text()), escaped(key_kind(key)),
        icon(problem.empty()            ? Severity::ok
             : key["revoked"].as_bool() ? Severity::info
                                        : Severity::warning),
        problem.empty() ? word(context, "severity.ok") : escaped(problem),
        escaped(key["record"].to_text()));
  }
  context.out.markup("</tbody></table></div>\n");
}

void write_transport(const HtmlContext& context) {
  const Value& sts = context.report.result["mta_sts"];
  const Value& reports = context.report.result["tls_rpt"];
  if (sts["record"].to_text().empty() && reports["record"].to_text().empty()) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.no-record"));
    return;
  }
  const Value& policy = sts["policy"];
  context.out.markup("<dl class=\"facts\">\n");
  write_fact(context, "domain.mta-sts", sts["record"].to_text(), true);
  write_fact(context, "domain.sts-mode", policy["mode"].to_text());
  write_fact(context, "domain.sts-max-age",
             policy["max_age"].is_null() ? "" : policy["max_age"].to_text() + " s");
  write_fact(context, "domain.sts-hosts", policy["mx"].to_text(), true);
  write_fact(context, "domain.tls-rpt", reports["record"].to_text(), true);
  context.out.markup("</dl>\n");
}

}  // namespace maildiag::report
