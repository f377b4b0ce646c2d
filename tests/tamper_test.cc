// Somebody changes the document root while the real program serves it: each way of doing so is seen by its kind, put
// right, and kept as evidence, within the time that is promised; also with office, press and database gone, and after
// the guard was killed at any moment.

#include <fstream>
#include <random>
#include <thread>

#include <boost/json.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/text.h"
#include "ground/settings/settings.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/lease.h"
#include "program.h"

namespace tests {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

/// `yakuba serve`, until it is told to end or killed.
class Service {
  public:
    Service(const TestSite& site, const std::string& role) : log_(site.beside("serve-" + role + ".log")) {
        std::vector<std::string> words{program_path("yakuba"), "--site", site.folder().string(), "serve"};
        for (const std::string word :
             {"--role", role.c_str(), "--office", "127.0.0.1:0", "--public", "127.0.0.1:0", "--preview", "127.0.0.1:0"})
            words.push_back(word);
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        child_ = ::fork();
        if (child_ == 0) {
            const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            ::dup2(log, STDERR_FILENO);
            ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
    }
    ~Service() { end(SIGTERM); }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    void end(int signal) {
        if (child_ <= 0) return;
        ::kill(child_, signal);
        ::waitpid(child_, nullptr, 0);
        child_ = -1;
    }
    /// How many signals of this kind and state the guard has told.
    std::size_t told(const std::string& kind, const std::string& state) {
        read();
        return counts_[kind + " " + state];
    }
    /// Each deviation that was told has been closed.
    bool is_all_cleared() {
        read();
        return std::all_of(counts_.begin(), counts_.end(), [&](const auto& one) {
            const auto& [name, count] = one;
            if (!name.starts_with("tree.") || !name.ends_with(" raise")) return true;
            const auto cleared = counts_.find(name.substr(0, name.size() - 5) + "clear");
            return cleared != counts_.end() && cleared->second == count;
        });
    }
    std::string log() const { return sys::find_file(log_).value_or(""); }

  private:
    void read() {
        std::ifstream file(log_, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(read_));
        for (std::string line; std::getline(file, line) && !file.eof();) {
            read_ += line.size() + 1;
            boost::system::error_code problem;
            const auto parsed = boost::json::parse(line, problem);
            if (problem || !parsed.is_object() || !parsed.as_object().contains("kind")) continue;
            const auto text = [&](const char* key) { return std::string(parsed.at(key).as_string()); };
            ++counts_[text("kind") + " " + text("state")];
        }
    }

    fs::path log_;
    pid_t child_ = -1;
    std::size_t read_ = 0;
    std::map<std::string, std::size_t> counts_;
};

bool wait(const std::function<bool()>& is_so, std::chrono::milliseconds patience = 15s) {
    for (const auto end = Steady::now() + patience; Steady::now() < end; std::this_thread::sleep_for(300us))
        if (is_so()) return true;
    return false;
}

class Tampering : public testing::Test {
  protected:
    TestSite site_{"sqlite"};
    fs::path root_ = site_.public_folder();
    std::map<std::string, std::string> right_;  ///< path and hash

