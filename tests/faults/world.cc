#include "faults/world.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

#include "dns/codec.h"
#include "support/dkim_world.h"

namespace maildiag::faults {
namespace {

using dns::RecordType;

const test::DkimSigner& signer() {
  static const auto only = test::DkimSigner::ed25519();
  return only;
}

const test::DkimSigner& stranger() {
  static const auto only = test::DkimSigner::ed25519();
  return only;
}

const std::string& signed_mail() {
  static const auto only =
      signer().sign(test::dkim_message,
                    "v=1; a=ed25519-sha256; d=example.com; s=s1; c=relaxed/relaxed; "
                    "h=from:to:subject:date");
  return only;
}

void add_address(World& world, const std::string& host, const IpAddress& ip) {
  world.add(host, ip.is_v4() ? RecordType::a : RecordType::aaaa, ip.to_string());
}

void add_host(World& world, const std::string& host, Dice& dice) {
  const auto number = std::to_string(40 * world.hosts.size() + dice.between(1, 39));
  const auto ip = *IpAddress::parse(dice.chance(75) ? "192.0.2." + number : "2001:db8::" + number);
  world.hosts.push_back(host);
  world.addresses.push_back(ip);
  if (dice.chance(92)) add_address(world, host, ip);
  const auto reverse = ip.ptr_name();
  switch (dice.below(5)) {
    case 0:
      break;
    case 1:
      world.add(reverse, RecordType::ptr, "elsewhere.test");
      break;
    case 2: {  // RFC 2317
      const auto alias = "n" + number + ".sub." + DomainName::parse(reverse)->parent().to_string();
      world.add(reverse, RecordType::cname, alias);
      world.add(alias, RecordType::ptr, host);
      break;
    }
    default:
      world.add(reverse, RecordType::ptr, host);
  }
}

void add_spf(World& world, const std::string& domain, Dice& dice) {
  const auto& other = dice.pick(world.domains);
  const auto& host = dice.pick(world.hosts);
  const auto& ip = dice.pick(world.addresses);
  const auto literal = (ip.is_v4() ? "ip4:" : "ip6:") + ip.to_string();
  const std::vector<std::string> forms{
      "v=spf1 " + literal + " -all",
      "v=spf1 mx -all",
      "v=spf1 a mx ~all",
      "v=spf1 a:" + host + " include:" + other + " -all",
      "v=spf1 include:" + other + " include:nothing." + domain + " ?all",
      "v=spf1 redirect=" + other,
      "v=spf1 exists:%{i}.allowed." + domain + " -all",
      "v=spf1 a:gone." + domain + " a:lost." + domain + " mx:" + other + " -all",
      "v=spf1 ip4:192.0.2.300 -all",
      "v=spf1 -all exp=why." + domain,
  };
  if (dice.chance(12)) return;
  world.add_txt(domain, dice.pick(forms));
  if (dice.chance(5)) world.add_txt(domain, dice.pick(forms));
  if (dice.chance(10)) world.add_txt(domain, std::string(dice.between(200, 1500), 'x'));
  if (ip.is_v4() && dice.chance(50)) {
    world.add(ip.to_string() + ".allowed." + domain, RecordType::a, "127.0.0.2");
  }
  world.add_txt("why." + domain, "not from there");
}

void add_mx(World& world, const std::string& domain, Dice& dice) {
  if (dice.chance(8)) return world.add(domain, RecordType::mx, "0 .");
  const auto count = dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto host = dice.chance(90) ? dice.pick(world.hosts) : "nowhere." + domain;
    world.add(domain, RecordType::mx, std::to_string(10 * i) + " " + host);
  }
  if (dice.chance(30)) add_address(world, domain, dice.pick(world.addresses));
}

void add_policies(World& world, const std::string& domain, Dice& dice) {
  if (dice.chance(70)) {
    world.add_txt("_dmarc." + domain,
                  dice.pick({"v=DMARC1; p=reject; rua=mailto:d@reports.test",
                             "v=DMARC1; p=none; sp=quarantine", "v=DMARC1; p=quarantine; t=y",
                             "v=DMARC1; p=reject; np=reject; psd=n", "v=DMARC1; rua=nonsense"}));
  }
  if (dice.chance(10)) world.add_txt("_dmarc." + domain, "v=DMARC1; p=none");
  if (dice.chance(50)) {
    world.add_txt(domain + "._report._dmarc.reports.test", "v=DMARC1;");
  }
  if (dice.chance(60)) world.add_txt("_mta-sts." + domain, "v=STSv1; id=20260101;");
  if (dice.chance(80)) add_address(world, "mta-sts." + domain, *IpAddress::parse("127.0.0.1"));
  if (dice.chance(50)) {
    world.add_txt("_smtp._tls." + domain, "v=TLSRPTv1; rua=mailto:tls@" + domain);
  }
}

void add_keys(World& world, Dice& dice) {
  const std::string name = "s1._domainkey.example.com";
  world.message = signed_mail();
  switch (dice.below(8)) {
    case 0:
      break;
    case 1:
      world.add_txt(name, "v=DKIM1; k=ed25519; p=");
      break;
    case 2:
      world.add_txt(name, stranger().record());
      break;
    case 3:
      world.add(name, RecordType::cname, "keys.test");
      world.add_txt("keys.test", signer().record());
      break;
    default:
      world.add_txt(name, signer().record());
  }
}

void add_list(World& world, const std::string& zone, Dice& dice) {
  world.lists.push_back(zone);
  const bool blocks = dice.chance(8);  // it knows everybody, as it does not like who asks
  const auto says = [&](const std::string& front, const std::string& code) {
    world.add(front + "." + zone, RecordType::a, blocks ? "127.255.255.254" : code);
  };
  if (dice.chance(90)) says("2.0.0.127", "127.0.0.2");
  const bool lists_all = blocks || dice.chance(5);
  if (lists_all) says("1.0.0.127", "127.0.0.2");
  if (blocks || !lists_all) says("test", "127.0.0.2");
  for (const auto& ip : world.addresses) {
    if (!blocks && !dice.chance(40)) continue;
    says(ip.reversed(), dice.pick({"127.0.0.2", "127.0.0.4"}));
    if (dice.chance(50)) world.add_txt(ip.reversed() + "." + zone, "listed for reasons");
  }
}

/// What takes nearly all of the 64 KiB that a message over TCP may have (RFC 1035 section 4.2.2):
/// one record, or as many as there is room for.
void add_giant(World& world, Dice& dice) {
  const std::string name = "giant." + dice.pick(world.domains);
  const auto owner = *DomainName::parse(name);
  constexpr std::size_t room = 65'400, most_text = 64'900;
  if (dice.chance(50)) {
    world.add_txt(name, std::string(dice.between(60'000, most_text), 'g'));
    world.questions.push_back({owner, RecordType::txt});
    return;
  }
  constexpr std::size_t behind_owner = 14;
  const auto count = room / (owner.wire().size() + behind_owner) - 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::array octets{std::uint8_t{10}, std::uint8_t{1}, static_cast<std::uint8_t>(i >> 8U),
                            static_cast<std::uint8_t>(i)};
    world.truth->add(owner, RecordType::a, IpAddress::from_v4(octets));
    world.zone.add_raw(name, RecordType::a, std::string(octets.begin(), octets.end()));
  }
  world.questions.push_back({owner, RecordType::a});
}

void add_questions(World& world, Dice& dice) {
  const std::vector types{RecordType::a,  RecordType::aaaa, RecordType::txt,
                          RecordType::mx, RecordType::ptr,  RecordType::ns};
  std::vector<std::string> names = world.domains;
  names.insert(names.end(), world.hosts.begin(), world.hosts.end());
  for (const auto& domain : world.domains) {
    for (const auto* front : {"_dmarc.", "_mta-sts.", "nothing.", "alias.", "alias2.", "big."}) {
      names.push_back(front + domain);
    }
  }
  for (const auto& ip : world.addresses) {
    names.push_back(ip.ptr_name());
    for (const auto& list : world.lists) names.push_back(ip.reversed() + "." + list);
  }
  for (const auto& name : names) {
    world.questions.push_back({*DomainName::parse(name), dice.pick(types)});
  }
}

}  // namespace

void World::add(const std::string& name, RecordType type, const std::string& rdata) {
  const auto owner = *DomainName::parse(name);
  const auto record = dns::parse_record(owner, type, 300, rdata);
  if (!record) throw std::invalid_argument(record.error().message);
  zone.add(name, type, rdata);
  truth->add(owner, type, record->data);
}

void World::add_txt(const std::string& name, const std::string& text) {
  constexpr std::size_t longest = 255;
  std::vector<std::string> strings;
  for (std::size_t at = 0; at < text.size() || at == 0; at += longest) {
    strings.push_back(text.substr(at, longest));
  }
  zone.add_txt(name, strings);
  truth->add(*DomainName::parse(name), RecordType::txt, dns::TxtData{strings});
}

World make_world(Dice& dice) {
  World world;
  world.domains = {"example.com"};
  const auto more = dice.between(1, 4);
  for (std::size_t i = 0; i < more; ++i) {
    const auto& above = dice.pick(world.domains);
    world.domains.push_back("d" + std::to_string(i) + (dice.chance(30) ? "." + above : ".test"));
  }
  for (const auto& domain : world.domains) add_host(world, "mail." + domain, dice);
  for (const auto& domain : world.domains) {
    add_spf(world, domain, dice);
    add_mx(world, domain, dice);
    add_policies(world, domain, dice);
    if (dice.chance(50)) {
      world.add("alias." + domain, RecordType::cname, "alias2." + domain);
      if (dice.chance(80)) world.add("alias2." + domain, RecordType::cname, dice.pick(world.hosts));
    }
    if (dice.chance(15)) world.add_txt("big." + domain, std::string(dice.between(300, 9000), 'b'));
  }
  add_keys(world, dice);
  const auto lists = dice.between(1, 3);
  for (std::size_t i = 0; i < lists; ++i) add_list(world, "bl" + std::to_string(i) + ".test", dice);
  add_questions(world, dice);
  if (dice.chance(15)) add_giant(world, dice);
  return world;
}

}  // namespace maildiag::faults
