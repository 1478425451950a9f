/// What one check_host() run shares over all its records: the identities, the questions and what
/// they cost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/context.h"
#include "checks/spf.h"
#include "checks/spf_macro.h"

namespace maildiag::checks::spf {

/// Questions of one evaluation. The limits on terms allow about 140 (ten mx of ten hosts); this
/// bounds what is left.
inline constexpr int max_queries = 150;
/// Names behind the client's address that are looked at (section 4.6.4), and hosts of one mx.
inline constexpr std::size_t max_ptr_names = 10, max_mx_hosts = 10;
/// Records kept in the evidence of one question.
inline constexpr std::size_t max_evidence_records = 16;

/// How an empty answer is counted where an IPv6 client finds only A records.
enum class VoidReading {
  asked_type,   ///< no AAAA record: void
  any_address,  ///< void only without A records too
};

/// Outcome of a question as section 4.6.4 and 5 see it.
enum class Lookup { found, none, error };

class Session {
 public:
  Session(Context context, const SpfRequest& request, VoidReading reading);

  /// The macros' values; `domain` is the caller's to set.
  MacroValues values;
  /// The domain to check; nullopt: it is malformed (section 4.3).
  std::optional<DomainName> identity;
  /// The reverse-path's local-part is not ASCII: terms with %{s} or %{l} match nothing (RFC 8616
  /// section 4).
  bool unicode_local_part = false;

  int lookups = 0, void_lookups = 0, void_queries = 0;

  /// A question and the step of the trace that asked it.
  struct Query {
    int step = 0;
    Evidence evidence;
  };
  std::vector<Query> queries;
  int step = -1;  ///< the current one; -1: the first record

  /// Asks and records. `error` also where too many questions were asked.
  Task<Lookup> ask(DomainName name, dns::RecordType type, dns::Answer& answer);
  /// The address records of the client's family.
  Task<Lookup> ask_addresses(DomainName name, std::vector<IpAddress>& addresses);

  /// Counts an empty answer. False: that is one term too many.
  bool count_void(Lookup lookup);
  /// The same for a question of ask_addresses(); may ask for A records, see VoidReading.
  Task<bool> count_address_void(DomainName name, Lookup lookup);

  /// A new term begins: counts it where it asks DNS. False: that is one too many.
  bool begin_term(bool asks_dns);

  /// The PTR names of the client; empty where there is none or DNS fails (section 5.5).
  Task<std::vector<DomainName>> ptr_names();
  Lookup ptr_lookup() const { return ptr_lookup_; }
  /// Forward-confirmed: one of its addresses is the client's. A DNS error is a no.
  Task<bool> confirmed(DomainName name);
  /// Sets values.validated for the domain in values.domain (section 7.3, "p").
  Task<void> validate_name();

 private:
  Context context_;
  VoidReading reading_;
  int asked_ = 0;
  bool term_void_ = false;
  std::optional<std::vector<DomainName>> ptr_names_;
  Lookup ptr_lookup_ = Lookup::error;
};

/// At most max_evidence_records of the answer.
Evidence brief_evidence(const dns::Answer& answer);

}  // namespace maildiag::checks::spf
