#include "faults/talk_fault.h"

#include <utility>

namespace maildiag::faults {

std::string escapes() {
  static constexpr char controls[] =
      "\x1b[2J\x1b]0;owned\x07\0\x9b"
      "31m\xe2\x80\xae";
  return {controls, sizeof controls - 1};
}

Step sent(std::string octets) {
  return {Step::Kind::send, std::move(octets)};
}

Step delay(Dice& dice) {
  return {Step::Kind::wait, "", std::chrono::milliseconds(dice.between(3, 2500))};
}

void damage(std::string& octets, std::size_t place, Dice& dice) {
  // Mostly one bit, as lines do it.
  const auto mask = dice.chance(60) ? 1U << dice.below(8) : dice.between(1, 255);
  octets[place] = static_cast<char>(static_cast<unsigned char>(octets[place]) ^ mask);
}

Step endless(const std::string& octets) {
  constexpr std::size_t at_once = 4096;
  std::string many;
  while (many.size() < at_once) many += octets;
  return {Step::Kind::endless, std::move(many)};
}

void append(Script& to, Script more) {
  for (auto& step : more) to.push_back(std::move(step));
}

std::string page(const std::string& status, const std::string& fields, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + fields + "\r\n" + body;
}

}  // namespace maildiag::faults
