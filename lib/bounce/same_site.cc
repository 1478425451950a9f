#include "bounce/same_site.h"

#include <libpsl.h>
#include <string>

#include "core/text.h"

namespace maildiag::bounce {
namespace {

/// RFC 1035 section 2.3.4, in text; what is longer is no name and is not looked up.
constexpr std::size_t max_name = 253;

std::string plain(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return text::ascii_lower(name);
}

/// A hoster whose customers' names are suffixes has hosts of its own below them; a registry has
/// not.
bool lies_under(const std::string& name, const std::string& domain) {
  if (name.size() <= domain.size() || domain.size() > max_name || !name.ends_with(domain) ||
      name[name.size() - domain.size() - 1] != '.' || domain.find('.') == std::string::npos)
    return false;
  const auto* list = psl_builtin();
  return list == nullptr || psl_is_public_suffix2(list, domain.c_str(), PSL_TYPE_ICANN) == 0;
}

/// The suffix and one label, within `name`; `name` itself where there is none.
std::string_view site_of(const std::string& name) {
  // Not the system's file: this is asked for each failure of a bulk run, and reading it costs a
  // start.
  const auto* list = psl_builtin();
  if (list == nullptr || name.size() > max_name) return name;
  const char* registered = psl_registrable_domain(list, name.c_str());
  return registered == nullptr ? std::string_view(name) : std::string_view(registered);
}

}  // namespace

bool same_site(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  const auto one = plain(a), other = plain(b);
  if (one == other) return true;
  return site_of(one) == site_of(other) || lies_under(one, other) || lies_under(other, one);
}

}  // namespace maildiag::bounce
