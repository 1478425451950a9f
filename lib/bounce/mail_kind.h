/// Tells automatic mails that are no bounces from bounces.
#pragma once

#include <string>
#include <string_view>

#include "bounce/delivery_failure.h"
#include "bounce/mime.h"

namespace maildiag::bounce {

/// auto_reply, challenge or not_a_bounce. Ask only when no reader of bounces knew the mail: Postfix
/// marks its bounces as automatic replies too.
/// `bounce`: is_marked_bounce; a generic marker then says nothing.
Kind automatic_kind(const Fields& header, std::string_view text_lower, bool bounce);

/// A report of RFC 3464, a mailer's address, X-Failed-Recipients: a bounce whatever its text says.
/// A null reverse-path or any multipart/report counts where the mail is cut off; a whole vacation
/// reply has the former too (RFC 3834 section 3.3).
bool is_marked_bounce(const Mail& mail);

/// A null reverse-path, a mailer's address or a bounce's subject: a reason to believe weak signs in
/// its text.
bool is_from_mailer(const Fields& header);

/// A report that Exchange wrote, by the mailbox or the field that only it uses; a name or a domain
/// is anybody's.
bool is_from_exchange(const Fields& header);

/// What it looks like instead.
Error not_a_bounce(const Mail& mail);

}  // namespace maildiag::bounce
