#include "bounce/dsn_groups.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>

#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/same_site.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// RFC 3464 section 2, RFC 6533 and what vendors add. Other lines with a colon ("https://...")
/// continue a diagnostic.
constexpr std::array<string_view, 17> known_fields{
    "original-envelope-id", "reporting-mta",    "dsn-gateway",
    "received-from-mta",    "arrival-date",     "original-recipient",
    "final-recipient",      "action",           "status",
    "remote-mta",           "diagnostic-code",  "last-attempt-date",
    "final-log-id",         "will-retry-until", "remote-recipient",
    "localized-reason",     "reply-to"};

/// Those of them that only stand in a recipient's group (RFC 3464 section 2.3), in any order.
constexpr std::array<string_view, 8> recipient_fields{
    "original-recipient", "final-recipient", "action",           "status",
    "remote-mta",         "diagnostic-code", "will-retry-until", "last-attempt-date"};

bool is_recipient_field(string_view name) {
  return std::any_of(recipient_fields.begin(), recipient_fields.end(),
                     [=](string_view f) { return text::equals_ignore_case(f, name); });
}

bool is_field(string_view line) {
  const auto length = field_name_length(line);
  if (length == 0) return false;
  const auto name = text::ascii_lower(text::trim(line.substr(0, length - 1)));
  return (name.starts_with("x-") && name.size() > 3) ||
         std::find(known_fields.begin(), known_fields.end(), name) != known_fields.end();
}

/// Fields of one group that are kept; of the standards' each beyond it, once. Real groups hold up
/// to twenty. Bounds the search for a field that comes again.
constexpr std::size_t max_group_fields = 40;

bool is_recipient(string_view name) {
  return text::equals_ignore_case(name, "Final-Recipient") ||
         text::equals_ignore_case(name, "Original-Recipient");
}

/// The one about the mail, those of the recipients, and the last of the report.
constexpr std::size_t max_groups = max_failures + 2;

/// What became of a recipient: with one of these a group needs no other field.
bool is_outcome(string_view name) {
  return text::equals_ignore_case(name, "Action") || text::equals_ignore_case(name, "Status") ||
         text::equals_ignore_case(name, "Diagnostic-Code");
}

/// The fields about one recipient, or about the mail, as they come.
class Group {
 public:
  Group() = default;
  /// `front`: see take_tail().
  explicit Group(std::vector<Field> front) : fields_(std::move(front)) {}

  bool empty() const { return fields_.empty(); }
  /// False: one field too many.
  bool takes(string_view name) const {
    return fields_.size() < max_group_fields ||
           (!text::starts_with_ignore_case(name, "X-") && !holds(name));
  }
  bool holds(string_view name) const {
    return any([=](string_view other) { return text::equals_ignore_case(other, name); });
  }
  bool has_recipient() const { return any(is_recipient); }
  bool complete() const { return any(is_outcome); }
  bool in_recipient() const { return any(is_recipient_field); }

  void add(Field field) {
    if (is_recipient(field.name) && !has_recipient() && !complete()) front_ = fields_.size();
    fields_.push_back(std::move(field));
  }
  /// Of the last field.
  void add_line(string_view line) {
    if (fields_.back().value.size() < max_reply_bytes)
      fields_.back().value += "\n" + std::string(line);
  }
  void move_to(Fields& fields) {
    for (auto& field : fields_) fields.add(std::move(field.name), std::move(field.value));
  }

  /// What comes next may be another recipient's: an empty line ends a group (RFC 3464 section 2.1),
  /// but not in all reports, so that only a recipient behind it will tell.
  void mark_end() {
    if (has_recipient() && complete()) tail_ = fields_.size();
  }
  /// Takes what stands behind that line, where it is nothing that makes a group of its own.
  std::vector<Field> take_tail() {
    const auto begin = std::min(tail_.value_or(fields_.size()), fields_.size());
    for (auto at = begin; at < fields_.size(); ++at)
      if (is_outcome(fields_[at].name)) return {};
    return take(begin, fields_.size());
  }

  /// Whether a field of that name stands in front of the recipient's, and behind it.
  bool has_in_front(string_view name) const { return has_between(name, 0, front()); }
  bool has_behind(string_view name) const { return has_between(name, front(), fields_.size()); }
  /// Gives those fields of the front to `other` of whose names `test` is true.
  template <class Test>
  void give_front_to(Group& other, Test test) {
    const auto end = fields_.begin() + static_cast<std::ptrdiff_t>(front());
    const auto given = std::stable_partition(fields_.begin(), end,
                                             [&](const Field& field) { return !test(field.name); });
    front_ = static_cast<std::size_t>(given - fields_.begin());
    other.fields_.insert(other.fields_.end(), std::make_move_iterator(given),
                         std::make_move_iterator(end));
    fields_.erase(given, end);
  }
  const std::vector<Field>& fields() const { return fields_; }
  string_view value(string_view name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(), [=](const Field& field) {
      return text::equals_ignore_case(field.name, name);
    });
    return found == fields_.end() ? string_view() : string_view(found->value);
  }

 private:
  template <class Test>
  bool any(Test test) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return test(field.name); });
  }
  std::size_t front() const { return has_recipient() || complete() ? front_ : fields_.size(); }
  bool has_between(string_view name, std::size_t from, std::size_t to) const {
    return std::any_of(fields_.begin() + static_cast<std::ptrdiff_t>(from),
                       fields_.begin() + static_cast<std::ptrdiff_t>(to), [=](const Field& field) {
                         return text::equals_ignore_case(field.name, name);
                       });
  }
  std::vector<Field> take(std::size_t from, std::size_t to) {
    const auto begin = fields_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = fields_.begin() + static_cast<std::ptrdiff_t>(to);
    std::vector<Field> taken(std::make_move_iterator(begin), std::make_move_iterator(end));
    fields_.erase(begin, end);
    return taken;
  }

  std::vector<Field> fields_;
  std::size_t front_ = 0;
  std::optional<std::size_t> tail_;
};

