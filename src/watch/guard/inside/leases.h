// Who comes to hold a public file open for writing, before anything is written: by leases (fcntl(2)). A write through a
// mapping that stays open makes no event, and on some file systems not even a change time; but it takes a file that is
// open for writing. Each file is open here with a read lease; whoever wants to open one for writing, in whatever
// process or container, is made to wait by the kernel for the moment in which this is told. The lease is given up at
// once and asked for again: while it is refused, somebody holds the file. What does not hold it for long is left to the
// events of what it writes.
//
// The files are open in tables of descriptors that only this object's threads have, so that no program that is started
// here inherits 100,000 of them, and the bound of open files is each table's.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ground/sys/files.h"
#include "watch/guard/watcher.h"

namespace guard::inside {

class Leases {
  public:
    /// At most `most` files below `root`, in as many tables as the bound of open files asks for, if they are few.
    Leases(const sys::Descriptor& root, std::size_t most);
    ~Leases();
    Leases(const Leases&) = delete;
    Leases& operator=(const Leases&) = delete;

    /// What stands at a path may be another file now, a new one, or none; below the root.
    void look_at(std::string path);
    /// The folder has gone with all that was in it; its name ends in '/'.
    void forget_below(const std::string& folder);

    struct Told {
        std::map<std::string, HeldFile> held;  ///< again and again while somebody holds them
        std::set<std::string> let_go;          ///< nobody does any more: its bytes may have changed meanwhile
    };
    /// Readable when there is something to take.
    int descriptor() const { return told_.get(); }
    Told take();
    std::size_t count() const;
    /// Why a file may have no lease; empty when all have one.
    std::string remark() const;

  private:
    class Part;  ///< one table of descriptors, and its thread
    sys::Descriptor told_;
    std::string remark_;  ///< of the file system
    std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace guard::inside
