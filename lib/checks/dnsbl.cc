#include "checks/dnsbl.h"

#include <iterator>
#include <memory>
#include <utility>

#include "checks/dnsbl_judge.h"
#include "checks/dnsbl_query.h"
#include "checks/list_choice.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t parallel_lists = 50;

Value list_value(const ListResult& list, const std::string& target,
                 const rulebook::Rulebook& rulebook, Language language) {
  Value codes = Value::array();
  for (const auto& code : list.codes) codes.push(code.to_string());
  const auto meaning = list.reason.empty() ? list.meaning(language)
                                           : std::string(rulebook.label(list.reason, language));
  return Value::object(
      {{"zone", list.zone},
       {"name", list.list->name},
       {"state", to_string(list.state)},
       {"class", list.code_class.empty() ? list.list->list_class : list.code_class},
       {"codes", codes},
       {"meaning", meaning},
       {"txt", list.txt},
       {"ttl", list.ttl},
       {"delist_url", list.state == ListState::listed ? filled_url(list.list->removal_url, target)
                                                      : std::string()}});
}

}  // namespace

std::string_view to_string(ListState state) {
  switch (state) {
    case ListState::listed:
      return "listed";
    case ListState::not_listed:
      return "not-listed";
    case ListState::allowed:
      return "allowed";
    case ListState::blocked:
      return "blocked";
    case ListState::broken:
      return "broken";
    case ListState::error:
      return "error";
    case ListState::skipped:
      break;
  }
  return "skipped";
}

std::string ListResult::meaning(Language language) const {
  std::string joined;
  for (const auto& text : meanings) {
    if (!joined.empty()) joined += "; ";
    joined += text.in(language);
  }
  return joined;
}

Value DnsblResult::to_value(const rulebook::Rulebook& rulebook, Language language,
                            bool hide_clean) const {
  Value entries = Value::array();
  for (const auto& list : lists) {
    if (hide_clean && list.state == ListState::not_listed) continue;
    entries.push(list_value(list, target, rulebook, language));
  }
  return Value::object(
      {{"listed", listed}, {"answered", answered}, {"queried", queried}, {"lists", entries}});
}

Task<DnsblResult> check_dnsbl(Context context, DnsblTarget target, DnsblOptions options) {
  if (auto* ip = std::get_if<IpAddress>(&target)) *ip = ip->unmapped();
  const auto choice = std::make_shared<ListChoice>(context.rulebook, context.lists, options.only);
  const auto kind = kind_of(target);
  std::vector<const AskedList*> asked;
  for (const auto& list : choice->lists()) {
    if (list.serves(kind)) asked.push_back(&list);
  }
  DnsblResult result;
  result.own_lists = choice;
  result.lists.resize(asked.size());
  // Named, and without an owner among its captures: g++ 12 destroys the captures of a temporary
  // inside a co_await expression twice.
  const std::function<Task<void>(std::size_t)> ask = [&](std::size_t index) -> Task<void> {
    auto answer = co_await ask_list(context, *asked[index], target, options.self_test);
    result.lists[index] = std::move(answer);
  };
  co_await for_each_index(asked.size(), parallel_lists, ask);
  auto skipped = choice->skipped(kind);
  std::move(skipped.begin(), skipped.end(), std::back_inserter(result.lists));
  // Beside other findings, what is said of the resolver would only be noise.
  judge_lists(result, target, options.quorum, nullptr);
  co_return result;
}

}  // namespace maildiag::checks
