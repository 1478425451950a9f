#include <filesystem>

#include <doctest/doctest.h>

#include <maildiag/configuration.h>

#include "config/setting_table.h"
#include "support/temporary_directory.h"

using maildiag::Configuration;
using maildiag::ConfigurationSources;
using maildiag::Error;
using maildiag::ErrorCode;

namespace {

namespace fs = std::filesystem;

/// A system directory and a home of their own.
struct Host {
  maildiag::test::TemporaryDirectory directory;
  ConfigurationSources sources;

  Host() {
    sources.system_directory = directory.path() + "/etc";
    sources.environment["XDG_CONFIG_HOME"] = directory.path() + "/home";
  }
  void system_file(const char* text) const { directory.write("etc/maildiag.toml", text); }
  void own_file(const char* text) const { directory.write("home/maildiag/maildiag.toml", text); }
  std::variant<Configuration, Error> load() const { return Configuration::load(sources); }
  Configuration good() const {
    auto loaded = load();
    if (const auto* error = std::get_if<Error>(&loaded)) FAIL_CHECK(error->message);
    return std::get<Configuration>(std::move(loaded));
  }
  Error bad() const {
    auto loaded = load();
    REQUIRE(std::holds_alternative<Error>(loaded));
    return std::get<Error>(loaded);
  }
};

Configuration::Setting setting(const Configuration& configuration, const std::string& key) {
  for (const auto& each : configuration.settings) {
    if (each.key == key) return each;
  }
  return {};
}

/// The message about a system file with this text, without the file's directory.
std::string complaint(const std::string& text) {
  Host host;
  host.system_file(text.c_str());
  const auto error = host.bad();
  CHECK(error.code == ErrorCode::configuration);
  const auto directory = host.sources.system_directory + "/";
  CHECK(error.message.starts_with(directory));
  return error.message.substr(directory.size());
}

}  // namespace

TEST_CASE("without any file the defaults hold") {
  const auto configuration = Host().good();
  CHECK(configuration.files.empty());
  CHECK(configuration.warnings.empty());
  CHECK(configuration.session.window == 100);
  CHECK(configuration.session.rate < 0);
  CHECK(setting(configuration, "window").origin == "default");
  CHECK(configuration.session.rule_directories.empty());
}

TEST_CASE("each layer lies over the one below") {
  Host host;
  host.system_file("timeout = 1.5\ntries = 2\nwindow = 10\nrate = 5\nlang = \"ko\"\n");
  host.own_file("tries = 4\nwindow = 20\nrate = 6\n");
  host.sources.environment["MAILDIAG_WINDOW"] = "30";
  host.sources.environment["MAILDIAG_RATE"] = "7";
  host.sources.options["rate"] = {"8"};
  const auto configuration = host.good();
  CHECK(configuration.session.timeout == 1.5);
  CHECK(configuration.session.tries == 4);
  CHECK(configuration.session.window == 30);
  CHECK(configuration.session.rate == 8);
  CHECK(configuration.session.language == maildiag::Language::ko);
  CHECK(setting(configuration, "timeout").origin ==
        host.sources.system_directory + "/maildiag.toml:1");
  CHECK(setting(configuration, "tries").origin.ends_with("home/maildiag/maildiag.toml:1"));
  CHECK(setting(configuration, "window").origin == "MAILDIAG_WINDOW");
  CHECK(setting(configuration, "rate").origin == "--rate");
  CHECK(configuration.files.size() == 2);
}

TEST_CASE("lists: one string or several, blanks and commas in variables; rules add up") {
  Host host;
  host.system_file(
      "nameserver = \"192.0.2.1\"\nown = [\"mail.example.com\", \"192.0.2.0/24\"]\n"
      "rules = [\"/a\"]\n[dnsbl]\nlists = [\"zen.spamhaus.org\"]\n");
  host.directory.write("etc/rules.d/own.toml", "");
  host.sources.environment["MAILDIAG_NAMESERVER"] = "192.0.2.2, ::1#5353";
  host.sources.environment["MAILDIAG_RULES"] = "/b:/c";
  host.sources.options["rules"] = {"/d"};
  const auto configuration = host.good();
  CHECK(configuration.session.nameservers == std::vector<std::string>{"192.0.2.2", "::1#5353"});
  CHECK(configuration.own.size() == 2);
  CHECK(configuration.session.default_lists == std::vector<std::string>{"zen.spamhaus.org"});
  CHECK(
      configuration.session.rule_directories ==
      std::vector<std::string>{host.sources.system_directory + "/rules.d", "/a", "/b", "/c", "/d"});
}

