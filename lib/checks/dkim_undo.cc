#include "checks/dkim_undo.h"

#include <array>
#include <optional>

#include "checks/dkim_message.h"
#include "core/base64.h"
#include "core/tag_list.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

using std::string_view;

template <class Change>
std::string each_line(string_view body, Change change) {
  std::string out;
  out.reserve(body.size());
  for_each_line(body, [&](string_view line) {
    change(line, out);
    out += "\r\n";
  });
  return out;
}

std::string strip_blanks(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    out += line.substr(0, line.find_last_not_of(" \t") + 1);
  });
}

/// "-- " is the line before a signature (RFC 3676 section 4.3): its blank is the one that gets
/// lost.
std::string restore_signature_mark(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    out += line;
    if (line == "--") out += ' ';
  });
}

std::string collapse_blanks(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    bool blank = false;
    for (const char c : line.substr(0, line.find_last_not_of(" \t") + 1)) {
      const bool now = c == ' ' || c == '\t';
      if (now && blank) continue;
      out += now ? ' ' : c;
      blank = now;
    }
  });
}

/// CR CR LF.
std::string drop_doubled_cr(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    out += line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  });
}

/// A CR by itself was a line's end.
std::string split_at_cr(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    for (const char c : line) {
      out += c;
      if (c == '\r') out += '\n';
    }
  });
}

/// Every other line is empty: CR and LF were each made a line's end.
std::string drop_doubled_lines(string_view body) {
  bool odd = false;
  std::string out;
  for_each_line(body, [&](string_view line) {
    if (!odd || !line.empty()) out.append(line).append("\r\n");
    odd = !odd;
  });
  return out;
}

std::string unquote_from(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    const auto marks = line.find_first_not_of('>');
    const bool quoted =
        marks != string_view::npos && marks > 0 && line.substr(marks).starts_with("From ");
    out += quoted ? line.substr(1) : line;
  });
}

std::string unstuff_dots(string_view body) {
  return each_line(body, [](string_view line, std::string& out) {
    out += line.starts_with("..") ? line.substr(1) : line;
  });
}

/// Longer lines than SMTP allows (998 octets, RFC 5321 section 4.5.3.1.6) were cut; sendmail marks
/// the place with "!" and goes on with a blank.
std::string join_lines(string_view body) {
  constexpr std::size_t shortest = 970, longest = 2048;
  std::string out;
  bool cut = false;
  bool marked = false;
  for_each_line(body, [&](string_view line) {
    if (cut) {
      out.resize(out.size() - 2);
      if (marked && line.starts_with(' ')) line.remove_prefix(1);
    }
    cut = line.size() >= shortest && line.size() <= longest;
    marked = cut && line.ends_with('!');
    if (marked) line.remove_suffix(1);
    out.append(line).append("\r\n");
  });
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// RFC 2045 section 6.7.
void add_quoted_line(string_view line, std::string& out) {
  line = line.substr(0, line.find_last_not_of(" \t") + 1);
  const bool soft = line.ends_with('=');
  if (soft) line.remove_suffix(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    const int high = i + 2 < line.size() && line[i] == '=' ? hex_digit(line[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(line[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += line[i];
    }
  }
  if (!soft) out += "\r\n";
}

std::string decode_quoted(string_view body) {
  std::string out;
  for_each_line(body, [&out](string_view line) { add_quoted_line(line, out); });
  return out;
}

std::string decode_base64(string_view body) {
  return from_base64(without_spaces(body)).value_or(std::string(body));
}

/// The same in each part of a multipart body, whose headers said 8bit before.
class PartDecoder {
 public:
  std::string run(string_view body) {
    for_each_line(body, [this](string_view line) { add(line); });
    finish_base64();
    return std::move(out_);
  }

 private:
  enum class Encoding { none, quoted, base64 };
  static constexpr string_view field = "content-transfer-encoding:";

  void add(string_view line) {
    if (line.starts_with("--") && line.size() > 2) {
      finish_base64();
      in_header_ = true;
      encoding_ = Encoding::none;
    } else if (in_header_) {
      if (line.empty()) in_header_ = false;
      if (text::starts_with_ignore_case(line, field) && read_encoding(line)) {
        out_.append(line.substr(0, field.size())).append(" 8bit\r\n");
        return;
      }
    } else if (encoding_ == Encoding::quoted) {
      return add_quoted_line(line, out_);
    } else if (encoding_ == Encoding::base64) {
      base64_ += line;
      return;
    }
    out_.append(line).append("\r\n");
  }

  bool read_encoding(string_view line) {
    const auto value = text::trim(line.substr(field.size()));
    if (text::equals_ignore_case(value, "quoted-printable")) encoding_ = Encoding::quoted;
    if (text::equals_ignore_case(value, "base64")) encoding_ = Encoding::base64;
    return encoding_ != Encoding::none;
  }

  void finish_base64() {
    if (base64_.empty()) return;
    const auto octets = from_base64(without_spaces(base64_)).value_or("");
    out_ += octets;
    if (!octets.ends_with('\n')) out_ += "\r\n";
    base64_.clear();
  }

  std::string out_, base64_;
  bool in_header_ = false;
  Encoding encoding_ = Encoding::none;
};

std::string decode_parts(string_view body) {
  return PartDecoder().run(body);
}

constexpr std::array all{
    Undo{"dkim.whitespace-changed", strip_blanks},
    Undo{"dkim.whitespace-changed", restore_signature_mark},
    Undo{"dkim.whitespace-changed", collapse_blanks},
    Undo{"dkim.line-ends-changed", drop_doubled_cr},
    Undo{"dkim.line-ends-changed", split_at_cr},
    Undo{"dkim.line-ends-changed", drop_doubled_lines},
    Undo{"dkim.from-quoted", unquote_from},
    Undo{"dkim.dots-doubled", unstuff_dots},
    Undo{"dkim.long-lines-cut", join_lines},
    Undo{"dkim.seven-bit-converted", decode_quoted},
    Undo{"dkim.seven-bit-converted", decode_base64},
    Undo{"dkim.seven-bit-converted", decode_parts},
};

}  // namespace

std::span<const Undo> undos() {
  return all;
}

}  // namespace maildiag::checks::dkim
