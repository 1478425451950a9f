#include "checks/trusted_file.h"

#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "support/certificate_maker.h"
#include "support/temporary_directory.h"
#include "support/temporary_file.h"

namespace maildiag::checks {
namespace {

using namespace test;

TrustedFile read(const std::string& content) {
  const TemporaryFile file(content);
  return look_at_trusted(file.path());
}

TEST_CASE("a file of certificates to trust holds at least one") {
  CertificatePlan plan;
  const MadeCertificate certificate(plan);
  CHECK(read(certificate.pem()) == TrustedFile::good);
  CHECK(read("# a company's own\n" + certificate.pem() + certificate.pem()) == TrustedFile::good);
  for (const std::string none :
       {"", "no certificate", "-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        // Such as a key: never asks for its passphrase.
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PUBLIC KEY-----\n"})
    CHECK(read(none) == TrustedFile::no_certificate);
  CHECK(read(certificate.der()) == TrustedFile::no_certificate);
  // libcurl takes nothing of a file of which it cannot read all.
  CHECK(
      read(certificate.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") ==
      TrustedFile::no_certificate);
}

TEST_CASE("what is no file of certificates at all") {
  const TemporaryDirectory directory;
  CHECK(look_at_trusted("/nonexistent/ca.pem") == TrustedFile::unreadable);
  CHECK(look_at_trusted(directory.path()) == TrustedFile::unreadable);
  CHECK(look_at_trusted("/dev/null") == TrustedFile::no_certificate);
  CHECK(look_at_trusted("/dev/zero") == TrustedFile::no_certificate);
  // What is read here would be gone for libcurl.
  const auto pipe = std::string(directory.path()) + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(look_at_trusted(pipe) == TrustedFile::good);
}

}  // namespace
}  // namespace maildiag::checks
