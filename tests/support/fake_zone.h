/// Names and records for a fake name server, written like a master file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/fake_reply.h"

namespace maildiag::test {

/// Answers with CNAME chains, NODATA and NXDOMAIN (each with an SOA record); a name exists also if
/// only names below it do.
class FakeZone {
 public:
  FakeZone() = default;
  /// One record a line: `NAME TYPE RDATA`; in place of the RDATA `NAME TYPE !timeout`, `!servfail`
  /// or `!refused`, with TYPE `*` for every type. `;` starts a comment. Throws
  /// std::invalid_argument.
  explicit FakeZone(std::string_view text);

  FakeZone& add(std::string_view name, dns::RecordType type, const std::string& rdata);
  /// RDATA as octets, e.g. a TXT record with octets outside ASCII.
  FakeZone& add_raw(std::string_view name, dns::RecordType type, std::string rdata);
  /// A TXT record of these strings, octets as they stand.
  FakeZone& add_txt(std::string_view name, const std::vector<std::string>& strings);
  /// Questions of this type (nullopt: of any type) get this reply instead.
  FakeZone& behave(std::string_view name, std::optional<dns::RecordType> type, FakeReply reply);

  FakeReply reply_to(const FakeQuery& query) const;

 private:
  struct Item {
    dns::RecordType type;
    std::string rdata;
    bool raw;
  };
  void read_line(std::string_view line);
  void add_item(std::string_view name, Item item);
  bool exists(const DomainName& name) const;

  std::map<DomainName, std::vector<Item>> names_;
  std::set<DomainName> existing_;
  std::vector<std::pair<std::pair<DomainName, std::optional<dns::RecordType>>, FakeReply>>
      behaviours_;
};

}  // namespace maildiag::test
