/// What the two readers of MIME share of GMime.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gmime/gmime.h>

#include "core/handle.h"

namespace maildiag::bounce {

template <class T>
using Object = std::unique_ptr<T, FreedBy<g_object_unref>>;

/// Before anything else of GMime is called; more than once is fine.
void start_gmime();

struct ContentType {
  bool message = false;  ///< message/*
  bool digest = false;   ///< multipart/digest
  std::optional<std::string> boundary;
};
/// A Content-Type field's value as GMime's parser understands it: unfolding, comments, quotes,
/// RFC 2231.
ContentType read_content_type(const std::string& value);

/// Unfolded, encoded words (RFC 2047) decoded: what GMime reads parameters from.
std::string decoded_field(const std::string& value);

}  // namespace maildiag::bounce
