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
