/// Verdicts about lists that outlive a run.
#pragma once

#include <string>

#include "checks/self_test_cache.h"
#include "core/secret_mask.h"

namespace maildiag::session {

/// Reads what other runs kept. A file that is missing, damaged, too large, or that somebody else
/// may write, is no file: the lists are tested again.
void read_self_tests(const std::string& file, checks::SelfTestCache& cache);

/// Puts what this run found over what the file holds, by renaming a complete new file over it.
/// False: it cannot be written, which costs nothing but the tests of the next run.
bool write_self_tests(const std::string& file, const checks::SelfTestCache& cache,
                      const SecretMask& mask);

}  // namespace maildiag::session
