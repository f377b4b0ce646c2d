#include "watch/guard/inside/holders.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace guard::inside {

namespace {

namespace fs = std::filesystem;

/// proc(5): "flags:" of /proc/PID/fdinfo/N is octal; "ino:" is there since Linux 5.14. Asked before the file itself,
/// which may lie on a server that does not answer.
bool may_be_for_writing(const fs::path& about, std::uint64_t wanted) {
    std::ifstream file(about);
    bool is_for_writing = false;
    for (std::string word; file >> word;) {
        unsigned long flags = 0;
        std::uint64_t inode = 0;
        if (word == "flags:") is_for_writing = file >> std::oct >> flags && (flags & O_ACCMODE) != O_RDONLY;
        if (word == "ino:" && file >> std::dec >> inode && inode != wanted) return false;
    }
    return is_for_writing;
}

bool has_open(const fs::path& process, const HeldFile& held) {
    std::error_code refused;
    for (fs::directory_iterator at(process / "fd", refused); !refused && at != fs::directory_iterator();
         at.increment(refused)) {
        struct stat status {};
        if (may_be_for_writing(process / "fdinfo" / at->path().filename(), held.inode) &&
            ::stat(at->path().c_str(), &status) == 0 && held == HeldFile{status.st_dev, status.st_ino})
            return true;
    }
    return false;
}

/// proc(5): address, rights ("rw-s"), offset, device ("fd:00", hexadecimal), inode.
bool has_mapped(const fs::path& process, const HeldFile& held) {
    std::ifstream file(process / "maps");
    const std::string device = fmt::format("{:02x}:{:02x}", major(held.device), minor(held.device));
    const std::string inode = std::to_string(held.inode);
    for (std::string line; std::getline(file, line);) {
        const auto words = base::split(line, ' ');
        if (words.size() >= 5 && words[1].size() == 4 && words[1][1] == 'w' && words[1][3] == 's' &&
            words[3] == device && words[4] == inode)
            return true;
    }
    return false;
}

}  // namespace

std::optional<Writer> find_holder(const HeldFile& file, std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::vector<std::int64_t> processes;
    std::error_code problem;
    for (fs::directory_iterator at("/proc", problem); !problem && at != fs::directory_iterator();
         at.increment(problem)) {
        const std::string name = at->path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos && name != std::to_string(::getpid()))
            processes.push_back(std::stoll(name));
    }
    std::sort(processes.begin(), processes.end(), std::greater<>());  // the youngest first
    for (const auto holds : {has_open, has_mapped})                   // to read the maps costs more
        for (const std::int64_t process : processes) {
            if (std::chrono::steady_clock::now() > end) return std::nullopt;
            if (holds("/proc/" + std::to_string(process), file)) return look_at_process(process);
        }
    return std::nullopt;
}

}  // namespace guard::inside
