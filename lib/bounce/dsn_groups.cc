#include "bounce/dsn_groups.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bounce/dsn_fields.h"
#include "bounce/same_site.h"
#include "core/text.h"

namespace maildiag::bounce {

using std::string_view;

namespace dsn {
namespace {

constexpr Names both_recipients = final_recipient | original_recipient;

/// Whose the fields in front of the recipients are.
enum class Fronts { own, previous, unknown };

/// Gives each field to a recipient. Groups end with an empty line (RFC 3464 section 2.1), and their
/// fields come in any order: where all reports were so, a paragraph were a group. But some have
/// empty lines inside a group, or none between two. Such a field is given to a recipient only if no
/// reading makes it another one's that is as likely; else to nobody.
class Owners {
 public:
  explicit Owners(Entries& entries) : entries_(entries) {
    find_recipients();
    if (recipients_.empty()) return;
    learn();
    share_head();
    for (std::size_t at = 0; at + 1 < recipients_.size(); ++at) share_between(at);
    share_tail();
    for (std::size_t at = 0; at < recipients_.size(); ++at) settle_front(at);
    settle_tail();
  }
  /// The groups, in their order: those of the recipients, and what is nobody's in front of the
  /// first one and behind the last one.
  std::vector<Fields> take_groups() {
    std::vector<Fields> groups;
    const auto head = recipients_.empty() ? size() : head_;
    add_nobodys(groups, 0, head);
    const auto first = groups.size();
    groups.resize(first + recipients_.size());
    const auto tail = recipients_.empty() ? size() : recipients_.back();
    for (auto& entry : entries_)
      if (entry.owner != nobody)
        groups[first + entry.owner].add(std::move(entry.field.name), std::move(entry.field.value));
    add_nobodys(groups, tail, size());
    return groups;
  }

 private:
  std::size_t size() const { return entries_.size(); }
  std::size_t paragraph(std::size_t at) const { return entries_[at].paragraph; }
  std::size_t place(std::size_t recipient) const { return recipients_[recipient]; }
  /// The end of the paragraph of `at`, or `end`.
  std::size_t paragraph_end(std::size_t at, std::size_t end) const {
    const auto wanted = paragraph(at);
    while (at < end && paragraph(at) == wanted) ++at;
    return at;
  }
  Names names(std::size_t from, std::size_t to) const {
    Names all = 0;
    for (auto at = from; at < to; ++at) all |= entries_[at].name;
    return all;
  }
  /// Of the fields between, those of a recipient.
  Names owned(std::size_t recipient, std::size_t from, std::size_t to) const {
    Names all = 0;
    for (auto at = from; at < to; ++at)
      if (entries_[at].owner == recipient) all |= entries_[at].name;
    return all;
  }
  /// Where fields may stand that are his: from the recipient before to the one behind.
  std::size_t reach_begin(std::size_t recipient) const {
    return recipient == 0 ? 0 : place(recipient - 1);
  }
  std::size_t reach_end(std::size_t recipient) const {
    return recipient + 1 < recipients_.size() ? place(recipient + 1) : size();
  }
  Names held(std::size_t recipient) const {
    return owned(recipient, reach_begin(recipient), reach_end(recipient));
  }
  void give(std::size_t from, std::size_t to, std::size_t owner) {
    for (auto at = from; at < to; ++at) entries_[at].owner = owner;
  }

  /// The Final-Recipient is each group's; where a paragraph has none, an Original-Recipient with
  /// what became of him, unless the one in front still lacks that, or others have both.
  void find_recipients() {
    bool any = false, both = false;
    for (std::size_t at = 0; at < size(); at = paragraph_end(at, size())) {
      const auto all = names(at, paragraph_end(at, size()));
      any = any || (all & final_recipient) != 0;
      both = both || (all & both_recipients) == both_recipients;
    }
    Names since = outcomes;  // of the last one
    for (std::size_t at = 0; at < size();) {
      const auto end = paragraph_end(at, size());
      const auto all = names(at, end);
      const bool apart = !both && (since & outcomes) != 0 && (all & outcomes) != 0;
      const bool original = (all & final_recipient) == 0 && (!any || apart);
      const auto wanted = original ? original_recipient : final_recipient;
      since = (all & wanted) != 0 ? all : since | all;
      for (; at < end; ++at)
        if (entries_[at].name == wanted) recipients_.push_back(at);
    }
    for (std::size_t at = 0; at < recipients_.size(); ++at) entries_[place(at)].owner = at;
  }

