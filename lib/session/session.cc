#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <maildiag/ranges.h>
#include <maildiag/session.h>

#include "checks/list_choice.h"
#include "checks/public_resolvers.h"
#include "config/setting_table.h"
#include "core/text.h"
#include "dns/backends.h"
#include "dns/server_recording.h"
#include "session/hide_secrets.h"
#include "session/impl.h"
#include "session/network_access.h"
#include "session/self_test_file.h"

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

/// What the program's options take, and the defaults. Whoever sets more has miscounted.
Result<void> check_ranges(const SessionOptions& options) {
  const auto timeout = options.timeout, rate = options.rate;  // NaN is in no range
  if (timeout != 0 && !timeout_seconds.holds(timeout))
    return fail_with(ErrorCode::usage, "`timeout` must be 0 or a number of seconds from {} to {}",
                     timeout_seconds.least, timeout_seconds.most);
  if (options.tries != 0 && !query_tries.holds(options.tries))
    return fail_with(ErrorCode::usage, "`{}` must be a whole number from {} to {}", "tries", 0,
                     query_tries.most);
  if (!query_window.holds(options.window))
    return fail_with(ErrorCode::usage, "`{}` must be a whole number from {} to {}", "window",
                     query_window.least, query_window.most);
  if (!(rate <= list_rate.most))
    return fail_with(ErrorCode::usage, "`rate` must be a number of questions a second up to {}",
                     list_rate.most);
  return {};
}

/// As the program reads them, so that nothing else goes out on the wire or is left out in silence.
Result<void> check_texts(const SessionOptions& options) {
  struct Given {
    std::string_view member, setting;
    std::vector<std::string> texts;
  };
  std::vector<Given> given{{"sources", "source", options.sources},
                           {"default_lists", config::default_lists_key, options.default_lists}};
  if (!options.helo_name.empty()) given.push_back({"helo_name", "ehlo", {options.helo_name}});
  for (const auto& [member, setting, texts] : given) {
    Configuration scratch;
    const auto& row = *config::find_setting(setting);
    if (const auto rule = row.apply(scratch, texts); !rule.empty()) {
      const auto wrong = fmt::format("{}", fmt::join(config::wrong_ones(row, texts), ", "));
      return fail_with(ErrorCode::usage, "`{}` is \"{}\"; it must be {}", member,
                       text::sanitize(wrong), rule);
    }
  }
  for (const auto& key : options.list_keys) {
    if (!config::is_list_key(key.key))
      return fail_with(ErrorCode::usage, "{}: `{}` {}", key.origin, key.name,
                       config::list_key_rule);
  }
  return {};
}

/// A key that no list uses is mostly one whose name is misspelt, and its list would stay unasked.
Result<void> check_key_names(const SessionOptions& options, const rulebook::Rulebook& rulebook) {
  std::set<std::string_view> known;
  for (const auto& list : rulebook.lists()) {
    if (!list.key.empty()) known.insert(list.key);
  }
  for (const auto& key : options.list_keys) {
    if (known.count(key.name) == 0) {
      return fail_with(ErrorCode::configuration, "{}: no list uses a key `{}`; known: {}",
                       key.origin, key.name, fmt::format("{}", fmt::join(known, ", ")));
    }
  }
  return {};
}

struct Source {
  std::shared_ptr<dns::Backend> backend;
  std::optional<dns::NetworkOptions> network;
  session::ServerAnswers servers;
};

Result<Source> make_source(const SessionOptions& options,
                           const std::shared_ptr<const SecretMask>& mask) {
  Source source;
  auto backend = [&]() -> Result<std::shared_ptr<dns::Backend>> {
    if (!options.replay_file.empty()) {
      auto recording = dns::open_recording(options.replay_file, mask);
      if (!recording) return tl::unexpected(recording.error());
      source.servers.recorded = std::move(recording->servers);
      return std::move(recording->backend);
    }
    if (!options.zone_files.empty()) return dns::make_zone_backend(options.zone_files);
    auto network = network_options(options);
    if (!network) return tl::unexpected(network.error());
    source.network = *network;
    return dns::make_network_backend(std::move(*network));
  }();
  if (backend && !options.record_file.empty())
    backend = dns::make_recording_backend(std::move(*backend), options.record_file, mask);
  if (!backend) return tl::unexpected(backend.error());
  if (!options.record_file.empty()) {
    auto recorder = dns::ServerRecorder::open(options.record_file, mask);
    if (!recorder) return tl::unexpected(recorder.error());
    source.servers.recorder = std::move(*recorder);
  }
  source.backend = std::move(*backend);
  return source;
}

