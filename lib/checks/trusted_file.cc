#include "checks/trusted_file.h"

#include <array>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/handle.h"

namespace maildiag::checks {

namespace {

void free_entries(STACK_OF(X509_INFO) * entries) {
  sk_X509_INFO_pop_free(entries, X509_INFO_free);
}

bool holds_certificate(const std::string& path) {
  const std::unique_ptr<BIO, FreedBy<BIO_free_all>> file(BIO_new_file(path.c_str(), "r"));
  std::array<char, 1> no_passphrase{};  // else a locked key would ask the terminal for one
  const std::unique_ptr<STACK_OF(X509_INFO), FreedBy<free_entries>> entries(
      file == nullptr ? nullptr
                      : PEM_X509_INFO_read_bio(file.get(), nullptr, nullptr, no_passphrase.data()));
  bool found = false;
  const int count = entries == nullptr ? 0 : sk_X509_INFO_num(entries.get());
  for (int i = 0; i < count; ++i)
    found = found || sk_X509_INFO_value(entries.get(), i)->x509 != nullptr;
  ERR_clear_error();
  return found;
}

}  // namespace

TrustedFile look_at_trusted(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error || std::filesystem::is_directory(status) || ::access(path.c_str(), R_OK) != 0)
    return TrustedFile::unreadable;
  if (std::filesystem::is_fifo(status)) return TrustedFile::good;
  const bool holds = std::filesystem::is_regular_file(status) && holds_certificate(path);
  return holds ? TrustedFile::good : TrustedFile::no_certificate;
}

}  // namespace maildiag::checks
