/// Whether two names of hosts or domains belong to one organisation.
#pragma once

#include <string_view>

namespace maildiag::bounce {

/// "mx1.example.com" and "mail.example.com" belong together, "example.co.kr" and "other.co.kr" do
/// not: by the public suffix list that is built into libpsl. An empty name belongs to none.
bool same_site(std::string_view a, std::string_view b);

}  // namespace maildiag::bounce
