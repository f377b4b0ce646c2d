#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "press/delivery/evidence.h"
#include "press/delivery/placer.h"
#include "press/delivery/quarantine.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;
using release::Change;
using Outcome = Healed::Outcome;

class Heal : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    DocumentRoot to_{
        folder_.path() / "public", folder_.path() / "placing", folder_.path() / "quarantine", {1'806'537'600'000}};
    std::unique_ptr<objects::Store> objects_ = objects::open_folder(folder_.path() / "objects");
    release::Manifest manifest_;
    std::map<std::string, std::string> right_;

    void SetUp() override {
        std::vector<Change> changes;
        for (const std::string path : {"index.html", "kurashi/gomi.html", "kurashi/zei/index.html", "img/logo.png"}) {
            right_[path] = "the bytes of " + path;
            release::Entry entry;
            entry.path = path;
            entry.hash = objects_->put(right_[path], sys::Durability::Later).hash;
            entry.size = static_cast<std::int64_t>(right_[path].size());
            entry.type = path.ends_with(".html") ? "text/html" : "image/png";
            changes.push_back(Change::put(std::move(entry)));
        }
        manifest_.apply(changes);
        place(changes, *objects_, to_);
    }
    void write(const std::string& path, const std::string& bytes) const {
        fs::create_directories((to_.root / path).parent_path());
        std::ofstream(to_.root / path) << bytes;
    }
    std::vector<Healed> heal(const std::vector<std::string>& paths) const {
        std::vector<Sick> sick;
        for (const std::string& path : paths) sick.push_back({path, R"({"process":12})"});
        return delivery::heal(sick, manifest_, *objects_, to_);
    }
    Healed heal_one(const std::string& path) const { return heal({path}).at(0); }
    std::string kept(const Healed& healed) const {
        return sys::find_file(to_.quarantine / healed.evidence / "thing").value_or("(none)");
    }
    void expect_right() const {
        std::map<std::string, std::string> found;
        for (const auto& item : fs::recursive_directory_iterator(to_.root)) {
            struct stat status {};
            ASSERT_EQ(::lstat(item.path().c_str(), &status), 0);
            EXPECT_EQ(status.st_uid, ::geteuid()) << item.path();
            EXPECT_EQ(status.st_mode & 07777, S_ISDIR(status.st_mode) ? 0755U : 0644U) << item.path();
            if (S_ISDIR(status.st_mode)) continue;
            EXPECT_TRUE(S_ISREG(status.st_mode)) << item.path();
            EXPECT_EQ(status.st_nlink, 1U) << item.path();
            found[item.path().lexically_relative(to_.root)] = sys::read_file(item.path());
        }
        EXPECT_EQ(found, right_);
    }
};

}  // namespace

