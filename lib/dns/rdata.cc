#include "dns/rdata.h"

#include <array>
#include <cstring>

#include "core/byte_reader.h"

namespace maildiag::dns {
namespace {

/// A name without compression pointers; these have no meaning outside a message.
DomainName read_name(ByteReader& reader) {
  std::string wire;
  for (std::size_t length = 1; length != 0 && reader.ok();) {
    length = reader.u8();
    wire += static_cast<char>(length);
    wire += reader.take(length);
    if (wire.size() > 255) break;  // from_wire() refuses it; the rest need not be read
  }
  auto name = DomainName::from_wire(wire);
  if (!name) reader.seek(std::string_view::npos);  // the reader's error is ours
  return name.value_or(DomainName());
}

/// A character-string (RFC 1035 section 3.3).
std::string read_string(ByteReader& reader) {
  const auto length = reader.u8();
  return std::string(reader.take(length));
}

std::string read_rest(ByteReader& reader) {
  return std::string(reader.take(reader.remaining()));
}

template <std::size_t Size>
std::array<std::uint8_t, Size> read_octets(ByteReader& reader) {
  std::array<std::uint8_t, Size> octets{};
  const auto part = reader.take(Size);
  if (part.size() == Size) std::memcpy(octets.data(), part.data(), Size);
  return octets;
}

MxData read_mx(ByteReader& reader) {
  MxData mx;
  mx.preference = reader.u16();
  mx.exchange = read_name(reader);
  return mx;
}

TxtData read_txt(ByteReader& reader) {
  TxtData txt;
  // RFC 1035 section 3.3.14 wants one string at least; RFC 7208's suite has a record without any,
  // and that one must not hide the others beside it.
  while (reader.ok() && reader.remaining() > 0) txt.strings.push_back(read_string(reader));
  return txt;
}

SoaData read_soa(ByteReader& reader) {
  SoaData soa;
  soa.primary = read_name(reader);
  soa.mailbox = read_name(reader);
  soa.serial = reader.u32();
  soa.refresh = reader.u32();
  soa.retry = reader.u32();
  soa.expire = reader.u32();
  soa.minimum = reader.u32();
  return soa;
}

SrvData read_srv(ByteReader& reader) {
  SrvData srv;
  srv.priority = reader.u16();
  srv.weight = reader.u16();
  srv.port = reader.u16();
  srv.target = read_name(reader);
  return srv;
}

TlsaData read_tlsa(ByteReader& reader) {
  TlsaData tlsa;
  tlsa.usage = reader.u8();
  tlsa.selector = reader.u8();
  tlsa.matching_type = reader.u8();
  tlsa.data = read_rest(reader);
  return tlsa;
}

CaaData read_caa(ByteReader& reader) {
  CaaData caa;
  caa.flags = reader.u8();
  caa.tag = read_string(reader);
  caa.value = read_rest(reader);
  return caa;
}

RecordData read_data(RecordType type, ByteReader& reader) {
  switch (type) {
    case RecordType::a:
      return IpAddress::from_v4(read_octets<4>(reader));
    case RecordType::aaaa:
      return IpAddress::from_v6(read_octets<16>(reader));
    case RecordType::mx:
      return read_mx(reader);
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
    case RecordType::dname:
      return NameData{read_name(reader)};
    case RecordType::txt:
    case RecordType::spf:
      return read_txt(reader);
    case RecordType::soa:
      return read_soa(reader);
    case RecordType::srv:
      return read_srv(reader);
    case RecordType::tlsa:
      return read_tlsa(reader);
    case RecordType::caa:
      return read_caa(reader);
    default:
      return RawData{read_rest(reader)};
  }
}

class Writer {
 public:
  void operator()(const IpAddress& address) {
    out_.append(reinterpret_cast<const char*>(address.data()), address.size());
  }
  void operator()(const MxData& mx) {
    number(mx.preference, 2);
    name(mx.exchange);
  }
  void operator()(const TxtData& txt) {
    for (const auto& each : txt.strings) string(each);
  }
  void operator()(const NameData& data) { name(data.name); }
  void operator()(const SoaData& soa) {
    name(soa.primary);
    name(soa.mailbox);
    for (const auto each : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum}) {
      number(each, 4);
    }
  }
  void operator()(const SrvData& srv) {
    for (const auto each : {srv.priority, srv.weight, srv.port}) number(each, 2);
    name(srv.target);
  }
  void operator()(const TlsaData& tlsa) {
    for (const auto each : {tlsa.usage, tlsa.selector, tlsa.matching_type}) number(each, 1);
    out_ += tlsa.data;
  }
  void operator()(const CaaData& caa) {
    number(caa.flags, 1);
    string(caa.tag);
    out_ += caa.value;
  }
  void operator()(const RawData& raw) { out_ += raw.octets; }

  std::string take() { return std::move(out_); }

 private:
  void number(std::uint32_t value, unsigned octets) {
    while (octets-- > 0) out_ += static_cast<char>(value >> 8U * octets & 0xffU);
  }
  void name(const DomainName& value) { out_ += value.wire(); }
  void string(std::string_view value) {
    number(static_cast<std::uint8_t>(value.size()), 1);
    out_ += value;
  }

  std::string out_;
};

}  // namespace

std::optional<RecordData> rdata_from_wire(RecordType type, std::string_view octets) {
  ByteReader reader(octets);
  auto data = read_data(type, reader);
  if (!reader.ok() || reader.remaining() > 0) return std::nullopt;
  return data;
}

std::string rdata_to_wire(const RecordData& data) {
  Writer writer;
  std::visit(writer, data);
  return writer.take();
}

}  // namespace maildiag::dns
