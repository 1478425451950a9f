// A mail as the checks read it: who wrote it, the way that it took, its ARC chain, its form.
#include <string>
#include <vector>

#include "bounce/fields.h"
#include "bounce/returned_message.h"
#include "checks/arc_chain.h"
#include "checks/author.h"
#include "checks/bulk_headers.h"
#include "checks/dkim_message.h"
#include "checks/message_auth.h"
#include "checks/returned_auth.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "session/envelope.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::fuzz {

namespace {

void check_way(std::string_view octets) {
  const auto header = bounce::Fields::parse(octets);
  require(header.list().size() <= bounce::Fields::max_fields, "fields are bounded");
  const auto hops = bounce::read_hops(header);
  require(hops.size() <= bounce::Fields::max_fields, "hops are bounded");
  const auto returned = bounce::read_returned(octets, header, hops, false);
  require(returned.raw.size() <= bounce::max_returned_bytes, "what is kept is bounded");
  session::EnvelopeOrigin origin;
  session::fill_envelope(origin, octets);
  require(!origin.envelope.ip || !origin.ip_source.empty(), "an address comes from somewhere");
}

void check_author(const checks::dkim::Message& message) {
  std::vector<std::string_view> values;
  for (const auto& field : message.fields) {
    if (field.name == "from") values.push_back(field.value());
  }
  const auto authors = checks::read_authors(values);
  require(
      authors.mailboxes.size() <= checks::max_mailboxes * std::max<std::size_t>(1, values.size()),
      "mailboxes are bounded");
}

/// The whole of it, in a world where no name is there.
void check_judgement(std::string_view octets) {
  const auto backend = std::make_shared<test::MemoryBackend>();
  checks::MessageRequest request;
  request.envelope = {*IpAddress::parse("192.0.2.1"), "mail.example.com", "a@example.com"};
  const auto ask = [&](checks::Context context) {
    return checks::evaluate_message(context, std::string(octets), request);
  };
  const auto judged = test::run_check<Result<checks::MessageAuth>>(backend, ask);
  if (!judged) return;
  require(judged->verdicts.size() <= checks::max_author_domains, "verdicts are bounded");
  require(judged->dmarc != checks::DmarcResult::pass, "nothing passes without a record");
  require(backend->asked().size() <= 1000, "questions are bounded");
  (void)judged->to_value();
}

}  // namespace

void message(std::string_view octets) {
  check_way(octets);
  const auto message = checks::dkim::read_message(octets);
  if (message) {
    check_author(*message);
    (void)checks::arc::find_structure_fault(checks::arc::collect_chain(*message));
    (void)checks::bulk::find_format_faults(*message);
    (void)checks::bulk::find_unsubscribe_faults(*message, {});
  }
  (void)checks::may_precede_signing(octets);
  check_judgement(octets);
}

}  // namespace maildiag::fuzz
