#include <array>

#include <fmt/format.h>

#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

constexpr std::array<std::string_view, 10> sides = {"sender-dns",        "sender-ip-reputation",
                                                    "sender-content",    "sender-rate",
                                                    "recipient-mailbox", "recipient-server",
                                                    "protocol",          "network",
                                                    "sender-account",    "none"};
constexpr std::array<std::string_view, 5> severities = {"ok", "info", "warning", "critical",
                                                        "unknown"};

void check_decidability(TableReader& reader, const Cause& cause) {
  if (!cause.untestable && cause.checks.empty()) {
    reader.fault({}, "needs `checks`, or `untestable = true`");
  }
  if (!cause.confirmed_when_named.empty() && cause.match_fact.empty()) {
    reader.fault("confirmed_when_named", "needs `match_fact`: the fact of the reply that names");
  }
}

void check_known(TableReader& reader, std::string_view key, Strings checks) {
  for (const auto check : checks) {
    if (std::find(known_checks.begin(), known_checks.end(), check) != known_checks.end()) continue;
    reader.fault(key, "unknown check `{}`; known: {}", check,
                 fmt::format("{}", fmt::join(known_checks, ", ")));
  }
}

}  // namespace

void read_cause(TableReader& reader, Shelves& shelves, int layer) {
  Cause cause;
  cause.id = reader.id();
  cause.side = reader.one_of("side", sides, Need::required);
  cause.title = reader.translated("title", Need::required);
  cause.meaning = reader.translated("meaning", Need::required);
  cause.checks = reader.strings("checks", Need::optional);
  cause.confirmed_by = reader.strings("confirmed_by", Need::optional);
  cause.confirmed_when_named = reader.strings("confirmed_when_named", Need::optional);
  cause.refuted_by = reader.strings("refuted_by", Need::optional);
  cause.inconclusive_by = reader.strings("inconclusive_by", Need::optional);
  cause.advice = reader.strings("advice", Need::optional);
  cause.advised_by = reader.strings("advised_by", Need::optional);
  cause.match_fact = reader.text("match_fact", Need::optional);
  cause.refines = reader.text("refines", Need::optional);
  cause.untestable = reader.boolean("untestable").value_or(false);
  cause.passes = reader.boolean("passes").value_or(false);
  cause.alternative_rank = static_cast<int>(reader.integer("alternative_rank", 0, 1000));
  cause.fix = reader.translated_list("fix", reader.shipped() ? Need::required : Need::optional);
  cause.links = reader.strings("links", Need::optional);
  cause.reputation = reader.strings("reputation", Need::optional);
  check_decidability(reader, cause);
  check_known(reader, "checks", cause.checks);
  check_known(reader, "advice", cause.advice);
  reader.finish();
  shelves.causes.put(reader, cause, reader.arena().copy(reader.origin()), layer);
}

void read_finding_text(TableReader& reader, Shelves& shelves, int layer) {
  FindingText text;
  text.id = reader.id();
  text.severity = reader.one_of("severity", severities, Need::required);
  text.title = reader.translated("title", Need::required);
  text.detail = reader.translated("detail", Need::required);
  text.remedy = reader.translated_list("remedy", Need::optional);
  text.reference = reader.text("reference", Need::optional);
  reader.finish();
  shelves.finding_texts.put(reader, text, reader.arena().copy(reader.origin()), layer);
}

void read_label(TableReader& reader, Shelves& shelves, int layer) {
  Label label;
  label.id = reader.id();
  label.text.en = reader.text("en", Need::required);
  label.text.ko = reader.text("ko", reader.shipped() ? Need::required : Need::optional);
  reader.finish();
  shelves.labels.put(reader, label, reader.arena().copy(reader.origin()), layer);
}

}  // namespace maildiag::rulebook
