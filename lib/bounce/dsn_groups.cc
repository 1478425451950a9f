#include "bounce/dsn_groups.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "bounce/dsn_fields.h"
#include "bounce/dsn_recipients.h"
#include "bounce/dsn_sole.h"
#include "bounce/same_site.h"
#include "core/text.h"

namespace maildiag::bounce {

using std::string_view;

namespace dsn {
namespace {

/// Gives each field to a recipient. The rules, in the order in which they apply:
/// 1. Recipients are who is named by a Final-Recipient; name_in() says where others are, too.
/// 2. A paragraph with one recipient is wholly his, in any order (RFC 3464 section 2.1). Of a field
///    in front of his name and behind it the latter counts.
/// 3. Where a paragraph names several, someone left out empty lines: by one order that all have,
///    which the first one's front and the last one's end show. What may be either's is nobody's.
/// 4. A paragraph that names none is about the mail if it has a field of that kind. Others there
///    are a guess, and only for a sole recipient (paragraph_of_sole()).
/// 5. Another that names none is a neighbour's if he lacks its fields, and if the order that other
///    paragraphs show makes it his and not the other neighbour's: someone put in empty lines.
/// 6. A series that fits two recipients each is the one's whose domain it shows.
/// What is left then is nobody's: a group of its own if it stands in paragraphs of its own; each
/// paragraph about the mail only with a reply, and not in front of all recipients. Only with an
/// Action, and in paragraphs of its own, it is surely about another one. Of guesses, and of what
/// is nobody's, settle_status() keeps what fits what is told.
class Owners {
 public:
  /// `trusted`: the order tells whose the fields about the mail are; `between`: those in front of
  /// all recipients stand behind those of another report, or may be one's there.
  Owners(Entries& entries, bool trusted, bool between)
      : entries_(entries), found_(find_recipients(entries)), between_(between) {
    if (recipients_.empty()) return;
    held_.resize(recipients_.size());
    for (const auto& paragraph : paragraphs_)
      if (paragraph.count == 1) take_whole(paragraph);
    for (const auto& paragraph : paragraphs_)
      if (paragraph.count > 1) share_glued(paragraph);
    share_gaps();
    if (trusted && recipients_.size() == 1) share_mail();
    settle_series();
  }

  /// In their order: those of the recipients, those about the mail, and what is nobody's.
  std::vector<Group> take_groups() {
    std::vector<Group> groups;
    for (auto paragraph = paragraphs_.begin(); paragraph != paragraphs_.end();) {
      auto next = paragraph + 1;
      if (paragraph->count > 0) {
        take_owned(paragraph->first, paragraph->count, groups);
        take_nobodys(place(paragraph->first + paragraph->count - 1), paragraph->end, groups);
      } else if (paragraph->is_about_mail() && !recipients_.empty()) {
        take_mail(*paragraph, groups);
      } else {
        while (next != paragraphs_.end() && next->count == 0 &&
               next->is_about_mail() == paragraph->is_about_mail())
          ++next;
        take_nobodys(paragraph->begin, std::prev(next)->end, groups);
      }
      paragraph = next;
    }
    return groups;
  }

 private:
  std::size_t place(std::size_t recipient) const { return recipients_[recipient]; }
  Names names(std::size_t from, std::size_t to) const {
    Names all = 0;
    for (auto at = from; at < to; ++at) all |= entries_[at].name;
    return all & of_recipient;
  }
  void give(std::size_t from, std::size_t to, std::size_t recipient) {
    for (auto at = from; at < to; ++at) {
      entries_[at].owner = recipient;
      held_[recipient] |= entries_[at].name & of_recipient;
    }
  }

  void take_whole(const Paragraph& paragraph) {
    const auto at = place(paragraph.first);
    const auto front = names(paragraph.begin, at), behind = names(at + 1, paragraph.end);
    give(paragraph.begin, paragraph.end, paragraph.first);
    for (auto field = paragraph.begin; field < at; ++field)
      if ((entries_[field].name & behind) != 0) entries_[field].owner = nobody;
    front_ |= front;
    behind_ |= behind;
  }

