/// What a check found: one statement with its severity and the evidence for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <maildiag/export.h>
#include <maildiag/value.h>

namespace maildiag {

/// `unknown` (time-out, SERVFAIL, REFUSED, blocked ...) is never turned into ok or critical.
enum class Severity { ok, info, warning, critical, unknown };

MAILDIAG_EXPORT std::string_view to_string(Severity severity);
/// The worse of two: critical > unknown > warning > info > ok.
MAILDIAG_EXPORT Severity worse(Severity a, Severity b);
/// 0 ok and info, 1 warning, 2 critical, 3 unknown.
MAILDIAG_EXPORT int exit_status(Severity severity);

/// What was asked and what was answered. `data` is an object, for DNS:
/// {kind:"dns", name, type, outcome, rcode, records[], ttl, server, ms}; for the bounce itself:
/// {kind:"reply", text}.
struct Evidence {
  Value data;
};

struct Finding {
  std::string id;  ///< stable: `area.kebab-case`, e.g. `ptr.missing`
  Severity severity = Severity::info;
  std::string subject;  ///< what it is about: an address, a domain, a list ...
  Value data;           ///< an object; its members fill the placeholders of the catalogue's texts
  std::vector<Evidence> evidence;
  bool decisive = false;  ///< in explain: one of those that decided the verdict

  // Filled from the catalogue in the language of the session:
  std::string title;
  std::string detail;
  std::vector<std::string> remedy;
  std::string reference;
};

}  // namespace maildiag