TEST_F(Heal, TakesAFileFromWhoeverHoldsItOpenForWriting) {
    const sys::Descriptor holder(::open((to_.root / "index.html").c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_EQ(heal_one("kurashi/gomi.html").outcome, Outcome::Well);
    const Healed healed = heal_one("index.html");
    EXPECT_EQ(healed.outcome, Outcome::Put);
    EXPECT_EQ(::pwrite(holder.get(), "J", 1, 0), 1);  // into what nobody visits any more
    expect_right();
    const auto evidence = find_evidence(to_.quarantine, healed.evidence);
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->kinds, std::vector<std::string>{"held"});
}

TEST_F(Heal, LeavesEvidenceThatCanBeReadAgain) {
    write("index.html", "changed");
    ::chmod((to_.root / "index.html").c_str(), 0666);
    write("shop/a.html", "scam");
    fs::create_symlink("/etc/passwd", to_.root / "link");
    std::vector<Healed> healed = heal({"index.html", "shop/", "link"});
    const auto all = list_evidence(to_.quarantine, "", 10);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(count_evidence(to_.quarantine), 3U);
    std::map<std::string, Evidence> by_path;
    for (const Evidence& one : all) by_path[one.path] = one;
    const Evidence& page = by_path.at("index.html");
    EXPECT_EQ(page.kinds, (std::vector<std::string>{"changed", "mode"}));
    EXPECT_EQ(page.mode, "0666");
    EXPECT_EQ(page.size, 7);
    EXPECT_EQ(page.sha256, sys::sha256("changed").hex());
    EXPECT_EQ(page.found_at, to_.now);
    ASSERT_TRUE(page.writer);
    EXPECT_EQ(page.writer->number, 12);
    EXPECT_EQ(find_thing(to_.quarantine, page.name, 4), "chan");
    EXPECT_EQ(by_path.at("shop").kinds, std::vector<std::string>{"extra"});
    const auto kept = list_kept_files(to_.quarantine, by_path.at("shop").name, 5);
    ASSERT_EQ(kept.files.size(), 1U);
    EXPECT_EQ(kept.files.front().path, "a.html");
    EXPECT_FALSE(kept.is_more);
    const fs::path shop = to_.quarantine / by_path.at("shop").name / "thing";
    for (int i = 0; i < 10; ++i) fs::create_directories(shop / fmt::format("empty{}", i));
    EXPECT_TRUE(list_kept_files(to_.quarantine, by_path.at("shop").name, 5).is_more) << "folders count, too";
    EXPECT_EQ(by_path.at("link").kinds, std::vector<std::string>{"link"});
    EXPECT_EQ(by_path.at("link").leads_to, "/etc/passwd");
    EXPECT_FALSE(find_thing(to_.quarantine, by_path.at("link").name, 100)) << "it is not followed";
    EXPECT_FALSE(find_evidence(to_.quarantine, "../index"));
    EXPECT_EQ(list_evidence(to_.quarantine, all.at(0).name, 10).size(), 2U);
}

TEST_F(Heal, SaysOfEvidenceThatItMayNotBeRead) {
    EXPECT_EQ(count_evidence(to_.quarantine), 0U) << "it is made with the first piece";
    write("shop/a.html", "scam");
    heal({"shop/"});
    const std::string name = list_evidence(to_.quarantine, "", 10).at(0).name;
    ::chmod(to_.quarantine.c_str(), 0);
    const bool is_root = ::geteuid() == 0;  // who may read all
    ASSERT_EQ(is_root ? ::setresuid(65534, 65534, 0) : 0, 0);
    EXPECT_THROW(count_evidence(to_.quarantine), base::Error);
    EXPECT_THROW(list_evidence(to_.quarantine, "", 10), base::Error);
    EXPECT_THROW(find_evidence(to_.quarantine, name), base::Error) << "it is there";
    EXPECT_THROW(find_thing(to_.quarantine, name, 10), base::Error);
    EXPECT_THROW(list_kept_files(to_.quarantine, name, 10), base::Error);
    ASSERT_EQ(is_root ? ::setresuid(0, 0, 0) : 0, 0);
    ::chmod(to_.quarantine.c_str(), 0750);
}

TEST_F(Heal, PutsAFileBackAndKeepsWhatStoodThere) {
    write("index.html", "<script src=//evil.example>");
    const Healed healed = heal_one("index.html");
    EXPECT_EQ(healed.outcome, Outcome::Put);
    EXPECT_EQ(kept(healed), "<script src=//evil.example>");
    const std::string about = sys::read_file(to_.quarantine / healed.evidence / "evidence.json");
    EXPECT_NE(about.find(R"("writer": {"process":12})"), std::string::npos) << about;
    EXPECT_NE(about.find(sys::sha256("<script src=//evil.example>").hex()), std::string::npos) << about;
    expect_right();
    EXPECT_EQ(heal_one("index.html").outcome, Outcome::Well);
}

TEST_F(Heal, KeepsEvenAnOlderReleasesBytes) {
    objects_->put("what was public last year");
    write("index.html", "what was public last year");
    EXPECT_EQ(kept(heal_one("index.html")), "what was public last year");
    expect_right();
}

TEST_F(Heal, RemovesWhatNoReleaseKnowsAFolderWithAllThatIsInIt) {
    write("shop/index.html", "scam");
    write("shop/deep/er.html", "scam");
    write("kurashi/shell.php", "<?php");
    fs::create_symlink("/etc/passwd", to_.root / "img/link");
    const auto healed = heal({"shop/", "shop/index.html", "shop/deep/", "kurashi/shell.php", "img/link", "never/was"});
    std::map<std::string, Outcome> outcomes;
    for (const Healed& one : healed) outcomes[one.path] = one.outcome;
    EXPECT_EQ(outcomes, (std::map<std::string, Outcome>{{"shop/", Outcome::Removed},
                                                        {"shop/index.html", Outcome::Well},
                                                        {"shop/deep/", Outcome::Well},
                                                        {"kurashi/shell.php", Outcome::Removed},
                                                        {"img/link", Outcome::Removed},
                                                        {"never/was", Outcome::Well}}));
    expect_right();
    const auto shop = std::find_if(healed.begin(), healed.end(), [](const Healed& one) { return one.path == "shop/"; });
    EXPECT_EQ(sys::read_file(to_.quarantine / shop->evidence / "thing/deep/er.html"), "scam");
}

TEST_F(Heal, MendsModesAndOwners) {
    ::chmod((to_.root / "index.html").c_str(), 0666);
    ::chmod((to_.root / "kurashi").c_str(), 0777);
    ::chmod(to_.root.c_str(), 0777);
    std::vector<std::string> sick{"index.html", "kurashi/", "./"};
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown((to_.root / "img/logo.png").c_str(), 1234, 1234), 0);
        ASSERT_EQ(::chown((to_.root / "img").c_str(), 1234, 0), 0);
        sick.insert(sick.end(), {"img/logo.png", "img/"});
    }
    for (const Healed& one : heal(sick)) EXPECT_EQ(one.outcome, Outcome::Put) << one.path << one.problem;
    expect_right();
    struct stat status {};
    ::stat(to_.root.c_str(), &status);
    EXPECT_EQ(status.st_mode & 07777, 0755U);
}

