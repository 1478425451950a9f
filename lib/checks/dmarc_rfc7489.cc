#include "checks/dmarc_rfc7489.h"

#include <utility>

namespace maildiag::checks::dmarc {

namespace {

void apply(OldReading& reading, const Step& step, bool own) {
  const auto& record = *step.record;
  reading.found_at = step.domain;
  reading.pct = record.pct.value_or(100);
  if (!record.p || (record.has_sp && !record.sp)) {
    if (record.has_reports("rua")) reading.policy = Policy::none;
    return;
  }
  reading.policy = !own && record.sp ? record.sp : record.p;
}

}  // namespace

Task<OldReading> read_as_rfc7489(Context context, const Walk& walk,
                                 const PublicSuffixes& suffixes) {
  OldReading reading;
  reading.organizational_domain = suffixes.organizational_domain(walk.start);
  const auto* own = walk.at(walk.start);
  if (own == nullptr || own->failed()) {
    reading.known = false;
    co_return reading;
  }
  if (own->record) {
    apply(reading, *own, true);
    co_return reading;
  }
  if (reading.organizational_domain == walk.start) co_return reading;
  if (const auto* step = walk.at(reading.organizational_domain); step != nullptr) {
    reading.known = step->answer.definite();
    if (step->record) apply(reading, *step, false);
    co_return reading;
  }
  const auto step = co_await ask_record(context, reading.organizational_domain);
  reading.known = !step.failed();
  if (step.record) apply(reading, step, false);
  co_return reading;
}

}  // namespace maildiag::checks::dmarc
