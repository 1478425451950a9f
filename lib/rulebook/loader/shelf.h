/// The entries of one kind while directories of rules are read on top of each other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rulebook/loader/table_reader.h"
#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {

/// What identifies an entry; a later layer's entry replaces one with the same key.
template <class T>
std::string_view key_of(const T& entry) {
  return entry.id;
}
inline std::string_view key_of(const DnsList& list) {
  return list.zone;
}
inline std::string_view key_of(const DkimSelector& selector) {
  return selector.name;
}

template <class T>
class Shelf {
 public:
  struct Entry {
    T value;
    std::string_view origin;  ///< "FILE:LINE"
    int layer = 0;
  };

  explicit Shelf(std::span<const T> base) {
    for (const auto& value : base) add({value, {}, 0});
  }

  /// Adds or replaces; false with a fault where this layer has the key already.
  bool put(TableReader& reader, const T& value, std::string_view origin, int layer) {
    const auto key = key_of(value);
    const auto found = index_.find(key);
    if (found == index_.end()) {
      add({value, origin, layer});
      return true;
    }
    auto& old = entries_[found->second];
    if (old.layer == layer) {
      reader.fault({}, "stands twice, first at {}; rename or remove one", old.origin);
      return false;
    }
    old = {value, origin, layer};
    return true;
  }

  const std::vector<Entry>& entries() const { return entries_; }
  const T* find(std::string_view key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &entries_[found->second].value;
  }

  std::vector<T> in_order() const {
    std::vector<T> result;
    for (const auto& entry : entries_) result.push_back(entry.value);
    return result;
  }
  std::vector<T> sorted() const {
    auto result = in_order();
    std::sort(result.begin(), result.end(),
              [](const T& a, const T& b) { return key_of(a) < key_of(b); });
    return result;
  }

 private:
  void add(Entry entry) {
    index_.emplace(key_of(entry.value), entries_.size());
    entries_.push_back(std::move(entry));
  }

  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::size_t>
      index_;  // the keys' octets stay when an entry is replaced
};

struct Shelves {
  explicit Shelves(const Tables& base)
      : providers(base.providers),
        rules(base.rules),
        causes(base.causes),
        finding_texts(base.finding_texts),
        lists(base.lists),
        dkim_selectors(base.dkim_selectors),
        requirements(base.requirements),
        registries(base.registries),
        labels(base.labels) {}

  Shelf<Provider> providers;
  Shelf<Rule> rules;
  Shelf<Cause> causes;
  Shelf<FindingText> finding_texts;
  Shelf<DnsList> lists;
  Shelf<DkimSelector> dkim_selectors;
  Shelf<Requirement> requirements;
  Shelf<Registry> registries;
  Shelf<Label> labels;
};

}  // namespace maildiag::rulebook
