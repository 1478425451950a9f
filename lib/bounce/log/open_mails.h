/// What earlier lines told about the mails that are still under way, in bounded memory.
#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace maildiag::bounce::log {

/// A map that forgets what was used longest ago.
template <class Value>
class Lru {
 public:
  explicit Lru(std::size_t capacity) : capacity_(capacity) {}

  bool empty() const { return nodes_.empty(); }
  std::size_t size() const { return nodes_.size(); }

  /// Null if it is not there. The pointer holds until the next put().
  Value* find(std::string_view key) {
    const auto found = nodes_.find(key);
    if (found == nodes_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
  }

  /// The one that is there, or a new one.
  Value& put(std::string_view key) {
    if (auto* known = find(key); known != nullptr) return *known;
    if (nodes_.size() >= capacity_) drop_oldest();
    order_.emplace_front(std::string(key), Value());
    nodes_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  /// REQUIRES: not empty.
  const Value& oldest() const { return order_.back().second; }
  void drop_oldest() {
    nodes_.erase(order_.back().first);
    order_.pop_back();
  }

  template <class Visitor>
  void for_each(Visitor visit) {
    for (auto& [key, value] : order_) visit(value);
  }

  void erase(std::string_view key) {
    const auto found = nodes_.find(key);
    if (found == nodes_.end()) return;
    const auto node = found->second;
    nodes_.erase(found);
    order_.erase(node);
  }

 private:
  using Order = std::list<std::pair<std::string, Value>>;
  std::size_t capacity_;
  Order order_;  // the last used first
  std::unordered_map<std::string_view, typename Order::iterator> nodes_;
};

/// Mails whose sender is remembered. A queue manager names the sender whenever it takes up a mail,
/// so only the mails that are worked on at once have to be there; a large provider's are thousands.
inline constexpr std::size_t max_open_mails = 32768;
/// Deferred mails whose last replies are kept for the day on which they expire.
inline constexpr std::size_t max_deferred_mails = 4096;
/// Of one of them: smtpd_recipient_limit of Postfix. They are searched for each line.
inline constexpr std::size_t max_recipients_of_mail = 1000;
/// What is left to each of them: people write to a few.
inline constexpr std::size_t min_recipients_of_mail = 8;
/// Of all of them together, where the largest give way: a small newsletter's mail has hundreds.
inline constexpr std::size_t max_deferred_recipients = 32768;
static_assert(max_deferred_recipients >= max_deferred_mails * min_recipients_of_mail);
/// To how many they are cut at that bound: the next walk over all mails is as many lines away.
inline constexpr std::size_t deferred_recipients_kept = max_deferred_recipients / 8 * 7;
/// qmail's deliveries under way: its concurrency is compiled in, 509 at most, times a few hosts.
inline constexpr std::size_t max_open_deliveries = 8192;
/// RFC 5321 section 4.5.3.1: 64 + 1 + 255, and room for extensions; a longer one is cut.
inline constexpr std::size_t max_kept_address = 512;
/// Of a reply; enough for its code, its words and a link.
inline constexpr std::size_t max_kept_reply = 512;

struct Deferral {
  std::string recipient;
  std::string relay;
  std::string status;
  std::string text;
};
using Deferrals = std::vector<Deferral>;

struct DeferredMail {
  Deferrals recipients;
  bool full = false;  ///< it has, or had, more of them than were kept
};

/// qmail: the delivery's mail and recipient.
struct Delivery {
  std::string mail;
  std::string recipient;
};

class OpenMails {
 public:
  /// Queue ids are unique on one host only.
  std::string_view key(std::string_view host, std::string_view id) {
    key_.assign(host);
    key_ += '\n';
    key_ += id;
    return key_;
  }

  void note_sender(std::string_view key, std::string_view sender) {
    senders_.put(key) = sender.substr(0, max_kept_address);
  }
  /// Empty: unknown, or the null reverse-path.
  std::string_view sender(std::string_view key) {
    const auto* sender = senders_.find(key);
    return sender == nullptr ? std::string_view() : std::string_view(*sender);
  }

  void note_deferral(std::string_view key, Deferral deferral);
  void drop_deferral(std::string_view key, std::string_view recipient);
  /// Null: none. Holds until the next change.
  const Deferrals* deferrals(std::string_view key) {
    const auto* mail = deferred_.find(key);
    return mail == nullptr ? nullptr : &mail->recipients;
  }
  /// Of a mail that has expired; they are told once. Empty: none.
  Deferrals take_expired(std::string_view key);
  /// Whether one of those has had more recipients than were kept; once.
  bool take_expired_full() { return std::exchange(expired_full_, false); }

  Lru<Delivery>& deliveries() { return deliveries_; }

  void close(std::string_view key) {
    senders_.erase(key);
    if (!deferred_.empty()) take_deferred(key);
  }

 private:
  DeferredMail take_deferred(std::string_view key);
  void trim_largest();

  std::string key_;
  Lru<std::string> senders_{max_open_mails};
  Lru<DeferredMail> deferred_{max_deferred_mails};
  std::size_t deferred_recipients_ = 0;
  std::size_t most_of_mail_ = max_recipients_of_mail;
  bool expired_full_ = false;
  Lru<Delivery> deliveries_{max_open_deliveries};
};

}  // namespace maildiag::bounce::log
