#include "bounce/client_words.h"

#include <array>

#include "bounce/client_names.h"
#include "bounce/client_place.h"
#include "bounce/reply_text.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using std::string_view;

/// "blocked by your server x": not whom the words are told.
constexpr std::array<string_view, 5> agent_words{"to", "by", "at", "via", "through"};
/// "상대방의 발송 서버": another one's.
constexpr std::array<string_view, 7> other_sides{"상대", "상대방", "상대방의", "상대방 메일",
                                                 "수신", "원격",   "받는"};
/// Between the name and the address.
constexpr std::array<string_view, 13> name_fillers{"reputation", "ip",  "address", "addr", "host",
                                                   "server",     "mta", "is",      "was",  "of",
                                                   "with",       "'s",  ":"};
constexpr std::array<string_view, 6> name_particles{"=", "주소는", "주소", "는", "은", "-ip"};
/// "sending server with IP address is:" has five; more is another sentence.
constexpr int max_fillers = 6;

/// "발신 IP x에서 보낸 메일": from there.
bool is_origin(const Place& place) {
  auto next = text::trim(place.behind);
  constexpr string_view particle = "에서";
  if (!next.starts_with(particle)) return false;
  next = text::trim(next.substr(particle.size()));
  constexpr std::array<string_view, 6> sent{"보낸", "보내", "발송한", "발송된", "온 ", "들어온"};
  return any_at_start(sent, next);
}

bool is_named(const Place& place) {
  auto before = place.before;
  bool host = take_host(place, before), topic = false;
  for (int taken = 0; taken <= max_fillers; ++taken) {
    before = without_end(before, " \t[(<\"");
    for (const auto name : client_names) {
      if (!ends_with_word(before, name)) continue;
      const auto front = text::trim(before.substr(0, before.size() - name.size()));
      if (any_at_end(other_sides, front)) return false;
      // "발신 서버는 x를 찾지 못했습니다": what it did, and to whom.
      if (topic && name.ends_with("서버")) return false;
      return !any_at_end(agent_words, front) || ends_with_word(front, "due to");
    }
    topic = before.ends_with("서버는") || before.ends_with("서버은");
    if (take_from_end(name_fillers, before) || take_from_end(name_particles, before)) continue;
    // "your server mail.example.com with IP x"
    if (host || taken == 0 || !take_host_name(before)) return false;
    host = true;
  }
  return false;
}

}  // namespace

std::vector<IpAddress> client_ips_named_in(string_view lower) {
  auto found = find_ip_addresses(lower);
  std::erase_if(found, [lower](const IpAddress& ip) {
    const auto places = places_of(lower, ip);
    return std::none_of(places.begin(), places.end(), [](const Place& place) {
      return is_named(place) && (!is_destination(place) || is_origin(place));
    });
  });
  return found;
}

}  // namespace maildiag::bounce
