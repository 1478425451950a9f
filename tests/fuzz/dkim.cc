#include <string>

#include "checks/dkim_canonical.h"
#include "checks/dkim_changes.h"
#include "checks/dkim_key.h"
#include "checks/dkim_message.h"
#include "checks/dkim_signature.h"
#include "checks/dkim_undo.h"
#include "core/tag_list.h"
#include "fuzz/targets.h"

namespace maildiag::fuzz {

using namespace checks::dkim;

void dkim_key(std::string_view octets) {
  const auto tags = parse_tag_list(octets);
  require(tags.tags.size() <= max_tags, "tags are bounded");
  for (const auto& tag : tags.tags) {
    require(tag.begin <= tag.end && tag.end <= octets.size(), "a tag's value stands in the text");
    require(tags.fault != TagFault::none || tags.find(tag.name) != nullptr, "a tag is found");
  }
  const auto record = parse_key_record(octets);
  if (record.fault != KeyFault::none) require(!record.key, "a faulty record has no key");
  if (record.disclosed) {
    require(record.text.ends_with("****"), "a private key is masked");
    require(record.mended.empty(), "and not advised");
  }
  if (key_problem(record) == "dkim.key-wrapped")
    require(key_problem(parse_key_record(record.mended)).empty(), "what is advised can be used");
  if (record.valid() && !record.revoked) {
    require(record.key.has_value(), "a valid record has a key");
    if (!record.key) return;
    (void)record.key->bits();
    (void)record.key->verify(std::string(32, 'x'), octets);
    (void)record.key->signed_digest(octets);
  }
}

void dkim_signature(std::string_view octets) {
  HeaderField field;
  field.name = "dkim-signature";
  field.raw = "DKIM-Signature:" + std::string(octets);
  field.colon = field.raw.find(':');
  const auto signature = parse_signature(field);
  require(signature.fields.size() <= max_signed_fields, "signed fields are bounded");
  if (signature.fault == SignatureFault::none) {
    require(signature.signer && signature.key_name, "a good signature names its key");
    require(!signature.value.empty() && !signature.body_hash.empty(), "and has its hashes");
    require(signature.without_value.raw.size() <= field.raw.size(), "b= is cut out");
  }
}

void dkim_canonical(std::string_view octets) {
  for (const auto form : {Form::simple, Form::relaxed}) {
    const auto whole = hash_body(form, std::nullopt, octets);
    require(hash_body(form, whole.length(), octets).digest() == whole.digest(),
            "l= of the whole length changes nothing");
    const auto half = whole.length() / 2;
    require(hash_body(form, half, octets).length() == whole.length(),
            "l= does not change the length");
  }
  const auto message = read_message(octets);
  if (!message) return;
  require(message->fields.size() <= max_header_fields, "fields are bounded");
  for (const auto& field : message->fields) {
    require(field.colon < field.raw.size(), "a field has a colon");
    auto again = field;
    again.raw = canonical_field(Form::relaxed, field);
    again.colon = again.raw.find(':');
    require(again.colon != std::string::npos, "a canonical field has a colon");
    require(canonical_field(Form::relaxed, again) == again.raw, "relaxed twice is relaxed once");
  }
}

void dkim_changes(std::string_view octets) {
  for (const auto& undo : undos())
    require(undo.apply(octets).size() <= 4 * octets.size() + 1024, "a body undone stays bounded");
  const auto message = read_message(octets);
  if (!message) return;
  for (const auto& field : message->fields) {
    if (field.name != "dkim-signature") continue;
    const auto signature = parse_signature(field);
    Budget budget;
    if (signature.fault == SignatureFault::none)
      (void)find_body_change(signature, *message, budget);
    return;
  }
}

}  // namespace maildiag::fuzz
