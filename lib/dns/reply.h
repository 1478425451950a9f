/// What a message from a server says about the question that it answers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "dns/letter_case.h"
#include "dns/wire_message.h"

namespace maildiag::dns {

/// The most CNAMEs that are followed for one question, in one message or over several.
inline constexpr std::size_t most_cnames = 10;

/// Why a message that says both is believed in neither.
inline constexpr std::string_view nxdomain_with_records = "NXDOMAIN, and records of the name";

struct Reply {
  Outcome outcome = Outcome::malformed;
  int rcode = -1;
  bool authenticated = false;
  std::uint32_t ttl = 0;
  std::vector<Record> records;
  std::vector<DomainName> cname_chain;
  /// The chain ends outside of what this server told: ask for this name. `outcome` is nodata then.
  std::optional<DomainName> ask_on;
  std::string detail;
};

/// REQUIRES: the packet's header and question were compared with what was asked; it is not
/// truncated.
Reply read_reply(std::string_view packet, const Question& question);

/// How a message repeats the question that was sent.
enum class Echo {
  none,        ///< it answers another one, or none
  other_case,  ///< in other letters: forged, or from a server that does not keep them
  exact,       ///< octet by octet (RFC 5452 section 9.1)
};
Echo compare_question(std::string_view packet, const WireHeader& header, const Question& question,
                      LetterCase letters);

/// Spells the question in the packet, and with it all names that point there, as it was asked.
/// REQUIRES: the packet repeats it.
void spell_as_asked(std::span<char> packet, const Question& question);

/// All records of class IN in one section; OPT is none of them. The asked name stands there as it
/// was asked. nullopt: one is malformed. REQUIRES: find_fault() found none.
std::optional<std::vector<Record>> read_section(std::string_view packet, WireSection section,
                                                const Question& question);

/// RFC 2308: NOERROR is nodata here, as nobody has looked at the records yet.
Outcome outcome_of_rcode(int rcode);

}  // namespace maildiag::dns
