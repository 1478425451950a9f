/// Objects out of many members, without the copies of an initializer list.
#pragma once

#include <cstddef>
#include <utility>

#include <maildiag/value.h>

namespace maildiag {

/// object_of({{"depth", 1}, {"domain", std::move(text)}}): as Value::object(), but the members are
/// moved, and `more` can be set without moving them again. REQUIRES: no key occurs twice.
template <std::size_t Count>
Value::Object members_of(Member (&&members)[Count], std::size_t more = 0) {
  Value::Object object;
  object.reserve(Count + more);
  for (auto& member : members) object.push_back(std::move(member));
  return object;
}

template <std::size_t Count>
Value object_of(Member (&&members)[Count], std::size_t more = 0) {
  return members_of(std::move(members), more);
}

}  // namespace maildiag
