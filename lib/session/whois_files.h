/// What is known of registries beyond a run: their answers, and IANA's files.
#pragma once

#include <string>
#include <string_view>

#include "checks/whois_access.h"

namespace maildiag::session {

/// Answers of earlier runs, one a line, and the refreshed bootstrap files. What is missing, damaged
/// or somebody else's is not there.
void read_registrations(const std::string& directory, checks::whois::Cache& cache);
void read_bootstrap(const std::string& directory, checks::whois::Bootstrap& bootstrap);

/// Puts what this run learned over what the file holds. False: it cannot be written, which costs
/// the next run a question.
bool write_registrations(const std::string& directory, const checks::whois::Cache& cache);
std::string bootstrap_file(const std::string& directory, checks::whois::BootstrapFile file);

}  // namespace maildiag::session
