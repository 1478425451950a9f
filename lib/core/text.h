/// Text of strangers: UTF-8, control characters, columns, case, trimming.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace maildiag::text {

bool is_ascii(std::string_view text);
std::string ascii_lower(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);
bool starts_with_ignore_case(std::string_view text, std::string_view prefix);
bool contains_ignore_case(std::string_view text, std::string_view part);
std::string_view trim(std::string_view text);
/// "<a@b>" becomes "a@b"; a lone bracket at an end goes, too.
std::string_view strip_brackets(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// Lines without their ends; CRLF, LF and bare CR all end a line.
std::vector<std::string_view> split_lines(std::string_view text);
/// Runs of white space become one space; none at the ends.
std::string collapse_spaces(std::string_view text);

/// Valid UTF-8 out of any bytes: each bad sequence becomes U+FFFD.
std::string to_valid_utf8(std::string_view bytes);
/// For a terminal: control characters (C0, C1, DEL), bidi controls, zero-width and tag characters
/// become visible escapes
/// (`\x1b`, `\u{202e}`); invalid UTF-8 becomes U+FFFD; tab, CR and LF become a space. Safe to print
/// on one line.
std::string sanitize(std::string_view bytes);

/// Columns on a terminal: Hangul and other East Asian wide characters count two, combining ones
/// none. REQUIRES: valid UTF-8.
std::size_t display_width(std::string_view utf8);
/// Lines of at most `width` columns, broken at spaces (Korean also between syllables if a word
/// alone is too long).
std::vector<std::string> wrap(std::string_view utf8, std::size_t width);
/// At most `width` columns, the last one an ellipsis if cut.
std::string truncate(std::string_view utf8, std::size_t width);

/// Replaces {name} by what `lookup` returns for it; unknown names stay as they are.
std::string fill_template(std::string_view pattern,
                          const std::function<const std::string*(std::string_view)>& lookup);

}  // namespace maildiag::text
