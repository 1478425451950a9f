#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include <maildiag/session.h>

#include "dns/backends.h"
#include "session/impl.h"

namespace maildiag {

namespace {

/// resolv.conf is small; a larger file is not one.
constexpr std::streamsize max_resolv_conf = 64 << 10;

std::string read_beginning(const std::string& path, std::streamsize limit) {
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(limit), '\0');
  file.read(text.data(), limit);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Result<dns::NetworkOptions> network_options(const SessionOptions& options) {
  const auto conf = dns::parse_resolv_conf(read_beginning(options.resolv_conf, max_resolv_conf));
  dns::NetworkOptions network;
  for (const auto& text : options.nameservers) {
    auto server = dns::ServerAddress::parse(text);
    if (!server) return tl::unexpected(server.error());
    network.servers.push_back(*server);
  }
  if (network.servers.empty()) network.servers = conf.servers;
  if (network.servers.empty())
    network.servers.push_back(*dns::ServerAddress::parse("127.0.0.1"));  // resolv.conf(5)
  if (conf.timeout_seconds) network.timeout = std::chrono::seconds(*conf.timeout_seconds);
  if (options.timeout > 0)
    network.timeout = std::chrono::milliseconds(std::llround(options.timeout * 1000));
  if (conf.attempts) network.tries = *conf.attempts;
  if (options.tries > 0) network.tries = options.tries;
  network.window = options.window;
  return network;
}

/// A key that no list uses is mostly one whose name is misspelt, and its list would stay unasked.
Result<void> check_key_names(const SessionOptions& options, const rulebook::Rulebook& rulebook) {
  std::set<std::string_view> known;
  for (const auto& list : rulebook.lists()) {
    if (!list.key.empty()) known.insert(list.key);
  }
  for (const auto& key : options.list_keys) {
    if (known.count(key.name) == 0) {
      return fail(ErrorCode::configuration,
                  fmt::format("{}: no list uses a key `{}`; known: {}", key.origin, key.name,
                              fmt::join(known, ", ")));
    }
  }
  return {};
}

Result<std::shared_ptr<dns::Backend>> make_backend(const SessionOptions& options) {
  if (!options.replay_file.empty()) return dns::make_replay_backend(options.replay_file);
  if (!options.zone_files.empty()) return dns::make_zone_backend(options.zone_files);
  auto network = network_options(options);
  if (!network) return tl::unexpected(network.error());
  return dns::make_network_backend(std::move(*network));
}

}  // namespace

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::variant<Session, Error> Session::open(SessionOptions options) {
  auto rulebook = rulebook::Rulebook::load(options.rule_directories);
  if (!rulebook) return rulebook.error();
  if (const auto checked = check_key_names(options, **rulebook); !checked) return checked.error();
  auto backend = make_backend(options);
  if (backend && !options.record_file.empty())
    backend = dns::make_recording_backend(std::move(*backend), options.record_file);
  if (!backend) return backend.error();
  return Session(
      std::make_unique<Impl>(std::move(options), std::move(*rulebook), std::move(*backend)));
}

}  // namespace maildiag
