#include "fuzz/targets.h"

#include <algorithm>
#include <array>

namespace maildiag::fuzz {

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
      Target{"dns_message", dns_message},
      Target{"zone_file", zone_file},
      Target{"dns_text", dns_text},
      Target{"bounce_text", bounce_text},
      Target{"bounce_log", bounce_log},
      Target{"smtp_reply", smtp_reply},
      Target{"whois", whois},
      Target{"rules_file", rules_file},
      Target{"rules_match", rules_match},
      Target{"config_file", config_file},
      Target{"cache_files", cache_files},
      Target{"watch_history", watch_history},
      Target{"message", message},
      Target{"names", names},
      Target{"json_options", json_options},
      Target{"served_file", served_file},
      Target{"mail_sources", mail_sources},
      Target{"lints", lints},
      Target{"answers", answers},
      Target{"command_line", command_line},
  };
  return all;
}

const Target* find_target(std::string_view name) {
  const auto all = targets();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const Target& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace maildiag::fuzz
