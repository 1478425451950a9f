#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/text.h"
#include "report/table.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

void write_ptr(const TextContext& context) {
  const Value& result = context.report.result;
  write_fields(context,
               {{"check.ptr", result["ptr"].to_text()},
                {"check.fcrdns", context.label("fcrdns." + result["fcrdns"].to_text())},
                {"check.generic", context.label(result["generic"].as_bool() ? "yes" : "no")}});
}

void write_spf_tree(const TextContext& context, const Value& node, std::size_t depth) {
  constexpr std::size_t deepest =
      12;  // a record that is included deeper is past every receiver's limit
  if (node.is_null() || depth > deepest) return;
  std::string text = node["domain"].to_text();
  if (const auto term = node["term"].to_text(); !term.empty()) text = term;
  context.out.line(2 + 2 * depth,
                   fmt::format("{} ({}: {})  {}", text, context.labels("check.lookups"),
                               node["lookups"].to_text(), node["record"].to_text()),
                   Style::plain, 4);
  for (const auto& child : node["children"].as_array()) write_spf_tree(context, child, depth + 1);
}

/// The words for "match", "no match" and "text"; RFC results stay as they are.
std::string step_outcome(const TextContext& context, const std::string& outcome) {
  if (outcome == "match") return context.label("spf-step.match");
  if (outcome == "no match") return context.label("spf-step.no-match");
  if (outcome == "text") return context.label("spf-step.text");
  return outcome;
}

void write_spf(const TextContext& context) {
  const Value& result = context.report.result;
  if (result.find("result") == nullptr) {
    write_fields(context, {{"check.record", result["records"].to_text()},
                           {"check.lookups", result["lookups"].to_text()}});
    for (const auto& child : result["tree"]["children"].as_array())
      write_spf_tree(context, child, 1);
    return;
  }
  write_fields(context, {{"check.result", result["result"].to_text()},
                         {"check.mechanism", result["mechanism"].to_text()},
                         {"check.explanation", result["explanation"].to_text()},
                         {"check.lookups", result["lookups"].to_text()},
                         {"check.void-lookups", result["void_lookups"].to_text()}});
  if (!context.options.verbose) return;
  for (const auto& step : result["trace"].as_array()) {
    const auto depth =
        static_cast<std::size_t>(std::clamp<std::int64_t>(step["depth"].as_integer(), 0, 12));
    std::string text = fmt::format("{}: {}", step["domain"].to_text(), step["term"].to_text());
    if (const auto expanded = step["expanded"].to_text(); !expanded.empty())
      text += fmt::format(" [{}]", expanded);
    text += fmt::format(" -> {} ({}: {})", step_outcome(context, step["outcome"].to_text()),
                        context.labels("check.lookups"), step["lookups"].to_text());
    context.out.line(2 + 2 * depth, text, Style::dim, 4);
    for (const auto& query : step["queries"].as_array())
      context.out.line(6 + 2 * depth, evidence_line(query), Style::dim, 2);
  }
}

void write_dkim_keys(const TextContext& context) {
  Table table({context.label("check.selector"), context.label("check.key"),
               context.label("check.state"), context.label("check.record")});
  for (const auto& key : context.report.result["keys"].as_array()) {
    std::string kind = "-";
    if (const auto bits = key["bits"].as_integer(); bits > 0)
      kind = fmt::format("{} {}", key["type"].to_text(), bits);
    const auto problem = key["problem"].to_text();
    table.add({key["selector"].to_text(), kind,
               problem.empty() ? context.label("severity.ok") : problem, key["record"].to_text()});
  }
  table.write(context.out);
}

void write_dkim_signatures(const TextContext& context) {
  Table table({context.label("check.result"), context.label("check.domain"),
               context.label("check.selector"), context.label("check.reason")});
  for (const auto& signature : context.report.result["signatures"].as_array()) {
    std::string reason = signature["problems"].to_text();
    for (const auto& change : signature["changes"].as_array())
      reason += (reason.empty() ? "" : ", ") + change["change"].to_text();
    table.add({signature["result"].to_text(), signature["domain"].to_text(),
               signature["selector"].to_text(), reason});
  }
  table.write(context.out);
}

/// "fail body-changed"; "-": not tried.
std::string verdict(const Value& signature) {
  if (signature["result"].is_null()) return "-";
  const auto reason = signature["reason"].to_text();
  return signature["result"].to_text() +
         (reason.empty() ? "" : " " + reason.substr(reason.find('.') + 1));
}

void write_arc(const TextContext& context) {
  const Value& arc = context.report.result["arc"];
  Table table({context.label("check.arc-set"), context.label("check.sealer"), "cv",
               context.label("check.arc-message"), context.label("check.arc-seal"), ""});
  for (const auto& set : arc["sets"].as_array())
    table.add({set["instance"].to_text(), set["sealer"].to_text(), set["cv"].to_text(),
               verdict(set["message_signature"]), verdict(set["seal"]), ""});
  table.write(context.out);
}

void write_lists(const TextContext& context) {
  const Value& result = context.report.result;
  if (result.find("lists") == nullptr) return;
  Table table({context.label("check.state"), context.label("check.zone"),
               context.label("check.codes"), context.label("check.reason")});
  for (const auto& list : result["lists"].as_array()) {
    std::string reason = list["meaning"].to_text();
    if (const auto txt = list["txt"].to_text(); !txt.empty())
      reason += (reason.empty() ? "" : " ") + fmt::format("\"{}\"", txt);
    table.add({context.label("state." + list["state"].to_text()), list["zone"].to_text(),
               list["codes"].to_text(), reason});
  }
  table.write(context.out);
  write_fields(context, {{"check.resolver", result["resolver"].to_text()}});
}

}  // namespace

void write_fields(const TextContext& context,
                  const std::vector<std::pair<const char*, std::string>>& fields) {
  std::size_t column = 0;
  for (const auto& [id, text] : fields)
    column = std::max(column, text::display_width(context.labels(id)));
  for (const auto& [id, text] : fields) {
    if (!text.empty()) context.out.field(2, column + 2, context.labels(id), text);
  }
}

void write_check_result(const TextContext& context) {
  const auto& command = context.report.command;
  if (command == "ptrcheck") write_ptr(context);
  if (command == "spfcheck") write_spf(context);
  if (command == "dkimcheck") {
    write_dkim_keys(context);
    write_dkim_signatures(context);
    write_arc(context);
  }
  if (command == "dmarccheck") {
    if (context.report.result.find("envelope") != nullptr) {
      write_message_auth(context);
    } else {
      write_dmarc(context, context.report.result, true);
      if (context.report.result.find("bulk") != nullptr) write_bulk(context);
    }
  }
  if (command == "bimicheck") write_bimi(context);
  if (command == "lookup") write_lookup(context);
  if (command == "tlscheck") write_tls(context);
  if (command == "smtpcheck") write_smtp(context);
  if (command == "rblcheck") write_lists(context);
  if (command == "whois") write_whois(context);
}

}  // namespace maildiag::report
