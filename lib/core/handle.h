/// Owners of what C libraries hand out.
#pragma once

namespace maildiag {

/// A deleter of std::unique_ptr: `std::unique_ptr<X509, FreedBy<X509_free>>`.
template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

}  // namespace maildiag
