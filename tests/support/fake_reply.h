/// What a fake name server sends back: a normal message, or one of the things that servers and
/// forgers do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"

namespace maildiag::test {

/// A question as it arrived.
struct FakeQuery {
  dns::Question question;
  std::string wire;  ///< the whole message
  std::uint16_t id = 0;
  bool tcp = false;
  bool edns = false;
  std::uint16_t port = 0;   ///< that it came from, over UDP
  std::size_t earlier = 0;  ///< how often this question came before
};

/// nullopt: it is no question. `earlier` and `tcp` are the server's to fill in.
std::optional<FakeQuery> read_query(std::string_view wire);

class FakeReply {
 public:
  enum class Delivery {
    normal,
    drop,   ///< nothing (over TCP: the connection stays open and silent)
    close,  ///< TCP: the connection is closed without a message
    reset,  ///< TCP: the same with RST
    cut,    ///< TCP: closed in the middle of the message
  };

  explicit FakeReply(int rcode = 0) : rcode_(rcode) {}
  static FakeReply drop() { return FakeReply().deliver(Delivery::drop); }
  /// These octets, as they stand. With `keep_id` the first two are replaced by the query's id.
  static FakeReply bytes(std::string octets, bool keep_id = false);

  /// RDATA as in a master file, e.g. answer("example.com", dns::RecordType::mx, "10
  /// mx.example.com").
  FakeReply& answer(std::string_view name, dns::RecordType type, const std::string& rdata,
                    std::uint32_t ttl = 300);
  /// RDATA as octets.
  FakeReply& raw_answer(std::string_view name, dns::RecordType type, std::string rdata,
                        std::uint32_t ttl = 300);
  FakeReply& authority(std::string_view name, dns::RecordType type, const std::string& rdata,
                       std::uint32_t ttl = 300);
  /// A negative answer's SOA record.
  FakeReply& soa(std::string_view zone, std::uint32_t minimum = 60, std::uint32_t ttl = 300);

  FakeReply& rcode(int value);
  FakeReply& delay(std::chrono::milliseconds time);
  FakeReply& deliver(Delivery delivery);
  /// Nothing but the first CNAME of its answers; unchanged if it does not begin with one.
  FakeReply& only_first_alias();
  FakeReply& truncated(bool value = true);  ///< the TC bit
  FakeReply& authentic();                   ///< the AD bit
  FakeReply& authoritative(bool value);     ///< the AA bit; set unless told otherwise
  FakeReply& opcode(unsigned value);
  FakeReply& forge_id();  ///< another id than the query's
  FakeReply& forge_question(std::string_view name);
  FakeReply& without_question();
  FakeReply& from_other_port();  ///< UDP: sent from another socket
  /// Another reply, sent before this one.
  FakeReply& after(FakeReply first);

  // For the server:
  std::string encode(const FakeQuery& query) const;
  Delivery delivery() const { return delivery_; }
  std::chrono::milliseconds delay_time() const { return delay_; }
  bool is_from_other_port() const { return other_port_; }
  bool is_bytes() const { return bytes_.has_value(); }
  const std::vector<FakeReply>& before() const { return before_; }

 private:
  struct WireRecord {
    DomainName name;
    dns::RecordType type;
    std::uint32_t ttl;
    std::string rdata;
  };
  static void append(std::string& out, const WireRecord& record);
  static WireRecord make(std::string_view name, dns::RecordType type, const std::string& rdata,
                         std::uint32_t ttl);

  int rcode_ = 0;
  unsigned opcode_ = 0;
  bool truncated_ = false, authentic_ = false, authoritative_ = true, forged_id_ = false,
       questionless_ = false, other_port_ = false;
  std::vector<WireRecord> answers_, authorities_;
  std::optional<DomainName> forged_question_;
  std::optional<std::string> bytes_;
  bool keep_id_ = false;
  std::chrono::milliseconds delay_{0};
  Delivery delivery_ = Delivery::normal;
  std::vector<FakeReply> before_;
};

}  // namespace maildiag::test