/// Before anything is opened: a recording hides them, too.
std::shared_ptr<SecretMask> mask_of(const SessionOptions& options,
                                    const rulebook::Rulebook& rulebook) {
  auto mask = std::make_shared<SecretMask>();
  for (const auto& key : options.list_keys) mask->add(key.key);
  if (!options.default_lists.empty())
    session::hide_given_keys(checks::ListChoice(rulebook, nullptr, options.default_lists), *mask);
  return mask;
}

}  // namespace

void session::hide_given_keys(const checks::ListChoice& choice, SecretMask& mask) {
  for (const auto& key : choice.given_keys()) mask.add(key);
}

/// Names the resolver, and says which of its servers are public.
void Session::Impl::set_lists() {
  for (const auto& key : options.list_keys) lists.keys[key.name] = key.key;
  lists.default_zones = options.default_lists;
  lists.rate = options.rate;
  lists.self_tests = std::make_shared<checks::SelfTestCache>();
  if (!network) {
    lists.servers =
        options.replay_file.empty() ? options.zone_files : std::vector{options.replay_file};
    return;
  }
  for (const auto& server : network->servers) {
    lists.servers.push_back(server.to_string());
    lists.resolver += (lists.resolver.empty() ? "" : ",") + server.to_string();
    if (const auto name = checks::public_resolver(server.address); !name.empty())
      lists.public_servers.push_back(fmt::format("{} ({})", server.to_string(), name));
  }
  // A recording holds the tests, too, so that it can be replayed.
  if (options.cache_directory.empty() || !options.record_file.empty()) return;
  self_test_file = options.cache_directory + "/self-tests.jsonl";
  lists.self_tests->restore_when_asked(
      [file = self_test_file](auto& cache) { session::read_self_tests(file, cache); });
}

Session::Impl::~Impl() {
  try {
    keep_registrations();
    if (self_test_file.empty() || !lists.self_tests->changed()) return;
    session::write_self_tests(self_test_file, *lists.self_tests, *mask);
  } catch (const std::exception&) {
    return;  // no memory: the next run asks again
  }
}

std::shared_ptr<dns::Resolver> Session::Impl::make_resolver(
    const std::vector<dns::ServerAddress>& servers) {
  auto direct = *network;
  direct.servers = servers;
  direct.recursion = false;
  auto backend = dns::make_network_backend(std::move(direct));
  if (!options.record_file.empty()) {
    auto recording = dns::make_recording_backend(std::move(backend), options.record_file, mask);
    if (!recording) throw std::runtime_error(recording.error().message);
    backend = std::move(*recording);
  }
  return std::make_shared<dns::Resolver>(std::move(backend));
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

std::variant<Session, Error> Session::open(SessionOptions options) {
  if (const auto checked = check_ranges(options); !checked) return checked.error();
  if (const auto checked = check_texts(options); !checked) return checked.error();
  auto rulebook = rulebook::Rulebook::load(options.rule_directories);
  if (!rulebook) return rulebook.error();
  if (const auto checked = check_key_names(options, **rulebook); !checked) return checked.error();
  const auto mask = mask_of(options, **rulebook);
  auto source = make_source(options, mask);
  if (!source) return source.error();
  auto connections = session::open_network(options, std::move(source->servers));
  if (!connections) return connections.error();
  auto impl =
      std::make_unique<Impl>(std::move(options), std::move(*rulebook), std::move(source->backend));
  impl->mask = mask;
  impl->network = std::move(source->network);
  impl->connections = std::move(*connections);
  impl->set_lists();
  impl->load_registries();
  return Session(std::move(impl));
}

}  // namespace maildiag
