#include "net/post.h"

#include <string>

#include <doctest/doctest.h>

using namespace maildiag;
using namespace maildiag::net;

namespace {

std::string masked(const std::string& text) {
  const auto url = PostUrl::read(text);
  return url ? url->masked() : "refused";
}

}  // namespace

TEST_CASE("https goes anywhere, http to this machine only") {
  for (const auto* text :
       {"https://hook.example", "https://[2001:db8::1]:8443/x", "HTTPS://hook.example/",
        "http://127.0.0.1/", "http://127.9.8.7:81/", "http://[::1]/", "http://user@127.0.0.1/"}) {
    CAPTURE(std::string(text));
    CHECK(PostUrl::read(text));
  }
  for (const auto* text :
       {"", "hook.example", "https://", "http://hook.example/", "http://localhost/",
        "http://192.0.2.1/", "http://128.0.0.1/", "http://[::2]/", "http://127.0.0.1@192.0.2.1/",
        "http://127.0.0.1.hook.example/", "ftp://127.0.0.1/", "file:///etc/passwd",
        "smtp://127.0.0.1/", "https://hook.example/a b", "https://hook.example/\r\nX: y",
        "https://hook.example:99999/", "\x1b[2Jhttps://hook.example/"}) {
    CAPTURE(std::string(text));
    const auto url = PostUrl::read(text);
    REQUIRE(!url);
    CHECK(url.error().code == ErrorCode::configuration);
  }
  CHECK(!PostUrl::read("https://hook.example/" + std::string(2048, 'x')));
  CHECK(!PostUrl::read(std::string("https://hook.example/\0x", 23)));
}

TEST_CASE("what is shown of a URL has no secret in it") {
  CHECK(masked("https://hook.example") == "https://hook.example");
  CHECK(masked("https://hook.example:8443/") == "https://hook.example:8443");
  CHECK(masked("https://user:pass@hook.example/") == "https://****@hook.example");
  CHECK(masked("https://:pass@hook.example/") == "https://****@hook.example");
  CHECK(masked("https://hook.example/services/T0/B0") == "https://hook.example/****");
  CHECK(masked("https://hook.example/?key=k") == "https://hook.example/****");
  CHECK(masked("https://hook.example/#frag") == "https://hook.example");
  // Decoded by libcurl.
  for (const char* host : {"hook%1b.example", "hook%e0.example", "hook%20.example"})
    CHECK(masked(std::string("https://") + host + "/x") == "refused");
  CHECK(masked("https://h%6fok.example/x") == "https://hook.example/****");
  const auto refused = PostUrl::read("http://user:pa55@hook.example/t0ken");
  REQUIRE(!refused);
  CHECK(refused.error().message.find("pa55") == std::string::npos);
  CHECK(refused.error().message.find("t0ken") == std::string::npos);
}

TEST_CASE("nobody listens: tried again, with an end") {
  const auto url = PostUrl::read("http://127.0.0.1:1/");
  REQUIRE(url);
  PostOptions options;
  options.first_wait = std::chrono::milliseconds(1);
  auto result = post_json(*url, "{}", options);
  CHECK(!result.delivered);
  CHECK(result.tries == 3);
  CHECK(!result.reason.empty());
  options.first_wait = options.patience;  // no time for a second try
  result = post_json(*url, "{}", options);
  CHECK(result.tries == 1);
}
