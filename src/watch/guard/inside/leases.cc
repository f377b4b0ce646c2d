#include "watch/guard/inside/leases.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

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
constexpr std::size_t kLooksAtOnce = 64;  ///< whoever waits for a lease waits for these
constexpr std::size_t kSpareNumbers = 64;
constexpr std::size_t kMostParts = 12;

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
    std::vector<std::string> wanted_;  ///< paths; a folder's ends in '/'
    bool is_stopping_ = false;
    Told to_tell_;
    std::size_t count_ = 0;
    std::string remark_;
    std::jthread thread_;
};

struct Leases::Part::Table {
    struct Item {
        sys::Descriptor file;
        HeldFile what;
    };
    std::map<std::string, Item> items;
    std::vector<const std::string*> names;  ///< by number; keys of `items`
    struct Held {
        Steady::time_point since, next_retry, next_tell;
        std::chrono::milliseconds rest = kFirstRetry;
        bool is_told = false;
    };
    std::map<std::string, Held> held;
    sys::Descriptor signals;
    Told told;
    std::string remark;

    void hold_on(const std::string& path) {
        const auto now = Steady::now();
        held.try_emplace(path, Held{now, now + kFirstRetry, now + kHoldsOn});
    }
    void end_hold(const std::string& path) {
        held.erase(path);
        told.held.erase(path);
        told.let_go.insert(path);
    }
    void drop(std::map<std::string, Item>::iterator item) {
        if (held.contains(item->first)) end_hold(item->first);
        names[static_cast<std::size_t>(item->second.file.get())] = nullptr;
        items.erase(item);
    }
    void give_up(int number) {
        if (number < 0 || static_cast<std::size_t>(number) >= names.size()) return;
        const std::string* path = names[static_cast<std::size_t>(number)];
        if (path == nullptr) return;
        ::fcntl(number, F_SETLEASE, F_UNLCK);
        hold_on(*path);
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
    const std::lock_guard lock(mutex_);
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
    while (wait_for_work(table)) {
        read_signals(table);
        retry(table);
        std::vector<std::string> wanted;
        {
            const std::lock_guard lock(mutex_);
            wanted.swap(wanted_);
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
        auto next = Steady::time_point::max();
        for (const auto& [path, one] : table.held) next = std::min(next, one.next_retry);
        patience = std::max(1ms, std::chrono::ceil<std::chrono::milliseconds>(next - Steady::now()));
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
        count_ = table.items.size() - table.held.size();
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
        for (auto at = table.items.lower_bound(path); at != table.items.end() && at->first.starts_with(path);)
            table.drop(at++);
        return;
    }
    sys::Descriptor file = sys::open_beneath(root_.get(), path, kToLease);
    struct stat status {};
    const bool is_file = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (const auto known = table.items.find(path); known != table.items.end()) {
        if (is_file && known->second.what == HeldFile{status.st_dev, status.st_ino}) return;
        table.drop(known);
    }
    if (!is_file) return;
    if (table.items.size() >= bound_) {
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
    const auto number = static_cast<std::size_t>(file.get());
    if (table.names.size() <= number) table.names.resize(number + 1, nullptr);
    const auto item = table.items.emplace(path, Table::Item{std::move(file), {status.st_dev, status.st_ino}}).first;
    table.names[number] = &item->first;
    if (problem == EAGAIN) table.hold_on(path);
}

/// Asks again for what was given up; what is still held after a while is told.
void Leases::Part::retry(Table& table) {
    const auto now = Steady::now();
    // Thousands that are held at once are flood enough: each costs its part of the second only.
    const auto again = std::max<Steady::duration>(kTellHeldAgain, table.held.size() * 1ms);
    for (auto at = table.held.begin(); at != table.held.end();) {
        const auto one = at++;
        if (one->second.next_retry > now) continue;
        const auto& item = table.items.at(one->first);
        if (take_lease(item.file) == 0) {
            table.end_hold(std::string(one->first));
            continue;
        }
        Table::Held& held = one->second;
        held.next_retry = now + (held.rest = std::min<std::chrono::milliseconds>(held.rest * 2, kLongestRetry));
        if (held.next_tell > now) continue;
        table.told.held[one->first] = item.what;
        held.next_tell = now + again;
    }
}

void Leases::Part::read_signals(Table& table) {
    signalfd_siginfo told{};
    while (::read(table.signals.get(), &told, sizeof told) == sizeof told) {
        if (told.ssi_signo != SIGIO) {
            table.give_up(told.ssi_fd);
            continue;
        }
        for (const auto& [path, item] : table.items)  // the queue was full: which they were, the leases say
            if (::fcntl(item.file.get(), F_GETLEASE) != F_RDLCK && !table.held.contains(path))
                table.give_up(item.file.get());
    }
}

Leases::Leases(const sys::Descriptor& root, std::size_t most) : told_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
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
        if (std::string remark = part->remark(); !remark.empty()) return remark;
    return {};
}

}  // namespace guard::inside
