#include <array>

#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

constexpr std::array<std::string_view, 2> senders = {"all", "bulk"};
constexpr std::array<std::string_view, 2> levels = {"required", "recommended"};

/// "2024-02": a year and a month.
bool is_month(std::string_view text) {
  constexpr std::size_t length = 7, dash = 4;
  if (text.size() != length || text[dash] != '-') return false;
  for (std::size_t i = 0; i < length; ++i) {
    if (i != dash && (text[i] < '0' || text[i] > '9')) return false;
  }
  const auto month = text.substr(dash + 1);
  return month >= "01" && month <= "12";
}

}  // namespace

void read_requirement(TableReader& reader, Shelves& shelves, int layer) {
  Requirement requirement;
  requirement.id = reader.id();
  requirement.provider = reader.text("provider", Need::required);
  requirement.check = reader.one_of("check", known_sender_checks, Need::required);
  requirement.senders = reader.one_of("senders", senders, Need::required);
  requirement.level = reader.one_of("level", levels, Need::required);
  requirement.since = reader.text("since", Need::required);
  requirement.text = reader.translated("text", Need::required);
  requirement.link = reader.text("link", Need::required);
  // Where it is known from: for who maintains the file.
  reader.text("source", reader.shipped() ? Need::required : Need::optional);
  if (!is_month(requirement.since)) reader.fault("since", "is no month such as \"2024-02\"");
  reader.finish();
  shelves.requirements.put(reader, requirement, reader.arena().copy(reader.origin()), layer);
}

}  // namespace maildiag::rulebook