  void share_glued(const Paragraph& paragraph) {
    const auto first = paragraph.first, last = first + paragraph.count - 1;
    const auto front = names(paragraph.begin, place(first));
    give(paragraph.begin, place(first) + 1, first);
    // A field that comes in front is another one's, who was cut off.
    auto end = place(last) + 1;
    while (end < paragraph.end && (entries_[end].name & front) == 0) ++end;
    give(place(last), end, last);
    const auto behind = names(place(last) + 1, end) | (behind_ & ~front_ & ~front);
    bool ordered = true;
    for (auto recipient = first; recipient < last; ++recipient)
      ordered &= cut(recipient, front | (front_ & ~behind_ & ~behind), behind);
    for (auto recipient = first + 1; recipient <= last; ++recipient)
      ordered &= is_one(recipient, end);
    // Each has another order: nobody knows where one's fields end.
    for (auto at = place(first) + 1; !ordered && at < place(last); ++at)
      if (entries_[at].owner == nobody || at != place(entries_[at].owner))
        entries_[at].owner = nobody;
    front_ |= front;
    behind_ |= names(place(last) + 1, end);
  }
  /// Between two names of a paragraph: where the second one's fields begin.
  bool cut(std::size_t recipient, Names front, Names behind) {
    const auto begin = place(recipient) + 1, end = place(recipient + 1);
    auto least = begin, most = end;
    Names met = held_[recipient];
    for (auto at = begin; at < end; ++at) {
      const auto name = entries_[at].name & of_recipient;
      if ((name & (front | met)) != 0) most = std::min(most, at);
      if ((name & behind & ~met) != 0) least = at + 1;
      met |= name;
    }
    if (least < most && is_name_first(front)) {
      least = most;
      // Beside the name it may be either's.
      if (entries_[least - 1].name == original_recipient && (behind & original_recipient) == 0)
        --least;
    }
    give(begin, std::min(least, most), recipient);
    give(std::max(least, most), end + 1, recipient + 1);
    return least <= most;
  }
  /// Nothing stands in front of his name and behind it, too.
  bool is_one(std::size_t recipient, std::size_t end) const {
    const auto next =
        recipient + 1 < recipients_.size() ? std::min(place(recipient + 1), end) : end;
    return (owned(recipient, place(recipient - 1), place(recipient)) &
            owned(recipient, place(recipient) + 1, next)) == 0;
  }
  Names owned(std::size_t recipient, std::size_t from, std::size_t to) const {
    Names all = 0;
    for (auto at = from; at < to; ++at)
      if (entries_[at].owner == recipient) all |= entries_[at].name & of_recipient;
    return all;
  }
  static bool is_name_first(Names front) { return (front & ~original_recipient) == 0; }

  /// The paragraphs without a recipient: those at the ends first, they show the order.
  void share_gaps() {
    const auto named = [](const Paragraph& paragraph) { return paragraph.count > 0; };
    const auto begin = paragraphs_.begin(), end = paragraphs_.end();
    const auto head = std::find_if(begin, end, named);
    const auto tail = std::find_if(paragraphs_.rbegin(), paragraphs_.rend(), named).base();
    front_ |= share_backward(begin, head, 0, true);
    behind_ |= share_forward(tail, end, recipients_.size() - 1, nobody);
    for (auto at = head; at < tail;) {
      const auto next = std::find_if(at + 1, tail, named);
      if (next == tail) break;
      const auto from = at + 1;
      const bool two = std::any_of(from, next, [](const auto& p) { return p.is_about_mail(); });
      share_forward(from, next, at->first + at->count - 1, two ? nobody : next->first);
      share_backward(from, next, next->first, two);
      at = next;
    }
  }
  using Place = std::vector<Paragraph>::const_iterator;
  bool is_taken(const Paragraph& paragraph) const {
    return entries_[paragraph.begin].owner != nobody;
  }
  /// To the recipient in front, up to what surely is his; `next`: the one behind, or nobody.
  Names share_forward(Place from, Place to, std::size_t recipient, std::size_t next) {
    auto sure = from;
    auto met = held_[recipient];
    for (auto at = from; at < to && !at->is_about_mail(); ++at) {
      const auto all = at->of_whom();
      if ((all & (met | front_)) != 0) break;
      if (next == nobody || (all & behind_) != 0) sure = at + 1;
      // Each has an Action and a Status (RFC 3464 section 2.3).
      const bool lacks =
          (held_[recipient] & mandatory) != mandatory || next == nobody || (all & held_[next]) != 0;
      // Beside the next name it may be either's.
      const bool beside = (all & original_recipient) != 0 && at + 1 == to;
      if (is_name_first(front_) && lacks && !beside) sure = at + 1;
      met |= all;
    }
    return give_all(from, sure, recipient);
  }
  /// To the recipient behind; `alone`: there is none in front.
  Names share_backward(Place from, Place to, std::size_t recipient, bool alone) {
    auto sure = to;
    auto met = held_[recipient] | (alone ? 0 : behind_);
    for (auto at = to; at > from; --at) {
      const auto& paragraph = *std::prev(at);
      if (paragraph.is_about_mail() || is_taken(paragraph) || (paragraph.of_whom() & met) != 0)
        break;
      if (alone || (paragraph.of_whom() & front_) != 0) sure = at - 1;
      met |= paragraph.of_whom();
    }
    return give_all(sure, to, recipient);
  }
  Names give_all(Place from, Place to, std::size_t recipient) {
    if (from == to) return 0;
    give(from->begin, std::prev(to)->end, recipient);
    return names(from->begin, std::prev(to)->end);
  }

