#include "checks/dmarc_walk.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace maildiag::checks::dmarc {

namespace {

/// TXT records at one name that are looked at; a real name has one or two.
constexpr std::size_t max_texts = 50;

void read_answer(Step& step) {
  std::vector<std::string> found;
  std::size_t texts = 0;
  for (const auto& record : step.answer.records) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr || ++texts > max_texts) continue;
    auto text = txt->joined();
    if (is_record(text)) {
      found.push_back(std::move(text));
    } else if (looks_like_record(text)) {
      step.near_records.push_back(std::move(text));
    }
  }
  // Section 4.10 step 2: of several, none counts.
  if (found.size() == 1) {
    step.record = parse_record(found.front());
  } else {
    step.several = std::move(found);
  }
}

/// The zone files hold the name below, but not this one (Answer::server tells their answers).
bool is_above_zones(const Walk& walk, const Step& step) {
  return !walk.steps.empty() && step.answer.outcome == dns::Outcome::refused &&
         step.answer.server.starts_with("zone:");
}

}  // namespace

const DomainName& Step::holder() const {
  return answer.cname_chain.empty() ? name : answer.cname_chain.back();
}

Task<Step> ask_record(Context context, DomainName domain) {
  Step step;
  step.domain = domain;
  const auto name = domain.child("_dmarc");
  if (!name) {
    // Too long to have such a name below it: nothing can be published there.
    step.answer.outcome = dns::Outcome::nxdomain;
    co_return step;
  }
  step.name = *name;
  auto answer = co_await context.resolver.query(step.name, dns::RecordType::txt);
  step.answer = std::move(answer);
  if (step.answer.definite()) read_answer(step);
  co_return step;
}

const Step* Walk::at(const DomainName& domain) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&domain](const Step& step) { return step.domain == domain; });
  return found == steps.end() ? nullptr : &*found;
}

Task<Walk> walk_tree(Context context, DomainName start) {
  Walk walk;
  walk.start = start;
  DomainName domain = start;
  while (!domain.is_root() && walk.steps.size() < max_walk_queries) {
    auto step = co_await ask_record(context, domain);
    step.above_zones = is_above_zones(walk, step);
    const bool ends =
        step.above_zones || step.failed() || (step.record && step.record->psd != Psd::undeclared);
    walk.steps.push_back(std::move(step));
    if (ends) break;
    const auto labels = domain.label_count();
    domain = domain.suffix(std::min(labels - 1, shortened_labels));
  }
  co_return walk;
}

std::optional<DomainName> organizational_domain(const Walk& walk) {
  if (walk.failed()) return std::nullopt;
  std::optional<DomainName> last;
  for (const auto& step : walk.steps) {
    if (!step.record) continue;
    if (step.record->psd == Psd::no) return step.domain;
    if (step.record->psd == Psd::yes && step.domain != walk.start)
      return walk.start.suffix(step.domain.label_count() + 1);
    last = step.domain;
  }
  return last ? last : walk.start;
}

Applied find_record(const Walk& walk) {
  if (walk.steps.empty()) return {};
  const auto* own = walk.at(walk.start);
  if (own != nullptr && own->record) return {own, Level::author};
  const auto organization = organizational_domain(walk);
  if (!organization) return {};
  const auto* step = walk.at(*organization);
  if (step != nullptr && step->record) return {step, Level::organization};
  const auto& last = walk.steps.back();
  if (last.record && last.record->psd == Psd::yes) return {&last, Level::public_suffix};
  return {};
}

Choice choose_policy(const Record& record, Level level, bool exists) {
  // Section 4.10.1: a faulty policy tag spoils the others too.
  if (!record.has_valid_policies()) {
    if (record.has_reports("rua")) return {Policy::none, {}};
    return {};
  }
  if (level != Level::author) {
    if (!exists && record.np) return {record.np, "np"};
    if (record.sp) return {record.sp, "sp"};
  }
  return {record.p, "p"};
}

bool depends_on_existence(const Record& record, Level level) {
  return level != Level::author && record.has_valid_policies() && record.np.has_value();
}

Task<Alignment> check_alignment(Context context, const Walk& author, DomainName identifier,
                                AlignmentMode mode) {
  if (identifier == author.start) co_return Alignment{true, true};
  if (mode == AlignmentMode::strict) co_return Alignment{false, true};
  const auto wanted = organizational_domain(author);
  if (!wanted) co_return Alignment{false, false};
  const auto walk = co_await walk_tree(context, std::move(identifier));
  const auto found = organizational_domain(walk);
  if (!found) co_return Alignment{false, false};
  co_return Alignment{*found == *wanted, true};
}

}  // namespace maildiag::checks::dmarc
