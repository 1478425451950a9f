#include "core/secret_mask.h"

#include <algorithm>

#include "core/text.h"

namespace maildiag {

namespace {

bool value_hits(const SecretMask& mask, const Value& value) {
  if (value.is_string()) return mask.hits(value.as_string());
  const auto& items = value.as_array();
  if (std::any_of(items.begin(), items.end(),
                  [&mask](const Value& item) { return value_hits(mask, item); }))
    return true;
  const auto& members = value.as_object();
  return std::any_of(members.begin(), members.end(), [&mask](const Member& member) {
    return mask.hits(member.key) || value_hits(mask, member.value);
  });
}

Value masked(const SecretMask& mask, const Value& value) {
  if (value.is_string()) return mask.apply(value.as_string());
  if (value.is_array()) {
    Value result = Value::array();
    for (const auto& item : value.as_array()) result.push(masked(mask, item));
    return result;
  }
  if (!value.is_object()) return value;
  Value::Object result;  // as many members, whatever their names become
  result.reserve(value.as_object().size());
  for (const auto& member : value.as_object())
    result.push_back({mask.apply(member.key), masked(mask, member.value)});
  return result;
}

}  // namespace

SecretMask::SecretMask(std::vector<std::string> secrets) {
  for (auto& secret : secrets) add(std::move(secret));
}

void SecretMask::add(std::string secret) {
  secret = text::ascii_lower(secret);
  if (secret.empty() || std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end())
    return;
  // One may be a part of another.
  const auto shorter = std::find_if(secrets_.begin(), secrets_.end(), [&](const auto& other) {
    return other.size() < secret.size();
  });
  secrets_.insert(shorter, std::move(secret));
}

bool SecretMask::hits(std::string_view text) const {
  if (empty()) return false;
  const auto lower = text::ascii_lower(text);
  return std::any_of(secrets_.begin(), secrets_.end(), [&lower](const std::string& secret) {
    return lower.find(secret) != std::string::npos;
  });
}

std::string SecretMask::apply(std::string_view text) const {
  std::string result(text);
  for (const auto& secret : secrets_) {
    auto lower = text::ascii_lower(result);
    for (auto at = lower.find(secret); at != std::string::npos;
         at = lower.find(secret, at + masked_secret.size())) {
      lower.replace(at, secret.size(), masked_secret);
      result.replace(at, secret.size(), masked_secret);
    }
  }
  return result;
}

void SecretMask::apply(Value& value) const {
  if (!empty() && value_hits(*this, value)) value = masked(*this, value);
}

void SecretMask::overwrite(std::string& octets) const {
  const auto lower = text::ascii_lower(octets);
  for (const auto& secret : secrets_) {
    for (auto at = lower.find(secret); at != std::string::npos;
         at = lower.find(secret, at + secret.size()))
      octets.replace(at, secret.size(), secret.size(), '*');
  }
}

}  // namespace maildiag
