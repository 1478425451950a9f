#include "core/tag_list.h"

#include <algorithm>
#include <iterator>

namespace maildiag {

namespace {

constexpr std::string_view white_space = " \t\r\n";
constexpr std::size_t longest_shown = 64;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// tag-name = ALPHA *( ALPHA / DIGIT / "_" )
bool is_name(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alpha(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && white_space.find(c) == std::string_view::npos) || octet == 0x7f;
  });
}

TagFault add_tag(TagList& list, std::string_view text, std::size_t begin, std::size_t end) {
  const auto spec = text.substr(begin, end - begin);
  const auto equals = spec.find('=');
  const auto name = trimmed(spec.substr(0, equals));
  if (equals == std::string_view::npos || !is_name(name)) return TagFault::name;
  const auto value = trimmed(spec.substr(equals + 1));
  if (!is_value(value)) return TagFault::value;
  if (list.find(name) != nullptr) return TagFault::duplicate;
  if (list.tags.size() == max_tags) return TagFault::too_many;
  list.tags.push_back({std::string(name), std::string(value), begin + equals + 1, end});
  return TagFault::none;
}

}  // namespace

const Tag* TagList::find(std::string_view name) const {
  const auto found =
      std::find_if(tags.begin(), tags.end(), [name](const Tag& tag) { return tag.name == name; });
  return found == tags.end() ? nullptr : &*found;
}

std::string_view TagList::get(std::string_view name) const {
  const auto* tag = find(name);
  return tag != nullptr ? std::string_view(tag->value) : std::string_view();
}

TagList parse_tag_list(std::string_view text) {
  TagList list;
  if (trimmed(text).empty()) {
    list.fault = TagFault::empty;
    return list;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(';', begin), text.size());
    if (begin > 0 && end == text.size() && trimmed(text.substr(begin)).empty()) {
      list.space_at_end = true;
      break;
    }
    list.fault = add_tag(list, text, begin, end);
    if (list.fault != TagFault::none) {
      list.at = std::string(trimmed(text.substr(begin, end - begin)).substr(0, longest_shown));
      break;
    }
    begin = end + 1;
  }
  return list;
}

std::string without_spaces(std::string_view text) {
  std::string rest;
  rest.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(rest),
               [](char c) { return white_space.find(c) == std::string_view::npos; });
  return rest;
}

}  // namespace maildiag
