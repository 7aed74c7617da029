// HDF5 handles that close themselves, the lock every HDF5 call is made under, and failures with HDF5's own reason.
// Internal to cache/, where it is the only way to HDF5; whoever else calls HDF5 (parity packs) takes the same lock.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace fergraph {

/// HDF5 refused something. The writer and the reader turn it into a CacheError that names the file.
struct Hdf5Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Debian's HDF5 is not thread-safe: hold one of these around a whole sequence of calls, the closing of its handles
/// included (declare it before them). HDF5 prints nothing meanwhile.
class Hdf5Lock {
 public:
  Hdf5Lock();
  ~Hdf5Lock();
  Hdf5Lock(const Hdf5Lock&) = delete;
  Hdf5Lock& operator=(const Hdf5Lock&) = delete;

 private:
  std::unique_lock<std::mutex> guard_;
  H5E_auto2_t printer_ = nullptr;
  void* printer_data_ = nullptr;
};

/// Throws Hdf5Failure "<action>: <innermost message>" for a negative result, else returns the result.
template <typename Result>
Result hdf5_checked(Result result, const std::string& action);

/// Owns one HDF5 identifier.
class Hdf5Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Hdf5Handle() = default;
  /// `action` says what gave the identifier, for the message when it is negative.
  Hdf5Handle(hid_t id, Close closer, const std::string& action) : id_(hdf5_checked(id, action)), close_(closer) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }

  operator hid_t() const { return id_; }

  /// Closes now and throws when that fails, which is where HDF5 reports what it could not write.
  void close(const std::string& action) {
    const hid_t id = std::exchange(id_, -1);
    if (id >= 0) hdf5_checked(close_(id), action);
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// The deepest message of HDF5's error stack: the cause, not the chain of callers.
std::string hdf5_innermost_message();

template <typename Result>
Result hdf5_checked(Result result, const std::string& action) {
  if (result < 0) throw Hdf5Failure(action + ": " + hdf5_innermost_message());
  return result;
}

}  // namespace fergraph
