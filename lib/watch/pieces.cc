#include "watch/pieces.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "watch/change.h"

namespace maildiag::watch {

namespace {

/// Faults of one check that are remembered though a run could not look for them: a hostile zone
/// has others in each run.
constexpr std::size_t max_hidden = 256;

class Split {
 public:
  Split(const Items& remembered, const Observation& seen) : remembered_(remembered), seen_(seen) {
    const auto found = remembered.find(seen.key);
    if (found != remembered.end()) whole_ = &found->second;
  }

  std::vector<Piece> take() {
    add_whole();
    for (const auto& fault : seen_.parts->faults) {
      auto piece = of(fault.name, fault.detail);
      piece.standing = {true, fault.severity, ""};
      add(std::move(piece));
    }
    for (const auto& silence : seen_.parts->silences) {
      auto piece = of(silence.name, silence.detail);
      piece.known = false;
      piece.overdue = seen_.overdue;
      add(std::move(piece));
    }
    add_remembered();
    return std::move(pieces_);
  }

 private:
  /// By a history that did not tell faults apart yet: those that are there now, and no worse than
  /// it was, are no news.
  bool was_undivided() const {
    return whole_ != nullptr && whole_->standing.bad &&
           whole_->standing.severity != Severity::unknown;
  }

  void add_whole() {
    Piece piece{seen_, whole_ != nullptr ? std::optional(*whole_) : std::nullopt};
    const auto& parts = *seen_.parts;
    piece.seen.parts.reset();
    piece.seen.standing = {false, Severity::ok, seen_.standing.value};
    if (was_undivided() && !parts.faults.empty()) {
      piece.stored->standing.bad = false;
      piece.stored->standing.severity = Severity::ok;
    } else if (was_undivided() && !parts.hidden.empty()) {
      if (piece.seen.known) piece.seen.overdue.reset();
      piece.seen.known = false;
    }
    pieces_.push_back(std::move(piece));
  }

  Observation of(const std::string& name, const std::string& detail) const {
    Observation piece;
    piece.key = seen_.key;
    piece.key.fault = name;
    piece.detail = detail;
    piece.repeats = seen_.repeats;
    piece.plan = seen_.plan;
    return piece;
  }

  void add(Observation piece) {
    if (!names_.insert(piece.key.fault).second) return;
    std::optional<Item> stored;
    if (const auto found = remembered_.find(piece.key); found != remembered_.end()) {
      stored = found->second;
    } else if (was_undivided() && piece.known) {
      const bool is_worse = rank(piece.standing.severity) > rank(whole_->standing.severity);
      const Standing before{true, whole_->standing.severity, ""};
      stored = Item{is_worse ? before : piece.standing, whole_->since, whole_->told_at};
    } else if (whole_ != nullptr && !never_known(whole_->standing)) {
      stored = Item{{}, whole_->since};  // it was not there
    }
    pieces_.push_back({std::move(piece), std::move(stored)});
  }

  void add_remembered() {
    for (auto item = remembered_.upper_bound(seen_.key); item != remembered_.end(); ++item) {
      auto whole = item->first;
      const auto name = std::exchange(whole.fault, "");
      if (whole != seen_.key) break;
      auto piece = of(name, item->second.detail);
      const bool hidden = seen_.parts->hides(name) && names_.count(name) == 0;
      piece.known = !hidden;
      add(std::move(piece));
      hidden_ += hidden ? 1 : 0;
      if (hidden && hidden_ > max_hidden) forget(pieces_.back());
    }
  }

  /// Without a word.
  static void forget(Piece& piece) {
    piece.seen.known = true;
    piece.stored = Item{};
  }

  const Items& remembered_;
  const Observation& seen_;
  std::size_t hidden_ = 0;
  const Item* whole_ = nullptr;
  std::set<std::string> names_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Piece> pieces_of(const Items& remembered, const Observation& seen) {
  if (seen.parts) return Split(remembered, seen).take();
  const auto found = remembered.find(seen.key);
  return {{seen, found != remembered.end() ? std::optional(found->second) : std::nullopt}};
}

bool is_over(const Key& key, const Item& item) {
  return !key.fault.empty() && !item.standing.bad && !item.candidate && item.unknown_since == 0;
}

}  // namespace maildiag::watch
