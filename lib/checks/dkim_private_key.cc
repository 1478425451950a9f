#include "checks/dkim_private_key.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base64.h"

namespace maildiag::checks::dkim {

namespace {

constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_letter(char octet) {
  return base64_letters.find(octet) != std::string_view::npos;
}

/// A line end as programs spell it: what stands behind the backslash is no letter of a key.
bool is_escape(std::string_view text) {
  return text.size() > 1 && text[0] == '\\' && (text[1] == 'n' || text[1] == 'r' || text[1] == 't');
}

/// Base64's letters alone, whatever forms, editors and line ends put between them.
struct Squeezed {
  std::string text;
  std::vector<std::size_t> places;  ///< of its octets in the whole text
};
Squeezed squeeze(std::string_view text) {
  Squeezed result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_escape(text.substr(i))) {
      ++i;
    } else if (is_letter(text[i])) {
      result.text += text[i];
      result.places.push_back(i);
    }
  }
  return result;
}

/// RSAPrivateKey (RFC 8017 appendix A.1.2), ECPrivateKey (RFC 5915) and PrivateKeyInfo (RFC 5208
/// section 5) begin with a SEQUENCE and the INTEGER of a version, 0 or 1, before an INTEGER, an
/// OCTET STRING or a SEQUENCE; no public key does, nor holds that by chance: it is more than 30
/// bits. The end may be cut off.
bool begins_private_der(std::string_view text) {
  constexpr std::size_t head = 12, quantum = 4;
  // A SEQUENCE, and a length below 128 or of one or two octets.
  if (text.size() < 2 || text[0] != 'M' || text[1] < 'A' || text[1] > 'I') return false;
  const auto front = text.substr(0, head);
  const auto run = front.substr(0, front.find_first_not_of(base64_letters));
  const auto octets = from_base64(run.substr(0, run.size() / quantum * quantum));
  if (!octets || octets->size() < 8 || octets->front() != '\x30') return false;
  const auto length = static_cast<unsigned char>((*octets)[1]);
  const std::size_t more = length < 0x80 ? 0 : length & 0x7fU;
  if (length == 0x80 || more > 2) return false;  // nobody's key is above 64 KB
  const auto content = std::string_view(*octets).substr(2 + more);
  const auto version = content.substr(0, 3);
  const char next = content[3];
  return (version == std::string_view("\x02\x01\x00", 3) || version == "\x02\x01\x01") &&
         (next == '\x02' || next == '\x04' || next == '\x30');
}

/// What stands in private keys alone, behind a head that may have lost letters: object identifiers
/// of encryption (PBES2 and PKCS#12's) as base64 has them at each of three places, the beginnings
/// of PKCS#8 for RSA and Ed25519, and "openssh-key-v1".
constexpr auto marks = std::to_array<std::string_view>(
    {"BgkqhkiG9w0BBQ", "YJKoZIhvcNAQU", "GCSqGSIb3DQEF", "BgoqhkiG9w0BDAE", "YKKoZIhvcNAQwB",
     "GCiqGSIb3DQEMAQ", "IBADANBgkqhkiG9w0BAQ", "BQYDK2VwBCIE", "b3BlbnNzaC1rZXktdjE"});
/// Version and modulus of RSAPrivateKey; so short that they count near the beginning of a word
/// only.
constexpr auto short_marks = std::to_array<std::string_view>({"IBAAKB", "IBAAKC"});
/// Letters of a head in front of one of them: "MIICXQ", "MIIC3TBX".
constexpr std::size_t longest_head = 8;

/// Where the word begins whose letter stands at `place`; not further than `limit` in front of it.
std::size_t word_begin(std::string_view text, std::size_t place, std::size_t limit) {
  const auto last = place - std::min(place, limit);
  while (place > last && is_letter(text[place - 1])) --place;
  return place;
}

