/// Which hosts are the user's own, and whether a returned message went through them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/delivery_failure.h"
#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::diagnose {

/// own: a host of ours sent it. foreign: its way is known and no host of ours is on it. unknown:
/// nothing tells the way.
enum class Passage { unknown, own, foreign };
std::string_view to_string(Passage passage);
std::optional<Passage> passage_from(std::string_view text);

class OwnHosts {
 public:
  /// Networks ("192.0.2.0/24", "2001:db8::1") and hosts; a host stands for all names under it, too.
  /// usage: neither of them.
  static Result<OwnHosts> parse(const std::vector<std::string>& texts);

  bool empty() const { return networks_.empty() && hosts_.empty(); }
  bool has(const IpAddress& address) const;
  bool has(std::string_view host) const;

  /// By the address that the receiver saw, by who reports the failure, then by the returned
  /// message's Received chain (RFC 5321 section 4.4), without which it is never foreign. A spammer
  /// can forge the chain below his own host, so names in it are weaker than networks.
  Passage passage(const bounce::DeliveryFailure& failure,
                  const bounce::ReturnedMessage* returned) const;

 private:
  std::vector<IpNetwork> networks_;
  std::vector<std::string> hosts_;  // lower case
};

/// A mailing or newsletter (RFC 2369, RFC 2919, "Precedence: bulk"): many failures at many
/// providers are no wonder there.
bool is_bulk_mail(const bounce::ReturnedMessage& returned);

}  // namespace maildiag::diagnose
