#include "core/secret_mask.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using maildiag::SecretMask;
using maildiag::Value;

TEST_CASE("secrets go whatever their case, everything else stays") {
  const SecretMask mask({"SecretKey", "other-secret"});
  CHECK(mask.apply("1.2.0.192.sECRETkEY.zen.dq.example A") == "1.2.0.192.****.zen.dq.example A");
  CHECK(mask.apply("secretkeysecretkey other-secret") == "******** ****");
  CHECK(mask.apply("nothing here") == "nothing here");
  CHECK_FALSE(mask.hits("secret key"));
  CHECK(SecretMask().apply("secretkey") == "secretkey");
  CHECK(SecretMask({""}).empty());
}

TEST_CASE("a secret that is part of another leaves nothing of it behind") {
  const SecretMask mask({"abcdef", "abcdefghij"});
  CHECK(mask.apply("x.abcdefghij.y") == "x.****.y");
}

TEST_CASE("values at any depth, and octets without a change of length") {
  const SecretMask mask({"secretkey"});
  Value value = Value::object({{"name", "a.SECRETKEY.b"}, {"count", 3}});
  Value list = Value::array();
  list.push(Value::object({{"secretkey", "x secretkey"}}));
  value.set("list", list);
  mask.apply(value);
  CHECK(value["name"] == Value("a.****.b"));
  CHECK(value["count"] == Value(3));
  CHECK(value["list"].as_array()[0]["****"] == Value("x ****"));

  // Nothing but a member's name has it.
  Value counts = Value::object({{"zone", Value::object({{"a.secretkey.b", 1}})}});
  mask.apply(counts);
  CHECK(counts["zone"]["a.****.b"] == Value(1));

  std::string octets("\x09SecretKey\0", 11);
  mask.overwrite(octets);
  CHECK(octets == std::string("\x09*********\0", 11));
}

TEST_CASE("an object of very many members is masked in no time") {
  Value::Object members;
  for (int i = 0; i < 100'000; ++i) members.push_back({"m" + std::to_string(i), i});
  members.push_back({"name", "a.secretkey.example"});
  Value value(std::move(members));
  SecretMask({"secretkey"}).apply(value);
  REQUIRE(value.as_object().size() == 100'001);
  CHECK(value.as_object().back().value.as_string() == "a.****.example");
}