TEST_CASE("errors name file, line, key and fix") {
  CHECK(complaint("window = 5\ntimeout = \"fast\"\n") ==
        "maildiag.toml:2: `timeout` must be a number, not a string");
  CHECK(complaint("timeout = 90\n") ==
        "maildiag.toml:1: `timeout` is \"90\"; it must be a number of seconds from 0.05 to 60");
  CHECK(complaint("timeout = nan\n").find("must be a number of seconds") != std::string::npos);
  CHECK(complaint("tries = 0\n").find("a whole number from 1 to 20") != std::string::npos);
  CHECK(complaint("tries = 2.5\n").find("must be an integer") != std::string::npos);
  CHECK(complaint("\ntimout = 3\n")
            .starts_with(
                "maildiag.toml:2: unknown key `timout`; did you mean `timeout`? the keys are "
                "nameserver, timeout, tries,"));
  CHECK(complaint("nothing-near = 3\n")
            .starts_with("maildiag.toml:1: unknown key `nothing-near`; the keys"));
  CHECK(complaint("nameserver = \"dns.example\"\n").find("192.0.2.53") != std::string::npos);
  CHECK(complaint("nameserver = [1]\n").find("an array of strings") != std::string::npos);
  CHECK(complaint("lang = \"fr\"\n").find("must be en or ko") != std::string::npos);
  CHECK(complaint("color = \"red\"\n").find("must be auto, always or never") != std::string::npos);
  for (const auto* own : {"two words", "mailhost", "192.0.2.555", "192.0.2.1-192.0.2.9", "a.b/24"})
    CHECK(complaint("own = [\"" + std::string(own) + "\", \"192.0.2.0/24\"]\n")
              .find(":1: `own` is \"" + std::string(own) + "\"; it must be a host or a network") !=
          std::string::npos);
  CHECK(complaint("dnsbl = 1\n").find("must be a table, not an integer; write [dnsbl]") !=
        std::string::npos);
  CHECK(complaint("[dnsbl]\nlists = \"a b\"\n").find("the zone of a list") != std::string::npos);
  CHECK(complaint("[dnsbl]\nlist = \"a\"\n").starts_with("maildiag.toml:2: unknown key"));
  CHECK(complaint("a = [\n").starts_with("maildiag.toml:"));
}

TEST_CASE("it is told which files were looked for, and which variables are of no setting") {
  Host host;
  host.sources.environment["MAILDIAG_TIMEOT"] = "5";
  host.sources.environment["MAILDIAG_WINDOW"] = "5";
  host.sources.environment["MAILDIAG_DNSBL_KEY_ABUSIX"] = "abcdefabcdef";
  host.sources.environment["LANG"] = "C";
  const auto none = host.good();
  CHECK(none.files.empty());
  CHECK(none.searched ==
        std::vector<std::string>{host.sources.system_directory + "/maildiag.toml",
                                 host.directory.path() + "/home/maildiag/maildiag.toml"});
  CHECK(none.unknown_variables == std::vector<std::string>{"MAILDIAG_TIMEOT"});
  host.system_file("timeout = 3\n");
  host.sources.environment["MAILDIAG_CONFIG"] = host.sources.system_directory + "/maildiag.toml";
  const auto one = host.good();
  CHECK(one.files == one.searched);
  CHECK(one.files.size() == 1);
}

