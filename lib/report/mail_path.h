/// The way of a mail as a tree of boxes: domain, exchangers, addresses, names.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/html.h"

namespace maildiag::report {

/// Rows that a picture has; beyond, a number stands for the rest.
inline constexpr std::size_t max_path_rows = 120;

struct PathName {
  std::string text;   ///< a PTR name, or that there is none
  std::string state;  ///< of the way back: pass fail none temperror
};
struct PathAddress {
  std::string ip;
  PathName name;
};
struct PathHost {
  std::string text;  ///< "10 mx.example.com"
  std::vector<PathAddress> addresses;
};
struct MailPath {
  std::string domain;
  std::vector<PathHost> hosts;
  std::size_t hidden = 0;  ///< rows that did not fit
};
/// Texts are in the reader's language, and strangers' are raw.
MailPath read_mail_path(const HtmlContext& context);

/// At most `columns` columns; the middle of a longer text becomes an ellipsis.
std::string shortened(std::string_view text, std::size_t columns);

void write_wide_path(const HtmlContext& context, const MailPath& path);
void write_narrow_path(const HtmlContext& context, const MailPath& path);

}  // namespace maildiag::report
