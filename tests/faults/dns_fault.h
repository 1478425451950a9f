/// What happens to an answer on its way, or instead of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "faults/dice.h"
#include "support/fake_reply.h"

namespace maildiag::faults {

enum class DnsFault {
  none,
  // The true answer comes as well, within the first try's time:
  late,
  twice,
  forged_id,
  forged_port,      ///< from another port of the server
  forged_address,   ///< from another address
  forged_target,    ///< to another port of the asker
  forged_question,  ///< another name, type or class
  forged_bare,      ///< without a question
  forged_opcode,
  forged_query,      ///< QR is not set
  flood,             ///< many of the forged kinds, then the truth
  truncated,         ///< and whole over TCP
  truncated_forged,  ///< truncated, with records that are not true; the true ones over TCP
  alias_alone,       ///< the answer ends at its first CNAME
  forged_letters,    ///< the name in other letters; the true answer over TCP, too
  // It does not come, or not in time:
  lost,
  too_late,
  cut,       ///< its end is missing
  damaged,   ///< an octet differs of what a reader can check
  refusal,   ///< some RCODE in place of the answer
  no_edns,   ///< FORMERR, NOTIMP or BADVERS to EDNS
  loop,      ///< compression pointers in a circle or out of the message
  counts,    ///< more records announced than there are
  fewer,     ///< fewer answers announced than there are
  strings,   ///< tens of thousands of empty strings
  nonsense,  ///< random octets behind a true header and question
  tiny,      ///< shorter than a header
  deluge,    ///< thousands of large forged ones, once; no truth behind them
  // A message that may look like a true answer, and is none:
  garbled,
};

enum class TcpFault {
  none,
  drip,                ///< octet by octet, in time
  split,               ///< in two parts
  half_closed_behind,  ///< the whole, then FIN; the server reads on
  refused,             ///< closed before anything is read
  closed,              ///< closed after the question
  half,                ///< the first half, then closed
  half_closed,         ///< some of it or nothing, then FIN; the server reads on
  deaf,                ///< nothing is read ever; with FIN at once, or without
  reset,
  silent,
  endless,    ///< 64 KB announced, and no end of octets
  too_slow,   ///< octet by octet, beyond any time-out
  forged,     ///< another id, question or opcode
  truncated,  ///< TC even here
  nonsense,
  zero,  ///< a message of no octets
};

/// What one server does, in percent of its answers.
struct FaultPlan {
  std::vector<DnsFault> udp;
  std::vector<TcpFault> tcp;
  unsigned percent = 0, tcp_percent = 0;
  bool dead = false;  ///< no such port
};

/// Every question gets its answer all the same: what is forged, doubled or truncated must not keep
/// it away.
FaultPlan recoverable_plan(Dice& dice);
FaultPlan hostile_plan(Dice& dice);
/// Messages that nobody can tell from true answers: nothing can be said about what is found.
FaultPlan garbling_plan(Dice& dice);

/// What a forger would like to be believed: listings, passes, names that are not there.
test::FakeReply lie(const test::FakeQuery& query, Dice& dice);
/// A lie that is recognisable as `fault`. REQUIRES: one of the forged_ kinds.
std::string forge(const test::FakeQuery& query, DnsFault fault, Dice& dice);
/// Of a true answer, a message that is none. REQUIRES: one of cut ... garbled.
std::string spoil(const test::FakeQuery& query, std::string truth, DnsFault fault, Dice& dice);

}  // namespace maildiag::faults
