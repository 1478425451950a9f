#include "support/fake_reply.h"

#include <stdexcept>
#include <utility>
#include <variant>

#include "core/byte_reader.h"
#include "dns/codec.h"
#include "dns/wire_message.h"

namespace maildiag::test {
namespace {

using dns::RecordType;

void append_u16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8U & 0xffU);
  out += static_cast<char>(value & 0xffU);
}

void append_u32(std::string& out, std::uint32_t value) {
  append_u16(out, value >> 16U);
  append_u16(out, value & 0xffffU);
}

void append_string(std::string& out, const std::string& string) {
  out += static_cast<char>(string.size());
  out += string;
}

struct RdataWire {
  std::string out;

  void operator()(const IpAddress& address) {
    out.assign(reinterpret_cast<const char*>(address.data()), address.size());
  }
  void operator()(const dns::MxData& mx) {
    append_u16(out, mx.preference);
    out += mx.exchange.wire();
  }
  void operator()(const dns::TxtData& txt) {
    for (const auto& string : txt.strings) append_string(out, string);
  }
  void operator()(const dns::NameData& data) { out = data.name.wire(); }
  void operator()(const dns::SoaData& soa) {
    out = soa.primary.wire() + soa.mailbox.wire();
    for (const auto number : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum}) {
      append_u32(out, number);
    }
  }
  void operator()(const dns::SrvData& srv) {
    append_u16(out, srv.priority);
    append_u16(out, srv.weight);
    append_u16(out, srv.port);
    out += srv.target.wire();
  }
  void operator()(const dns::TlsaData& tlsa) {
    for (const auto octet : {tlsa.usage, tlsa.selector, tlsa.matching_type}) {
      out += static_cast<char>(octet);
    }
    out += tlsa.data;
  }
  void operator()(const dns::CaaData& caa) {
    out += static_cast<char>(caa.flags);
    append_string(out, caa.tag);
    out += caa.value;
  }
  void operator()(const dns::RawData& raw) { out = raw.octets; }
};

DomainName name_of(std::string_view text) {
  auto name = DomainName::parse(text);
  if (!name) throw std::invalid_argument("not a domain name: " + std::string(text));
  return *name;
}

}  // namespace

std::optional<FakeQuery> read_query(std::string_view wire) {
  const auto header = dns::read_header(wire);
  const auto end = header ? dns::skip_name(wire, dns::header_size) : std::nullopt;
  const auto name =
      end ? DomainName::from_wire(wire.substr(dns::header_size, *end - dns::header_size))
          : std::nullopt;
  if (!name) return std::nullopt;
  ByteReader reader(wire);
  reader.seek(*end);
  FakeQuery query;
  query.wire = wire;
  query.id = header->id;
  query.edns = header->additionals > 0;
  query.question = {*name, static_cast<RecordType>(reader.u16())};
  return query;
}

FakeReply FakeReply::bytes(std::string octets, bool keep_id) {
  FakeReply reply;
  reply.bytes_ = std::move(octets);
  reply.keep_id_ = keep_id;
  return reply;
}

FakeReply::WireRecord FakeReply::make(std::string_view name, RecordType type,
                                      const std::string& rdata, std::uint32_t ttl) {
  const auto owner = name_of(name);
  const auto record = dns::parse_record(owner, type, ttl, rdata);
  if (!record) throw std::invalid_argument(record.error().message);
  RdataWire wire;
  std::visit(wire, record->data);
  return {owner, type, ttl, std::move(wire.out)};
}

FakeReply& FakeReply::answer(std::string_view name, RecordType type, const std::string& rdata,
                             std::uint32_t ttl) {
  answers_.push_back(make(name, type, rdata, ttl));
  return *this;
}

FakeReply& FakeReply::raw_answer(std::string_view name, RecordType type, std::string rdata,
                                 std::uint32_t ttl) {
  answers_.push_back({name_of(name), type, ttl, std::move(rdata)});
  return *this;
}

