/// Seals messages as forwarders do (RFC 8617 section 5.1), rightly or wrongly.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "support/dkim_signer.h"

namespace maildiag::test {

struct ArcHop {
  int instance = 1;
  std::string status;  ///< cv=; empty: what the instance demands
  std::string domain = "forwarder.example";
  std::string fields = "from:to:subject:date";
  std::string more_of_message, more_of_seal;  ///< further tags, "; x=1"
  std::string forms = "relaxed/relaxed";
  std::string algorithm = "rsa-sha256";
};

namespace arc_detail {

/// The ARC fields of a message, relaxed, in the order in which a seal covers them.
inline std::string covered(std::string_view message) {
  const auto parsed = checks::dkim::read_message(message).value();
  std::map<std::pair<int, int>, std::string> fields;
  for (const auto& field : parsed.fields) {
    if (!field.name.starts_with("arc-")) continue;
    const int place = field.name == "arc-authentication-results" ? 0
                      : field.name == "arc-message-signature"    ? 1
                                                                 : 2;
    const auto text = checks::dkim::canonical_field(checks::dkim::Form::relaxed, field);
    fields[{std::stoi(text.substr(text.find("i=") + 2)), place}] = text + "\r\n";
  }
  std::string all;
  for (const auto& [key, text] : fields) all += text;
  return all;
}

}  // namespace arc_detail

/// The message with one more set on top; the key's name is "arc" at the hop's domain.
inline std::string seal(const std::string& message, const ArcHop& hop,
                        const DkimSigner& signer = DkimSigner::usual()) {
  const auto number = std::to_string(hop.instance);
  const auto front = "i=" + number + "; a=" + hop.algorithm + "; d=" + hop.domain + "; s=arc";
  const auto results = "ARC-Authentication-Results: i=" + number + "; mx." + hop.domain +
                       ";\r\n spf=pass smtp.mailfrom=example.com\r\n";
  const auto signature =
      signer.field(message, "ARC-Message-Signature",
                   front + "; c=" + hop.forms + "; h=" + hop.fields + hop.more_of_message,
                   checks::dkim::SignatureKind::arc_message);
  const auto unsealed = results + signature + message;
  const auto status = !hop.status.empty() ? hop.status : hop.instance == 1 ? "none" : "pass";
  const auto own = front + "; cv=" + status + "; t=1795000000" + hop.more_of_seal + "; b=";
  checks::dkim::Sha256 hash;
  hash.add(arc_detail::covered(unsealed) + "arc-seal:" + own);
  return "ARC-Seal: " + own + to_base64(signer.sign_digest(hash.digest())) + "\r\n" + unsealed;
}

}  // namespace maildiag::test
