#include "checks/message_auth.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "checks/dkim_message.h"
#include "checks/message_auth_finding.h"

namespace maildiag::checks {

using namespace message_auth;

namespace {

Standing standing_of(SpfResult result) {
  if (result == SpfResult::pass) return Standing::pass;
  return result == SpfResult::temperror ? Standing::temperror : Standing::fail;
}

Standing standing_of(const DkimSignature& signature, Copy copy) {
  switch (signature.result) {
    case DkimResult::pass:
      return Standing::pass;
    case DkimResult::temperror:
      return Standing::temperror;
    case DkimResult::fail:
    case DkimResult::permerror:
      break;
  }
  return copy != Copy::exact && is_broken_by_content(signature) ? Standing::open : Standing::fail;
}

/// Whether the envelope suffices for SPF of MAIL FROM (RFC 7208 section 2.4).
bool knows_mail_from(const Envelope& envelope) {
  return envelope.ip && envelope.sender && !(envelope.sender->empty() && envelope.helo.empty());
}

Task<void> evaluate_mail_from(Context context, MessageAuth& auth) {
  if (!knows_mail_from(auth.envelope)) co_return;
  SpfRequest request;
  request.ip = *auth.envelope.ip;
  request.sender = *auth.envelope.sender;
  request.helo = auth.envelope.helo;
  auto report = co_await check_spf(context, std::move(request));
  auth.spf = std::move(report);
}

Task<void> evaluate_helo(Context context, MessageAuth& auth) {
  const auto& envelope = auth.envelope;
  // With the null reverse-path the HELO identity is MAIL FROM's.
  const bool other = envelope.sender && !envelope.sender->empty();
  if (!envelope.ip || envelope.helo.empty() || !other) co_return;
  SpfRequest request;
  request.ip = *envelope.ip;
  request.helo = envelope.helo;
  auto report = co_await check_spf(context, std::move(request));
  // Address literals and single labels are no identity.
  if (report.evaluation->problem.code != "bad-identity") auth.spf_helo = std::move(report);
}

std::string shown_name(const std::string& text) {
  const auto name = DomainName::from_user(text);
  return name ? name->to_string() : text;
}

void collect_identifiers(MessageAuth& auth, const MessageRequest& request) {
  Identifier spf{"spf", "", "", std::nullopt, Standing::open};
  // Of an assumed sender it is not known whose domain it really was, so it stays open.
  const bool known = auth.envelope.sender && !request.sender_assumed;
  if (known && auth.spf) {
    spf.domain = shown_name(auth.spf->evaluation->identity);
    spf.standing = standing_of(auth.spf->evaluation->result);
  } else if (known) {
    const auto at = auth.envelope.sender->rfind('@');
    if (at != std::string::npos) spf.domain = shown_name(auth.envelope.sender->substr(at + 1));
  }
  auth.identifiers.push_back(std::move(spf));
  if (auth.dkim) {
    const auto& signatures = auth.dkim->signatures;
    for (std::size_t i = 0; i < signatures.size(); ++i) {
      auth.identifiers.push_back({"dkim", signatures[i].domain, signatures[i].selector, i,
                                  standing_of(signatures[i], auth.copy)});
    }
  }
  const bool unknown = !auth.dkim || (auth.dkim->signatures.empty() && request.maybe_unsigned);
  if (unknown) auth.identifiers.push_back({"dkim", "", "", std::nullopt, Standing::open});
}

/// RFC 9989 sections 5.3.5 and 5.3.6: one aligned pass is enough; without one, an answer that is
/// missing leaves it open.
DmarcResult decide(const std::vector<Identifier>& identifiers,
                   const std::vector<dmarc::Alignment>& alignments) {
  bool unanswered = false, open = false;
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const auto standing = identifiers[i].standing;
    const auto& alignment = alignments[i];
    if (standing == Standing::fail || (alignment.known && !alignment.aligned)) continue;
    if (standing == Standing::pass && alignment.known) return DmarcResult::pass;
    // An open identifier without a name may be anybody's.
    if (standing == Standing::open) {
      open = true;
    } else {
      unanswered = true;
    }
  }
  if (unanswered) return DmarcResult::temperror;
  return open ? DmarcResult::undecided : DmarcResult::fail;
}

Task<dmarc::Alignment> align(Context context, const DmarcReport& policy, Identifier identifier) {
  const auto domain = DomainName::from_user(identifier.domain);
  if (!domain) co_return dmarc::Alignment{false, !identifier.domain.empty()};
  auto mode = dmarc::AlignmentMode::relaxed;
  if (const auto* record = policy.record())
    mode = identifier.method == "spf" ? record->aspf : record->adkim;
  co_return co_await dmarc::check_alignment(context, policy.walk, *domain, mode);
}

/// What the record says about a message whose identifiers came to `decided`.
DmarcResult applied(const DmarcReport& policy, DmarcResult decided) {
  if (!policy.found_at) return policy.walk.failed() ? DmarcResult::temperror : DmarcResult::none;
  const bool exists_unknown = !policy.policy && !policy.exists &&
                              dmarc::depends_on_existence(*policy.record(), policy.level);
  // The registry's own example of a permerror is a record that cannot be used.
  if (!policy.policy && !exists_unknown) return DmarcResult::permerror;
  // Section 5.3.6: a policy that is not known cannot be applied.
  return exists_unknown && decided == DmarcResult::fail ? DmarcResult::temperror : decided;
}

/// The same by RFC 7489: alignment by the public suffix list.
std::optional<DmarcResult> decide_rfc7489(const MessageAuth& auth, const AuthorVerdict& verdict,
                                          const PublicSuffixes* suffixes) {
  const auto& old = verdict.policy.rfc7489;
  if (suffixes == nullptr || !old || !old->known) return std::nullopt;
  if (!old->policy) return DmarcResult::none;
  const auto* step = verdict.policy.walk.at(*old->found_at);
  const auto* record = step != nullptr && step->record ? &*step->record : verdict.policy.record();
  std::vector<dmarc::Alignment> alignments;
  for (const auto& identifier : auth.identifiers) {
    const auto domain = DomainName::from_user(identifier.domain);
    dmarc::Alignment alignment{false, !identifier.domain.empty()};
    if (domain) {
      const bool spf = identifier.method == "spf";
      const bool strict =
          record != nullptr && (spf ? record->aspf : record->adkim) == dmarc::AlignmentMode::strict;
      alignment.aligned =
          *domain == verdict.policy.domain ||
          (!strict && suffixes->organizational_domain(*domain) == old->organizational_domain);
    }
    alignments.push_back(alignment);
  }
  return decide(auth.identifiers, alignments);
}

Task<AuthorVerdict> judge_author(Context context, const MessageAuth& auth, DmarcReport policy,
                                 const PublicSuffixes* suffixes) {
  AuthorVerdict verdict;
  verdict.policy = std::move(policy);
  for (const auto& identifier : auth.identifiers) {
    const auto alignment = co_await align(context, verdict.policy, identifier);
    verdict.alignments.push_back(alignment);
  }
  verdict.result = applied(verdict.policy, decide(auth.identifiers, verdict.alignments));
  if (verdict.result == DmarcResult::pass) verdict.disposition = dmarc::Policy::none;
  if (verdict.result == DmarcResult::fail) verdict.disposition = verdict.policy.policy;
  verdict.rfc7489 = decide_rfc7489(auth, verdict, suffixes);
  co_return verdict;
}

/// RFC 9989 section 5.3.1; several domains as section 11.5 says.
void conclude(MessageAuth& auth) {
  if (auth.authors.domains.size() == 1) {
    auth.dmarc = auth.verdicts.front().result;
    auth.disposition = auth.verdicts.front().disposition;
    return;
  }
  auth.dmarc = DmarcResult::permerror;
  for (const auto& verdict : auth.verdicts) {
    if (verdict.result != DmarcResult::fail || !verdict.disposition) continue;
    auth.disposition =
        std::max(auth.disposition.value_or(dmarc::Policy::none), *verdict.disposition);
  }
}

/// Mechanisms and policies at once, then the judgement. Signatures, where there are any to verify,
/// are the caller's to have put into `verify`.
Task<void> evaluate(Context context, MessageAuth& auth, const MessageRequest& request,
                    std::function<Task<void>()> verify) {
  const auto count = std::min(auth.authors.domains.size(), max_author_domains);
  std::vector<DmarcReport> policies(count);
  constexpr std::size_t mechanisms = 3;
  const auto work = [&](std::size_t index) -> Task<void> {
    if (index == 0) {
      co_await evaluate_mail_from(context, auth);
    } else if (index == 1) {
      co_await evaluate_helo(context, auth);
    } else if (index == 2) {
      co_await verify();
    } else {
      const DmarcScope scope{request.suffixes, false};
      auto report = co_await check_dmarc(context, auth.authors.domains[index - mechanisms], scope);
      policies[index - mechanisms] = std::move(report);
    }
  };
  co_await for_each_index(mechanisms + count, mechanisms + count, work);
  collect_identifiers(auth, request);
  for (auto& policy : policies) {
    auto verdict = co_await judge_author(context, auth, std::move(policy), request.suffixes);
    auth.verdicts.push_back(std::move(verdict));
  }
  conclude(auth);
  const auto author_spf = co_await ask_author_spf(context, auth);
  auth.findings = make_findings(auth, author_spf, request.maybe_unsigned);
}

Result<MessageAuth> read_authors_of(std::string_view octets, const MessageRequest& request) {
  const auto message = dkim::read_message(octets);
  if (!message) return tl::unexpected(message.error());
  MessageAuth auth;
  auth.envelope = request.envelope;
  auth.copy = request.copy;
  std::vector<std::string_view> from;
  for (const auto& field : message->fields) {
    if (field.name == "from") from.push_back(field.value());
  }
  auth.authors = read_authors(from);
  return auth;
}

}  // namespace

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::pass:
      return "pass";
    case Standing::fail:
      return "fail";
    case Standing::temperror:
      return "temperror";
    case Standing::open:
      break;
  }
  return "open";
}

