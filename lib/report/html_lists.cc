#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/html.h"

namespace maildiag::report {

namespace {

/// With more addresses the lists become columns, and their states signs.
constexpr std::size_t most_in_words = 3;

/// The sign of a state: a listing by what it weighs.
std::string_view sign_of(const Value& list) {
  const auto& state = list["state"].as_string();
  if (state == "listed") {
    const auto& weight = list["class"].as_string();
    return weight == "block" ? "critical" : weight == "policy" ? "warning" : "info";
  }
  if (state == "not-listed" || state == "allowed") return "ok";
  return state == "skipped" ? "none" : "unknown";
}

std::string state_word(const HtmlContext& context, const Value& list) {
  return word(context, "state." + list["state"].as_string());
}

const Value* find_list(const Value& address, const std::string& zone) {
  for (const auto& list : address["lists"].as_array()) {
    if (list["zone"].as_string() == zone) return &list;
  }
  return nullptr;
}

/// All zones in the order in which they were asked, with the lists' names.
std::vector<std::pair<std::string, std::string>> zones_of(const Value::Array& addresses) {
  std::vector<std::pair<std::string, std::string>> zones;
  for (const auto& address : addresses) {
    for (const auto& list : address["lists"].as_array()) {
      const auto& zone = list["zone"].as_string();
      const bool known = std::any_of(zones.begin(), zones.end(),
                                     [&zone](const auto& each) { return each.first == zone; });
      if (!known) zones.emplace_back(zone, list["name"].to_text());
    }
  }
  return zones;
}

/// A row a list, a column an address, the states in words.
void write_in_words(const HtmlContext& context, const Value::Array& addresses) {
  context.out.markup("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">{}</th>",
                     word(context, "check.zone"));
  for (const auto& address : addresses)
    context.out.markup("<th scope=\"col\"><code>{}</code></th>", escaped(address["ip"].to_text()));
  context.out.markup("</tr></thead><tbody>\n");
  for (const auto& [zone, name] : zones_of(addresses)) {
    context.out.markup("<tr><td>{}<br/><code class=\"soft\">{}</code></td>",
                       escaped(name.empty() ? zone : name), escaped(zone));
    for (const auto& address : addresses) {
      const auto* list = find_list(address, zone);
      if (list == nullptr) {
        context.out.markup("<td>{}</td>", icon("none"));
        continue;
      }
      context.out.markup("<td><span class=\"nowrap\">{}{}</span>", icon(sign_of(*list)),
                         state_word(context, *list));
      if (sign_of(*list) != "ok" && !(*list)["meaning"].to_text().empty())
        context.out.markup("<br/><span class=\"soft small\">{}</span>",
                           escaped((*list)["meaning"].to_text()));
      context.out.markup("</td>");
    }
    context.out.markup("</tr>\n");
  }
  context.out.markup("</tbody></table></div>\n");
}

/// The states that occur, as "sign words count".
void write_legend(const HtmlContext& context, const Value::Array& addresses) {
  std::map<std::pair<std::string_view, std::string>, std::size_t> states;
  for (const auto& address : addresses) {
    for (const auto& list : address["lists"].as_array())
      ++states[{sign_of(list), state_word(context, list)}];
  }
  context.out.markup("<ul class=\"legend\">");
  for (const auto& [state, count] : states)
    context.out.markup("<li>{}{} ({})</li>", icon(state.first), state.second, count);
  context.out.markup("</ul>\n");
}

/// A row an address, a column a list, the states as signs with a legend.
void write_in_signs(const HtmlContext& context, const Value::Array& addresses) {
  const auto zones = zones_of(addresses);
  context.out.markup("<div class=\"scroll\"><table class=\"grid\"><thead><tr><th>{}</th>",
                     word(context, "check.address"));
  for (const auto& [zone, name] : zones)
    context.out.markup("<th class=\"list\" scope=\"col\"><span>{}</span></th>",
                       escaped(name.empty() ? zone : name));
  context.out.markup("<th></th></tr></thead><tbody>\n");
  for (const auto& address : addresses) {
    context.out.markup("<tr><th scope=\"row\"><code>{}</code></th>",
                       escaped(address["ip"].to_text()));
    for (const auto& [zone, name] : zones) {
      const auto* list = find_list(address, zone);
      if (list == nullptr) {
        context.out.markup("<td class=\"state\">{}</td>", icon("none"));
      } else {
        context.out.markup(
            "<td class=\"state\" title=\"{}: {}\">{}<span class=\"words\">{}</span></td>",
            escaped(zone), state_word(context, *list), icon(sign_of(*list)),
            state_word(context, *list));
      }
    }
    context.out.markup("<td></td></tr>\n");
  }
  context.out.markup("</tbody></table></div>\n");
  write_legend(context, addresses);
}

}  // namespace

void write_list_grid(const HtmlContext& context) {
  const auto& addresses = context.report.result["dnsbl"]["addresses"].as_array();
  if (addresses.empty()) {
    context.out.markup("<p class=\"soft\">{}</p>\n", word(context, "page.not-asked"));
  } else if (addresses.size() <= most_in_words) {
    write_in_words(context, addresses);
  } else {
    write_in_signs(context, addresses);
  }
}

}  // namespace maildiag::report
