// Changes of the body: footers, banners, and what mail servers do to every line.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "checks/dkim_changes.h"
#include "checks/dkim_finding.h"
#include "checks/dkim_undo.h"
#include "core/text.h"

namespace maildiag::checks::dkim {

namespace {

using std::string_view;

/// What a hash of a few octets costs, in octets of a long one.
constexpr std::uint64_t hash_cost = 512;
/// Larger bodies are not rewritten in memory.
constexpr std::size_t max_rewritten = 8UL << 20;
/// Lines of a footer that stands before the end of the body, lines that may follow it (a closing
/// boundary), lines of a banner.
constexpr std::size_t max_inner_footer = 200, max_tail = 6, max_banner = 12;
/// More lines than a person wrote: no search for footers.
constexpr std::size_t max_lines = 100'000;

class Search {
 public:
  Search(const Signature& signature, const Message& message, Budget& budget)
      : signature_(signature), fields_(message.fields), body_(message.body), budget_(budget) {}

  std::optional<DkimChange> run() {
    // Of many signatures each would look at all lines again.
    if (!budget_.take(body_.size())) return std::nullopt;
    for_each_line(body_, [this](string_view line) {
      if (lines_.size() < max_lines) lines_.push_back(line);
    });
    const bool whole = lines_.size() < max_lines;
    while (!lines_.empty() && is_empty(lines_.back())) lines_.pop_back();
    if (whole) {
      if (auto change = find_footer()) return change;
      if (auto change = find_inner_footer()) return change;
      if (auto change = find_banner()) return change;
    }
    return find_rewriting();
  }

 private:
  static bool is_empty(string_view line) {
    return line.find_first_not_of(" \t") == string_view::npos;
  }

  bool holds(const BodyHash& hash) {
    return budget_.take(hash_cost) && hash.digest() == signature_.body_hash;
  }

  DkimChange added(std::string id, std::size_t first, std::size_t last) const {
    while (first < last && is_empty(lines_[first])) ++first;
    Value data;
    data.set("lines", last - first).set("text", shown(text::trim(lines_[first]), longest_line));
    return {std::move(id), std::move(data)};
  }

  /// Each beginning of the body is tried with one pass over it.
  std::optional<DkimChange> find_footer() {
    BodyHash hash(signature_.body, signature_.length);
    if (!budget_.take(body_.size())) return std::nullopt;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if ((i == 0 || !is_empty(lines_[i - 1])) && holds(hash))
        return added("dkim.footer-added", i, lines_.size());
      hash.add_line(lines_[i]);
    }
    return std::nullopt;
  }

  /// Lines near the end were put in, and a few after them belong to the message.
  std::optional<DkimChange> find_inner_footer() {
    const auto count = lines_.size();
    const auto start = count > max_inner_footer ? count - max_inner_footer : 0;
    BodyHash hash(signature_.body, signature_.length);
    if (!budget_.take(body_.size())) return std::nullopt;
    for (std::size_t i = 0; i < start; ++i) hash.add_line(lines_[i]);
    for (std::size_t i = start; i < count; ++i) {
      for (std::size_t tail = 1; tail <= max_tail && i + tail < count; ++tail) {
        auto whole = hash;
        std::uint64_t octets = 0;
        for (std::size_t k = count - tail; k < count; ++k) {
          whole.add_line(lines_[k]);
          octets += lines_[k].size();
        }
        if (!budget_.take(octets)) return std::nullopt;
        if (holds(whole))
          return added(i == 0 ? "dkim.banner-added" : "dkim.footer-added", i, count - tail);
      }
      hash.add_line(lines_[i]);
    }
    return std::nullopt;
  }

  std::optional<DkimChange> find_banner() {
    for (std::size_t first = 1; first <= max_banner && first < lines_.size(); ++first) {
      if (!budget_.take(body_.size())) break;
      BodyHash hash(signature_.body, signature_.length);
      for (std::size_t i = first; i < lines_.size(); ++i) hash.add_line(lines_[i]);
      if (holds(hash)) return added("dkim.banner-added", 0, first);
    }
    return std::nullopt;
  }

  std::optional<DkimChange> find_rewriting() {
    if (body_.size() > max_rewritten) return std::nullopt;
    for (const auto& undo : undos()) {
      if (!budget_.take(2 * body_.size())) break;
      const auto before = undo.apply(body_);
      if (holds(hash_body(signature_.body, signature_.length, before)))
        return DkimChange{std::string(undo.id), Value::object({{"encoding", encoding()}})};
    }
    return std::nullopt;
  }

  /// What the header says, or the words for a body whose parts were encoded.
  std::string encoding() const {
    for (const auto& field : fields_) {
      if (field.name == "content-transfer-encoding")
        return shown(text::collapse_spaces(field.value()));
    }
    return "quoted-printable / base64";
  }

  static constexpr std::size_t longest_line = 80;

  const Signature& signature_;
  const std::vector<HeaderField>& fields_;
  string_view body_;
  Budget& budget_;
  std::vector<string_view> lines_;
};

}  // namespace

std::optional<DkimChange> find_body_change(const Signature& signature, const Message& message,
                                           Budget& budget) {
  return Search(signature, message, budget).run();
}

}  // namespace maildiag::checks::dkim
