/// Authoritative data of several zones and the rules by which it answers (RFC 1034 section 4.3.2,
/// RFC 4592).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "dns/master_file.h"
#include "dns/record.h"

namespace maildiag::dns {

/// For maps whose keys are names in lower-case wire form, looked up by views into one such name.
struct WireNameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>{}(name);
  }
};
template <class T>
using WireNameMap = std::unordered_map<std::string, T, WireNameHash, std::equal_to<>>;

struct ZoneRecord {
  std::uint32_t ttl = 0;
  RecordData data;
};

/// What one name holds. A name without sets exists because names below it do (an empty
/// non-terminal, RFC 8499).
struct ZoneNode {
  std::map<RecordType, std::vector<ZoneRecord>> sets;
  bool has(RecordType type) const { return sets.contains(type); }
};

class Zone {
 public:
  Zone(const DomainName& apex, std::string file);

  enum class Kind { records, cname, dname, nodata, nxdomain, delegated };
  struct Match {
    Kind kind = Kind::nxdomain;
    const ZoneNode* node = nullptr;  ///< of records, cname, dname
    std::size_t suffix = 0;          ///< of dname: the octets of the wire name from its owner on
  };
  /// What the zone says of a name in it, given in lower-case wire form.
  Match find(std::string_view wire, RecordType type) const;

  /// The file that opened the zone.
  const std::string& file() const { return file_; }
  /// For how long a negative answer holds (RFC 2308 section 5); 0 without SOA.
  std::uint32_t negative_ttl() const { return negative_ttl_; }

 private:
  friend class ZoneSetBuilder;

  const ZoneNode* node(std::string_view wire) const;

  std::string file_;
  std::size_t apex_size_ = 0;
  std::uint32_t negative_ttl_ = 0;
  WireNameMap<ZoneNode> nodes_;
};

class ZoneSet {
 public:
  /// The zone with the longest name that holds `wire` (lower-case); nullptr: outside every zone.
  const Zone* zone_of(std::string_view wire) const;

 private:
  friend class ZoneSetBuilder;
  WireNameMap<Zone> zones_;
};

/// The zones of master files. A file's SOA records open zones; where no SOA of the same file covers
/// a record, the $ORIGIN in force opens one. Files may add to each other's zones. Errors: a record
/// outside its origin, a second SOA, a CNAME beside other data (RFC 1034 section 3.6.2), too many
/// names.
Result<ZoneSet> make_zone_set(std::vector<MasterFile> files);

}  // namespace maildiag::dns
