#include "checks/arc_chain.h"

#include <algorithm>
#include <charconv>

#include "core/tag_list.h"
#include "core/text.h"

namespace maildiag::checks::arc {

namespace {

/// Comments (RFC 5322 section 3.2.2) may stand around the parts of "i=1"; they nest.
std::string without_comments(std::string_view text) {
  std::string rest;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && depth > 0) {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      rest += text[i];
    }
  }
  return rest;
}

/// position = 1*2DIGIT; a longer number is told from none, so that the limit can be named.
std::optional<int> position(std::string_view text) {
  constexpr std::size_t max_digits = 6;  // fit into an int
  int value = 0;
  if (text.empty() || text.size() > max_digits ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value > 0 ? std::optional(value) : std::nullopt;
}

/// Section 4.2.1. In the results it stands in front, in the signatures anywhere among the tags.
std::optional<int> instance_of(const dkim::HeaderField& field, bool results) {
  if (!results) return position(without_spaces(parse_tag_list(field.value()).get("i")));
  constexpr std::size_t longest_front = 1000;  // an instance and whatever comments
  const auto front = field.value().substr(0, longest_front);
  const auto packed = without_spaces(without_comments(front));
  const auto semicolon = packed.find(';');
  if (!packed.starts_with("i=") || semicolon == std::string::npos) return std::nullopt;
  return position(std::string_view(packed).substr(2, semicolon - 2));
}

void put(std::optional<std::size_t>& place, std::size_t index, Members& members) {
  if (place) {
    ++members.surplus;
  } else {
    place = index;
  }
}

}  // namespace

Chain collect_chain(const dkim::Message& message) {
  Chain chain;
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    const auto& field = message.fields[i];
    const bool results = field.name == "arc-authentication-results";
    const bool seal = field.name == "arc-seal";
    if (!results && !seal && field.name != "arc-message-signature") continue;
    const auto instance = instance_of(field, results);
    if (!instance) {
      chain.bad_field = field.name;
    } else if (*instance > max_arc_sets) {
      chain.beyond_limit = *instance;
    } else {
      auto& members = chain.sets[*instance];
      if (seal && !members.seal)
        members.chain_status = text::ascii_lower(parse_tag_list(field.value()).get("cv"));
      put(results ? members.results : seal ? members.seal : members.message, i, members);
    }
  }
  return chain;
}

std::optional<StructureFault> find_structure_fault(const Chain& chain) {
  if (chain.beyond_limit) return StructureFault{"arc.too-many-sets", *chain.beyond_limit};
  const int newest = chain.newest();
  if (newest > 0 && chain.sets.at(newest).chain_status == "fail")
    return StructureFault{"arc.sealed-as-failed", newest};
  if (!chain.bad_field.empty()) return StructureFault{"arc.bad-instance", 0};
  for (int instance = 1; instance <= newest; ++instance) {
    const auto found = chain.sets.find(instance);
    if (found == chain.sets.end()) return StructureFault{"arc.instance-missing", instance};
    if (found->second.missing() > 0) return StructureFault{"arc.set-incomplete", instance};
    if (found->second.surplus > 0) return StructureFault{"arc.set-doubled", instance};
  }
  for (const auto& [instance, members] : chain.sets) {
    if (members.chain_status != (instance == 1 ? "none" : "pass"))
      return StructureFault{"arc.bad-chain-status", instance};
  }
  return std::nullopt;
}

}  // namespace maildiag::checks::arc