  void share_mail() {
    const auto* paragraph = paragraph_of_sole(entries_, found_);
    if (paragraph == nullptr) return;
    // What decides what is reported at all can be no guess; nothing else tells it then.
    const auto sure = (held_[0] & outcomes) == 0 && (paragraph->names & mandatory) != 0
                          ? mandatory | original_recipient | actual_recipient
                          : Names{0};
    for (auto at = paragraph->begin; at < paragraph->end; ++at) {
      if ((entries_[at].name & sure & ~held_[0]) != 0)
        give(at, at + 1, 0);
      else if ((entries_[at].name & of_recipient) != 0)
        entries_[at].owner = perhaps_his;
    }
  }

  /// [a] [field, b] [field]: all have the field behind an empty line, and the next name directly
  /// behind; or a has none, and the report was cut off behind the field of another one.
  void settle_series() {
    const auto last = recipients_.size() - 1;
    const auto tail = std::find_if(paragraphs_.rbegin(), paragraphs_.rend(), [](const auto& p) {
                        return p.count > 0;
                      }).base();
    if (tail == paragraphs_.end() || tail->is_about_mail() || is_taken(*tail)) return;
    const auto series = tail->of_whom() & front_ & ~behind_ & ~held_[0];
    if (series == 0 || (tail->of_whom() & ~series & held_[last]) != 0) return;
    const auto fields = fields_in_front(series);
    const auto fits = [&](std::size_t back) {
      return std::any_of(fields.begin(), fields.end(), [&](std::size_t at) {
        return is_of_domain(entries_[at], entries_[at].owner - back);
      });
    };
    const bool own = fits(0), previous = fits(1);
    if (own && !previous) return;
    for (const auto at : fields) {
      auto& owner = entries_[at].owner;
      owner = previous && !own ? owner - 1 : nobody;
    }
    for (auto at = tail->begin; previous && !own && at < tail->end; ++at)
      if ((entries_[at].name & series) != 0) entries_[at].owner = last;
  }
  /// Of all recipients but the first one.
  std::vector<std::size_t> fields_in_front(Names series) const {
    std::vector<std::size_t> found;
    for (std::size_t recipient = 1; recipient < recipients_.size(); ++recipient)
      for (auto at = place(recipient - 1); at < place(recipient); ++at)
        if (entries_[at].owner == recipient && (entries_[at].name & series) != 0)
          found.push_back(at);
    return found;
  }
  bool is_of_domain(const Entry& field, std::size_t recipient) const {
    if (field.name != remote_mta) return false;
    const auto mta = without_type(field.field.value);
    const auto address = without_type(entries_[place(recipient)].field.value);
    const auto sign = address.rfind('@');
    return sign != string_view::npos &&
           same_site(address.substr(sign + 1), mta.substr(0, mta.find_first_of(" ([\n")));
  }

  void take_owned(std::size_t first, std::size_t count, std::vector<Group>& groups) {
    const auto begin = first == 0 ? 0 : place(first - 1);
    const auto behind = first + count;
    const auto end = behind < recipients_.size() ? place(behind) : entries_.size();
    const auto base = groups.size();
    groups.resize(base + count);
    for (auto at = begin; at < end; ++at) {
      const auto owner = entries_[at].owner;
      if (owner >= first && owner < behind)
        move_to(groups[base + owner - first].fields, entries_[at]);
    }
    if (recipients_.size() != 1) return;
    Group guess{{}, Whose::perhaps_his};
    for (std::size_t at = 0; at < entries_.size(); ++at) {
      if (entries_[at].owner != perhaps_his) continue;
      if (entries_[at].name == diagnostic_code && (between_ || at > place(0)))
        guess.whose = Whose::his_or_nobodys;
      move_to(guess.fields, entries_[at]);
    }
    if (!guess.fields.list().empty()) groups.push_back(std::move(guess));
  }
  static void move_to(Fields& fields, Entry& entry) {
    fields.add(std::move(entry.field.name), std::move(entry.field.value));
  }

