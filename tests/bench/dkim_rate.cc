// DKIM verifications a second, on one core: dkim_rate SECONDS. Prints one JSON object: with the key
// alone, and of a whole message of 4 KB (parsed, canonical, hashed, verified) with a 2048-bit RSA
// key.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "checks/dkim_key.h"
#include "checks/dkim_message.h"
#include "checks/dkim_signature.h"
#include "checks/dkim_verify.h"
#include "support/dkim_signer.h"

namespace {

using namespace maildiag::checks;

template <class Work>
double rate(double seconds, Work&& work) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  long count = 0;
  double passed = 0;
  do {
    for (int i = 0; i < 100; ++i) work();
    count += 100;
    passed = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (passed < seconds);
  return static_cast<double>(count) / passed;
}

void require(bool holds) {
  if (holds) return;
  std::fputs("a good signature does not verify\n", stderr);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const auto& signer = maildiag::test::DkimSigner::usual();
  std::string mail =
      "From: a@example.com\r\nTo: b@example.net\r\nSubject: A message\r\n"
      "Date: Sat, 21 Nov 2026 10:00:00 +0900\r\nMessage-ID: <1@example.com>\r\n\r\n";
  while (mail.size() < 4000)
    mail += "A line of text as people write them, some sixty octets long.\r\n";
  const auto signed_mail = signer.sign(mail,
                                       "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s; "
                                       "h=from:to:subject:date:message-id");
  const auto key = dkim::parse_key_record(signer.record());

  const std::string digest(32, 'd');
  const auto value = signer.sign_digest(digest);
  const auto key_alone =
      rate(seconds, [&] { require(key.key->verify(digest, value) == dkim::Check::good); });
  const auto whole = rate(seconds, [&] {
    const auto message = dkim::read_message(signed_mail).value();
    const auto signature = dkim::parse_signature(message.fields.front());
    auto result = dkim::describe_signature(signature, message);
    dkim::BodyHashes hashes(message.body);
    dkim::verify_with_key(signature, key, dkim::signed_header(signature, message), hashes, result);
    require(result.result == DkimResult::pass);
  });
  std::printf("{\"key_alone_per_second\": %.0f, \"messages_per_second\": %.0f}\n", key_alone,
              whole);
  return 0;
}
