// The two ways in which the kernel tells that something in a marked folder was touched, behind one face.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sys {
class Descriptor;
}

namespace guard::inside {

struct Event {
    std::string mark;        ///< which folder: as Source::mark has named it
    std::string name;        ///< in that folder; empty or "." = the folder itself
    std::uint64_t file = 0;  ///< which marked file, as Source::mark_file has named it; 0 = none
    std::int64_t process = 0;
    bool is_folder = false;
    bool has_come = false;      ///< created, or moved here
    bool has_gone = false;      ///< deleted, or moved away
    bool is_self_gone = false;  ///< the marked folder itself was deleted or moved
    bool is_overflow = false;   ///< the kernel has dropped events
};

enum class Marks {
    All,   ///< whatever happens to the folder and to what stands in it
    Names  ///< only that a name comes or goes
};

class Source {
  public:
    virtual ~Source() = default;
    virtual bool is_fanotify() const = 0;
    virtual bool knows_processes() const = 0;
    virtual int descriptor() const = 0;
    /// Marks an open folder; marking again is no error. Throws Error(Unavailable).
    virtual std::string mark(const sys::Descriptor& folder, Marks what) = 0;
    virtual void forget(const std::string& mark) = 0;
    /// Marks an open file itself, whatever names it has: its bytes, rights and count of names. Empty when the kernel
    /// permits no more.
    virtual std::optional<std::uint64_t> mark_file(const sys::Descriptor& file) = 0;
    virtual void forget_file(std::uint64_t file) = 0;
    /// How many files can be marked so that others' marks have room, too.
    virtual std::size_t most_files() const = 0;
    /// Hands on some events that wait; false when there are none.
    virtual bool read(const std::function<void(const Event&)>& take) = 0;
};

/// Half of a bound that the kernel keeps for each user, by its name below /proc/sys/fs.
std::size_t half_of_bound(const std::string& name);

/// Throws Error(Unavailable) when the kernel does not permit it, or the file system cannot do it (at the first mark).
std::unique_ptr<Source> open_fanotify();
std::unique_ptr<Source> open_inotify();

}  // namespace guard::inside
