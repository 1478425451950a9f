/// The answer to one question. What went wrong is a value here, not an error: a time-out is not
/// "no".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

#include "dns/record.h"

namespace maildiag::dns {

struct Question {
  DomainName name;
  RecordType type{};
  friend bool operator==(const Question&, const Question&) = default;
};

enum class Outcome {
  answer,    ///< at least one record of the asked type
  nodata,    ///< the name exists, without such a record (RFC 2308 section 2.2)
  nxdomain,  ///< the name does not exist
  servfail,
  refused,
  other_rcode,    ///< FORMERR, NOTIMP ...: see rcode
  timeout,        ///< no valid answer in time from any server
  network_error,  ///< no server could be reached (connection refused, no route, no server
                  ///< configured)
  malformed,      ///< only answers that the guard or the codec refused
  not_recorded,   ///< the replay file has no answer to this question
};

/// "answer", "nodata", "nxdomain", "servfail", "refused", "timeout" ...: the word in JSON evidence.
std::string_view to_string(Outcome outcome);
/// answer, nodata and nxdomain: the question was answered. Everything else means *unknown*.
bool is_definite(Outcome outcome);

struct Answer {
  Question question;
  Outcome outcome = Outcome::timeout;
  int rcode = -1;                       ///< the answer's RCODE, -1 where there was no answer
  std::vector<Record> records;          ///< of the asked type, after the CNAME chain
  std::vector<DomainName> cname_chain;  ///< the targets, in order; empty without CNAME
  std::uint32_t ttl =
      0;               ///< seconds: the smallest of the chain and the records, or the negative TTL
  std::string server;  ///< "192.0.2.1#53", "zone:FILE", "replay:FILE"
  std::chrono::microseconds elapsed{0};
  bool authenticated = false;  ///< the AD bit (RFC 4035 section 3.2.3)
  bool from_cache = false;
  std::string detail;  ///< for people: why it failed ("CNAME loop", "connection refused")

  bool definite() const { return is_definite(outcome); }
  bool found() const { return outcome == Outcome::answer; }
};

/// The answer as evidence of a finding (see Evidence).
Evidence to_evidence(const Answer& answer);

}  // namespace maildiag::dns
