#include "bounce/dsn_sole.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/dsn_values.h"
#include "core/text.h"

namespace maildiag::bounce::dsn {
namespace {

using std::string_view;

constexpr Names any_name = final_recipient | original_recipient | actual_recipient;

string_view first_word(string_view value) {
  return value.substr(0, value.find_first_of(" \t\n(;"));
}

class SoleSearch {
 public:
  SoleSearch(const Entries& entries, const Recipients& found) : entries_(entries), found_(found) {
    for (const auto& entry : entries) {
      const auto name = entry.name & of_recipient;
      if (entry.owner != 0 || name == 0) continue;
      if ((held_ & name) == 0) {  // of each the first one counts
        own_.push_back(&entry);
        if ((name & any_name) != 0) addresses_.push_back(address_in(entry.field.value));
      }
      held_ |= name;
    }
  }

  const Paragraph* find() const {
    std::vector<const Paragraph*> front, behind, deciding;
    for (const auto& paragraph : found_.paragraphs) {
      const bool taken = entries_[paragraph.begin].owner != nobody;
      if (paragraph.count > 0 || taken || paragraph.of_whom() == 0) continue;
      if (is_anothers(paragraph)) return nullptr;
      (paragraph.first == 0 ? front : behind).push_back(&paragraph);
      if ((held_ & outcomes) == 0 && (paragraph.names & mandatory) != 0)
        deciding.push_back(&paragraph);
    }
    const auto& some = !deciding.empty() ? deciding : !behind.empty() ? behind : front;
    return some.size() == 1 ? some.front() : nullptr;
  }

 private:
  /// It has what he has, or what contradicts that.
  bool is_anothers(const Paragraph& paragraph) const {
    if (!paragraph.is_about_mail()) return (paragraph.of_whom() & held_) != 0;
    if ((paragraph.names & held_ & action) != 0) return true;
    // In front, and where nothing else is told, it is the name that the mail was sent to.
    const bool named = paragraph.first > 0 || (held_ & outcomes) != 0;
    for (auto at = paragraph.begin; at < paragraph.end; ++at) {
      const auto& entry = entries_[at];
      if (entry.name == status && (held_ & status) != 0 && !may_be_his(entry)) return true;
      if (named && (entry.name & any_name) != 0 && !is_named(entry)) return true;
    }
    return false;
  }
  template <class Matches>
  bool any_own(Names names, Matches matches) const {
    return std::any_of(own_.begin(), own_.end(), [&](const Entry* own) {
      return (own->name & names) != 0 && matches(own->field.value);
    });
  }
  bool is_named(const Entry& entry) const {
    const auto address = address_in(entry.field.value);
    return std::any_of(addresses_.begin(), addresses_.end(),
                       [&](const auto& own) { return same_address(own, address); });
  }
  bool may_be_his(const Entry& entry) const {
    const bool other = any_own(action, [](string_view own) {
      return !text::equals_ignore_case(first_word(own), "failed");
    });
    return any_own(status, [&](string_view own) {
      return may_agree(first_word(own), first_word(entry.field.value), !other);
    });
  }

  const Entries& entries_;
  const Recipients& found_;
  std::vector<const Entry*> own_;
  std::vector<std::string> addresses_;  ///< his
  Names held_ = 0;
};

}  // namespace

const Paragraph* paragraph_of_sole(const Entries& entries, const Recipients& found) {
  return SoleSearch(entries, found).find();
}

}  // namespace maildiag::bounce::dsn
