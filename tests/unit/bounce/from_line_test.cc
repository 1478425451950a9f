#include "bounce/from_line.h"

#include <doctest/doctest.h>

namespace maildiag {

TEST_CASE("lines behind which a mail is quoted") {
  for (const auto* line : {"Your message:",
                           "원본 메시지：",
                           "--- returned",
                           "--- 원본 메시지 ---",
                           "----- Message header follows (body suppressed) -----",
                           "----- Body suppressed, headers follow -----",
                           "-----End of report; original message follows-----",
                           "--- End user's original message ---",
                           "----- Original message of the end user -----",
                           "----- Message from a friend of yours -----",
                           "--- Your message of the weekend of May 1 ---",
                           "--- Endgueltig unzustellbar: Originalnachricht ---",
                           "-----Original Message-----",
                           "--- Below this line is a copy of the message.",
                           "----- Truncated message -----",
                           "----- Original message (truncated) -----",
                           "----- RETURNED MAIL -----",
                           "----- Mensaje original -----",
                           "-----Message d'origine-----",
                           "----- 보내신 메일 -----",
                           "--- Ниже копия сообщения.",
                           "--- Below this line is a copy of the message.",
                           "--- The header of the original message is following. ---",
                           "----- 아래는 원본입니다 -----"}) {
    CAPTURE(line);
    CHECK(bounce::introduces_quote(line));
  }
}

TEST_CASE("lines that name the quoted mail as mail") {
  for (const auto* line : {"----- Your mail -----",
                           "----- Mail -----",
                           "--- Mail you sent ---",
                           "--- Mail to a@a.example ---",
                           "----- Undeliverable mail -----",
                           "----- Rejected mail -----",
                           "--- Attached mail (2 KB) ---",
                           "----- Your e-mail -----",
                           "----- Ihre E-Mail -----",
                           "----- Ursprungsnachricht -----",
                           "----- Votre courriel -----",
                           "----- Correo devuelto -----",
                           "----- 원래 메일 -----",
                           "----- 발송하신 메일 -----",
                           "----- 첨부 메일 -----",
                           "----- 거부된 이메일 -----",
                           "--- メール本文 ---",
                           "--- 邮件正文 ---",
                           "--- Ваше письмо ---",
                           "----- Original message cut here -----",
                           "----- Your message was not delivered -----",
                           "----- Your mail could not be delivered -----",
                           "----- Message not deliverable -----"}) {
    CAPTURE(line);
    CHECK(bounce::introduces_quote(line));
  }
  // Who carries mail, or has an address, signs one.
  for (const auto* line :
       {"--- The mail system", "--- Mail Delivery System", "--- Mail Administrator",
        "--- Kim Minsu, Mail Team", "--- Mailman", "--- E-mail: kim@a.example",
        "--- 이메일 kim@a.example", "--- 메일 관리자 드림", "--- 메일관리자", "--- 메일 서비스 팀",
        "--- メール管理者", "--- 邮件系统", "--- Servicio de correo", "----- End of mail -----",
        "----- Mail ends here -----", "----- Your mail was cut -----",
        "----- Mail not included -----", "----- No mail -----", "----- 메일 끝 -----"}) {
    CAPTURE(line);
    CHECK_FALSE(bounce::introduces_quote(line));
  }
}

TEST_CASE("lines that end a mail or a part of it") {
  for (const auto* line : {"body",
                           "-- ",
                           "-- Kim Minsu",
                           "--- Kim Minsu",
                           "--- 김민수 드림",
                           "----",
                           "------ ------",
                           "--b--",
                           "------=_Part_1--",
                           "-----END PGP SIGNATURE-----",
                           "-----END PGP MESSAGE-----",
                           "-----  END  -----",
                           "--- End ---",
                           "----- Message body suppressed -----",
                           "----- End of returned message -----",
                           "--------- Original Message Ends --------",
                           "------- Forwarded message ends here -------",
                           "----- This is the end of the message -----",
                           "----- Transcript ends -----",
                           "----- Fin du message -----",
                           "----- Ende der Originalnachricht -----",
                           "----- 원본 메일 끝 -----",
                           "----- 원본 메일 생략 -----",
                           "----- Body omitted -----",
                           "----- Message truncated -----",
                           "----- Original message not included -----",
                           "----- No message was collected -----",
                           "--- Copyright 2026 Sender",
                           "--- ; ,"}) {
    CAPTURE(line);
    CHECK_FALSE(bounce::introduces_quote(line));
  }
}

}  // namespace maildiag
