#include "dns/server_channels.h"

#include <array>
#include <utility>

namespace maildiag::dns {

ServerChannels::ServerChannels(asio::any_io_executor executor, const Servers& servers)
    : executor_(std::move(executor)), servers_(servers), channels_(servers.size() * most_open) {}

/// Any of the first few that are not worn. Where none is left, the last few go on although they are
/// worn, so that the others are left alone and closed when their last question has ended.
std::size_t ServerChannels::choose(std::size_t server, std::size_t chance) const {
  const auto first = server * most_open;
  std::array<std::size_t, asking> fresh{};
  std::size_t count = 0;
  for (auto channel = first; channel < first + most_open && count < asking; ++channel) {
    if (!channels_[channel].worn()) fresh.at(count++) = channel;
  }
  if (count == 0) return first + most_open - asking + chance % asking;
  return fresh.at(chance % count);
}

std::optional<std::size_t> ServerChannels::find_open(std::size_t server) const {
  const auto first = server * most_open;
  for (auto channel = first; channel < first + most_open; ++channel) {
    if (channels_[channel].socket != nullptr) return channel;
  }
  return std::nullopt;
}

std::optional<ServerChannels::Taken> ServerChannels::take(std::size_t server, std::size_t chance,
                                                          std::error_code& error) {
  Taken taken{choose(server, chance)};
  if (channels_[taken.channel].socket == nullptr) {
    auto socket = std::make_shared<UdpChannel>(executor_, servers_[server].address, error);
    if (!error) {
      channels_[taken.channel].socket = std::move(socket);
      taken.opened = true;
    } else if (const auto open = find_open(server)) {
      error.clear();  // too many open files: better a worn port than no answer
      taken.channel = *open;
    } else {
      return std::nullopt;
    }
  }
  ++channels_[taken.channel].asked;
  ++channels_[taken.channel].under_way;
  return taken;
}

void ServerChannels::release(std::size_t channel) {
  auto& place = channels_[channel];
  if (--place.under_way == 0 && place.worn()) close(place);
}

void ServerChannels::close_all() {
  for (auto& channel : channels_) close(channel);
}

void ServerChannels::close(Channel& channel) {
  if (channel.socket == nullptr) return;
  std::error_code ignored;
  channel.socket->descriptor().close(ignored);
  channel = Channel();
}

}  // namespace maildiag::dns