  /// All groups of a report have one order.
  void learn() {
    in_front_ = names(0, place(0));
    name_first_ = (in_front_ & of_recipient & ~original_recipient) == 0;
    for (std::size_t at = 0; at < recipients_.size(); ++at) {
      const auto end = reach_end(at);
      if (end == size() || paragraph(end) != paragraph(place(at)))
        behind_ |= names(place(at) + 1, paragraph_end(place(at), end));
    }
    behind_ &= ~in_front_;
    last_behind_ = names(recipients_.back() + 1, size()) & ~in_front_;
  }

  /// In front of the first recipient: his, but for a paragraph of which he has fields of his own.
  void share_head() {
    const auto own = names(place(0), paragraph_end(place(0), reach_end(0))) & of_recipient;
    for (std::size_t at = 0; at < place(0);) {
      const auto end = paragraph_end(at, place(0));
      const bool his = paragraph(at) == paragraph(place(0)) || (names(at, end) & own) == 0;
      if (his) give(at, end, 0);
      if (paragraph(at) != paragraph(place(0))) head_ = end;
      at = end;
    }
  }

  void share_between(std::size_t recipient) {
    const auto begin = place(recipient) + 1, end = place(recipient + 1);
    if (paragraph(end) == paragraph(begin - 1)) return share_glued(recipient);
    auto cut = paragraph_end(begin - 1, end);
    give(begin, cut, recipient);
    // A paragraph without a recipient is the previous one's: some leave lines empty. Where all
    // begin with another field than the name, only its order tells.
    auto sure = name_first_ ? end : cut;
    for (auto at = cut; at < end; ++at)
      if ((entries_[at].name & (behind_ | last_behind_)) != 0) sure = std::max(sure, at + 1);
    auto met = in_front_ | held(recipient);
    while (cut < end && paragraph(cut) != paragraph(end)) {
      const auto next = paragraph_end(cut, end);
      const auto all = names(cut, next);
      if ((all & met) != 0) break;
      met |= all;
      if (cut < sure) give(cut, next, recipient);
      cut = next;
    }
    give(cut, end, recipient + 1);
  }

  /// Without an empty line the order tells where the next recipient's fields begin.
  void share_glued(std::size_t recipient) {
    const auto begin = place(recipient) + 1, end = place(recipient + 1);
    auto least = begin, most = end;
    Names met = 0;
    const auto front = in_front_ | held(recipient);
    for (auto at = begin; at < end; ++at) {
      const auto name = entries_[at].name;
      if ((name & (front | met)) != 0) most = std::min(most, at);
      if ((name & behind_ & ~met) != 0) least = at + 1;
      met |= name;
    }
    if (least < most && name_first_) {
      least = most;
      // Beside the name it may be either's.
      if (entries_[least - 1].name == original_recipient && (behind_ & original_recipient) == 0)
        --least;
    }
    give(begin, std::min(least, most), recipient);
    give(std::max(least, most), end, recipient + 1);
  }

  /// Behind the last recipient: his, until something comes that he has, or that comes first.
  void share_tail() {
    const auto last = recipients_.size() - 1;
    auto at = paragraph_end(place(last), size());
    for (auto field = place(last) + 1; field < at; ++field) {
      if ((entries_[field].name & in_front_) != 0) break;
      entries_[field].owner = last;
    }
    tail_ = at;
    while (at < size()) {
      const auto end = paragraph_end(at, size());
      if ((names(at, end) & (in_front_ | held(last))) != 0) break;
      give(at, end, last);
      at = end;
    }
  }

  /// What a recipient has behind his name and in front of it, too, was the previous one's there;
  /// and where that one has nothing else about what became of him, all may have moved so.
  void settle_front(std::size_t recipient) {
    const auto begin = reach_begin(recipient), at = place(recipient);
    const auto behind = owned(recipient, at + 1, reach_end(recipient)) & of_recipient;
    const bool first = recipient == 0;
    auto previous = first ? of_recipient : held(recipient - 1);
    for (auto field = begin; field < at; ++field) {
      auto& entry = entries_[field];
      if (entry.owner != recipient || (entry.name & behind) == 0) continue;
      const bool apart = paragraph(field) != paragraph(at);
      entry.owner = apart || (previous & entry.name) != 0 ? nobody : recipient - 1;
      if (entry.owner != nobody) previous |= entry.name;
    }
    if ((previous & outcomes) != 0 || (owned(recipient, begin, at) & outcomes & ~in_front_) == 0)
      return;
    for (auto field = begin; field < at; ++field) {
      auto& entry = entries_[field];
      if (entry.owner == recipient && (entry.name & of_recipient) != 0) entry.owner = nobody;
    }
  }

