// Changes of the header: tagged subjects, rewritten senders, added fields, new folding.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "checks/dkim_changes.h"
#include "checks/dkim_finding.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

/// More guesses than this about one field find nothing that a person would recognise.
constexpr std::size_t max_subject_words = 6, max_subject_brackets = 4, max_dropped = 64;
/// An Ed25519 verification in octets of SHA-256.
constexpr std::uint64_t ed25519_cost = 32UL << 10;

/// Signed fields as they may have been, and what that would mean.
struct Alternative {
  std::vector<std::pair<std::size_t, std::string>> fields;  ///< index in SignedHeader::fields
  DkimChange change;
};

class Search {
 public:
  Search(const Signature& signature, const KeyRecord& key, const Message& message,
         const SignedHeader& header, Budget& budget)
      : signature_(signature),
        key_(key),
        message_(message),
        header_(header),
        budget_(budget),
        wanted_(key.key->signed_digest(signature.value)) {}

  std::vector<DkimChange> run() {
    for (std::size_t i = 0; i < header_.fields.size(); ++i) {
      if (!header_.sources[i]) continue;
      const auto& field = message_.fields[*header_.sources[i]];
      if (field.name == "subject") add_subjects(i, field);
      if (field.name == "from") add_senders(i, field);
      if (field.name == "content-transfer-encoding") add_encodings(i, field);
    }
    if (signature_.header == Form::simple) add_unfolded();
    add_dropped();
    for (const auto& one : alternatives_) {
      if (holds({&one})) return {one.change};
    }
    for (std::size_t i = 0; i < alternatives_.size(); ++i) {
      for (std::size_t k = i + 1; k < alternatives_.size(); ++k) {
        const auto &a = alternatives_[i], &b = alternatives_[k];
        if (a.change.id != b.change.id && holds({&a, &b})) return {a.change, b.change};
      }
    }
    return {};
  }

 private:
  bool holds(std::initializer_list<const Alternative*> chosen) {
    auto header = header_;
    std::uint64_t octets = header.own.size();
    for (const auto* alternative : chosen) {
      for (const auto& [index, text] : alternative->fields) header.fields[index] = text;
    }
    for (const auto& field : header.fields) octets += field.size();
    if (!wanted_) octets += ed25519_cost;
    if (!budget_.take(octets)) return false;
    const auto found = digest(header);
    return wanted_ ? found == *wanted_ : key_.key->verify(found, signature_.value) == Check::good;
  }

  std::string canonical(const HeaderField& field) const {
    return canonical_field(signature_.header, field) + "\r\n";
  }

  void add(std::size_t index, HeaderField field, std::string_view value, std::string id,
           Value data) {
    field.set_value(value);
    alternatives_.push_back({{{index, canonical(field)}}, {std::move(id), std::move(data)}});
  }

  /// "[list] words", "Re: [list] words", "***SPAM*** words": without a bracket, or without the
  /// first words.
  void add_subjects(std::size_t index, const HeaderField& field) {
    const auto value = std::string(field.value());
    const auto tagged = [&](const std::string& original, std::string_view tag) {
      Value data;
      data.set("tag", shown(text::trim(tag))).set("subject", shown(text::trim(value)));
      add(index, field, original, "dkim.subject-tagged", std::move(data));
    };
    std::size_t brackets = 0;
    for (auto open = value.find('['); open != std::string::npos && brackets < max_subject_brackets;
         open = value.find('[', open + 1), ++brackets) {
      auto close = value.find(']', open);
      if (close == std::string::npos) break;
      const auto tag = value.substr(open, close + 1 - open);
      tagged(value.substr(0, open) + value.substr(close + 1), tag);
      close = std::min(value.find_first_not_of(" \t", close + 1), value.size());
      tagged(value.substr(0, open) + value.substr(close), tag);
    }
    auto at = value.find_first_not_of(" \t\r\n");
    const auto front = at == std::string::npos ? value : value.substr(0, at);
    for (std::size_t words = 0; words < max_subject_words && at != std::string::npos; ++words) {
      const auto space = value.find_first_of(" \t\r", at);
      at = value.find_first_not_of(" \t\r\n", space);
      if (at == std::string::npos) break;
      tagged(front + value.substr(at), value.substr(0, at));
    }
  }