TEST_F(Heal, PutsFilesAndFoldersBackInPlaceOfOtherThings) {
    fs::remove(to_.root / "index.html");
    write("index.html/inside.html", "a folder in place of a file");
    fs::rename(to_.root / "kurashi", folder_.path() / "taken");
    fs::create_directory_symlink(folder_.path() / "taken", to_.root / "kurashi");
    fs::create_hard_link(to_.root / "img/logo.png", folder_.path() / "twin");
    heal({"index.html", "index.html/inside.html", "kurashi", "kurashi/gomi.html", "kurashi/zei/index.html",
          "img/logo.png"});
    expect_right();
    EXPECT_EQ(sys::read_file(folder_.path() / "taken/gomi.html"), right_["kurashi/gomi.html"]) << "no link is followed";
}

TEST_F(Heal, TakesDownWhatItCannotPutRight) {
    for (const std::string path : {"index.html", "img/logo.png"}) {
        write(path, "tampered");
        const std::string name = sys::sha256(right_[path]).hex();
        const fs::path object = folder_.path() / "objects" / name.substr(0, 2) / name;
        path == "index.html" ? void(fs::remove(object)) : void(std::ofstream(object) << "damaged");
        const Healed healed = heal_one(path);
        EXPECT_EQ(healed.outcome, Outcome::NoObject);
        EXPECT_FALSE(healed.problem.empty());
        EXPECT_EQ(kept(healed), "tampered");
        EXPECT_FALSE(fs::exists(to_.root / path));
        objects_->put(right_[path]);
        EXPECT_EQ(heal_one(path).outcome, Outcome::Put);
    }
    expect_right();
}

TEST_F(Heal, MakesTheRootAnewInPlaceOfALinkOrNothing) {
    fs::rename(to_.root, folder_.path() / "old");
    fs::create_directory_symlink(folder_.path() / "old", to_.root);
    std::vector<std::string> all{"./"};
    for (const auto& [path, bytes] : right_) all.push_back(path);
    EXPECT_FALSE(heal(all).at(0).evidence.empty());
    expect_right();
    fs::remove_all(to_.root);
    heal(all);
    expect_right();
}

TEST_F(Heal, TakesOffWhatIsMounted) {
    const pid_t child = ::fork();
    if (child == 0) {  // in a mount namespace of its own
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            ::_exit(77);
        write("../evil/gomi.html", "scam");
        write("../evil/more.html", "scam");
        const fs::path evil = folder_.path() / "evil";
        if (::mount(evil.c_str(), (to_.root / "kurashi").c_str(), nullptr, MS_BIND, nullptr) != 0 ||
            ::mount((evil / "gomi.html").c_str(), (to_.root / "index.html").c_str(), nullptr, MS_BIND, nullptr) != 0)
            ::_exit(77);
        heal({"kurashi/gomi.html", "kurashi/more.html", "kurashi/", "index.html"});
        expect_right();
        ::_exit(HasFailure() ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "mounting is not permitted here";
    EXPECT_EQ(status, 0);
}

/// On a disk of 4 MB: the quarantine may hold a tenth of it.
TEST_F(Heal, KeepsTheHashAloneOnceTheQuarantineIsFull) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            ::_exit(77);
        const fs::path disk = folder_.path() / "disk";
        fs::create_directories(disk);
        if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") != 0) ::_exit(77);
        to_ = {disk / "public", disk / "placing", disk / "quarantine", to_.now};
        objects_ = objects::open_folder(disk / "objects");
        SetUp();
        EXPECT_EQ(find_lack_of_room(to_.quarantine), "");
        const std::string scam(600'000, 's');
        write("index.html", scam);
        EXPECT_EQ(kept(heal_one("index.html")), scam);
        EXPECT_NE(find_lack_of_room(to_.quarantine), "");
        write("index.html", scam + "!");
        write("shop/a.html", scam);
        for (const Healed& one : heal({"index.html", "shop/"})) {
            EXPECT_NE(one.evidence, "");
            EXPECT_EQ(kept(one), "(none)");
            EXPECT_FALSE(fs::exists(to_.quarantine / one.evidence / "thing"));
            const std::string evidence = sys::read_file(to_.quarantine / one.evidence / "evidence.json");
            EXPECT_NE(evidence.find("\"kept\": false"), std::string::npos) << evidence;
            const std::string contents = sys::find_file(to_.quarantine / one.evidence / "contents.txt").value_or("");
            const std::string hash = sys::sha256(one.path == "shop/" ? scam : scam + "!").hex();
            EXPECT_NE((evidence + contents).find(hash), std::string::npos) << evidence << contents;
        }
        expect_right();
        ::_exit(HasFailure() ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "mounting is not permitted here";
    EXPECT_EQ(status, 0);
}

}  // namespace delivery
