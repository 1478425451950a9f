#include "faults/dns_fault.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/codec.h"
#include "dns/wire_message.h"

namespace maildiag::faults {
namespace {

using dns::RecordType;
using test::FakeQuery;
using test::FakeReply;

constexpr std::array recoverable{
    DnsFault::late,        DnsFault::twice,          DnsFault::forged_id,
    DnsFault::forged_port, DnsFault::forged_address, DnsFault::forged_question,
    DnsFault::forged_bare, DnsFault::forged_opcode,  DnsFault::forged_query,
    DnsFault::flood,       DnsFault::truncated,      DnsFault::truncated_forged,
    DnsFault::alias_alone, DnsFault::forged_target};
/// After some losses over TCP letters are not believed in any more.
constexpr std::array recoverable_by_tcp{DnsFault::forged_letters};
constexpr std::array failing{DnsFault::lost,    DnsFault::too_late, DnsFault::cut,
                             DnsFault::damaged, DnsFault::refusal,  DnsFault::no_edns,
                             DnsFault::loop,    DnsFault::counts,   DnsFault::fewer,
                             DnsFault::strings, DnsFault::nonsense, DnsFault::tiny};
constexpr std::array failing_tcp{TcpFault::refused,  TcpFault::closed, TcpFault::half,
                                 TcpFault::reset,    TcpFault::silent, TcpFault::endless,
                                 TcpFault::too_slow, TcpFault::forged, TcpFault::truncated,
                                 TcpFault::nonsense, TcpFault::zero,   TcpFault::half_closed,
                                 TcpFault::deaf};

constexpr unsigned flag_qr = 0x80U, opcode_update = 5U;
constexpr std::size_t flags_at = 2;

template <class All, class Fault>
void add_some(const All& all, std::size_t most, Dice& dice, std::vector<Fault>& to) {
  for (auto count = dice.between(1, most); count > 0; --count) {
    to.push_back(all[dice.below(all.size())]);
  }
}

void change_flags(std::string& message, unsigned mask) {
  message[flags_at] = static_cast<char>(static_cast<unsigned char>(message[flags_at]) ^ mask);
}

/// Another question than the one that was asked.
void change_question(std::string& message, Dice& dice) {
  const auto end = *dns::skip_name(message, dns::header_size);
  switch (dice.below(3)) {
    case 0:  // the name
      message[dns::header_size + 1] = message[dns::header_size + 1] == 'q' ? 'w' : 'q';
      break;
    case 1:  // the type
      message[end + 1] = static_cast<char>(message[end + 1] ^ 0x40);
      break;
    default:  // the class
      message[end + 3] = 3;
  }
}

/// Each letter of the question in the other case.
void change_letters(std::string& message) {
  const auto end = *dns::skip_name(message, dns::header_size);
  for (auto at = dns::header_size; at < end; ++at) {
    const auto lower = static_cast<unsigned char>(message[at]) | 0x20U;
    if (lower >= 'a' && lower <= 'z') message[at] = static_cast<char>(message[at] ^ 0x20);
  }
}

/// Places whose octets a reader can hold against something it knows: the id, QR and opcode, the
/// counts, the question, and of each record owner, class and length; the type of a lone one, as a
/// record of another type beside those that were asked for may be the server's choice.
std::vector<std::size_t> checked_places(std::string_view message) {
  std::vector<std::size_t> places{0, 1};
  for (std::size_t at = 4; at < dns::header_size; ++at) places.push_back(at);
  const auto question_end = *dns::skip_name(message, dns::header_size) + 4;
  for (auto at = dns::header_size; at < question_end; ++at) places.push_back(at);
  dns::for_each_record(message, [&](const dns::WireRecord& record) {
    if (record.section != dns::WireSection::answer) return;
    const auto owner_end = *dns::skip_name(message, record.start);
    for (auto at = record.start; at < owner_end; ++at) places.push_back(at);
    if (message[7] == 1) places.insert(places.end(), {owner_end, owner_end + 1});
    for (const auto behind : {2U, 3U, 8U, 9U}) places.push_back(owner_end + behind);
  });
  return places;
}

/// A flip that changes the meaning: not one of a letter's case.
void flip(std::string& message, std::size_t place, Dice& dice) {
  auto bit = 1U << dice.below(8);
  if (bit == 0x20U) bit = 1U;
  message[place] = static_cast<char>(static_cast<unsigned char>(message[place]) ^ bit);
}

std::string header_and_question(const FakeQuery& query, unsigned answers) {
  FakeReply empty;
  auto message = empty.encode(query);
  message.resize(*dns::skip_name(message, dns::header_size) + 4);
  message[7] = static_cast<char>(answers);
  message[11] = 0;
  return message;
}

/// An answer whose owner is a pointer to nowhere good.
std::string looping(const FakeQuery& query, Dice& dice) {
  auto message = header_and_question(query, 1);
  const auto here = message.size();
  const auto target = dice.pick<std::size_t>({here, here + 2, here + 40, 0x3fffU});
  dns::append_u16(message, 0xc000U | target);
  dns::append_u16(message, static_cast<std::size_t>(query.question.type));
  dns::append_u16(message, 1);
  dns::append_u16(message, 0);
  dns::append_u16(message, 300);
  dns::append_u16(message, 4);
  return message + std::string("\xc0\x0c\x7f\x02", 4);
}

std::string many_strings(const FakeQuery& query, Dice& dice) {
  constexpr std::size_t most_of_udp = 1100;
  FakeReply reply;
  const auto count = query.tcp ? dice.between(2000, 60'000) : dice.between(600, most_of_udp);
  reply.raw_answer(query.question.name.to_string(), RecordType::txt, std::string(count, '\0'));
  return reply.encode(query);
}

/// Without EDNS there are four bits for it, and NOERROR or NXDOMAIN would be an answer.
int odd_rcode(bool edns, Dice& dice) {
  if (!edns) return dice.pick({1, 2, 4, 5, 9, 15});
  return dice.pick({1, 2, 2, 4, 5, 5, 6, 8, 9, 10, 11, 15, 16, 23, 4095});
}

}  // namespace

FaultPlan recoverable_plan(Dice& dice) {
  FaultPlan plan;
  add_some(recoverable, 4, dice, plan.udp);
  if (dice.chance(30)) add_some(recoverable_by_tcp, 1, dice, plan.udp);
  plan.tcp = {TcpFault::drip, TcpFault::split, TcpFault::half_closed_behind};
  plan.percent = dice.pick({30U, 100U});
  plan.tcp_percent = 50;
  return plan;
}

FaultPlan hostile_plan(Dice& dice) {
  FaultPlan plan;
  add_some(failing, 4, dice, plan.udp);
  if (dice.chance(70)) add_some(recoverable, 3, dice, plan.udp);
  add_some(failing_tcp, 3, dice, plan.tcp);
  if (dice.below(400) == 0) plan.udp = {DnsFault::deluge};  // it takes its time
  plan.percent = dice.pick({5U, 20U, 50U, 100U});
  plan.tcp_percent = dice.pick({20U, 60U, 100U});
  plan.dead = dice.chance(4);
  return plan;
}

FaultPlan garbling_plan(Dice& dice) {
  auto plan = hostile_plan(dice);
  plan.udp.push_back(DnsFault::garbled);
  plan.percent = 60;
  return plan;
}

FakeReply lie(const FakeQuery& query, Dice& dice) {
  constexpr int nxdomain = 3;
  const auto name = query.question.name.to_string();
  FakeReply reply;
  if (dice.chance(40)) return reply.rcode(dice.pick({0, nxdomain})).soa("test");
  switch (query.question.type) {
    case RecordType::a:
      return reply.answer(name, RecordType::a, dice.pick({"127.0.0.2", "127.255.255.254"}));
    case RecordType::aaaa:
      return reply.answer(name, RecordType::aaaa, "2001:db8::bad");
    case RecordType::txt:
      return reply.answer(name, RecordType::txt,
                          dice.pick({"\"v=spf1 +all\"", "\"v=DMARC1; p=none\""}));
    case RecordType::mx:
      return reply.answer(name, RecordType::mx, "0 .");
    case RecordType::ptr:
      return reply.answer(name, RecordType::ptr, "liar.test");
    default:
      return reply.rcode(nxdomain).soa("test");
  }
}

std::string forge(const FakeQuery& query, DnsFault fault, Dice& dice) {
  auto reply = lie(query, dice);
  if (fault == DnsFault::forged_id) reply.forge_id();
  if (fault == DnsFault::forged_opcode) reply.opcode(opcode_update);
  if (fault == DnsFault::forged_bare) reply.without_question();
  if (fault == DnsFault::truncated_forged) {
    auto message = reply.encode(query);
    change_flags(message, 2);
    return message;
  }
  auto message = reply.encode(query);
  if (fault == DnsFault::forged_question) change_question(message, dice);
  if (fault == DnsFault::forged_letters) change_letters(message);
  if (fault == DnsFault::forged_query) change_flags(message, flag_qr);
  return message;
}

std::string spoil(const FakeQuery& query, std::string truth, DnsFault fault, Dice& dice) {
  switch (fault) {
    case DnsFault::cut:
      truth.resize(dice.below(truth.size()));
      return truth;
    case DnsFault::damaged: {
      const auto places = checked_places(truth);
      flip(truth, dice.pick(places), dice);
      return truth;
    }
    case DnsFault::refusal:
      return FakeReply(odd_rcode(query.edns, dice)).encode(query);
    case DnsFault::no_edns: {
      if (!query.edns) return truth;
      FakeReply reply(dice.pick({1, 4, 16}));
      if (dice.chance(50)) reply.without_question();
      return reply.encode(query);
    }
    case DnsFault::loop:
      return looping(query, dice);
    case DnsFault::counts:
      truth[6 + 2 * dice.below(3)] = static_cast<char>(dice.between(1, 255));
      return truth;
    case DnsFault::fewer:
      if (truth[7] == 0) return truth.substr(0, truth.size() - 1);
      truth[7] = static_cast<char>(dice.below(static_cast<unsigned char>(truth[7])));
      return truth;
    case DnsFault::strings:
      return many_strings(query, dice);
    case DnsFault::nonsense:
      return header_and_question(query, 1) + dice.octets(dice.below(1000));
    case DnsFault::tiny:
      return truth.substr(0, dice.below(dns::header_size));
    default:
      for (auto count = dice.between(1, 8); count > 0; --count) {
        flip(truth, dice.between(2, truth.size() - 1), dice);
      }
      return truth;
  }
}

}  // namespace maildiag::faults
