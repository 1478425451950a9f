#include "net/transports.h"

namespace maildiag::net {

Task<SmtpTalk> talk_smtp(const AccessOptions&, SmtpRequest) {
  SmtpTalk talk;
  talk.fault = Fault::unreachable;
  co_return talk;
}

}  // namespace maildiag::net
