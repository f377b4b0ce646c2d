#include "watch/guard/inside/leases.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/beneath.h"
#include "ground/sys/lease.h"
#include "ground/sys/log.h"

namespace guard::inside {

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int kToLease = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
constexpr auto kHoldsOn = 100ms;  ///< what somebody holds open for so long is told
constexpr auto kFirstRetry = 5ms;
constexpr auto kLongestRetry = 50ms;
constexpr auto kTellHeldAgain = 500ms;
constexpr auto kScanRest = 10us;          ///< for each file that is held
constexpr std::size_t kLooksAtOnce = 64;  ///< whoever waits for a lease waits for these
constexpr std::size_t kSpareNumbers = 64;
constexpr std::size_t kMostParts = 12;
constexpr std::size_t kMostWanted = 4096;  ///< whoever names more waits
constexpr auto kCleaningRest = 10s;

/// The bound that this process has, less what the thread needs itself.
std::size_t open_files_bound() {
    rlimit bound{};
    ::getrlimit(RLIMIT_NOFILE, &bound);
    return bound.rlim_cur > kSpareNumbers ? bound.rlim_cur - kSpareNumbers : 0;
}

int break_signal() {
    return SIGRTMIN;
}

/// Gives the calling thread a table of descriptors of its own, with these alone. False where the kernel refuses.
bool keep_only(std::set<int> numbers) {
    numbers.insert({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
    unsigned from = 0;
    const auto close_to = [&](unsigned last) {
        return from > last || ::close_range(from, last, CLOSE_RANGE_UNSHARE) == 0;
    };
    for (const int number : numbers) {
        const auto kept = static_cast<unsigned>(number);
        if (kept > 0 && !close_to(kept - 1)) return false;
        from = kept + 1;
    }
    return close_to(~0U);
}

/// 0, or why not: EAGAIN = somebody has it open for writing. Whom to tell is forgotten with each lease.
int take_lease(const sys::Descriptor& file) {
    const f_owner_ex self{F_OWNER_TID, static_cast<pid_t>(::syscall(SYS_gettid))};
    const bool is_taken = ::fcntl(file.get(), F_SETSIG, break_signal()) == 0 &&
                          ::fcntl(file.get(), F_SETOWN_EX, &self) == 0 && ::fcntl(file.get(), F_SETLEASE, F_RDLCK) == 0;
    return is_taken ? 0 : errno;
}

}  // namespace

class Leases::Part {
  public:
    Part(const sys::Descriptor& root, const sys::Descriptor& told, std::size_t bound, std::size_t all);
    ~Part();
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    void look_at(std::string path);
    void take(Told& all);
    std::size_t count() const;
    std::string remark() const;

  private:
    struct Table;  ///< what the thread alone has
    void run();
    bool wait_for_work(Table& table);
    void look(Table& table, const std::string& path);
    void retry(Table& table);
    void read_signals(Table& table);

    const std::size_t bound_, all_;  ///< files in this table, and in all
    sys::Descriptor root_, wake_, told_;
    mutable std::mutex mutex_;
    std::condition_variable taken_;
    std::vector<std::string> wanted_;  ///< paths; a folder's ends in '/'
    bool is_stopping_ = false;
    bool is_over_ = false;  ///< nobody takes what is wanted any more
    Told to_tell_;
    std::size_t count_ = 0;
    std::string remark_;
    std::jthread thread_;
};

/// The paths are not kept: /proc says what an open file is called now.
struct Leases::Part::Table {
    struct Held {
        Steady::time_point next_retry, next_tell;
        std::chrono::milliseconds rest = kFirstRetry;
    };
    std::string root;                                          ///< with a slash at its end
    std::unordered_map<std::uint64_t, sys::Descriptor> files;  ///< by the hash of the path
    std::map<std::string, Held> held;
    sys::Descriptor signals;
    Told told;
    std::string remark;
    Steady::time_point next_retry = Steady::time_point::max();  ///< of one that is held
    bool has_gone = false;                                      ///< a folder has: some of the files may have
    Steady::time_point next_cleaning;

    static std::uint64_t key_of(const std::string& path) { return std::hash<std::string>()(path); }
    /// Below the root; empty when it is elsewhere, or has no name any more.
    std::string path_of(int number) const {
        std::error_code problem;
        const std::string path =
            std::filesystem::read_symlink(fmt::format("/proc/thread-self/fd/{}", number), problem).string();
        return !problem && path.starts_with(root) ? path.substr(root.size()) : std::string();
    }
    HeldFile file_of(const std::string& path) const {
        struct stat status {};
        const auto file = files.find(key_of(path));
        return file != files.end() && ::fstat(file->second.get(), &status) == 0 ? HeldFile{status.st_dev, status.st_ino}
                                                                                : HeldFile();
    }
    void hold_on(const std::string& path) {
        const auto now = Steady::now();
        const auto [one, is_new] = held.try_emplace(path, Held{now + kFirstRetry, now + kHoldsOn});
        if (is_new) next_retry = std::min(next_retry, std::max(one->second.next_retry, now + scan_rest()));
    }
    /// To go through thousands takes time, too.
    Steady::duration scan_rest() const { return held.size() * kScanRest; }
    void end_hold(const std::string& path) {
        if (held.erase(path) == 0) return;
        told.held.erase(path);
        told.let_go.insert(path);
    }
    void drop(const std::string& path) {
        end_hold(path);
        files.erase(key_of(path));
    }
    /// Somebody wants it.
    void give_up(int number) {
        ::fcntl(number, F_SETLEASE, F_UNLCK);
        const std::string path = path_of(number);
        const auto file = files.find(key_of(path));
        if (file != files.end() && file->second.get() == number)
            hold_on(path);
        else
            has_gone = true;
    }
    /// Closes what is not at its path any more.
    void clean() {
        has_gone = false;
        next_cleaning = Steady::now() + kCleaningRest;
        std::erase_if(files, [&](const auto& one) { return key_of(path_of(one.second.get())) != one.first; });
        std::vector<std::string> over;
        for (const auto& [path, one] : held)
            if (!files.contains(key_of(path))) over.push_back(path);
        for (const std::string& path : over) end_hold(path);
    }
};

Leases::Part::Part(const sys::Descriptor& root, const sys::Descriptor& told, std::size_t bound, std::size_t all)
    : bound_(bound),
      all_(all),
      root_(::fcntl(root.get(), F_DUPFD_CLOEXEC, 0)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      told_(::fcntl(told.get(), F_DUPFD_CLOEXEC, 0)) {
    thread_ = std::jthread([this] {
        try {
            run();
        } catch (const std::exception& error) {
            sys::log(sys::Level::Error, "files are watched without leases", {{"problem", error.what()}});
            const std::lock_guard lock(mutex_);
            remark_ = fmt::format("who holds a file open for writing is not told: {}", error.what());
            count_ = 0;
        }
        const std::lock_guard lock(mutex_);
        is_over_ = true;
        taken_.notify_all();
    });
}

Leases::Part::~Part() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    ::eventfd_write(wake_.get(), 1);
}

void Leases::Part::look_at(std::string path) {
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [&] { return is_over_ || wanted_.size() < kMostWanted; });
    if (is_over_) return;
    if (wanted_.empty()) ::eventfd_write(wake_.get(), 1);
    wanted_.push_back(std::move(path));
}

void Leases::Part::take(Told& all) {
    const std::lock_guard lock(mutex_);
    all.held.merge(to_tell_.held);
    all.let_go.merge(to_tell_.let_go);
    to_tell_ = {};
}

std::size_t Leases::Part::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

std::string Leases::Part::remark() const {
    const std::lock_guard lock(mutex_);
    return remark_;
}

void Leases::Part::run() {
    sigset_t told_by;
    ::sigemptyset(&told_by);
    ::sigaddset(&told_by, break_signal());
    ::sigaddset(&told_by, SIGIO);  // when the queue of signals is full
    ::pthread_sigmask(SIG_BLOCK, &told_by, nullptr);
    if (!root_ || !wake_ || !told_)
        throw base::Error(base::Kind::Unavailable, "the limit of open files (LimitNOFILE=) is too low");
    if (!keep_only({root_.get(), wake_.get(), told_.get()}))
        throw base::Error(base::Kind::Unavailable,
                          fmt::format("the kernel gives a thread no descriptors of its own: {}", std::strerror(errno)));
    Table table;
    table.signals = sys::Descriptor(::signalfd(-1, &told_by, SFD_NONBLOCK | SFD_CLOEXEC));
    table.root = std::filesystem::read_symlink(fmt::format("/proc/thread-self/fd/{}", root_.get())).string() + "/";
    while (wait_for_work(table)) {
        read_signals(table);
        retry(table);
        std::vector<std::string> wanted;
        {
            const std::lock_guard lock(mutex_);
            wanted.swap(wanted_);
            taken_.notify_all();
        }
        std::size_t looked = 0;
        for (const std::string& path : wanted) {
            look(table, path);
            if (++looked % kLooksAtOnce == 0) read_signals(table);
        }
    }
}

/// Hands on what there is to tell, and waits for more. False when it is over.
bool Leases::Part::wait_for_work(Table& table) {
    auto patience = -1ms;
    if (!table.held.empty()) {
        patience = std::max(1ms, std::chrono::ceil<std::chrono::milliseconds>(table.next_retry - Steady::now()));
    } else if (table.has_gone) {
        patience = std::chrono::milliseconds(kCleaningRest);
    }
    {
        const std::lock_guard lock(mutex_);
        if (is_stopping_) return false;
        for (auto& [path, what] : table.told.held) {
            to_tell_.let_go.erase(path);
            to_tell_.held[path] = what;
        }
        for (const std::string& path : table.told.let_go) {
            to_tell_.held.erase(path);
            to_tell_.let_go.insert(path);
        }
        if (!table.told.held.empty() || !table.told.let_go.empty()) ::eventfd_write(told_.get(), 1);
        table.told = {};
        count_ = table.files.size() - table.held.size();
        remark_ = table.remark;
        if (!wanted_.empty()) return true;
    }
    pollfd all[] = {{table.signals.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    ::poll(all, std::size(all), static_cast<int>(patience.count()));
    eventfd_t count = 0;
    ::eventfd_read(wake_.get(), &count);
    const std::lock_guard lock(mutex_);
    return !is_stopping_;
}

void Leases::Part::look(Table& table, const std::string& path) {
    if (path.ends_with('/')) {
        table.has_gone = true;
        return;
    }
    sys::Descriptor file = sys::open_beneath(root_.get(), path, kToLease);
    struct stat status {};
    const bool is_file = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (is_file && table.file_of(path) == HeldFile{status.st_dev, status.st_ino}) return;
    table.drop(path);
    if (!is_file) return;
    if (table.files.size() >= bound_) {
        table.remark = fmt::format(
            "of {} files alone it is told who holds them open for writing: raise the limit of open files "
            "(LimitNOFILE=) to more than there are files",
            all_);
        return;
    }
    const int problem = take_lease(file);
    if (problem != 0 && problem != EAGAIN) {
        table.remark = fmt::format("of some files it is not told who holds them open for writing ({}){}",
                                   std::strerror(problem), problem == EACCES ? ": that takes CAP_LEASE" : "");
        return;
    }
    table.files[Table::key_of(path)] = std::move(file);
    if (problem == EAGAIN) table.hold_on(path);
}

/// Asks again for what was given up; what is still held after a while is told.
void Leases::Part::retry(Table& table) {
    const auto now = Steady::now();
    if (table.has_gone && now >= table.next_cleaning) table.clean();
    if (now < table.next_retry) return;
    // Thousands that are held at once are flood enough: each costs its part of the second only.
    const auto share = std::chrono::milliseconds(table.held.size());
    const auto again = std::max(kTellHeldAgain, share), longest = std::max(kLongestRetry, share);
    table.next_retry = Steady::time_point::max();
    for (auto at = table.held.begin(); at != table.held.end();) {
        const auto one = at++;
        if (one->second.next_retry > now) {
            table.next_retry = std::min(table.next_retry, one->second.next_retry);
            continue;
        }
        const auto file = table.files.find(Table::key_of(one->first));
        if (file == table.files.end() || take_lease(file->second) == 0) {
            table.end_hold(std::string(one->first));
            continue;
        }
        Table::Held& held = one->second;
        held.next_retry = now + (held.rest = std::min<std::chrono::milliseconds>(held.rest * 2, longest));
        table.next_retry = std::min(table.next_retry, held.next_retry);
        if (held.next_tell > now) continue;
        table.told.held[one->first] = table.file_of(one->first);
        held.next_tell = now + again;
    }
    table.next_retry = std::max(table.next_retry, now + table.scan_rest());
}

void Leases::Part::read_signals(Table& table) {
    signalfd_siginfo told{};
    while (::read(table.signals.get(), &told, sizeof told) == sizeof told) {
        if (told.ssi_signo != static_cast<std::uint32_t>(SIGIO)) {
            table.give_up(told.ssi_fd);
            continue;
        }
        std::vector<int> broken;  // the queue was full: which they were, the leases say
        for (const auto& [key, file] : table.files)
            if (::fcntl(file.get(), F_GETLEASE) != F_RDLCK) broken.push_back(file.get());
        for (const int number : broken) table.give_up(number);
    }
}

Leases::Leases(const sys::Descriptor& root, std::size_t most) : told_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!sys::are_mappings_told(root))
        remark_ = "on this file system (overlayfs) a mapping that stays open is not told: keep public/ on another";
    const std::size_t each = std::clamp<std::size_t>(open_files_bound(), 1, most);
    const std::size_t parts = std::min((most + each - 1) / each, kMostParts);
    for (std::size_t i = 0; i < parts; ++i)
        parts_.push_back(std::make_unique<Part>(root, told_, each, std::min(most, parts * each)));
}

Leases::~Leases() = default;

void Leases::look_at(std::string path) {
    Part& part = *parts_[std::hash<std::string>()(path) % parts_.size()];
    part.look_at(std::move(path));
}

void Leases::forget_below(const std::string& folder) {
    for (const auto& part : parts_) part->look_at(folder);
}

Leases::Told Leases::take() {
    eventfd_t count = 0;
    ::eventfd_read(told_.get(), &count);
    Told all;
    for (const auto& part : parts_) part->take(all);
    return all;
}

std::size_t Leases::count() const {
    std::size_t count = 0;
    for (const auto& part : parts_) count += part->count();
    return count;
}

std::string Leases::remark() const {
    for (const auto& part : parts_)
        if (const std::string remark = part->remark(); !remark.empty())
            return remark_.empty() ? remark : remark_ + "\n" + remark;
    return remark_;
}

}  // namespace guard::inside
