#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <system_error>

#include <fmt/format.h>

#include <maildiag/configuration.h>

#include "config/layer.h"
#include "core/descriptor.h"
#include "dns/backends.h"

namespace maildiag {

namespace {

/// A configuration has some dozen lines; a larger file is something else.
constexpr std::size_t max_file_bytes = 1UL << 20;
constexpr const char* file_name = "maildiag.toml";

struct FileText {
  std::string text;
  bool world_readable = false;
};

/// `failure` is errno, or 0.
std::optional<FileText> read_file(const std::string& path, int& failure) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  failure = descriptor.is_open() ? 0 : errno;
  if (failure != 0) return std::nullopt;
  FileText file;
  struct stat status {};
  if (::fstat(descriptor.number(), &status) == 0)
    file.world_readable = S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0;
  if (read_rest(descriptor, max_file_bytes, file.text)) return file;
  failure = errno;
  return std::nullopt;
}

bool has_list_key(const config::Layer& layer) {
  return std::any_of(layer.begin(), layer.end(), [](const config::Given& given) {
    return given.key.starts_with(config::list_key_prefix);
  });
}

std::string_view variable(const ConfigurationSources& sources, const char* name) {
  const auto found = sources.environment.find(name);
  return found == sources.environment.end() ? std::string_view() : found->second;
}

/// The XDG base directory specification: a relative path there is none.
std::string user_file(const ConfigurationSources& sources) {
  if (const auto base = variable(sources, "XDG_CONFIG_HOME"); base.starts_with('/'))
    return fmt::format("{}/maildiag/{}", base, file_name);
  if (const auto home = variable(sources, "HOME"); home.starts_with('/'))
    return fmt::format("{}/.config/maildiag/{}", home, file_name);
  return {};
}

/// Systemd's, the user's, or the system's.
std::string cache_directory(const ConfigurationSources& sources) {
  if (const auto given = variable(sources, "CACHE_DIRECTORY"); given.starts_with('/'))
    return std::string(given.substr(0, given.find(':')));
  if (const auto base = variable(sources, "XDG_CACHE_HOME"); base.starts_with('/'))
    return fmt::format("{}/maildiag", base);
  if (const auto home = variable(sources, "HOME"); home.starts_with('/'))
    return fmt::format("{}/.cache/maildiag", home);
  return "/var/cache/maildiag";
}

/// Builds a Configuration layer by layer.
class Loader {
 public:
  explicit Loader(const ConfigurationSources& sources) : sources_(sources) {}

  Result<Configuration> load() {
    put_defaults();
    auto done = put_files();
    if (done)
      done = config::put_over(result_, config::read_environment(sources_.environment),
                              ErrorCode::configuration);
    if (done)
      done = config::put_over(result_, config::read_options(sources_.options), ErrorCode::usage);
    if (!done) return tl::unexpected(done.error());
    return std::move(result_);
  }

 private:
  void put_defaults() {
    put_locale();
    result_.session.cache_directory = cache_directory(sources_);
    result_.unknown_variables = config::unknown_variables(sources_.environment);
    const auto rules = sources_.system_directory + "/rules.d";
    std::error_code ignored;
    if (std::filesystem::is_directory(rules, ignored))
      result_.session.rule_directories.push_back(rules);
    for (const auto& row : config::setting_rows())
      result_.settings.push_back({std::string(row.key), row.effective(result_), "default"});
    put_resolver();
  }

  /// The first variable that names a language decides; its locale need not be installed.
  void put_locale() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
      const auto value = variable(sources_, name);
      if (value.empty()) continue;
      if (const auto language = language_from(value)) result_.session.language = *language;
      return;
    }
  }

  /// Shows what the session will take from resolv.conf where nothing else is said.
  void put_resolver() {
    int failure = 0;
    const auto file = read_file(result_.session.resolv_conf, failure);
    const auto conf = dns::parse_resolv_conf(file ? file->text : std::string());
    const bool named = !conf.servers.empty();
    Value servers = Value::array();
    for (const auto& server : conf.servers) servers.push(server.to_string());
    if (!named) servers.push("127.0.0.1");
    show("nameserver", std::move(servers), named);
    show("timeout", conf.timeout_seconds.value_or(2), conf.timeout_seconds.has_value());
    show("tries", conf.attempts.value_or(3), conf.attempts.has_value());
  }

  void show(std::string_view key, Value value, bool from_resolv_conf) {
    for (auto& setting : result_.settings) {
      if (setting.key != key) continue;
      setting.value = std::move(value);
      if (from_resolv_conf) setting.origin = result_.session.resolv_conf;
      return;  // a key stands once
    }
  }

  Result<void> put_files() {
    auto named = sources_.file;
    if (named.empty()) named = variable(sources_, "MAILDIAG_CONFIG");
    if (!named.empty()) return put_file(named, true);
    auto done = put_file(fmt::format("{}/{}", sources_.system_directory, file_name), false);
    const auto own = user_file(sources_);
    return done && !own.empty() ? put_file(own, false) : done;
  }

  /// One of the usual files may be missing; one that may not be read (its keys are for others) is
  /// warned about.
  Result<void> put_file(const std::string& path, bool required) {
    result_.searched.push_back(path);
    int failure = 0;
    const auto file = read_file(path, failure);
    if (!file) {
      if (required)
        return fail_with(ErrorCode::configuration,
                         "{}: {}; name a file that can be read, or leave --config out", path,
                         std::strerror(failure));
      if (failure != ENOENT && failure != ENOTDIR)
        result_.warnings.push_back({Configuration::Warning::Kind::unreadable, path});
      return {};
    }
    if (file->text.size() > max_file_bytes)
      return fail_with(ErrorCode::configuration,
                       "{}:1: larger than {} MiB; this is no configuration", path,
                       max_file_bytes >> 20U);
    const auto layer = config::read_document(file->text, path);
    if (!layer) return tl::unexpected(layer.error());
    result_.files.push_back(path);
    if (file->world_readable && has_list_key(*layer))
      result_.warnings.push_back({Configuration::Warning::Kind::world_readable, path});
    return config::put_over(result_, *layer, ErrorCode::configuration);
  }

  const ConfigurationSources& sources_;
  Configuration result_;
};

}  // namespace

std::string Configuration::Warning::message() const {
  if (kind == Kind::world_readable)
    return fmt::format("{}: everybody can read the keys in it: chmod 640 it, or 600", file);
  return fmt::format("{}: cannot be read, so its settings do not hold", file);
}

std::variant<Configuration, Error> Configuration::load(const ConfigurationSources& sources) {
  auto loaded = Loader(sources).load();
  if (!loaded) return loaded.error();
  return std::move(*loaded);
}

}  // namespace maildiag
