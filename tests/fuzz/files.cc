// Single files that servers hand out: BIMI's indicator, a certificate, a TLSA record about it.
#include <string>

#include "checks/bimi_indicator.h"
#include "checks/bimi_record.h"
#include "checks/certificate.h"
#include "checks/dane_record.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

namespace {

using namespace checks;

constexpr WallTime fixed_now{std::chrono::seconds(1795000000)};  // November 2026

void bimi_record(std::string_view octets) {
  (void)bimi::looks_like_record(octets);
  const auto text =
      bimi::is_record(octets) ? std::string(octets) : "v=BIMI1;" + std::string(octets);
  const auto record = bimi::parse_record(text);
  require(record.prefixes.size() <= bimi::max_prefixes, "prefixes are bounded");
  require(record.problems.size() <= bimi::max_record_problems, "problems are bounded");
}

void indicator(std::string_view octets) {
  const auto found = bimi::check_indicator(octets);
  require(found.octets == octets.size(), "octets are counted");
  require(found.problems.size() <= bimi::max_indicator_problems, "problems are bounded");
}

void certificate(std::string_view octets) {
  const auto found = Certificate::from_der(octets);
  if (!found) return;
  for (const auto& name : found->dns_names) require(is_one_safe_line(name), "a name is safe");
  for (const auto* text : {&found->subject, &found->issuer, &found->common_name})
    require(is_one_safe_line(*text), "a text is one safe line");
  (void)found->matches(*DomainName::parse("mx.example.com"));
  (void)found->to_value(fixed_now);
  (void)expiry_of(*found, fixed_now, {});
  dns::TlsaData data{dane::usage_server, 1, 0, found->public_key};
  const auto association = dane::read_association(data);
  if (association.usable())
    require(dane::match(association, {*found}, {}, fixed_now).found, "a key is that of its record");
}

void tlsa(std::string_view octets) {
  if (octets.size() < 3) return;
  dns::TlsaData data{static_cast<std::uint8_t>(octets[0]), static_cast<std::uint8_t>(octets[1]),
                     static_cast<std::uint8_t>(octets[2]), std::string(octets.substr(3))};
  const auto association = dane::read_association(data);
  require(is_one_safe_line(association.text()), "a record that is shown is safe");
  if (association.usable())
    (void)dane::match(association, {}, {*DomainName::parse("mx.example.com")}, fixed_now);
}

}  // namespace

void served_file(std::string_view octets) {
  switch (take_choice(octets, 4)) {
    case 0:
      return bimi_record(octets);
    case 1:
      return indicator(octets);
    case 2:
      return certificate(octets);
    default:
      return tlsa(octets);
  }
}

}  // namespace maildiag::fuzz
