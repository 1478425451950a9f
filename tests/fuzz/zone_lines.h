/// A small zone out of lines that a fuzzer can write.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "checks/spf_macro.h"
#include "fuzz/pieces.h"
#include "support/memory_backend.h"

namespace maildiag::fuzz {

/// NAME<space>TEXT for each TXT record, NAME<space>ADDRESS, NAME<space>mx.HOST; at most a hundred.
inline std::shared_ptr<test::MemoryBackend> read_zone(std::string_view octets) {
  constexpr std::size_t max_records = 100;
  auto backend = std::make_shared<test::MemoryBackend>();
  for (std::size_t count = 0; !octets.empty() && count < max_records; ++count) {
    const auto line = take_line(octets);
    const auto space = line.find(' ');
    const auto name = checks::spf::to_domain_name(line.substr(0, space));
    if (!name || space == std::string_view::npos) continue;
    const auto value = line.substr(space + 1);
    if (const auto address = IpAddress::parse(value)) {
      backend->add(*name, address->is_v4() ? dns::RecordType::a : dns::RecordType::aaaa, *address);
    } else if (const auto host = checks::spf::to_domain_name(value);
               value.starts_with("mx.") && host) {
      backend->add(*name, dns::RecordType::mx, dns::MxData{10, *host});
    } else {
      backend->add(*name, dns::RecordType::txt, dns::TxtData{{std::string(value)}});
    }
  }
  return backend;
}

}  // namespace maildiag::fuzz
