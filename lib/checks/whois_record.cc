#include "checks/whois_record.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace maildiag::checks::whois {

namespace {

/// All that blocks say of one thing: the first value counts, as it stands nearest to the object.
void take(std::string& member, std::string_view value) {
  if (member.empty()) member = value;
}
void take(std::optional<WallTime>& member, std::string_view value) {
  if (!member && !value.empty()) member = registry_date(value);
}
void take_deadline(std::optional<WallTime>& member, std::string_view value) {
  if (!member && !value.empty()) member = registry_deadline(value);
}
void take_text(std::vector<std::string>& texts, std::string text) {
  if (!text.empty() && texts.size() < max_texts &&
      std::find(texts.begin(), texts.end(), text) == texts.end())
    texts.push_back(std::move(text));
}

/// "Gabia, Inc.(http://www.gabia.co.kr)", "Nominet [Tag = NOMINET]"
std::string without_tail(std::string_view text) {
  for (const std::string_view tail : {"(http", " [Tag"}) {
    if (const auto at = text.find(tail); at != std::string_view::npos) text = text.substr(0, at);
  }
  return std::string(text::trim(text));
}

void read_dates(const Block& block, Registration& found) {
  take(found.registered,
       block.get({"creation date", "created", "created on", "registered on", "registered date",
                  "registration time", "registration date", "registered", "등록일", "할당일자",
                  "할당내역 등록일", "regdate", "assigned date"}));
  take(found.changed, block.get({"updated date", "last updated", "last updated date", "last-update",
                                 "changed", "last-modified", "last modified", "modified",
                                 "최근 정보 변경일", "updated", "last update"}));
  take_deadline(
      found.expires,
      block.get({"registry expiry date", "registrar registration expiration date", "expiry date",
                 "expires", "expires on", "expiration time", "expiration date", "사용 종료일",
                 "paid-till", "expire", "renewal date"}));
}

/// "Connected (2027/03/31)": JPRS's date of expiry stands behind the state.
void read_state(std::string_view state, Registration& found) {
  const auto open = state.find('(');
  if (open != std::string_view::npos) take_deadline(found.expires, state.substr(open + 1));
  take_text(found.status, status_words(state.substr(0, open)));
}

void read_server_name(std::string_view value, Registration& found) {
  // "ns1.example.com 192.0.2.1", "ns1.example.com (Primary)"
  const auto host = value.substr(0, value.find_first_of(" \t("));
  if (const auto name = DomainName::from_user(host); name && name->label_count() >= 2)
    take_text(found.name_servers, name->key());
}

void read_signed(std::string_view value, Registration& found) {
  if (value.empty() || found.is_signed) return;
  const auto word = text::ascii_lower(value);
  found.is_signed = !(word.starts_with("unsigned") || word.starts_with("no") ||
                      word.starts_with("inactive") || value.starts_with("미서명"));
}

Registration read_domain(const WhoisText& text) {
  Registration found;
  for (const auto& block : text.blocks) {
    read_dates(block, found);
    take(found.registrar, without_tail(block.get({"registrar", "sponsoring registrar", "등록대행자",
                                                  "authorized agency", "registrar name"})));
    take(found.registrar_id, block.get({"registrar iana id"}));
    take(found.abuse.email, clean_email(block.get({"registrar abuse contact email"})));
    take(found.abuse.phone, block.get({"registrar abuse contact phone"}));
    read_signed(block.get({"dnssec", "signing key"}), found);
    for (const auto& [key, value] : block.fields) {
      if (key == "domain status" || key == "status") take_text(found.status, status_words(value));
      if (key == "state") read_state(value, found);
      if (key == "name server" || key == "nserver" || key == "nameserver" ||
          key == "name servers" || key == "호스트이름" || key == "host name")
        read_server_name(value, found);
    }
  }
  return found;
}

/// Whether it names domains, and not this one: IANA's answer for a top level without a whois server
/// tells of that level. What is no name after all (octets were damaged) is another, too.
bool is_of_another(const WhoisText& text, const DomainName& domain) {
  bool named = false;
  for (const auto& block : text.blocks) {
    const auto value = block.get({"domain name", "domain", "도메인이름", "domainname"});
    const auto name = DomainName::from_user(value.substr(0, value.find_first_of(" \t")));
    if (name && *name == domain) return false;
    named = named || !value.empty();
  }
  return named;
}

/// One allocation or assignment; what it says of its range is the mark of such a block.
std::string_view range_of(const Block& block) {
  return block.get({"inetnum", "inet6num", "netrange", "ipv4주소", "ipv4 address", "ipv6주소",
                    "ipv6 address", "network number", "aut-num", "asnumber", "as번호",
                    "as number"});
}
std::string_view holder_of(const Block& block) {
  return block.get({"custname", "organization", "기관명", "organization name", "owner", "org-name",
                    "orgname", "descr"});
}
std::string_view email_of(const Block& block) {
  return block.get({"전자우편", "e-mail", "email"});
}

/// "2001:db8::/32", "203.0.113.0/24, 198.51.100.0/24", "211.200.0.0 - 211.205.255.255 (/14+/15)"
void read_prefixes(std::string_view text, Registration& found) {
  for (const auto part : text::split(text, ',')) {
    const auto plain = text::trim(part);
    if (plain.find('/') == std::string_view::npos) continue;
    if (const auto network = IpNetwork::parse(plain))
      take_text(found.networks, network->to_string());
  }
}

/// "% Abuse contact for '193.0.0.0 - 193.0.7.255' is 'abuse@ripe.net'"
void read_abuse_remark(const WhoisText& text, Registration& found) {
  for (const auto& remark : text.remarks) {
    if (!text::starts_with_ignore_case(remark, "abuse contact for")) continue;
    const auto end = remark.rfind('\'');
    const auto start = end == std::string::npos || end == 0 ? end : remark.rfind('\'', end - 1);
    if (start != std::string::npos && start < end)
      take(found.abuse.email, clean_email(remark.substr(start + 1, end - start - 1)));
  }
}

/// LACNIC's contacts are objects of their own, named by handles.
void read_handle(const WhoisText& text, std::string_view handle, Contact& contact) {
  if (handle.empty()) return;
  for (const auto& block : text.blocks) {
    if (text::equals_ignore_case(block.get({"nic-hdl", "nic-hdl-br"}), handle))
      take(contact.email, clean_email(email_of(block)));
  }
}

void read_contacts(const WhoisText& text, const Block& object, Registration& found) {
  read_abuse_remark(text, found);
  for (const auto& block : text.blocks) {
    take(found.abuse.email,
         clean_email(block.get({"orgabuseemail", "abuse-mailbox", "netabuseemail"})));
    take(found.abuse.phone, block.get({"orgabusephone"}));
    take(found.technical.email, clean_email(block.get({"orgtechemail", "nettechemail"})));
  }
  read_handle(text, object.get({"abuse-c"}), found.abuse);
  read_handle(text, object.get({"tech-c"}), found.technical);
}

/// KRNIC: the desk of a block's holder follows in the next paragraph. Elsewhere a person may.
void read_desk(const WhoisText& text, std::size_t index, Contact& contact) {
  if (!text.blocks[index].has({"기관명", "organization name"})) return;
  for (auto at = index; at < text.blocks.size() && at < index + 3; ++at) {
    if (at > index && !range_of(text.blocks[at]).empty()) return;
    take(contact.email, clean_email(email_of(text.blocks[at])));
    take(contact.phone, text.blocks[at].get({"전화번호", "phone"}));
  }
}

std::optional<Registration> read_number(const WhoisText& text, const Target& target) {
  // Blocks go from the registry's allocation to the part that the target lies in.
  std::vector<std::size_t> objects;
  for (std::size_t i = 0; i < text.blocks.size(); ++i) {
    const auto range = range_of(text.blocks[i]);
    if (!range.empty() && !is_elsewhere(range, target)) objects.push_back(i);
  }
  if (objects.empty()) return std::nullopt;
  const auto& outer = text.blocks[objects.front()];
  const auto& object = text.blocks[objects.back()];
  Registration found;
  found.range = range_of(object);
  read_prefixes(object.get({"cidr", "inetnum", "inet6num", "network number"}), found);
  found.name = object.get({"netname", "서비스명", "service name", "network name", "as-name",
                           "asname", "as이름", "as name"});
  found.handle = object.get({"nethandle", "ashandle"});
  found.type = object.get({"nettype", "status", "네트워크 구분", "network type"});
  found.country = object.get({"country"});
  // An organisation's own object says its name better than a line of description.
  for (const auto& block : text.blocks) take(found.holder, block.get({"org-name"}));
  if (objects.size() > 1 || found.holder.empty()) found.holder = holder_of(object);
  if (objects.size() > 1) found.provider = holder_of(outer);
  if (found.provider == found.holder) found.provider.clear();
  read_dates(object, found);
  read_contacts(text, object, found);
  read_desk(text, objects.front(), found.technical);
  for (const auto& block : text.blocks) {
    take(found.holder, holder_of(block));
    take(found.country, block.get({"country"}));
  }
  return found;
}

}  // namespace

std::optional<Registration> read_record(const WhoisText& text, const Target& target) {
  if (const auto* domain = std::get_if<DomainName>(&target)) {
    if (is_of_another(text, *domain)) return std::nullopt;
    auto found = read_domain(text);
    const bool empty = found.registrar.empty() && !found.registered && !found.expires &&
                       found.status.empty() && found.name_servers.empty();
    if (empty) return std::nullopt;
    found.kind = kind_of(target);
    found.name = to_string(target);
    return found;
  }
  auto found = read_number(text, target);
  if (found) found->kind = kind_of(target);
  return found;
}

}  // namespace maildiag::checks::whois