std::size_t find_marks(std::string_view text, const Squeezed& squeezed) {
  constexpr auto nowhere = std::string_view::npos;
  const std::string_view all = squeezed.text;
  auto first = nowhere;
  for (const auto mark : marks) {
    const auto at = all.find(mark);
    if (at != nowhere) first = std::min(first, word_begin(text, squeezed.places[at], longest_head));
  }
  for (const auto mark : short_marks) {
    for (auto at = all.find(mark); at != nowhere; at = all.find(mark, at + 1)) {
      const auto begin = word_begin(text, squeezed.places[at], longest_head + 1);
      if (squeezed.places[at] - begin <= longest_head) first = std::min(first, begin);
    }
  }
  return first;
}

/// Whether the text begins with a dash as it is typed or as programs beautify it (U+2010 to
/// U+2015), and how long that is.
std::size_t dash(std::string_view text) {
  if (text.starts_with('-')) return 1;
  return text.size() > 2 && text.starts_with("\xe2\x80") && text[2] >= '\x90' && text[2] <= '\x95'
             ? 3
             : 0;
}

/// What may stand between a header of PEM, its dashes and the key.
bool is_gap(char octet) {
  constexpr std::string_view gap = " \t\r\n\"'`\\";
  return gap.find(octet) != std::string_view::npos;
}

constexpr std::size_t usual_dashes = 5;

/// Dashes in front of a place, and where they begin.
struct Dashes {
  std::size_t count = 0, begin = 0;
};
Dashes dashes_before(std::string_view text, std::size_t place) {
  Dashes found{0, place};
  while (place > 0) {
    const auto wide = place - std::min<std::size_t>(place, 3);
    if (text[place - 1] == '-' || dash(text.substr(wide)) == 3) {
      place = text[place - 1] == '-' ? place - 1 : wide;
      found = {found.count + 1, place};
    } else if (is_gap(text[place - 1])) {
      --place;
    } else {
      break;
    }
  }
  return found;
}

/// Dashes at the front of a text, and whether a line of a key stands behind them.
struct Behind {
  std::size_t dashes = 0;
  bool key = false;
};
Behind look_behind(std::string_view text) {
  constexpr std::size_t line = 40;  // PEM has 64, the longest words of prose half of it
  Behind found;
  while (!text.empty()) {
    const auto width = dash(text);
    if (width > 0) ++found.dashes;
    if (width == 0 && !is_escape(text) && !is_gap(text.front())) break;
    text.remove_prefix(width > 0 ? width : is_escape(text) ? 2 : 1);
  }
  const auto front = text.substr(0, line);
  found.key = front.size() == line && std::all_of(front.begin(), front.end(), is_letter);
  return found;
}

/// "-----BEGIN RSA PRIVATE KEY-----", however it was squeezed, with dashes of any kind. Prose may
/// name that line: it counts with dashes or with a key behind it.
std::size_t find_pem(std::string_view text, const Squeezed& squeezed) {
  constexpr std::string_view end = "PRIVATEKEY", begin = "BEGIN";
  constexpr auto kinds =
      std::to_array<std::string_view>({"RSA", "EC", "DSA", "ENCRYPTED", "OPENSSH"});
  const std::string_view all = squeezed.text;
  for (auto at = all.find(end); at != std::string_view::npos; at = all.find(end, at + 1)) {
    auto front = all.substr(0, at);
    for (const auto kind : kinds) {
      if (!front.ends_with(kind)) continue;
      front.remove_suffix(kind.size());
      break;
    }
    const bool whole = front.ends_with(begin);
    front.remove_suffix(whole ? begin.size() : 0);
    const auto before = dashes_before(text, squeezed.places[front.size()]);
    const auto behind = look_behind(text.substr(squeezed.places[at + end.size() - 1] + 1));
    const bool counts =
        whole ? before.count + behind.dashes > 1 || behind.key : behind.dashes >= usual_dashes;
    if (counts) return before.begin;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::size_t> find_private_key(std::string_view text) {
  const auto squeezed = squeeze(text);
  const std::string_view all = squeezed.text;
  auto first = std::min(find_pem(text, squeezed), find_marks(text, squeezed));
  for (std::size_t i = 0; i < all.size() && squeezed.places[i] < first; ++i)
    if (begins_private_der(all.substr(i))) first = squeezed.places[i];
  if (first == std::string_view::npos) return std::nullopt;
  return first;
}

}  // namespace maildiag::checks::dkim
