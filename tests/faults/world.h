/// A small Internet whose truth is known: senders, their DNS, and lists.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "faults/dice.h"
#include "support/fake_zone.h"
#include "support/memory_backend.h"

namespace maildiag::faults {

struct World {
  test::FakeZone zone;  ///< for servers
  std::shared_ptr<test::MemoryBackend> truth = std::make_shared<test::MemoryBackend>();
  std::vector<std::string> domains;
  std::vector<std::string> hosts;
  std::vector<IpAddress> addresses;
  std::vector<std::string> lists;        ///< zones of RFC 5782
  std::vector<dns::Question> questions;  ///< about what is there, and what is not
  std::string message;                   ///< signed by example.com with the selector s1

  /// One record; RDATA as in a master file.
  void add(const std::string& name, dns::RecordType type, const std::string& rdata);
  void add_txt(const std::string& name, const std::string& text);
};

World make_world(Dice& dice);

}  // namespace maildiag::faults
