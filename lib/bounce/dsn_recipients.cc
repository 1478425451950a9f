#include "bounce/dsn_recipients.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bounce/dsn_values.h"
#include "core/text.h"

namespace maildiag::bounce::dsn {
namespace {

/// An address of 320 octets, each of them six in xtext, and a type. The same one is compared with
/// each of many paragraphs.
constexpr std::size_t max_compared = 2000;

class NameSearch {
 public:
  explicit NameSearch(const Entries& entries) : entries_(entries) {
    split();
    name();
  }
  Recipients take() { return std::move(found_); }

 private:
  void split() {
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      if (at == 0 || entries_[at].paragraph != entries_[at - 1].paragraph)
        found_.paragraphs.push_back({at, at});
      found_.paragraphs.back().end = at + 1;
      found_.paragraphs.back().names |= entries_[at].name;
    }
  }

  void name() {
    bool any = false;
    Names finals = 0;  // what stands beside them
    for (const auto& paragraph : found_.paragraphs) {
      if ((paragraph.names & final_recipient) != 0) finals |= paragraph.names;
      any = any || ((paragraph.names & original_recipient) != 0 && !paragraph.is_about_mail());
    }
    Names since = outcomes;  // of the recipient in front
    for (auto& paragraph : found_.paragraphs) {
      const auto name = name_in(paragraph, finals, finals != 0 || any, since);
      paragraph.first = found_.places.size();
      for (auto at = paragraph.begin; name != 0 && at < paragraph.end; ++at)
        if (entries_[at].name == name) found_.places.push_back(at);
      paragraph.count = found_.places.size() - paragraph.first;
      since = paragraph.is_about_mail() ? outcomes : paragraph.names | (name == 0 ? since : 0);
    }
  }
  /// Which field names recipients there: the Original-Recipient where there is no Final-Recipient.
  /// Where others have one (`finals`: what stands beside those), it must come with what became of
  /// him, and not be a part of the one next to it; among fields about the mail it is a recipient's
  /// only with an Action.
  Names name_in(const Paragraph& paragraph, Names finals, bool any, Names since) const {
    if ((paragraph.names & final_recipient) != 0) return final_recipient;
    if ((paragraph.names & original_recipient) == 0) return 0;
    if (paragraph.is_about_mail())
      return any && (paragraph.names & action) == 0 ? 0 : original_recipient;
    if (finals == 0) return original_recipient;
    const auto all = paragraph.of_whom();
    const bool apart = (all & outcomes & finals) == 0;  // from all names
    const bool rest = (since & all) == 0 && !found_.places.empty() &&
                      ((since & outcomes) == 0 || is_same(paragraph, found_.places.back(), apart));
    const bool own = (all & outcomes) != 0 && !rest && !is_front(paragraph, apart);
    return own ? original_recipient : 0;
  }
  /// Of the one who is named in the next paragraph.
  bool is_front(const Paragraph& paragraph, bool apart) const {
    const auto* next = &paragraph + 1;
    if (next == found_.paragraphs.data() + found_.paragraphs.size() ||
        (next->names & paragraph.of_whom()) != 0)
      return false;
    auto at = next->begin;
    while (at < next->end && entries_[at].name != final_recipient) ++at;
    return at < next->end && is_same(paragraph, at, apart);
  }
  /// Whether an Original-Recipient may be that recipient: his address, or one of his domain.
  bool is_same(const Paragraph& paragraph, std::size_t recipient, bool any_of_domain) const {
    auto at = paragraph.begin;
    while (entries_[at].name != original_recipient) ++at;
    const auto a = address_at(at), b = address_at(recipient);
    return any_of_domain ? text::equals_ignore_case(domain_in(a), domain_in(b))
                         : same_address(a, b);
  }
  std::string address_at(std::size_t at) const {
    return address_in(std::string_view(entries_[at].field.value).substr(0, max_compared));
  }
  static std::string_view domain_in(std::string_view address) {
    return address.substr(std::min(address.rfind('@'), address.size()));
  }

  const Entries& entries_;
  Recipients found_;
};

}  // namespace

Recipients find_recipients(const Entries& entries) {
  return NameSearch(entries).take();
}

}  // namespace maildiag::bounce::dsn
