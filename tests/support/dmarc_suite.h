/// The DMARC conformance tables (not part of the project; see conformance_file()).
#pragma once

#include <fstream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "support/memory_backend.h"
#include "support/spf_suite.h"

namespace maildiag::test {

inline nlohmann::json load_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

/// The names of a case: {name: [text or [strings]]}, and those that exist without a record.
inline std::shared_ptr<MemoryBackend> dmarc_backend(const nlohmann::json& world) {
  auto backend = std::make_shared<MemoryBackend>();
  for (const auto& [name, texts] : world.at("txt").items()) {
    for (const auto& text : texts) {
      dns::TxtData data;
      if (text.is_array()) {
        for (const auto& part : text) data.strings.push_back(suite_detail::octets(part));
      } else {
        data.strings.push_back(suite_detail::octets(text));
      }
      backend->add(raw_name(name), dns::RecordType::txt, std::move(data));
    }
  }
  if (world.contains("exists")) {
    for (const auto& name : world.at("exists"))
      backend->add_mx(name.get<std::string>(), 10, "mx.example.net");
  }
  if (world.contains("servfail")) {
    for (const auto& name : world.at("servfail"))
      backend->fail(name.get<std::string>(), dns::Outcome::servfail);
  }
  return backend;
}

}  // namespace maildiag::test