TEST_CASE("keys of lists stand in no message and in no setting") {
  Host host;
  host.system_file("[dnsbl.keys]\nspamhaus-dqs = \"secretsecret\"\n");
  host.sources.environment["MAILDIAG_DNSBL_KEY_TRENDMICRO"] = "othersecret";
  const auto configuration = host.good();
  REQUIRE(configuration.session.list_keys.size() == 2);
  CHECK(configuration.session.list_keys[0].name == "spamhaus-dqs");
  CHECK(configuration.session.list_keys[0].key == "secretsecret");
  CHECK(configuration.session.list_keys[1].name == "trendmicro");
  CHECK(configuration.session.list_keys[1].origin == "MAILDIAG_DNSBL_KEY_TRENDMICRO");
  CHECK(setting(configuration, "dnsbl.keys.spamhaus-dqs").value == maildiag::Value("****"));

  const auto message = complaint("[dnsbl.keys]\nabusix = \"not a label!\"\n");
  CHECK(message.find("not a label!") == std::string::npos);
  CHECK(message.starts_with("maildiag.toml:2: `dnsbl.keys.abusix` must be"));
  CHECK(complaint("[dnsbl.keys]\nabusix = 12345678\n").find("12345678") == std::string::npos);
  CHECK(complaint("[dnsbl.keys]\nabusix = \"\"\n").find("must be 6 to 63") != std::string::npos);
}

TEST_CASE("a file with keys that everybody may read is warned about, one without is not") {
  Host host;
  host.system_file("[dnsbl.keys]\nabusix = \"secretsecret\"\n");
  const auto file = host.sources.system_directory + "/maildiag.toml";
  fs::permissions(file, fs::perms::owner_read | fs::perms::others_read);
  REQUIRE(host.good().warnings.size() == 1);
  CHECK(host.good().warnings[0].message() ==
        file + ": everybody can read the keys in it: chmod 640 it, or 600");
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
  CHECK(host.good().warnings.empty());
  host.own_file("window = 5\n");
  CHECK(host.good().warnings.empty());
}

TEST_CASE("--config reads that file alone, and it must be there") {
  Host host;
  host.system_file("window = 10\n");
  host.directory.write("mine.toml", "tries = 7\n");
  host.sources.file = host.directory.path() + "/mine.toml";
  CHECK(host.good().session.window == 100);
  CHECK(host.good().session.tries == 7);
  host.sources.file = host.directory.path() + "/missing.toml";
  CHECK(host.bad().code == ErrorCode::configuration);
  CHECK(host.bad().message.find("No such file") != std::string::npos);
  host.sources.file = host.directory.path();
  CHECK(host.bad().message.find("Is a directory") != std::string::npos);
  host.sources.file.clear();
  host.sources.environment["MAILDIAG_CONFIG"] = host.directory.path() + "/mine.toml";
  CHECK(host.good().session.tries == 7);
}

TEST_CASE("a wrong variable is named, a wrong option is a fault of the call") {
  Host host;
  host.sources.environment["MAILDIAG_TIMEOUT"] = "soon";
  CHECK(host.bad().message ==
        "MAILDIAG_TIMEOUT: `timeout` is \"soon\"; it must be a number of seconds from 0.05 to 60");
  CHECK(host.bad().code == ErrorCode::configuration);
  host.sources.environment.erase("MAILDIAG_TIMEOUT");
  host.sources.options["nameserver"] = {"nowhere"};
  CHECK(host.bad().code == ErrorCode::usage);
  CHECK(host.bad().message.starts_with("--nameserver: "));
}

TEST_CASE("the language: the locale, then the file, then MAILDIAG_LANG") {
  Host host;
  host.sources.environment["LANG"] = "ko_KR.UTF-8";
  CHECK(host.good().session.language == maildiag::Language::ko);
  host.sources.environment["LC_ALL"] = "C";
  CHECK(host.good().session.language == maildiag::Language::en);
  host.system_file("lang = \"ko\"\n");
  CHECK(host.good().session.language == maildiag::Language::ko);
  host.sources.environment["MAILDIAG_LANG"] = "en_US.UTF-8";
  CHECK(host.good().session.language == maildiag::Language::en);
}

TEST_CASE("EHLO says a name as DNS has it, whatever stands around it") {
  using maildiag::config::ehlo_name;
  CHECK(ehlo_name(" mail.Example.com.\r\n") == "mail.Example.com");
  CHECK(ehlo_name("메일.한국") == "xn--h32bq4v.xn--3e0b707e");
  CHECK(ehlo_name("[IPv6:2001:db8::1]") == "[IPv6:2001:db8::1]");
  for (const auto* none : {"", "192.0.2.1", "bad name", "a.example\r\nRSET", "[mail.example.com]"})
    CHECK_FALSE(ehlo_name(none));
}