  /// Where fields follow the last recipient behind an empty line that others have in front, there
  /// are two readings: the report was cut off in front of another recipient, or all write them
  /// behind an empty line, and the next name directly behind. Without a sign for one of them the
  /// fields are nobody's.
  void settle_tail() {
    const auto after = names(tail_, size()) & of_recipient;
    Names fronts = 0, behind = in_front_;
    for (std::size_t at = 1; at < recipients_.size(); ++at)
      fronts |= owned(at, place(at - 1), place(at));
    for (std::size_t at = 0; at < recipients_.size(); ++at)
      behind |= owned(at, place(at), std::min(reach_end(at), tail_));
    const auto both = after & fronts;
    if (both == 0) return;
    const auto open = both & ~behind;
    const auto owner = open == 0 ? Fronts::own : owner_by_domain(open);
    const auto last = recipients_.size() - 1;
    Names moved = 0;  // of the last one to the one before
    for (std::size_t at = 1; owner != Fronts::own && at <= last; ++at) {
      const auto previous = held(at - 1);
      moved = 0;
      for (auto field = place(at - 1); field < place(at); ++field) {
        auto& entry = entries_[field];
        if (entry.owner != at || (entry.name & open) == 0) continue;
        const bool known = owner == Fronts::previous && (previous & entry.name) == 0;
        entry.owner = known ? at - 1 : nobody;
        moved |= entry.name;
      }
    }
    bool cut_off = false;
    for (auto at = tail_; at < size(); ++at) {
      auto& entry = entries_[at];
      if (owner == Fronts::previous) {
        if ((entry.name & moved) == 0) continue;
        entry.owner = last;
        moved &= ~entry.name;
      } else {
        cut_off = cut_off || (entry.name & both) != 0;
        if (cut_off) entry.owner = nobody;
      }
    }
  }

  /// Hosts of the recipients' own domains tell it, if they fit one way and not the other.
  Fronts owner_by_domain(Names open) const {
    std::size_t own = 0, previous = 0;
    for (std::size_t at = 1; (open & remote_mta) != 0 && at < recipients_.size(); ++at) {
      for (auto field = place(at - 1); field < place(at); ++field) {
        if (entries_[field].owner != at || entries_[field].name != remote_mta) continue;
        own += fits(at, field) ? 1 : 0;
        previous += fits(at - 1, field) ? 1 : 0;
      }
    }
    if ((own > 0) == (previous > 0)) return Fronts::unknown;
    return own > 0 ? Fronts::own : Fronts::previous;
  }
  bool fits(std::size_t recipient, std::size_t field) const {
    const auto mta = without_type(entries_[field].field.value);
    const auto address = without_type(entries_[place(recipient)].field.value);
    const auto sign = address.rfind('@');
    return sign != string_view::npos &&
           same_site(address.substr(sign + 1), mta.substr(0, mta.find_first_of(" ([\n")));
  }

  /// A group ends where something comes again behind an empty line.
  void add_nobodys(std::vector<Fields>& groups, std::size_t from, std::size_t to) {
    Names met = 0;
    for (auto at = from; at < to; ++at) {
      auto& entry = entries_[at];
      if (entry.owner != nobody) continue;
      const bool again = (met & entry.name) != 0 && paragraph(at) != paragraph(at - 1);
      if (met == 0 || again) groups.emplace_back();
      met = (again ? 0 : met) | entry.name;
      groups.back().add(std::move(entry.field.name), std::move(entry.field.value));
    }
  }

  Entries& entries_;
  std::vector<std::size_t> recipients_;  ///< the places of their names
  Names in_front_ = 0;                   ///< what stands in front of the first one's name
  bool name_first_ = true;               ///< but for an Original-Recipient
  Names behind_ = 0;                     ///< what surely stands behind a name
  Names last_behind_ = 0;                ///< the last one, empty lines or not
  std::size_t head_ = 0;                 ///< the first one's paragraph
  std::size_t tail_ = 0;                 ///< behind the last one's paragraph
};

}  // namespace
}  // namespace dsn

string_view without_type(string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon != string_view::npos && semicolon < 20) value = value.substr(semicolon + 1);
  return text::trim(value);
}

std::vector<Fields> read_groups(string_view text) {
  auto entries = dsn::read_entries(text);
  return dsn::Owners(entries).take_groups();
}

}  // namespace maildiag::bounce
