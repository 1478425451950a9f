#include "support/fake_zone.h"

#include <algorithm>
#include <stdexcept>

#include "core/text.h"

namespace maildiag::test {
namespace {

using dns::RecordType;

DomainName name_of(std::string_view text) {
  auto name = DomainName::parse(text);
  if (!name) throw std::invalid_argument("not a domain name: " + std::string(text));
  return *name;
}

/// The first word of a line; the rest stays in `line`.
std::string_view take_word(std::string_view& line) {
  line = text::trim(line);
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  const auto word = line.substr(0, end);
  line = text::trim(line.substr(end));
  return word;
}

FakeReply behaviour_named(std::string_view word) {
  constexpr int servfail = 2;
  constexpr int refused = 5;
  if (word == "!timeout") return FakeReply::drop();
  if (word == "!servfail") return FakeReply(servfail);
  if (word == "!refused") return FakeReply(refused);
  throw std::invalid_argument("unknown behaviour " + std::string(word));
}

}  // namespace

FakeZone::FakeZone(std::string_view text) {
  for (const auto line : text::split_lines(text)) read_line(line);
}

void FakeZone::read_line(std::string_view line) {
  if (const auto rest = text::trim(line); rest.empty() || rest[0] == ';') return;
  const auto name = take_word(line);
  const auto type_word = take_word(line);
  const auto type = dns::record_type_from(type_word);
  if (!type && type_word != "*")
    throw std::invalid_argument("not a type: " + std::string(type_word));
  if (line.starts_with('!')) {
    behave(name, type, behaviour_named(line));
  } else if (type) {
    add(name, *type, std::string(line));
  } else {
    throw std::invalid_argument("records need a type: " + std::string(line));
  }
}

void FakeZone::add_item(std::string_view name, Item item) {
  auto owner = name_of(name);
  names_[owner].push_back(std::move(item));
  for (; !owner.is_root(); owner = owner.parent()) existing_.insert(owner);
}

FakeZone& FakeZone::add(std::string_view name, RecordType type, const std::string& rdata) {
  FakeReply().answer(name, type, rdata);  // throws now rather than on the server's thread
  add_item(name, {type, rdata, false});
  return *this;
}

FakeZone& FakeZone::add_raw(std::string_view name, RecordType type, std::string rdata) {
  add_item(name, {type, std::move(rdata), true});
  return *this;
}

FakeZone& FakeZone::add_txt(std::string_view name, const std::vector<std::string>& strings) {
  std::string rdata;
  for (const auto& string : strings) {
    if (string.size() > 255) throw std::invalid_argument("a string of more than 255 octets");
    rdata += static_cast<char>(string.size());
    rdata += string;
  }
  return add_raw(name, RecordType::txt, std::move(rdata));
}

FakeZone& FakeZone::behave(std::string_view name, std::optional<RecordType> type, FakeReply reply) {
  behaviours_.push_back({{name_of(name), type}, std::move(reply)});
  return *this;
}

bool FakeZone::exists(const DomainName& name) const {
  return existing_.contains(name);
}

FakeReply FakeZone::reply_to(const FakeQuery& query) const {
  constexpr int nxdomain = 3;
  constexpr std::size_t most_hops = 16;
  auto name = query.question.name;
  const auto type = query.question.type;
  FakeReply reply;
  for (std::size_t hop = 0; hop < most_hops; ++hop) {
    for (const auto& [key, behaviour] : behaviours_) {
      if (key.first == name && (!key.second || *key.second == type)) return behaviour;
    }
    const auto found = names_.find(name);
    if (found == names_.end()) break;
    const auto owner = name.to_string();
    bool answered = false;
    const Item* alias = nullptr;
    for (const auto& item : found->second) {
      if (item.type == RecordType::cname) alias = &item;
      if (item.type != type) continue;
      answered = true;
      if (item.raw) {
        reply.raw_answer(owner, type, item.rdata);
      } else {
        reply.answer(owner, type, item.rdata);
      }
    }
    if (answered) return reply;
    if (alias == nullptr) break;
    reply.answer(owner, RecordType::cname, alias->rdata);
    name = name_of(alias->rdata);
  }
  reply.soa(name.suffix(1).to_string());
  if (!exists(name)) reply.rcode(nxdomain);
  return reply;
}

}  // namespace maildiag::test