    void SetUp() override {
        std::map<std::string, std::string> files;
        for (int i = 0; i < 120; ++i)
            files[fmt::format("s{}/p{}.html", i % 6, i)] =
                fmt::format("<html lang=ja><title>ページ{}</title><body>{}</body></html>", i, std::string(3000, 'x'));
        files["img/logo.png"] = std::string(20'000, '\x89');
        write_tree(site_.beside("source"), files);
        site_.json({"site", "takeover", site_.beside("source").string()});
        site_.json({"site", "publish"});
        right_ = tree_of(root_);
    }
    boost::json::object status() const {
        const auto text = sys::find_file(site_.folder() / "run/guard/status.json");
        boost::system::error_code problem;
        const auto parsed = boost::json::parse(text.value_or("{}"), problem);
        return problem || !parsed.is_object() ? boost::json::object() : parsed.as_object();
    }
    void wait_until_watched() const {
        EXPECT_TRUE(wait([&] {
            const auto now = status();
            return now.contains("last_full") && now.at("last_full").is_object();
        }));
    }
    bool is_right() const {
        try {
            if (tree_of(root_) != right_) return false;
            for (const auto& item : fs::recursive_directory_iterator(root_)) {
                struct stat about {};
                if (::lstat(item.path().c_str(), &about) != 0 || about.st_uid != ::geteuid()) return false;
                if ((about.st_mode & 07777) != (S_ISDIR(about.st_mode) ? 0755U : 0644U)) return false;
                if (!S_ISDIR(about.st_mode) && (about.st_nlink != 1 || !S_ISREG(about.st_mode))) return false;
            }
            return true;
        } catch (const std::exception&) {
            return false;  // it changes while it is read
        }
    }
    static void write(const fs::path& file, const std::string& bytes) { std::ofstream(file) << bytes; }
};

struct Act {
    std::string kind;
    std::function<void()> act;
};

std::string in_milliseconds(std::vector<double> figures) {
    std::sort(figures.begin(), figures.end());
    return fmt::format("median {:.1f} ms, worst {:.1f} ms", figures[figures.size() / 2], figures.back());
}

}  // namespace

TEST_F(Tampering, IsSeenByItsKindAndPutRightInTime) {
    const bool may_mount =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    const fs::path toml = site_.folder() / "yakuba.toml";  // hundreds a minute: no flood here
    write(toml, settings::edited(sys::read_file(toml), "guard.flood_per_minute", settings::Integer{100'000}));
    Service service(site_, "all");
    wait_until_watched();
    const fs::path page = root_ / "s1/p1.html", other = root_ / "s2/p2.html";
    const fs::path taken = site_.beside("taken"), evil = site_.beside("evil");
    fs::create_directories(evil / "shop");
    write(evil / "p0.html", "scam");
    write(evil / "shop/index.html", "scam");
    constexpr std::size_t kMapped = 16;
    void* mapping = nullptr;
    const auto store_and_unmap = [&] {
        if (mapping == nullptr) return;
        std::memset(mapping, 'J', kMapped);  // it leads nowhere by now
        EXPECT_TRUE(is_right());
        ::munmap(std::exchange(mapping, nullptr), kMapped);
    };
    std::vector<Act> acts{
        {"tree.changed", [&] { write(page, "edited"); }},
        {"tree.changed", [&] { std::ofstream(page, std::ios::app) << "<!-- more -->"; }},
        {"tree.changed",
         [&] {  // the same size, with the times restored
             struct stat before {};
             ::stat(page.c_str(), &before);
             std::fstream(page, std::ios::in | std::ios::out).put('!');
             const timespec times[] = {before.st_atim, before.st_mtim};
             ::utimensat(AT_FDCWD, page.c_str(), times, 0);
         }},
        {"tree.mode", [&] { ::chmod(page.c_str(), 0666); }},
        {"tree.extra", [&] { write(root_ / "s3/shell.php", "<?php system($_GET[0]);"); }},
        {"tree.missing", [&] { fs::remove(other); }},
        {"tree.changed",
         [&] {
             write(taken, "renamed over");
             fs::rename(taken, other);
         }},
        {"tree.link",
         [&] {  // in one step: the guard puts a gap right before a second one
             fs::create_symlink(evil / "p0.html", taken);
             fs::rename(taken, page);
         }},
        {"tree.hardlink",
         [&] {
             write(taken, sys::read_file(page));
             fs::create_hard_link(taken, site_.beside("twin"));
             fs::rename(site_.beside("twin"), page);
         }},
        {"tree.changed", [&] { fs::resize_file(other, 100); }},
        {"tree.changed",
         [&] {
             const std::string bytes = sys::read_file(other);
             write(other, bytes + "<iframe src=//evil.example style=display:none></iframe>");
         }},
        {"tree.held",
         [&] {  // a mapping that stays open: no event would tell of what is stored through it
             const sys::Descriptor file(::open(page.c_str(), O_RDWR | O_CLOEXEC));
             mapping = ::mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
             ASSERT_NE(mapping, MAP_FAILED);
         }},
        {"tree.extra",
         [&] {  // a folder in the place of another
             ::renameat2(AT_FDCWD, evil.c_str(), AT_FDCWD, (root_ / "s5").c_str(), RENAME_EXCHANGE);
         }},
    };
    if (!sys::are_mappings_told(sys::Descriptor(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)))) {
        std::printf("mapping: on overlayfs the kernel does not tell of it\n");
        std::erase_if(acts, [](const Act& one) { return one.kind == "tree.held"; });
    }
    std::vector<double> seen, repaired;
    const int rounds = kIsSanitized ? 2 : 17;  // 200 and a few
    for (int round = 0; round < rounds; ++round)
        for (const Act& act : acts) {
            SCOPED_TRACE(act.kind);
            const std::size_t before = service.told(act.kind, "raise");
            const auto start = Steady::now();
            act.act();
            EXPECT_TRUE(wait([&] { return service.told(act.kind, "raise") > before; })) << service.log();
            seen.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
            EXPECT_TRUE(wait([&] { return is_right(); })) << service.log();
            repaired.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
            // A second deviation of one kind, before the first is closed, would be the same.
            EXPECT_TRUE(wait([&] { return service.is_all_cleared(); })) << service.log();
            if (HasFailure()) return;
            store_and_unmap();
            fs::remove(taken);
            fs::remove_all(evil);
            fs::create_directories(evil / "shop");
            write(evil / "p0.html", "scam");
            write(evil / "shop/index.html", "scam");
        }
    std::printf("seen: %s; repaired: %s; of %zu\n", in_milliseconds(seen).c_str(), in_milliseconds(repaired).c_str(),
                seen.size());
    std::sort(seen.begin(), seen.end());
    std::sort(repaired.begin(), repaired.end());
    EXPECT_LT(seen[seen.size() / 2], 200);
    EXPECT_LT(repaired[repaired.size() / 2], 1000);
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(page.c_str(), 1234, 1234), 0);
        EXPECT_TRUE(wait([&] { return service.told("tree.owner", "raise") == 1 && is_right(); })) << service.log();
    }
    if (may_mount) {
        ASSERT_EQ(::mount(evil.c_str(), (root_ / "s4").c_str(), nullptr, MS_BIND, nullptr), 0);
        EXPECT_TRUE(wait([&] { return service.told("tree.type", "raise") > 0 && is_right(); })) << service.log();
    } else {
        std::printf("bind mount: not permitted here\n");
    }
    EXPECT_TRUE(wait([&] { return status().at("open_count") == 0; }));
    EXPECT_EQ(service.told("tree.flood", "raise"), service.told("tree.flood", "clear"));
    EXPECT_FALSE(fs::is_empty(site_.folder() / "quarantine"));
    EXPECT_EQ(site_.run({"guard", "verify"}).exit_code, 0);
    EXPECT_EQ(site_.json({"guard", "status"}).at("running"), true);
}

TEST_F(Tampering, IsPutRightWithOfficePressAndDatabaseGone) {
    for (const std::string name : {"yakuba.db", "yakuba.db-wal", "yakuba.db-shm"})
        if (fs::exists(site_.folder() / name)) fs::rename(site_.folder() / name, site_.beside(name));
    const Service placer(site_, "placer");
    ASSERT_TRUE(wait([&] { return fs::exists(site_.folder() / "run/placer.sock"); }));
    Service watch(site_, "watch");
    wait_until_watched();
    write(root_ / "s1/p1.html", "tampered");
    EXPECT_TRUE(wait([&] { return watch.told("tree.changed", "clear") == 1; })) << watch.log();
    EXPECT_TRUE(is_right());
    // The command works without them, too.
    watch.end(SIGTERM);
    write(root_ / "s1/p1.html", "tampered");
    write(root_ / "s1/extra.html", "extra");
    const auto healed = site_.json({"guard", "heal"});
    EXPECT_EQ(healed.at("healed").as_array().size(), 2U);
    EXPECT_EQ(healed.at("quarantined").as_array().size(), 2U);
    EXPECT_TRUE(is_right());
    EXPECT_TRUE(site_.json({"guard", "heal"}).at("healed").as_array().empty());
}

TEST_F(Tampering, IsNotMissedWhenTheGuardIsKilledAtAnyMoment) {
    std::mt19937 dice(20261122);
    const int rounds = kIsSanitized ? 3 : 12;
    for (int round = 0; round < rounds; ++round) {
        Service service(site_, "watch");
        const auto until = Steady::now() + std::chrono::milliseconds(dice() % 250);
        for (int i = 0; Steady::now() < until; ++i) {
            const auto number = dice() % 120;
            const fs::path file = root_ / fmt::format("s{}/p{}.html", number % 6, number);
            std::error_code ignored;
            switch (dice() % 4) {
                case 0:
                    write(file, "tampered");
                    break;
                case 1:
                    fs::remove(file, ignored);
                    break;
                case 2:
                    write(root_ / fmt::format("x{}.html", i), "extra");
                    break;
                default:
                    ::chmod(file.c_str(), 0600);
            }
            std::this_thread::sleep_for(2ms);
        }
        service.end(SIGKILL);
        write(root_ / fmt::format("s{}/p{}.html", round % 6, round), "while nobody watches");
    }
    Service last(site_, "watch");
    EXPECT_TRUE(wait([&] { return is_right(); })) << last.log();
    EXPECT_TRUE(wait([&] { return status().at("open_count") == 0; }));
    EXPECT_EQ(site_.run({"guard", "verify"}).exit_code, 0);
}

TEST_F(Tampering, OfLogAndKeysIsAnEmergency) {
    Service service(site_, "all");
    wait_until_watched();
    const fs::path record = site_.folder() / "releases/log/00000001.release";
    const std::string bytes = sys::read_file(record);
    write(record, bytes + "x");
    EXPECT_TRUE(wait([&] { return service.told("log.damaged", "raise") == 1; })) << service.log();
    write(record, bytes);
    EXPECT_TRUE(wait([&] { return service.told("log.damaged", "clear") == 1; })) << service.log();
    fs::rename(site_.folder() / "releases/log", site_.beside("log"));
    fs::create_directory(site_.folder() / "releases/log");
    EXPECT_TRUE(wait([&] { return service.told("log.rollback", "raise") == 1; })) << service.log();
    fs::remove(site_.folder() / "releases/log");
    fs::rename(site_.beside("log"), site_.folder() / "releases/log");
    EXPECT_TRUE(wait([&] { return service.told("log.rollback", "clear") == 1; })) << service.log();
    const auto keys = fs::directory_iterator(site_.folder() / "keys");
    const auto key =
        std::find_if(begin(keys), end(keys), [](const auto& one) { return one.path().extension() == ".pub"; });
    ASSERT_NE(key, end(keys));
    write(key->path(), base::to_hex(sys::random_bytes(32)) + "\n");
    EXPECT_TRUE(wait([&] { return service.told("log.key", "raise") == 1; })) << service.log();
    EXPECT_TRUE(wait([&] { return site_.run({"guard", "status"}).exit_code == 1; })) << "its word";
}

TEST_F(Tampering, WaitsWhileAnOperatorWorks) {
    Service service(site_, "all");
    wait_until_watched();
    EXPECT_EQ(site_.run({"guard", "pause", "--for", "25h", "--reason", "x"}).exit_code, 2);
    site_.json({"guard", "pause", "--for", "30m", "--reason", "サーバの入替え"});
    EXPECT_TRUE(wait([&] { return service.told("guard.paused", "raise") == 1; }));
    write(root_ / "s1/p1.html", "being worked on");
    EXPECT_TRUE(wait([&] { return service.told("tree.changed", "raise") == 1; }));
    EXPECT_EQ(sys::read_file(root_ / "s1/p1.html"), "being worked on");
    EXPECT_TRUE(site_.json({"guard", "status"}, 1).at("paused_until").is_string());
    EXPECT_EQ(site_.json({"guard", "resume"}).at("was_paused"), true);
    EXPECT_TRUE(wait([&] { return is_right(); })) << service.log();
    EXPECT_EQ(site_.run({"ledger", "verify"}).exit_code, 0);
}

}  // namespace tests