  /// A list that puts its own address into From keeps the author's in another field.
  void add_senders(std::size_t index, const HeaderField& field) {
    for (const auto& other : message_.fields) {
      constexpr std::array<std::string_view, 5> keepers = {
          "reply-to", "x-original-from", "original-from", "x-from", "x-original-sender"};
      if (std::find(keepers.begin(), keepers.end(), other.name) == keepers.end()) continue;
      Value data;
      data.set("from", shown(text::collapse_spaces(field.value())));
      data.set("original", shown(text::collapse_spaces(other.value())));
      add(index, field, other.value(), "dkim.from-rewritten", std::move(data));
    }
  }

  void add_encodings(std::size_t index, const HeaderField& field) {
    Value data;
    data.set("encoding", shown(text::trim(field.value())));
    for (const std::string_view original : {"8bit", "8BIT", "7bit", "binary"})
      add(index, field, " " + std::string(original), "dkim.seven-bit-converted", data);
  }

  /// Simple canonicalisation keeps folds: all fields on one line, or folded by a space, a tab.
  void add_unfolded() {
    for (const std::string_view fold : {"", "\r\n ", "\r\n\t"}) {
      Alternative alternative;
      alternative.change.id = "dkim.header-refolded";
      for (std::size_t i = 0; i < header_.fields.size(); ++i) {
        if (!header_.sources[i]) continue;
        auto field = message_.fields[*header_.sources[i]];
        if (field.raw.find("\r\n") == std::string::npos) continue;
        for (auto at = field.raw.find("\r\n"); at != std::string::npos;
             at = field.raw.find("\r\n", at + fold.size())) {
          const std::size_t folded = fold.empty() ? 2 : 3;  // with the blank that follows
          field.raw.replace(at, folded, fold);
        }
        alternative.fields.emplace_back(i, canonical(field));
      }
      alternative.change.data = Value::object();
      if (!alternative.fields.empty()) alternatives_.push_back(std::move(alternative));
    }
  }

  /// A field that was added on the way stands where a signed one, or a signed absence, should.
  void add_dropped() {
    std::map<std::string_view, std::vector<std::size_t>> mentions;  // name -> indices in h=
    for (std::size_t i = 0; i < signature_.fields.size(); ++i)
      mentions[signature_.fields[i]].push_back(i);
    std::size_t tried = 0;
    for (const auto& [name, indices] : mentions) {
      std::vector<const HeaderField*> instances;  // from the bottom
      for (auto field = message_.fields.rbegin(); field != message_.fields.rend(); ++field) {
        if (field->name == name) instances.push_back(&*field);
      }
      for (std::size_t drop = 0; drop < instances.size() && tried < max_dropped; ++drop, ++tried) {
        Alternative alternative;
        alternative.change.id = "dkim.field-added";
        alternative.change.data.set("field", shown(name));
        alternative.change.data.set("value",
                                    shown(text::collapse_spaces(instances[drop]->value())));
        for (std::size_t k = 0; k < indices.size(); ++k) {
          const auto source = k < drop ? k : k + 1;
          alternative.fields.emplace_back(
              indices[k], source < instances.size() ? canonical(*instances[source]) : "");
        }
        alternatives_.push_back(std::move(alternative));
      }
    }
  }

  const Signature& signature_;
  const KeyRecord& key_;
  const Message& message_;
  const SignedHeader& header_;
  Budget& budget_;
  std::optional<std::string> wanted_;
  std::vector<Alternative> alternatives_;
};

}  // namespace

std::vector<DkimChange> find_header_changes(const Signature& signature, const KeyRecord& key,
                                            const Message& message, const SignedHeader& header,
                                            Budget& budget) {
  return Search(signature, key, message, header, budget).run();
}

}  // namespace maildiag::checks::dkim
