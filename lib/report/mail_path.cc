#include "report/mail_path.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::report {

namespace {

PathName name_of(const HtmlContext& context, const Value& address) {
  const auto& names = address["ptr"].as_array();
  PathName name;
  name.state = address["fcrdns"].as_string();
  name.text =
      names.empty() ? std::string(context.labels("fcrdns." + name.state)) : names.front().to_text();
  if (names.size() > 1) name.text += fmt::format(" +{}", names.size() - 1);
  return name;
}

/// The first code points of valid UTF-8 that fit.
std::string head_of(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    std::size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) ++next;
    if (text::display_width(text.substr(0, next)) > columns) break;
    end = next;
  }
  return std::string(text.substr(0, end));
}

std::string tail_of(std::string_view text, std::size_t columns) {
  std::size_t start = text.size();
  while (start > 0) {
    std::size_t before = start - 1;
    while (before > 0 && (static_cast<unsigned char>(text[before]) & 0xC0U) == 0x80U) --before;
    if (text::display_width(text.substr(before)) > columns) break;
    start = before;
  }
  return std::string(text.substr(start));
}

}  // namespace

std::string shortened(std::string_view text, std::size_t columns) {
  const auto clean = text::sanitize(text);
  if (text::display_width(clean) <= columns) return clean;
  const std::size_t head = (columns - 1) / 2;
  return head_of(clean, head) + "…" + tail_of(clean, columns - 1 - head);
}

MailPath read_mail_path(const HtmlContext& context) {
  MailPath path;
  path.domain = context.report.target;
  std::size_t rows = 0;
  for (const auto& mx : context.report.result["mx"].as_array()) {
    const auto& addresses = mx["addresses"].as_array();
    if (rows >= max_path_rows) {
      path.hidden += std::max<std::size_t>(1, addresses.size());
      continue;
    }
    PathHost host;
    host.text = fmt::format("{} {}", mx["preference"].to_text(), mx["host"].to_text());
    for (const auto& address : addresses) {
      if (rows++ < max_path_rows) {
        host.addresses.push_back({address["ip"].to_text(), name_of(context, address)});
      } else {
        ++path.hidden;
      }
    }
    if (addresses.empty()) ++rows;
    path.hosts.push_back(std::move(host));
  }
  return path;
}

}  // namespace maildiag::report