  /// Beside recipients.
  void take_mail(const Paragraph& paragraph, std::vector<Group>& groups) {
    Group mail, rest{{}, Whose::nobodys};
    const bool told = (between_ || paragraph.first > 0) && (paragraph.names & diagnostic_code) != 0;
    for (auto at = paragraph.begin; at < paragraph.end; ++at) {
      auto& entry = entries_[at];
      if ((entry.name & of_mail) != 0)
        move_to(mail.fields, entry);
      else if (told && entry.owner == nobody)
        move_to(rest.fields, entry);
    }
    groups.push_back(std::move(mail));
    if (rest.fields.has("Diagnostic-Code")) groups.push_back(std::move(rest));
  }
  /// A group ends where something comes again behind an empty line. Beside recipients fields that
  /// do not tell what became of one are none.
  void take_nobodys(std::size_t from, std::size_t to, std::vector<Group>& groups) {
    while (from < to) {
      Names met = 0;
      auto end = from;
      for (; end < to; ++end) {
        const auto& entry = entries_[end];
        if (entry.owner != nobody) continue;
        if ((met & entry.name) != 0 && entry.paragraph != entries_[end - 1].paragraph) break;
        met |= entry.name;
      }
      const auto wanted = recipients_.empty()     ? ~Names{0}
                          : (met & of_mail) != 0  ? of_mail
                          : (met & outcomes) != 0 ? of_recipient
                                                  : Names{0};
      const bool known = recipients_.empty() || wanted == of_mail || (met & action) != 0;
      Group group{{}, known ? Whose::known : Whose::nobodys};
      for (; from < end; ++from)
        if (entries_[from].owner == nobody && (entries_[from].name & wanted) != 0)
          move_to(group.fields, entries_[from]);
      if (!group.fields.list().empty()) groups.push_back(std::move(group));
    }
  }

  Entries& entries_;
  Recipients found_;
  const std::vector<Paragraph>& paragraphs_ = found_.paragraphs;
  const std::vector<std::size_t>& recipients_ = found_.places;
  bool between_;
  std::vector<Names> held_;  ///< what each has
  Names front_ = 0;          ///< what stands in front of a name
  Names behind_ = 0;         ///< what stands behind one
};

/// The first entry of each report: a paragraph with a Reporting-MTA and without a recipient begins
/// another one behind and in front of recipients.
std::vector<std::size_t> begins_of_reports(const Entries& entries) {
  std::vector<std::size_t> begins{0};
  std::size_t next = nobody;  // may be one: no recipient has come yet
  bool named = false;
  for (std::size_t at = 0; at < entries.size();) {
    const auto begin = at;
    Names names = 0;
    for (; at < entries.size() && entries[at].paragraph == entries[begin].paragraph; ++at)
      names |= entries[at].name;
    if ((names & (final_recipient | original_recipient)) == 0) {
      if ((names & reporting_mta) != 0 && named && next == nobody) next = begin;
    } else if ((names & final_recipient) != 0) {
      if (next != nobody) begins.push_back(std::exchange(next, nobody));
      named = true;
    }
  }
  begins.push_back(entries.size());
  return begins;
}

/// Of several reports in one: a recipient's fields stand in front of him, with the Reporting-MTA,
/// and not behind him, where they would be the previous one's.
bool are_in_front(const Entries& entries) {
  Names first = 0, last = 0;
  for (const auto& entry : entries) {
    if (entry.paragraph == entries.front().paragraph) first |= entry.name;
    if (entry.paragraph == entries.back().paragraph) last |= entry.name;
  }
  return (first & of_recipient & ~final_recipient) != 0 && (last & final_recipient) != 0;
}

}  // namespace
}  // namespace dsn

std::vector<Group> read_groups(string_view text) {
  auto entries = dsn::read_entries(text);
  const auto begins = dsn::begins_of_reports(entries);
  const bool trusted = begins.size() == 2 || dsn::are_in_front(entries);
  std::vector<Group> groups;
  for (std::size_t report = 0; report + 1 < begins.size(); ++report) {
    const auto place = [&](std::size_t at) {
      return std::make_move_iterator(entries.begin() + static_cast<std::ptrdiff_t>(at));
    };
    dsn::Entries part(place(begins[report]), place(begins[report + 1]));
    auto found = dsn::Owners(part, trusted, report > 0 || !trusted).take_groups();
    std::move(found.begin(), found.end(), std::back_inserter(groups));
  }
  return groups;
}

}  // namespace maildiag::bounce
