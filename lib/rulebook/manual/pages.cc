#include "rulebook/manual/pages.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "rulebook/manual/mdoc.h"

namespace maildiag::rulebook {

namespace {

using Groups = std::map<std::string, std::string, std::less<>>;  ///< area or side -> items

class PageWriter {
 public:
  PageWriter(const Tables& tables, Language language) : tables_(tables), language_(language) {}

  Groups findings() const {
    Groups groups;
    for (const auto& text : tables_.finding_texts)
      groups[std::string(text.id.substr(0, text.id.find('.')))] += finding(text);
    return groups;
  }

  Groups causes() const {
    Groups groups;
    for (const auto& each : tables_.causes) groups[std::string(each.side)] += cause(each);
    return groups;
  }

 private:
  std::string_view label(std::string_view id) const {
    const auto* found = find_by_id(tables_.labels, id);
    return found != nullptr ? found->text.in(language_) : id;
  }

  /// "Heading: a, b, c"
  std::string ids(std::string_view heading, const std::vector<std::string_view>& names) const {
    if (names.empty()) return {};
    auto text = fmt::format(".Pp\n{}", mdoc_text(fmt::format("{}:", label(heading))));
    for (const auto name : names)
      text += fmt::format(".Li {}{}\n", mdoc_word(name), name == names.back() ? "" : " ,");
    return text;
  }
  std::string ids(std::string_view heading, Strings names) const {
    return ids(heading, std::vector<std::string_view>(names.begin(), names.end()));
  }

  std::string head(std::string_view title, std::string_view meaning, const Texts& steps) const {
    auto text = fmt::format(".Bf Em\n{}.Ef\n.Pp\n{}", mdoc_text(title), mdoc_text(meaning));
    if (steps.in(language_).empty()) return text;
    text += fmt::format(".Pp\n{}.Bl -enum -compact\n",
                        mdoc_text(fmt::format("{}:", label("explain.remedy"))));
    for (const auto step : steps.in(language_)) text += ".It\n" + mdoc_text(step);
    return text + ".El\n";
  }

  std::string finding(const FindingText& entry) const {
    std::vector<std::string_view> proven;
    for (const auto& each : tables_.causes) {
      for (const auto& deciding : {each.confirmed_by, each.confirmed_when_named}) {
        for (const auto id : deciding)
          if (id == entry.id) proven.push_back(each.id);
      }
    }
    auto text = fmt::format(".It Sy {} Pq {}\n", mdoc_word(entry.id),
                            label(fmt::format("severity.{}", entry.severity)));
    text += head(entry.title.in(language_), entry.detail.in(language_), entry.remedy);
    text += ids("catalogue.confirms", proven);
    if (!entry.reference.empty())
      text +=
          ".Pp\n" + mdoc_text(fmt::format("{}: {}", label("catalogue.reference"), entry.reference));
    return text;
  }

  std::string cause(const Cause& entry) const {
    std::vector<std::string_view> confirming(entry.confirmed_by.begin(), entry.confirmed_by.end());
    confirming.insert(confirming.end(), entry.confirmed_when_named.begin(),
                      entry.confirmed_when_named.end());
    auto text = fmt::format(".It Sy {}\n", mdoc_word(entry.id));
    text += head(entry.title.in(language_), entry.meaning.in(language_), entry.fix);
    text += ids("catalogue.confirmed-by", confirming);
    text += ids("catalogue.refuted-by", entry.refuted_by);
    text += ids("catalogue.inconclusive-by", entry.inconclusive_by);
    if (entry.untestable) text += ".Pp\n" + mdoc_text(label("catalogue.untestable"));
    for (const auto link : entry.links) text += fmt::format(".Pp\n.Lk {}\n", mdoc_word(link));
    return text;
  }

  const Tables& tables_;
  Language language_;
};

struct Directive {
  std::string_view kind, group;
};
/// `.\" @findings ptr@`; nullopt: a line of the page.
std::optional<Directive> read_directive(std::string_view line) {
  constexpr std::string_view begin = ".\\\" @";
  if (!line.starts_with(begin) || !line.ends_with('@')) return std::nullopt;
  line.remove_prefix(begin.size());
  line.remove_suffix(1);
  const auto space = std::min(line.find(' '), line.size());
  return Directive{line.substr(0, space), line.substr(std::min(space + 1, line.size()))};
}

std::string_view take_line(std::string_view& page) {
  const auto end = std::min(page.find('\n'), page.size());
  const auto line = page.substr(0, end);
  page.remove_prefix(std::min(end + 1, page.size()));
  return line;
}

}  // namespace

Result<std::string> fill_page(std::string_view page, const Tables& tables, Language language) {
  const PageWriter writer(tables, language);
  std::map<std::string, Groups, std::less<>> left = {{"findings", writer.findings()},
                                                     {"causes", writer.causes()}};
  std::set<std::string_view> used;
  std::string result;
  while (!page.empty()) {
    const auto line = take_line(page);
    const auto directive = read_directive(line);
    if (!directive) {
      result += fmt::format("{}\n", line);
      continue;
    }
    const auto kind = left.find(directive->kind);
    const auto group =
        kind == left.end() ? Groups::iterator() : kind->second.find(directive->group);
    if (kind == left.end() || group == kind->second.end())
      return fail(ErrorCode::configuration, fmt::format("`{}`: no such group is left", line));
    result += fmt::format(".Bl -tag -width Ds\n{}.El\n", group->second);
    kind->second.erase(group);
    used.insert(directive->kind);
  }
  for (const auto kind : used) {
    if (const auto& rest = left.find(kind)->second; !rest.empty())
      return fail(ErrorCode::configuration,
                  fmt::format("@{} {}@ is missing", kind, rest.begin()->first));
  }
  return result;
}

}  // namespace maildiag::rulebook
