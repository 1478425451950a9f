/// What a Session works with. <maildiag/configuration.h> fills it from files and the environment.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <maildiag/cancellation.h>
#include <maildiag/language.h>

namespace maildiag {

/// A secret that a list's operator gave, and where it was found.
struct ListKey {
  std::string name;    ///< as list files name it: "spamhaus-dqs", "abusix"
  std::string key;     ///< masked in everything that leaves the library
  std::string origin;  ///< for messages: "/etc/maildiag/maildiag.toml:7"
};

/// How far a call has come.
struct Progress {
  std::size_t done = 0, total = 0;  ///< targets, for watch its checks of them; 0 of 0: not counted
};

/// Plain data; copies share the cancellation and nothing else. Session::open() looks at all of it.
struct SessionOptions {
  Language language = Language::en;
  std::vector<std::string> nameservers;  ///< "ADDR[#PORT]"; empty: resolv.conf
  std::string resolv_conf = "/etc/resolv.conf";
  double timeout = 0;        ///< seconds of the first try, 0.05 to 60; 0: resolv.conf's, else 2
  unsigned tries = 0;        ///< 1 to 20; 0: resolv.conf's attempts, else 3
  std::size_t window = 100;  ///< DNS questions outstanding at once, 1 to 10000
  std::vector<std::string> zone_files;  ///< answers come from these files only
  std::string record_file;              ///< every DNS answer is written there
  std::string replay_file;              ///< answers come from there only
  std::vector<std::string> rule_directories;

  /// "HOST1:PORT1:ADDRESS2:PORT2": connections to host and port 1 go to address and port 2; an
  /// empty part matches any, or stays as it is.
  std::vector<std::string> connect_to;
  std::vector<std::string> sources;  ///< our own addresses: at most one of each family
  std::string ca_file;               ///< PEM, trusted instead of the system's certificates
  std::string helo_name;             ///< in EHLO; empty: this machine's name if it is a full one

  /// Questions a second for one DNS list, up to 1e6; 0: no limit; below: the list's own rate.
  double rate = -1;
  std::vector<std::string> default_lists;  ///< zones; empty: those that the list files name
  std::vector<ListKey> list_keys;
  /// Called several times a second while a call waits for answers; may be empty.
  std::function<void(const Progress&)> progress;
  Cancellation cancellation;    ///< ends calls that are under way; copies share it
  std::string cache_directory;  ///< for the self-tests of lists; empty: they last for the session
};

}  // namespace maildiag
