/// What is fed with hostile octets. A target returns, or fails by a sanitizer, by an exception or
/// by require().
#pragma once

#include <span>
#include <string_view>

namespace maildiag::fuzz {

/// Ends the process: the property does not hold for this input.
void require(bool holds, const char* property);

struct Target {
  std::string_view name;  ///< also of its folder in corpus/
  void (*run)(std::string_view octets);
};
std::span<const Target> targets();
/// nullptr: there is none.
const Target* find_target(std::string_view name);

void spf_macro(std::string_view octets);
void spf_record(std::string_view octets);
void spf_evaluate(std::string_view octets);
void dkim_key(std::string_view octets);
void dkim_signature(std::string_view octets);
void dkim_canonical(std::string_view octets);
void dkim_changes(std::string_view octets);
void dmarc_record(std::string_view octets);
void mta_sts(std::string_view octets);
void tls_rpt(std::string_view octets);
void bounce_mime(std::string_view octets);
void bounce_reply(std::string_view octets);
void dns_message(std::string_view octets);
void zone_file(std::string_view octets);
void dns_text(std::string_view octets);
void bounce_text(std::string_view octets);
void bounce_log(std::string_view octets);
void smtp_reply(std::string_view octets);
void whois(std::string_view octets);
void rules_file(std::string_view octets);
void rules_match(std::string_view octets);
void config_file(std::string_view octets);
void cache_files(std::string_view octets);
void watch_history(std::string_view octets);
void message(std::string_view octets);
void names(std::string_view octets);
void json_options(std::string_view octets);
void served_file(std::string_view octets);
void mail_sources(std::string_view octets);
void lints(std::string_view octets);
void answers(std::string_view octets);
void command_line(std::string_view octets);

}  // namespace maildiag::fuzz
