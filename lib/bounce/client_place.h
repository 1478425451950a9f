/// The words around an address, for those who ask whose it is.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/ip_address.h"
#include "core/text.h"

namespace maildiag::bounce {

/// True if `text` ends with `word`, which no longer word or name ends with.
bool ends_with_word(std::string_view text, std::string_view word);
/// The same at its start; a dot that ends the sentence may follow.
bool starts_with_word(std::string_view text, std::string_view word);

template <std::size_t count>
bool any_at_end(const std::array<std::string_view, count>& words, std::string_view text) {
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return ends_with_word(text, word); });
}

template <std::size_t count>
bool any_at_start(const std::array<std::string_view, count>& words, std::string_view text) {
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return starts_with_word(text, word); });
}

/// Takes the longest of `words` from the end, and the blanks in front of it.
template <std::size_t count>
bool take_from_end(const std::array<std::string_view, count>& words, std::string_view& text) {
  const auto* longest = words.end();
  for (const auto* word = words.begin(); word != words.end(); ++word) {
    if (ends_with_word(text, *word) && (longest == words.end() || word->size() > longest->size()))
      longest = word;
  }
  if (longest == words.end()) return false;
  text = text::trim(text.substr(0, text.size() - longest->size()));
  return true;
}

/// What stands around an address, without the brackets of it.
struct Place {
  std::string_view before, behind;
  bool bracketed = false;
};

std::string_view without_end(std::string_view text, std::string_view characters);

/// Each place where the address stands as it is written; none where it is written another way.
std::vector<Place> places_of(std::string_view lower, const IpAddress& ip);

/// "x:25", "x server", "x에서": a host that something goes to or happens at.
bool is_destination(const Place& place);

/// True if the last word calls a host of another role than the client's: "server:", "relay".
bool ends_with_host_word(std::string_view text);

/// Takes "mail.example.net" from the end, where it is a name of a host.
bool take_host_name(std::string_view& text);

/// The same in front of "[x]".
bool take_host(const Place& place, std::string_view& before);

}  // namespace maildiag::bounce
