/// The transports behind make_network(), one a file; those without libcurl stand in reach.h.
#pragma once

#include "net/network.h"

namespace maildiag::net {

/// REQUIRES of all: `options` outlive the task.
Task<HttpReply> fetch_http(const AccessOptions& options, HttpRequest request);
Task<SmtpTalk> talk_smtp(const AccessOptions& options, SmtpRequest request);
Task<WhoisReply> ask_whois(const AccessOptions& options, WhoisRequest request);

}  // namespace maildiag::net