/// True if `name` begins another group. An empty line inside a recipient's fields does not, unless
/// something comes again. Amazon writes the Action before the recipient.
bool starts_group(const Group& group, string_view name, bool separated) {
  if (group.empty()) return false;
  const bool repeats = group.holds(name);
  if (separated && repeats) return true;
  if (separated && is_recipient_field(name) && !group.in_recipient()) return true;
  if (!is_recipient(name)) return false;
  return repeats || (group.has_recipient() ? separated && group.complete() : !group.in_recipient());
}

/// Whose the fields in front of the recipients are.
enum class Fronts { own, previous, unknown };

/// Hosts of the recipients' own domains tell it, if they fit one way and not the other.
Fronts owner_by_domain(const std::vector<Group>& groups, std::size_t first) {
  std::size_t own = 0, previous = 0;
  for (auto at = first; at < groups.size(); ++at) {
    const auto mta = without_type(groups[at].value("Remote-MTA"));
    const auto host = mta.substr(0, mta.find_first_of(" ([\n"));
    const auto fits = [&](const Group& group) {
      const auto address = without_type(group.value("Final-Recipient"));
      const auto sign = address.rfind('@');
      return sign != string_view::npos && same_site(address.substr(sign + 1), host);
    };
    own += fits(groups[at]) ? 1 : 0;
    previous += at > first && fits(groups[at - 1]) ? 1 : 0;
  }
  if ((own > 0) == (previous > 0)) return Fronts::unknown;
  return own > 0 ? Fronts::own : Fronts::previous;
}

/// Fields between an empty line and a recipient are that one's (RFC 3464 section 2.1), unless he
/// has them behind his name as well. Where the last one's are followed by no recipient, and the
/// first has none, there are two readings: all write them behind an empty line, or all in front of
/// the name, and the report was cut off. Without a sign for one of them the fields are nobody's.
/// `whole`: the last group directly follows the one before.
void settle_fronts(std::vector<Group>& groups, bool whole) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [](const Group& group) { return group.has_recipient(); });
  const auto first = static_cast<std::size_t>(found - groups.begin());
  if (first + 1 >= groups.size()) return;
  for (auto at = first + 1; at < groups.size() - (whole ? 0 : 1); ++at) {
    auto& group = groups[at];
    group.give_front_to(groups[at - 1], [&](string_view name) {
      return is_recipient_field(name) && group.has_behind(name);
    });
  }
  if (groups.back().has_recipient() || groups.back().complete()) return;
  std::vector<std::string> open;  // the names of fields for which both readings hold
  for (const auto& field : groups.back().fields()) {
    const bool settled =
        !is_recipient_field(field.name) || groups[first].has_in_front(field.name) ||
        std::any_of(groups.begin(), groups.end() - 1,
                    [&](const Group& group) { return group.has_behind(field.name); });
    if (!settled) open.push_back(field.name);
  }
  if (open.empty()) return;
  const auto owner = owner_by_domain(groups, first);
  if (owner == Fronts::own) return;
  Group nobody;
  for (auto at = first + 1; at < groups.size(); ++at) {
    const bool known = owner == Fronts::previous && (whole || at + 1 < groups.size());
    groups[at].give_front_to(known ? groups[at - 1] : nobody, [&](string_view name) {
      return std::any_of(open.begin(), open.end(),
                         [=](string_view other) { return text::equals_ignore_case(other, name); });
    });
  }
}

}  // namespace

string_view without_type(string_view value) {
  const auto semicolon = value.find(';');
  if (semicolon != string_view::npos && semicolon < 20) value = value.substr(semicolon + 1);
  return text::trim(value);
}

std::vector<Fields> read_groups(string_view text) {
  std::vector<Group> groups(1);
  bool whole = true;  // all groups are kept
  bool separated = false;
  bool dropped = false;                    // the last field was one too many
  std::size_t margin = string_view::npos;  // pasted reports are indented as a whole
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto trimmed = text::trim(line);
    if (trimmed.empty()) {
      separated = true;
      continue;
    }
    const auto indent = static_cast<std::size_t>(trimmed.data() - line.data());
    auto& group = groups.back();
    const bool field = is_field(trimmed);
    if (field) margin = std::min(margin, indent);
    if (!field || (indent > margin && !group.empty() && !separated)) {
      // RFC 5322 folding, or a line that an MTA forgot to fold.
      if (!group.empty() && !dropped) group.add_line(trimmed);
      separated = false;
      continue;
    }
    const auto length = field_name_length(trimmed);
    const auto name = text::trim(trimmed.substr(0, length - 1));
    if (starts_group(group, name, separated)) {
      Group next(separated ? std::vector<Field>() : group.take_tail());
      // Behind the bound only the last one is kept: how a report ends tells how it is to be read.
      whole = groups.size() < max_groups;
      if (whole)
        groups.push_back(std::move(next));
      else
        group = std::move(next);
    } else if (separated || (group.holds(name) && is_recipient_field(name))) {
      group.mark_end();
    }
    separated = false;
    dropped = !groups.back().takes(name);
    if (!dropped)
      groups.back().add({std::string(name), std::string(text::trim(trimmed.substr(length)))});
  }
  settle_fronts(groups, whole);
  std::vector<Fields> all(groups.size());
  for (std::size_t at = 0; at < groups.size(); ++at) groups[at].move_to(all[at]);
  return all;
}

}  // namespace maildiag::bounce
