#include "checks/public_suffix.h"

#include <algorithm>
#include <libpsl.h>
#include <stdexcept>

#include "core/handle.h"

namespace maildiag::checks {

class PublicSuffixes::Impl {
 public:
  Impl() : list_(psl_latest(nullptr)) {
    if (list_ == nullptr) throw std::runtime_error("libpsl has no public suffix list");
  }
  const psl_ctx_t* get() const { return list_.get(); }

 private:
  std::unique_ptr<psl_ctx_t, FreedBy<psl_free>> list_;
};

PublicSuffixes::PublicSuffixes() : impl_(std::make_unique<Impl>()) {}
PublicSuffixes::~PublicSuffixes() = default;
PublicSuffixes::PublicSuffixes(PublicSuffixes&&) noexcept = default;
PublicSuffixes& PublicSuffixes::operator=(PublicSuffixes&&) noexcept = default;

bool PublicSuffixes::is_suffix(const DomainName& domain) const {
  return !domain.is_root() && psl_is_public_suffix(impl_->get(), domain.key().c_str()) != 0;
}

DomainName PublicSuffixes::organizational_domain(const DomainName& domain) const {
  const auto key = domain.key();
  // Points into `key`; nullptr where the domain is a suffix itself.
  const char* registered = psl_registrable_domain(impl_->get(), key.c_str());
  if (registered == nullptr) return domain;
  const auto dots = std::count(registered, key.c_str() + key.size(), '.');
  return domain.suffix(static_cast<std::size_t>(dots) + 1);
}

DomainName PublicSuffixes::registered_domain(const DomainName& domain) const {
  const auto labels = domain.label_count();
  for (auto count = labels; count > 0; --count) {
    const auto key = domain.suffix(count).key();
    if (psl_is_public_suffix2(impl_->get(), key.c_str(), PSL_TYPE_ICANN) != 0)
      return count == labels ? domain : domain.suffix(count + 1);
  }
  return domain;
}

}  // namespace maildiag::checks
