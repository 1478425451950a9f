#include "session/envelope.h"

#include <vector>

#include "bounce/reader.h"
#include "bounce/reply_text.h"
#include "bounce/returned_message.h"
#include "core/text.h"
#include "core/typed_domain.h"

namespace maildiag::session {

namespace {

/// The hop at which the message came in from outside: the newest one with a public client. Above it
/// stand only hops between the receiver's own servers.
const bounce::Hop* find_entry(const std::vector<bounce::Hop>& hops,
                              const std::optional<IpAddress>& ip) {
  for (const auto& hop : hops) {
    if (!hop.client) continue;
    if (ip ? hop.client->unmapped() == ip->unmapped() : hop.client->is_public()) return &hop;
  }
  return nullptr;
}

}  // namespace

Result<void> read_helo(const std::string& option) {
  if (option.empty() || option.starts_with('[') || domain_from_user(option)) return {};
  return fail_with(ErrorCode::usage,
                   "--helo: `{}` is neither a host name nor an address in brackets", option);
}

Result<std::optional<std::string>> read_sender(const std::string& option) {
  if (option.empty()) return std::nullopt;
  const auto sender = text::strip_brackets(option);
  const auto at = sender.rfind('@');
  const bool literal = at != std::string_view::npos && sender.substr(at + 1).starts_with('[');
  const bool good =
      sender.empty() || literal ||
      (at != std::string_view::npos && at > 0 && domain_from_user(sender.substr(at + 1)));
  if (!good)
    return fail_with(ErrorCode::usage,
                     "--sender: `{}` is not an address (examples: you@example.com, <>)", option);
  return std::string(sender);
}

Result<EnvelopeOrigin> read_envelope_options(const DmarcOptions& options) {
  EnvelopeOrigin origin;
  if (!options.ip.empty()) {
    origin.envelope.ip = IpAddress::parse(options.ip);
    origin.ip_source = "option";
    if (!origin.envelope.ip)
      return fail_with(ErrorCode::usage, "--ip: `{}` is not an IP address", options.ip);
  }
  const auto helo = read_helo(options.helo);
  if (!helo) return tl::unexpected(helo.error());
  if (!options.helo.empty()) {
    origin.envelope.helo = options.helo;
    origin.helo_source = "option";
  }
  const auto sender = read_sender(options.sender);
  if (!sender) return tl::unexpected(sender.error());
  if (*sender) {
    origin.envelope.sender = **sender;
    origin.sender_source = "option";
  }
  return origin;
}

void fill_envelope(EnvelopeOrigin& origin, std::string_view octets) {
  auto& envelope = origin.envelope;
  const auto header = bounce::Fields::parse(bounce::split_header(octets).header);
  const auto hops = bounce::read_hops(header);
  if (const auto* hop = find_entry(hops, envelope.ip)) {
    origin.tls = hop->tls;
    if (!envelope.ip) {
      envelope.ip = hop->client;
      origin.ip_source = "received";
      origin.by = hop->by;
    }
    if (envelope.helo.empty() && !hop->helo.empty()) {
      envelope.helo = hop->helo;
      origin.helo_source = "received";
    }
  }
  if (!envelope.sender && header.has("Return-Path")) {
    envelope.sender = std::string(text::strip_brackets(text::trim(header.get("Return-Path"))));
    origin.sender_source = "return-path";
  }
}

Result<EnvelopeOrigin> complete_envelope(EnvelopeOrigin origin, std::string_view octets) {
  fill_envelope(origin, octets);
  if (!origin.envelope.ip)
    return fail_with(
        ErrorCode::usage,
        "no Received field tells which server delivered it: give its address with --ip");
  if (!origin.envelope.sender)
    return fail_with(ErrorCode::usage,
                     "it has no Return-Path field: give the envelope sender with --sender "
                     "(--sender '<>' where it is empty)");
  return origin;
}

WallTime received_at(std::string_view octets, WallTime now) {
  const auto header = bounce::Fields::parse(bounce::split_header(octets).header);
  const auto received = header.get("Received");
  const auto semicolon = received.rfind(';');
  if (semicolon == std::string_view::npos) return now;
  const auto date = from_rfc5322_date(text::trim(received.substr(semicolon + 1)));
  return date && *date < now ? *date : now;
}

}  // namespace maildiag::session
