/// The RFC 7208 conformance table (not part of the project; see conformance_file()).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "dns/record.h"
#include "support/memory_backend.h"

namespace maildiag::test {

struct SuiteName {
  std::string name;
  std::vector<dns::Record> records;
  std::set<dns::RecordType> silent_types;
  bool silent = false;  ///< for every type without records
};
struct SuiteCase {
  std::string id, host, helo, sender;
  std::vector<std::string> results;
  std::optional<std::string> explanation;
};
struct SuiteScenario {
  std::string description;
  std::vector<SuiteName> names;
  std::vector<SuiteCase> cases;
};
struct SuiteTable {
  std::string default_explanation;
  std::vector<SuiteScenario> scenarios;
};

/// In the folder named by MAILDIAG_CONFORMANCE, else shared/conformance beside the project or one
/// level up.
inline std::optional<std::filesystem::path> conformance_file(std::string_view name) {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("MAILDIAG_CONFORMANCE")) folders.emplace_back(folder);
  const std::filesystem::path root = TEST_SOURCE_DIR;
  folders.push_back(root / "../shared/conformance");
  folders.push_back(root / "../../shared/conformance");
  for (const auto& folder : folders) {
    if (std::filesystem::exists(folder / name)) return folder / name;
  }
  return std::nullopt;
}

namespace suite_detail {

/// Code points 0-255 are octets.
inline std::string octets(const nlohmann::json& value) {
  const auto text = value.get<std::string>();
  std::string raw;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      raw += text[i];
    } else {
      const auto next = static_cast<unsigned char>(text.at(++i));
      raw += static_cast<char>((c & 3U) << 6U | (next & 0x3fU));
    }
  }
  return raw;
}

inline dns::RecordData record_data(dns::RecordType type, const nlohmann::json& d) {
  switch (type) {
    case dns::RecordType::a:
    case dns::RecordType::aaaa:
      return IpAddress::parse(octets(d)).value();
    case dns::RecordType::mx:
      return dns::MxData{d.at(0).get<std::uint16_t>(), raw_name(octets(d.at(1)))};
    case dns::RecordType::txt:
    case dns::RecordType::spf: {
      dns::TxtData txt;
      for (const auto& part : d) txt.strings.push_back(octets(part));
      return txt;
    }
    default:
      return dns::NameData{raw_name(octets(d))};
  }
}

inline SuiteName suite_name(const std::string& name, const nlohmann::json& world) {
  SuiteName entry;
  entry.name = name;
  entry.silent = world.value("timeout_other_types", false);
  for (const auto& type : world.value("timeout", nlohmann::json::array()))
    entry.silent_types.insert(dns::record_type_from(type.get<std::string>()).value());
  for (const auto& rr : world.at("rr")) {
    const auto type = dns::record_type_from(rr.at("t").get<std::string>()).value();
    entry.records.push_back({raw_name(name), type, 300, record_data(type, rr.at("d"))});
  }
  return entry;
}

inline SuiteCase suite_case(const nlohmann::json& test) {
  SuiteCase entry{octets(test.at("id")),
                  octets(test.at("host")),
                  octets(test.at("helo")),
                  octets(test.at("mailfrom")),
                  test.at("result").get<std::vector<std::string>>(),
                  std::nullopt};
  if (test.contains("explanation")) entry.explanation = octets(test.at("explanation"));
  return entry;
}

}  // namespace suite_detail

inline SuiteTable load_spf_suite(const std::filesystem::path& file) {
  std::ifstream in(file);
  const auto json = nlohmann::json::parse(in);
  SuiteTable table;
  table.default_explanation = json.at("default_explanation").get<std::string>();
  for (const auto& scenario : json.at("scenarios")) {
    SuiteScenario entry;
    entry.description = scenario.at("description").get<std::string>();
    for (const auto& [name, world] : scenario.at("zonedata").items())
      entry.names.push_back(suite_detail::suite_name(name, world));
    for (const auto& test : scenario.at("tests"))
      entry.cases.push_back(suite_detail::suite_case(test));
    table.scenarios.push_back(std::move(entry));
  }
  return table;
}

inline std::shared_ptr<MemoryBackend> memory_backend(const SuiteScenario& scenario) {
  auto backend = std::make_shared<MemoryBackend>();
  for (const auto& name : scenario.names) {
    for (const auto& record : name.records) backend->add(record.name, record.type, record.data);
    if (name.silent || !name.silent_types.empty())
      backend->silence(raw_name(name.name), {name.silent_types, name.silent});
  }
  return backend;
}

}  // namespace maildiag::test
