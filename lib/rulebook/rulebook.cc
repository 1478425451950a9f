#include "rulebook/rulebook.h"

#include <fmt/format.h>

#include "rulebook/bulk_matcher.h"
#include "rulebook/loader/loader.h"
#include "rulebook/loader/re2_options.h"
#include "rulebook/matcher.h"

namespace maildiag::rulebook {

class Rulebook::Impl {
 public:
  explicit Impl(const Tables& shipped) : matcher_(shipped) {}
  explicit Impl(Library merged) : library_(std::move(merged)), matcher_(library_.tables()) {}

  const Tables& tables() const { return matcher_.tables(); }
  const Matcher& matcher() const { return matcher_; }

 private:
  Library library_;  // empty where the shipped tables are used as they are
  Matcher matcher_;
};

Rulebook::Rulebook(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rulebook::~Rulebook() = default;

Result<std::shared_ptr<const Rulebook>> Rulebook::load(
    const std::vector<std::string>& directories) {
  if (directories.empty()) {
    return std::make_shared<const Rulebook>(std::make_unique<Impl>(compiled_tables()));
  }
  std::vector<RuleDirectory> layers;
  for (const auto& path : directories) {
    layers.push_back({path, path, static_cast<int>(layers.size()) + 1});
  }
  auto library = load_directories(compiled_tables(), layers);
  if (!library) return tl::unexpected(std::move(library.error()));
  return std::make_shared<const Rulebook>(std::make_unique<Impl>(std::move(*library)));
}

Match Rulebook::match(const ReplyView& reply) const {
  return impl_->matcher().match(reply);
}

std::vector<std::pair<std::string, std::string>> Rulebook::facts(const Rule& rule,
                                                                 std::string_view text) const {
  return impl_->matcher().facts(static_cast<std::size_t>(&rule - rules().data()),
                                text.substr(0, max_matched_bytes));
}

std::unique_ptr<Rulebook::BulkMatcher> Rulebook::bulk_matcher() const {
  return make_bulk_matcher(impl_->matcher());
}

std::span<const std::uint16_t> Rulebook::winning_order() const {
  return impl_->tables().rule_order;
}
std::span<const Rule> Rulebook::rules() const {
  return impl_->tables().rules;
}
std::span<const Provider> Rulebook::providers() const {
  return impl_->tables().providers;
}
std::span<const Cause> Rulebook::causes() const {
  return impl_->tables().causes;
}
std::span<const DnsList> Rulebook::lists() const {
  return impl_->tables().lists;
}
std::span<const DkimSelector> Rulebook::dkim_selectors() const {
  return impl_->tables().dkim_selectors;
}
std::span<const Requirement> Rulebook::requirements() const {
  return impl_->tables().requirements;
}
std::span<const Registry> Rulebook::registries() const {
  return impl_->tables().registries;
}
std::span<const FindingText> Rulebook::finding_texts() const {
  return impl_->tables().finding_texts;
}
std::span<const Label> Rulebook::labels() const {
  return impl_->tables().labels;
}

const Rule* Rulebook::rule(std::string_view id) const {
  return find_by_id(rules(), id);
}
const Provider* Rulebook::provider(std::string_view id) const {
  return find_by_id(providers(), id);
}
const Cause* Rulebook::cause(std::string_view id) const {
  return find_by_id(causes(), id);
}
const FindingText* Rulebook::finding_text(std::string_view id) const {
  return find_by_id(finding_texts(), id);
}

std::string_view Rulebook::label(std::string_view id, Language language) const {
  const Label* label = find_by_id(labels(), id);
  return label == nullptr ? id : label->text.in(language);
}

}  // namespace maildiag::rulebook
