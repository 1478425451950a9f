#include "rulebook/loader/loader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "rulebook/loader/node.h"
#include "rulebook/loader/readers.h"

namespace maildiag::rulebook {
namespace {

namespace fs = std::filesystem;

struct Kind {
  std::string_view table, id_key;
  void (*read)(TableReader&, Shelves&, int layer);
};
constexpr std::array<Kind, 9> kinds = {{{"provider", "id", read_provider},
                                        {"rule", "id", read_rule},
                                        {"cause", "id", read_cause},
                                        {"finding", "id", read_finding_text},
                                        {"label", "id", read_label},
                                        {"list", "zone", read_list},
                                        {"selector", "name", read_dkim_selector},
                                        {"requirement", "id", read_requirement},
                                        {"registry", "id", read_registry}}};

std::string known_tables() {
  std::string result;
  for (const auto& kind : kinds)
    result += fmt::format("{}[[{}]]", result.empty() ? "" : " ", kind.table);
  return result;
}

struct File {
  std::string path, shown;
};

// The directory's *.toml files by name, so that the order does not depend on the file system.
Result<std::vector<File>> list_files(const RuleDirectory& directory) {
  std::error_code error;
  if (!fs::is_directory(directory.path, error)) {
    return fail_with(ErrorCode::configuration,
                     "{}: is no directory; name a directory with *.toml files", directory.shown);
  }
  std::vector<File> files;
  fs::recursive_directory_iterator entry(directory.path, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;  // a dangling link is found out when it is read
    if (entry->path().extension() != ".toml" || entry->is_directory(ignored)) continue;
    const auto relative = entry->path().lexically_relative(directory.path).generic_string();
    files.push_back({entry->path().string(), directory.shown + "/" + relative});
    if (files.size() > max_files) {
      return fail_with(ErrorCode::configuration, "{}: holds more than {} *.toml files",
                       directory.shown, max_files);
    }
  }
  if (error)
    return fail(ErrorCode::configuration, fmt::format("{}: {}", directory.shown, error.message()));
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.shown < b.shown; });
  return files;
}

Result<std::string> read_file(const File& file) {
  std::ifstream stream(file.path, std::ios::binary);
  std::string content;
  if (stream) {
    content.resize(max_file_bytes + 1);
    stream.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream && !stream.eof()) {
    return fail_with(ErrorCode::configuration, "{}: cannot be read: {}", file.shown,
                     std::strerror(errno));
  }
  return content;
}

void read_document(const Node& document, const std::string& shown, int layer, Shelves& shelves,
                   Arena& arena, Faults& faults) {
  for (const auto& [key, tables] : document.members) {
    const auto& table_name = key;
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&table_name](const Kind& k) { return k.table == table_name; });
    if (kind == kinds.end() || tables.kind != Node::Kind::list) {
      faults.add(at_place(fmt::format("{}:{}", shown, tables.line),
                          make_error(ErrorCode::configuration, "unknown `{}`; known tables: {}",
                                     table_name, known_tables())));
      return;
    }
    for (const auto& table : tables.items) {
      if (table.kind != Node::Kind::table) {
        faults.add(at_place(fmt::format("{}:{}", shown, table.line),
                            make_error(ErrorCode::configuration, "`{}` must hold tables: [[{}]]",
                                       table_name, table_name)));
        return;
      }
      TableReader reader(table, shown, kind->table, kind->id_key, layer == 0, arena, faults);
      kind->read(reader, shelves, layer);
      if (faults.first()) return;
      if (shelves.rules.entries().size() > max_rules) {
        faults.add(at_place(fmt::format("{}:{}", shown, table.line),
                            make_error(ErrorCode::configuration, "more than {} rules", max_rules)));
        return;
      }
    }
  }
}

std::optional<Error> read_directory(const RuleDirectory& directory, Shelves& shelves,
                                    Arena& arena) {
  const auto files = list_files(directory);
  if (!files) return files.error();
  for (const auto& file : *files) {
    const auto content = read_file(file);
    if (!content) return content.error();
    const auto document = parse_toml(*content, file.shown);
    if (!document) return document.error();
    Faults faults;
    read_document(*document, file.shown, directory.layer, shelves, arena, faults);
    if (faults.first()) return faults.first();
  }
  return std::nullopt;
}

}  // namespace

Result<Library> load_directories(const Tables& base,
                                 const std::vector<RuleDirectory>& directories) {
  Library library;
  Shelves shelves(base);
  for (const auto& directory : directories) {
    if (auto error = read_directory(directory, shelves, *library.arena))
      return tl::unexpected(*std::move(error));
  }
  Faults faults;
  check_references(shelves, faults);
  if (faults.first()) return tl::unexpected(*faults.first());
  library.providers = shelves.providers.sorted();
  library.rules = shelves.rules.sorted();
  library.rule_order = winning_order(library.rules, library.providers);
  library.causes = shelves.causes.sorted();
  library.finding_texts = shelves.finding_texts.sorted();
  library.lists = shelves.lists.in_order();
  library.dkim_selectors = shelves.dkim_selectors.in_order();
  library.requirements = shelves.requirements.in_order();
  library.registries = shelves.registries.in_order();
  library.labels = shelves.labels.sorted();
  return library;
}

}  // namespace maildiag::rulebook
