#include "session/self_test_file.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <sys/stat.h>

#include <fmt/format.h>

#include "core/clock.h"
#include "core/json_parse.h"
#include "core/text.h"
#include "report/json_text.h"
#include "session/cache_file.h"

namespace maildiag::session {

namespace {

/// All entries that the cache takes, with room to spare.
constexpr std::size_t max_file_bytes = 4UL << 20U;
/// Identifiers and names; DNS names have at most some 1000 characters in text form.
constexpr std::size_t max_key = 2048;

void read_line(std::string_view line, checks::SelfTestCache& cache) {
  const auto entry = parse_json(line);
  if (!entry) return;
  const auto& key = (*entry)["key"].as_string();
  const auto tested = from_rfc3339((*entry)["tested"].as_string());
  const auto kind = checks::self_test_kind_from((*entry)["verdict"].as_string());
  // What was not answered is asked again in each run.
  if (key.empty() || key.size() > max_key || !tested || !kind ||
      *kind == checks::SelfTestVerdict::Kind::unanswered)
    return;
  checks::SelfTestVerdict verdict;
  verdict.kind = *kind;
  const auto& reason = (*entry)["reason"].as_string();
  if (*kind == checks::SelfTestVerdict::Kind::broken) {
    for (const char* known : {"dnsbl.reason.outside-127", "dnsbl.reason.test-entry-missing",
                              "dnsbl.reason.lists-everything"}) {
      if (reason == known) verdict.reason = known;
    }
    if (verdict.reason.empty()) return;
  }
  verdict.code = IpAddress::parse((*entry)["code"].as_string());
  verdict.evidence.data = (*entry)["evidence"];
  if (verdict.evidence.data.is_object()) verdict.evidence.data.set("from_cache", true);
  cache.restore(key, std::move(verdict), *tested);
}

std::string line_of(const std::string& key, const checks::SelfTestCache::Entry& entry) {
  const auto& verdict = entry.verdict;
  const auto value =
      Value::object({{"key", key},
                     {"tested", to_rfc3339(entry.tested)},
                     {"verdict", checks::to_string(verdict.kind)},
                     {"reason", verdict.reason},
                     {"code", verdict.code ? verdict.code->to_string() : std::string()},
                     {"evidence", verdict.evidence.data}});
  std::string line;
  report::append_json(line, value);
  line += '\n';
  return line;
}

}  // namespace

void read_self_tests(const std::string& file, checks::SelfTestCache& cache) {
  const auto text = read_cache_file(file, max_file_bytes);
  for (const auto line : text::split(text, '\n')) {
    if (!line.empty()) read_line(line, cache);
  }
}

bool write_self_tests(const std::string& file, const checks::SelfTestCache& cache,
                      const SecretMask& mask) {
  // What other runs have written in the meantime stays.
  checks::SelfTestCache all;
  for (const auto& [key, entry] : cache.entries()) {
    if (!entry.earlier_run) all.restore(key, entry.verdict, entry.tested);
  }
  read_self_tests(file, all);
  const auto now = std::chrono::system_clock::now();
  std::string text;
  for (const auto& [key, entry] : all.entries()) {
    const bool lasting = entry.verdict.kind != checks::SelfTestVerdict::Kind::unanswered;
    if (lasting && all.find(key, now, false) != nullptr) text += line_of(key, entry);
  }
  return write_cache_file(file, mask.apply(text), S_IRUSR | S_IWUSR);
}

}  // namespace maildiag::session