FakeReply& FakeReply::authority(std::string_view name, RecordType type, const std::string& rdata,
                                std::uint32_t ttl) {
  authorities_.push_back(make(name, type, rdata, ttl));
  return *this;
}

FakeReply& FakeReply::soa(std::string_view zone, std::uint32_t minimum, std::uint32_t ttl) {
  return authority(zone, RecordType::soa,
                   "ns.test. hostmaster.test. 1 7200 900 86400 " + std::to_string(minimum), ttl);
}

FakeReply& FakeReply::rcode(int value) {
  rcode_ = value;
  return *this;
}
FakeReply& FakeReply::delay(std::chrono::milliseconds time) {
  delay_ = time;
  return *this;
}
FakeReply& FakeReply::deliver(Delivery delivery) {
  delivery_ = delivery;
  return *this;
}
FakeReply& FakeReply::only_first_alias() {
  if (answers_.empty() || answers_.front().type != RecordType::cname) return *this;
  answers_.resize(1);
  authorities_.clear();
  rcode_ = 0;
  return *this;
}
FakeReply& FakeReply::truncated(bool value) {
  truncated_ = value;
  return *this;
}
FakeReply& FakeReply::authentic() {
  authentic_ = true;
  return *this;
}
FakeReply& FakeReply::authoritative(bool value) {
  authoritative_ = value;
  return *this;
}
FakeReply& FakeReply::opcode(unsigned value) {
  opcode_ = value;
  return *this;
}
FakeReply& FakeReply::forge_id() {
  forged_id_ = true;
  return *this;
}
FakeReply& FakeReply::forge_question(std::string_view name) {
  forged_question_ = name_of(name);
  return *this;
}
FakeReply& FakeReply::without_question() {
  questionless_ = true;
  return *this;
}
FakeReply& FakeReply::from_other_port() {
  other_port_ = true;
  return *this;
}
FakeReply& FakeReply::after(FakeReply first) {
  before_.push_back(std::move(first));
  return *this;
}

void FakeReply::append(std::string& out, const WireRecord& record) {
  constexpr std::size_t class_in = 1;
  out += record.name.wire();
  append_u16(out, static_cast<std::size_t>(record.type));
  append_u16(out, class_in);
  append_u32(out, record.ttl);
  append_u16(out, record.rdata.size());
  out += record.rdata;
}

std::string FakeReply::encode(const FakeQuery& query) const {
  std::string out;
  if (bytes_) {
    out = *bytes_;
    if (keep_id_ && out.size() >= 2) {
      std::string id;
      append_u16(id, query.id);
      out.replace(0, 2, id);
    }
    return out;
  }
  append_u16(out, forged_id_ ? query.id ^ 0x5555U : query.id);
  unsigned flags = 0x8180U | opcode_ << 11U;  // QR RD RA
  if (authoritative_) flags |= 0x0400U;
  if (truncated_) flags |= 0x0200U;
  if (authentic_) flags |= 0x0020U;
  append_u16(out, flags | (static_cast<unsigned>(rcode_) & 0xfU));
  append_u16(out, questionless_ ? 0 : 1);
  append_u16(out, truncated_ ? 0 : answers_.size());
  append_u16(out, truncated_ ? 0 : authorities_.size());
  append_u16(out, query.edns ? 1 : 0);
  if (!questionless_) {
    out += forged_question_ ? forged_question_->wire() : query.question.name.wire();
    append_u16(out, static_cast<std::size_t>(query.question.type));
    append_u16(out, 1);
  }
  if (!truncated_) {
    for (const auto& record : answers_) append(out, record);
    for (const auto& record : authorities_) append(out, record);
  }
  if (query.edns) {
    out += '\0';
    append_u16(out, 41);
    append_u16(out, 1232);
    append_u32(out, static_cast<std::uint32_t>(rcode_) >> 4U << 24U);
    append_u16(out, 0);
  }
  return out;
}

}  // namespace maildiag::test
