#include "dns/reply.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <tl/expected.hpp>

#include "dns/codec.h"
#include "dns/record_decode.h"
#include "dns/wire_message.h"

namespace maildiag::dns {
namespace {

constexpr std::uint16_t class_internet = 1;

enum class ReplyCode : int { noerror = 0, servfail = 2, nxdomain = 3, refused = 5 };

/// What a message says beside its answers, found without decoding any record.
struct Surroundings {
  unsigned extended_rcode = 0;                ///< RFC 6891 section 6.1.3, the upper eight bits
  std::optional<std::uint32_t> negative_ttl;  ///< there is an SOA record: RFC 2308 section 5
  bool has_referral = false;                  ///< there are NS records
};

bool has_type(const WireRecord& record, RecordType type) {
  return record.type == static_cast<std::uint16_t>(type) && record.rr_class == class_internet;
}

/// TTLs with the first bit set count as zero (RFC 2181 section 8).
std::uint32_t valid_ttl(std::uint32_t ttl) {
  return ttl > 0x7fffffffU ? 0 : ttl;
}

/// The last field of an SOA record.
std::uint32_t soa_minimum(std::string_view packet, const WireRecord& record) {
  ByteReader reader(packet);
  reader.seek(record.rdata + record.rdata_size - 4);
  return valid_ttl(reader.u32());
}

Surroundings look_around(std::string_view packet) {
  Surroundings around;
  for_each_record(packet, [&](const WireRecord& record) {
    if (record.section == WireSection::additional && record.type == type_opt) {
      around.extended_rcode = record.ttl >> 24U;
    } else if (record.section == WireSection::authority && has_type(record, RecordType::soa)) {
      around.negative_ttl = std::min(valid_ttl(record.ttl), soa_minimum(packet, record));
    } else if (record.section == WireSection::authority && has_type(record, RecordType::ns)) {
      around.has_referral = true;
    }
  });
  return around;
}

/// What may stand in an answer beside what was asked for or an alias: signatures, and proofs of
/// what is not there (RFC 4035 section 3.1), and whence the alias came. Never alone: one flipped
/// bit makes SIG of TXT, and NSEC of MX.
bool may_accompany(const WireRecord& at) {
  constexpr std::array types{RecordType::dname, RecordType::rrsig, RecordType{24} /* SIG */,
                             RecordType::nsec, RecordType{50} /* NSEC3 */};
  return std::find(types.begin(), types.end(), static_cast<RecordType>(at.type)) != types.end();
}

/// The records of the answer section that can matter to the question. Error: why the section is no
/// word about what was asked.
tl::expected<std::vector<Record>, std::string_view> decode_answers(std::string_view packet,
                                                                   RecordType asked) {
  std::vector<Record> records;
  bool found = false, accompanied = false, unasked = false;
  RecordWalk walk(packet);
  for (WireRecord at; walk.next(at) && at.section == WireSection::answer;) {
    if (at.rr_class != class_internet)
      return tl::unexpected<std::string_view>("a record of another class");
    if (asked != RecordType::any && !has_type(at, asked) && !has_type(at, RecordType::cname)) {
      accompanied = true;
      unasked = unasked || !may_accompany(at);
      continue;
    }
    found = found || asked == RecordType::any || has_type(at, asked);
    auto record = decode_record(packet, at);
    if (!record) return tl::unexpected<std::string_view>("a record's data does not fit its type");
    record->ttl = valid_ttl(record->ttl);
    records.push_back(std::move(*record));
  }
  const bool alone = accompanied && records.empty();
  if (!found && (unasked || alone))
    return tl::unexpected<std::string_view>("no record of the asked type, but of others");
  return records;
}

/// Follows the CNAMEs from the question's name. False: a loop or too many (RFC 1034 section 3.6.2).
bool follow_chain(const std::vector<Record>& records, const Question& question, Reply& reply,
                  DomainName& end) {
  end = question.name;
  if (question.type == RecordType::cname || question.type == RecordType::any) return true;
  while (true) {
    const auto alias = std::find_if(records.begin(), records.end(), [&](const Record& record) {
      return record.type == RecordType::cname && record.name == end;
    });
    if (alias == records.end()) return true;
    end = std::get<NameData>(alias->data).name;
    const bool seen = end == question.name ||
                      std::find(reply.cname_chain.begin(), reply.cname_chain.end(), end) !=
                          reply.cname_chain.end();
    reply.cname_chain.push_back(end);
    reply.ttl = std::min(reply.ttl, alias->ttl);
    if (seen || reply.cname_chain.size() > most_cnames) return false;
  }
}

/// A record of the answer section that can matter, about a name that nobody asked for: what was
/// asked may be missing for it, so that nothing in the message can be believed. A DNAME record
/// stands above the names that it changes (RFC 6672 section 2.2).
bool has_stranger(const std::vector<Record>& records, const Question& question,
                  const Reply& reply) {
  if (question.type == RecordType::cname || question.type == RecordType::any) return false;
  return std::any_of(records.begin(), records.end(), [&](const Record& record) {
    const auto concerns = [&](const DomainName& name) {
      return record.type == RecordType::dname ? name.is_under(record.name) : name == record.name;
    };
    return !concerns(question.name) &&
           std::none_of(reply.cname_chain.begin(), reply.cname_chain.end(), concerns);
  });
}

/// Fills in the records at the end of the chain; says where to ask on where it leads out of the
/// message.
void take_answers(std::vector<Record> records, const Question& question, const Surroundings& around,
                  Reply& reply) {
  DomainName end;
  if (!follow_chain(records, question, reply, end)) {
    reply.outcome = Outcome::servfail;
    reply.detail = reply.cname_chain.size() > most_cnames ? "too many CNAMEs" : "CNAME loop";
    return;
  }
  if (has_stranger(records, question, reply)) {
    reply.outcome = Outcome::malformed;
    reply.detail = "an answer about another name";
    return;
  }
  for (auto& record : records) {
    const bool asked = question.type == RecordType::any || record.type == question.type;
    if (!asked || record.name != end) continue;
    if (end == question.name) record.name = question.name;  // not in the letters that we sent
    reply.ttl = std::min(reply.ttl, record.ttl);
    reply.records.push_back(std::move(record));
  }
  if (!reply.records.empty() && reply.outcome == Outcome::nxdomain) {
    // RFC 6604 section 3: the code is that of the chain's end, to which they belong.
    reply.records.clear();
    reply.outcome = Outcome::malformed;
    reply.detail = nxdomain_with_records;
  } else if (!reply.records.empty()) {
    reply.outcome = Outcome::answer;
  } else if (reply.outcome == Outcome::nodata && !around.negative_ttl &&
             !reply.cname_chain.empty()) {
    reply.ask_on = end;
  } else {
    reply.ttl = std::min(reply.ttl, around.negative_ttl.value_or(0));
  }
}

}  // namespace

Outcome outcome_of_rcode(int rcode) {
  switch (static_cast<ReplyCode>(rcode)) {
    case ReplyCode::noerror:
      return Outcome::nodata;
    case ReplyCode::nxdomain:
      return Outcome::nxdomain;
    case ReplyCode::servfail:
      return Outcome::servfail;
    case ReplyCode::refused:
      return Outcome::refused;
  }
  return Outcome::other_rcode;
}

Echo compare_question(std::string_view packet, const WireHeader& header, const Question& question,
                      LetterCase letters) {
  const auto& name = question.name.wire();
  if (header.questions != 1 || packet.size() < header_size + name.size() + 4) return Echo::none;
  const auto type = static_cast<unsigned>(question.type);
  const char tail[4] = {static_cast<char>(type >> 8U), static_cast<char>(type & 0xffU), 0, 1};
  if (std::memcmp(packet.data() + header_size + name.size(), tail, sizeof tail) != 0) {
    return Echo::none;
  }
  const auto repeated = packet.substr(header_size, name.size());
  if (repeated == letters.spell(name).view()) return Echo::exact;
  const auto other = DomainName::from_wire(repeated);
  return other && *other == question.name ? Echo::other_case : Echo::none;
}

void spell_as_asked(std::span<char> packet, const Question& question) {
  const auto& name = question.name.wire();
  std::memcpy(packet.data() + header_size, name.data(), name.size());
}

std::optional<std::vector<Record>> read_section(std::string_view packet, WireSection section,
                                                const Question& question) {
  std::vector<Record> records;
  bool ok = true;
  for_each_record(packet, [&](const WireRecord& at) {
    if (!ok || at.section != section || at.rr_class != class_internet || at.type == type_opt)
      return;
    auto record = decode_record(packet, at);
    ok = record.has_value();
    if (!ok) return;
    record->ttl = valid_ttl(record->ttl);
    if (record->name == question.name) record->name = question.name;
    records.push_back(std::move(*record));
  });
  if (!ok) return std::nullopt;
  return records;
}

Reply read_reply(std::string_view packet, const Question& question) {
  Reply reply;
  if (const auto fault = find_fault(packet)) {
    reply.detail = *fault;
    return reply;
  }
  const auto header = *read_header(packet);
  const auto around = look_around(packet);
  reply.rcode = static_cast<int>(around.extended_rcode << 4U | header.rcode());
  reply.authenticated = header.authenticated();
  reply.outcome = outcome_of_rcode(reply.rcode);
  if (!is_definite(reply.outcome)) return reply;
  if (header.answers == 0) {  // the short way: nothing to decode
    reply.ttl = around.negative_ttl.value_or(0);
    if (reply.outcome == Outcome::nodata && !around.negative_ttl && around.has_referral &&
        !header.authoritative()) {
      reply.outcome = Outcome::refused;
      reply.detail = "a referral: the server does not recurse";
    }
    return reply;
  }

  auto records = decode_answers(packet, question.type);
  if (!records) {
    reply.outcome = Outcome::malformed;
    reply.detail = records.error();
    return reply;
  }
  reply.ttl = 0x7fffffffU;
  take_answers(std::move(*records), question, around, reply);
  return reply;
}

}  // namespace maildiag::dns