std::string_view to_string(DmarcResult result) {
  switch (result) {
    case DmarcResult::pass:
      return "pass";
    case DmarcResult::fail:
      return "fail";
    case DmarcResult::none:
      return "none";
    case DmarcResult::temperror:
      return "temperror";
    case DmarcResult::permerror:
      return "permerror";
    case DmarcResult::undecided:
      break;
  }
  return "undecided";
}

bool MessageAuth::aligned_pass(std::string_view method) const {
  if (authors.domains.size() != 1) return false;
  const auto& alignments = verdicts.front().alignments;
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    const bool aligned = alignments[i].known && alignments[i].aligned;
    if (aligned && identifiers[i].method == method && identifiers[i].standing == Standing::pass)
      return true;
  }
  return false;
}

Task<Result<MessageAuth>> evaluate_message(Context context, std::string octets,
                                           MessageRequest request) {
  auto auth = read_authors_of(octets, request);
  if (!auth) co_return auth;
  const std::function<Task<void>()> verify = [&]() -> Task<void> {
    auto report =
        co_await check_dkim_message(context, std::move(octets), request.now, request.today);
    // It was read above; what can fail has not.
    if (report) auth->dkim = std::move(*report);
  };
  co_await evaluate(context, *auth, request, verify);
  co_return auth;
}

Task<Result<MessageAuth>> evaluate_signatures(Context context, std::string octets,
                                              MessageRequest request) {
  auto auth = read_authors_of(octets, request);
  if (!auth) co_return auth;
  auto report = co_await check_dkim_message(context, std::move(octets), request.now, request.today);
  if (!report) co_return tl::unexpected(report.error());
  auth->dkim = std::move(*report);
  collect_identifiers(*auth, request);
  // SPF is not asked for here.
  auth->identifiers.erase(auth->identifiers.begin());
  auth->findings = make_findings(*auth, {}, request.maybe_unsigned);
  co_return auth;
}

Task<MessageAuth> evaluate_envelope(Context context, DomainName author, MessageRequest request) {
  MessageAuth auth;
  auth.envelope = request.envelope;
  auth.copy = Copy::none;
  auth.authors.domains.push_back(std::move(author));
  const std::function<Task<void>()> nothing = []() -> Task<void> { co_return; };
  co_await evaluate(context, auth, request, nothing);
  co_return auth;
}

}  // namespace maildiag::checks
