#include "dns/codec.h"

namespace maildiag::dns {
void append_query(std::string& out, const Question& question, std::uint16_t id, QueryFlags flags,
                  LetterCase letters) {
  const bool edns = flags.edns;
  constexpr unsigned recursion_desired = 0x0100;
  constexpr unsigned authentic_data = 0x0020;
  constexpr unsigned class_in = 1;
  append_u16(out, id);
  append_u16(out, (flags.recursion ? recursion_desired : 0U) | authentic_data);
  append_u16(out, 1);
  append_u16(out, 0);
  append_u16(out, 0);
  append_u16(out, edns ? 1 : 0);
  out += letters.spell(question.name.wire()).view();
  append_u16(out, static_cast<unsigned>(question.type));
  append_u16(out, class_in);
  if (!edns) return;
  // The OPT pseudo-record (RFC 6891 section 6.1.2): root, type, payload size, extended RCODE and
  // flags 0, no options.
  out += '\0';
  append_u16(out, type_opt);
  append_u16(out, edns_payload_size);
  out.append(6, '\0');
}

}  // namespace maildiag::dns
