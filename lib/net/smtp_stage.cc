#include "net/smtp.h"

namespace maildiag::net {

std::string_view to_string(SmtpStage stage) {
  switch (stage) {
    case SmtpStage::connect:
      return "connect";
    case SmtpStage::implicit_tls:
      return "implicit-tls";
    case SmtpStage::greeting:
      return "greeting";
    case SmtpStage::ehlo:
      return "ehlo";
    case SmtpStage::starttls:
      return "starttls";
    case SmtpStage::handshake:
      return "handshake";
    case SmtpStage::ehlo_again:
      return "ehlo-again";
    case SmtpStage::relay:
      return "relay";
    case SmtpStage::quit:
      return "quit";
  }
  return "connect";
}

}  // namespace maildiag::net
