#include "net/hindrance.h"

namespace maildiag::net {

std::string_view to_string(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::not_allowed:
      return "not-allowed";
    case Obstacle::forbidden:
      return "forbidden";
    case Obstacle::foreign_source:
      return "foreign-source";
    case Obstacle::no_family:
      return "no-family";
    case Obstacle::network_unreachable:
      return "network-unreachable";
    case Obstacle::host_unreachable:
      return "host-unreachable";
    case Obstacle::protocol_unreachable:
      return "protocol-unreachable";
    case Obstacle::port_unreachable:
      return "port-unreachable";
    case Obstacle::prohibited:
      return "prohibited";
    case Obstacle::time_exceeded:
      return "time-exceeded";
    case Obstacle::refused:
      return "refused";
    case Obstacle::reset:
      return "reset";
    case Obstacle::timed_out:
      return "timed-out";
    case Obstacle::other:
      break;
  }
  return "other";
}

namespace {

ProbeFailure from_system(Fault fault, Obstacle obstacle) {
  return {fault, Hindrance{obstacle, std::nullopt, {}}};
}

}  // namespace

ProbeFailure failure_of(std::error_code error) {
  if (!error) return {};
  // Asio's category of errno values does not know std::errc.
  const std::error_code own(error.value(), std::system_category());
  if (own == std::errc::connection_refused) return from_system(Fault::refused, Obstacle::refused);
  if (own == std::errc::timed_out) return from_system(Fault::timeout, Obstacle::timed_out);
  if (own == std::errc::connection_reset) return from_system(Fault::closed, Obstacle::reset);
  if (own == std::errc::network_unreachable)
    return from_system(Fault::unreachable, Obstacle::network_unreachable);
  if (own == std::errc::host_unreachable)
    return from_system(Fault::unreachable, Obstacle::host_unreachable);
  if (own == std::errc::permission_denied || own == std::errc::operation_not_permitted)
    return from_system(Fault::unreachable, Obstacle::forbidden);
  if (own == std::errc::address_not_available)
    return from_system(Fault::unreachable, Obstacle::foreign_source);
  if (own == std::errc::address_family_not_supported)
    return from_system(Fault::unreachable, Obstacle::no_family);
  return {Fault::unreachable, Hindrance{Obstacle::other, std::nullopt, own.message()}};
}

}  // namespace maildiag::net
