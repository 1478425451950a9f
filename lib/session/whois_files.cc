#include "session/whois_files.h"

#include <sys/stat.h>
#include <utility>

#include <fmt/format.h>

#include "core/clock.h"
#include "core/json_parse.h"
#include "core/text.h"
#include "report/json_text.h"
#include "session/cache_file.h"

namespace maildiag::session {

using namespace checks::whois;

namespace {

/// All entries that the cache takes, with room to spare.
constexpr std::size_t max_whois_bytes = 8UL << 20U;
/// The target, and how it was asked.
constexpr std::size_t max_whois_key = 4096;
/// Whose mail server it is, is nobody else's business; who administers it together may share.
constexpr mode_t cache_mode = S_IRUSR | S_IWUSR | S_IRGRP;

std::string path_of(const std::string& directory) {
  return directory + "/registrations.jsonl";
}

void read_line(std::string_view line, Cache& cache) {
  const auto value = parse_json(line);
  if (!value) return;
  const auto& key = (*value)["key"].as_string();
  const auto asked = from_rfc3339((*value)["asked"].as_string());
  const auto& found = (*value)["found"];
  if (key.empty() || key.size() > max_whois_key || !asked || !found.is_bool()) return;
  Cache::Entry entry;
  entry.found = found.as_bool();
  entry.registration = registration_from((*value)["registration"]);
  entry.source = clean_text((*value)["source"].as_string());
  entry.server = clean_text((*value)["server"].as_string());
  entry.registry = clean_text((*value)["registry"].as_string());
  entry.asked = *asked;
  cache.restore(key, std::move(entry));
}

std::string line_of(const std::string& key, const Cache::Entry& entry) {
  const auto value = Value::object({{"key", key},
                                    {"asked", to_rfc3339(entry.asked)},
                                    {"found", entry.found},
                                    {"source", entry.source},
                                    {"server", entry.server},
                                    {"registry", entry.registry},
                                    {"registration", entry.registration.to_value()}});
  std::string line;
  report::append_json(line, value);
  line += '\n';
  return line;
}

}  // namespace

std::string bootstrap_file(const std::string& directory, BootstrapFile file) {
  return fmt::format("{}/rdap-{}.json", directory, to_string(file));
}

void read_registrations(const std::string& directory, Cache& cache) {
  const auto text = read_cache_file(path_of(directory), max_whois_bytes);
  for (const auto line : text::split(text, '\n')) {
    if (!line.empty()) read_line(line, cache);
  }
}

void read_bootstrap(const std::string& directory, Bootstrap& bootstrap) {
  for (const auto file : bootstrap_files) {
    const auto text = read_cache_file(bootstrap_file(directory, file), max_bootstrap);
    if (text.empty()) continue;
    const auto added = bootstrap.add(file, text);
    static_cast<void>(added);  // a damaged file is none: the shipped rows stand behind it
  }
}

bool write_registrations(const std::string& directory, const Cache& cache) {
  Cache all;
  for (const auto& [key, entry] : cache.entries()) all.restore(key, entry);
  // What other runs have written in the meantime stays.
  read_registrations(directory, all);
  const auto now = std::chrono::system_clock::now();
  std::string text;
  for (const auto& [key, entry] : all.entries()) {
    if (all.find(key, now) != nullptr) text += line_of(key, entry);
  }
  return text.size() <= max_whois_bytes && write_cache_file(path_of(directory), text, cache_mode);
}

}  // namespace maildiag::session
