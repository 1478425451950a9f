#include "checks/bulk_headers.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace maildiag::checks::bulk {

namespace {

std::size_t count_of(const dkim::Message& message, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(message.fields.begin(), message.fields.end(),
                    [name](const dkim::HeaderField& field) { return field.name == name; }));
}

/// The first field of this name, unfolded; empty where there is none.
std::string value_of(const dkim::Message& message, std::string_view name) {
  const auto found =
      std::find_if(message.fields.begin(), message.fields.end(),
                   [name](const dkim::HeaderField& field) { return field.name == name; });
  return found == message.fields.end() ? "" : text::collapse_spaces(found->value());
}

/// "<" id-left "@" id-right ">", without white space inside.
bool is_message_id(std::string_view text) {
  if (text.size() < 3 || text.front() != '<' || text.back() != '>') return false;
  const auto inside = text.substr(1, text.size() - 2);
  const auto at = inside.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < inside.size() &&
         inside.find_first_of(" \t<>") == std::string_view::npos;
}

/// A URI in angle brackets that begins with https (RFC 2369 section 2, RFC 8058 section 3.1).
bool has_https_uri(std::string_view value) {
  for (auto open = value.find('<'); open != std::string_view::npos;
       open = value.find('<', open + 1)) {
    const auto uri = text::trim(value.substr(open + 1, value.find('>', open) - open - 1));
    constexpr std::string_view scheme = "https://";
    if (text::starts_with_ignore_case(uri, scheme) && uri.size() > scheme.size()) return true;
  }
  return false;
}

bool is_covered(const DkimMessageReport& dkim, std::string_view field) {
  return std::any_of(dkim.signatures.begin(), dkim.signatures.end(),
                     [field](const DkimSignature& signature) {
                       const auto& names = signature.signed_fields;
                       return signature.result == DkimResult::pass &&
                              std::find(names.begin(), names.end(), field) != names.end();
                     });
}

}  // namespace

std::vector<HeaderFault> find_format_faults(const dkim::Message& message) {
  std::vector<HeaderFault> faults;
  for (const std::string_view name : {"from", "date", "message-id"}) {
    if (const auto count = count_of(message, name); count != 1)
      faults.push_back(
          {count == 0 ? "bulk.field-missing" : "bulk.field-repeated", std::string(name), count});
  }
  for (const std::string_view name :
       {"sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "references", "subject"}) {
    if (const auto count = count_of(message, name); count > 1)
      faults.push_back({"bulk.field-repeated", std::string(name), count});
  }
  if (count_of(message, "message-id") == 1 && !is_message_id(value_of(message, "message-id")))
    faults.push_back({"bulk.bad-message-id", "message-id", 1});
  return faults;
}

std::vector<HeaderFault> find_unsubscribe_faults(const dkim::Message& message,
                                                 const DkimMessageReport& dkim) {
  constexpr std::string_view list = "list-unsubscribe", post = "list-unsubscribe-post";
  const auto fault = [](const char* id, std::string_view field, std::size_t count) {
    return HeaderFault{id, std::string(field), count};
  };
  std::vector<HeaderFault> faults;
  const auto lists = count_of(message, list), posts = count_of(message, post);
  if (lists == 0) {
    faults.push_back(fault("bulk.no-list-unsubscribe", list, 0));
    return faults;
  }
  if (!has_https_uri(value_of(message, list)))
    faults.push_back(fault("bulk.unsubscribe-not-https", list, lists));
  if (!text::equals_ignore_case(value_of(message, post), "List-Unsubscribe=One-Click"))
    faults.push_back(fault("bulk.no-one-click", post, posts));
  for (const auto name : {list, post}) {
    if (count_of(message, name) > 0 && !is_covered(dkim, name))
      faults.push_back(fault("bulk.unsubscribe-unsigned", name, 1));
  }
  return faults;
}

}  // namespace maildiag::checks::bulk
