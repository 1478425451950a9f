/// A master file (RFC 1035 section 5) as records, and the zones that it holds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dns/record.h"

namespace maildiag::dns {

struct MasterRecord {
  Record record;
  std::size_t line = 0;    ///< where it begins
  std::size_t origin = 0;  ///< index into MasterFile::origins: what was in force
};

struct MasterFile {
  std::string path;
  std::vector<MasterRecord> records;
  std::vector<DomainName> origins;
};

/// $ORIGIN and $TTL are honoured; $INCLUDE and $GENERATE are refused. A file without $ORIGIN begins
/// with its SOA record, whose name is the origin. Errors: "FILE:LINE: message".
Result<MasterFile> parse_master_file(std::string path, std::string_view text);
/// The same, of a file. Errors also: missing, unreadable, too large.
Result<MasterFile> read_master_file(const std::string& path);

}  // namespace maildiag::dns
