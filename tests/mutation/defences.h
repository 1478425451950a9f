
// What mutants of lib/dns need: a socket that takes answers from anybody.
#include <cstring>
#include <map>
#include <sys/socket.h>

struct MaildiagPeer {
  sockaddr_storage address;
  socklen_t size;
};
inline std::map<int, MaildiagPeer>& maildiag_peers() {
  static std::map<int, MaildiagPeer> peers;
  return peers;
}
inline bool maildiag_leave_open(int socket, const sockaddr_storage& address, socklen_t size) {
  maildiag_peers()[socket] = {address, size};
  return true;
}
inline int maildiag_send(int socket, mmsghdr* messages, unsigned count, int flags) {
  auto& peer = maildiag_peers()[socket];
  for (unsigned i = 0; i < count; ++i) {
    messages[i].msg_hdr.msg_name = &peer.address;
    messages[i].msg_hdr.msg_namelen = peer.size;
  }
  return ::sendmmsg(socket, messages, count, flags);
}
