#include "fuzz/targets.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace maildiag::fuzz {

void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

std::span<const Target> targets() {
  static constexpr std::array all = {
      Target{"spf_macro", spf_macro},
      Target{"spf_record", spf_record},
      Target{"spf_evaluate", spf_evaluate},
      Target{"dkim_key", dkim_key},
      Target{"dkim_signature", dkim_signature},
      Target{"dkim_canonical", dkim_canonical},
      Target{"dkim_changes", dkim_changes},
      Target{"dmarc_record", dmarc_record},
      Target{"mta_sts", mta_sts},
      Target{"tls_rpt", tls_rpt},
      Target{"bounce_mime", bounce_mime},
      Target{"bounce_reply", bounce_reply},
  };
  return all;
}

}  // namespace maildiag::fuzz
