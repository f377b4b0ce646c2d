#include "press/delivery/placer.h"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;
using release::Change;

class Placer : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    DocumentRoot to_{
        folder_.path() / "public", folder_.path() / "placing", folder_.path() / "quarantine", {1'806'537'600'000}};
    std::unique_ptr<objects::Store> objects_ = objects::open_folder(folder_.path() / "objects");

    Change file(const std::string& path, const std::string& bytes) {
        release::Entry entry;
        entry.path = path;
        entry.hash = objects_->put(bytes, sys::Durability::Later).hash;
        entry.size = static_cast<std::int64_t>(bytes.size());
        entry.type = path.ends_with(".html") ? "text/html" : "text/css";
        return Change::put(std::move(entry));
    }
    static Change redirect(const std::string& path) {
        release::Entry entry;
        entry.path = path;
        entry.status = 301;
        entry.location = "/";
        return Change::put(std::move(entry));
    }
    Placement put(const std::vector<Change>& changes) { return place(changes, *objects_, to_); }
    std::string text(const std::string& path) const { return sys::find_file(to_.root / path).value_or("(none)"); }
    /// Everything below the root, folders with a slash at the end.
    std::set<std::string> tree() const {
        std::set<std::string> all;
        for (const auto& item : fs::recursive_directory_iterator(to_.root)) {
            const std::string path = item.path().lexically_relative(to_.root).string();
            all.insert(item.is_directory() && !item.is_symlink() ? path + "/" : path);
        }
        return all;
    }
    /// What was kept as evidence: the JSON and the bytes, by the path it stood at.
    std::map<std::string, std::pair<std::string, std::string>> evidence() const {
        std::map<std::string, std::pair<std::string, std::string>> all;
        if (!fs::exists(to_.quarantine)) return all;
        for (const auto& item : fs::directory_iterator(to_.quarantine)) {
            const std::string about = sys::read_file(item.path() / "evidence.json");
            const auto begin = about.find("\"path\": \"") + 9;
            const fs::path thing = item.path() / "thing";
            all[about.substr(begin, about.find('"', begin) - begin)] = {
                about, fs::is_regular_file(fs::symlink_status(thing)) ? sys::read_file(thing) : "(no file)"};
        }
        return all;
    }
    bool is_staging_empty() const { return fs::is_empty(to_.staging); }
};

using Tree = std::set<std::string>;

bool operator==(const Placement& a, const std::array<std::int64_t, 3>& b) {
    return a.written == b[0] && a.deleted == b[1] && a.unchanged == b[2];
}

}  // namespace

TEST_F(Placer, PutsAssetsThenPagesThenDeletes) {
    put({file("a.css", "old"), file("old.html", "old"), file("moved.html", "old"), file("z/gone.css", "old")});
    const std::vector<Change> changes{file("a.css", "new"),        file("b.html", "page"), file("c.html", "page"),
                                      file("d/e.css", "style"),    redirect("moved.html"), Change::remove("old.html"),
                                      Change::remove("z/gone.css")};
    std::vector<std::string> order;
    {
        const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
            if (event.what == sys::FileEvent::What::Rename) {
                EXPECT_EQ(event.path.parent_path(), to_.staging) << "the temporary file stands outside the root";
                order.push_back("put " + event.to.lexically_relative(to_.root).string());
            } else if (event.what == sys::FileEvent::What::Remove) {
                order.push_back("delete " + event.path.lexically_relative(to_.root).string());
            } else if (event.what == sys::FileEvent::What::Write) {
                EXPECT_FALSE(event.path.string().starts_with(to_.root.string() + "/"));
            }
        });
        put(changes);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"put a.css", "put d/e.css", "put b.html", "put c.html",
                                               "delete moved.html", "delete old.html", "delete z/gone.css"}));
}

TEST_F(Placer, MayBeRepeatedAtAnyTime) {
    const std::vector<Change> first{file("a.html", "1"), file("k/b.html", "2"), file("k/c.css", "3")};
    EXPECT_TRUE(put(first) == (std::array<std::int64_t, 3>{3, 0, 0}));
    EXPECT_TRUE(put(first) == (std::array<std::int64_t, 3>{0, 0, 3}));
    const std::vector<Change> second{file("a.html", "other"), Change::remove("k/b.html")};
    EXPECT_TRUE(put(second) == (std::array<std::int64_t, 3>{1, 1, 0}));
    EXPECT_TRUE(put(second) == (std::array<std::int64_t, 3>{0, 0, 1}));
    EXPECT_EQ(tree(), (Tree{"a.html", "k/", "k/c.css"}));
    EXPECT_TRUE(is_staging_empty());
}

TEST_F(Placer, WritesAgainWhatOnlyLooksRight) {
    const std::vector<Change> changes{file("a.html", "12345")};
    put(changes);
    std::ofstream(to_.root / "a.html") << "54321";
    EXPECT_EQ(put(changes).written, 1);
    ::chmod((to_.root / "a.html").c_str(), 0666);
    EXPECT_EQ(put(changes).written, 1);
    fs::create_hard_link(to_.root / "a.html", folder_.path() / "second-name");
    EXPECT_EQ(put(changes).written, 1);
    std::ofstream(folder_.path() / "second-name") << "through the other name";
    EXPECT_EQ(text("a.html"), "12345");
    EXPECT_EQ(put(changes).unchanged, 1);
}

TEST_F(Placer, NeverShowsHalfAFile) {
    const std::string a(150'000, 'a');
    const std::string b(90'000, 'b');
    put({file("page.html", a)});
    const std::vector<Change> to_a{file("page.html", a)};
    const std::vector<Change> to_b{file("page.html", b)};
    std::atomic<bool> is_done{false};
    std::atomic<int> reads{0};
    std::thread reader([&] {
        while (!is_done) {
            const auto seen = sys::find_file(to_.root / "page.html");
            ASSERT_TRUE(seen) << "the page was not there";
            ASSERT_TRUE(*seen == a || *seen == b) << "half a page of " << seen->size() << " bytes";
            ++reads;
        }
    });
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(put(i % 2 == 0 ? to_b : to_a).written, 1);
    is_done = true;
    reader.join();
    EXPECT_GT(reads, 100);
}

TEST_F(Placer, MovesLinksAndFilesOutOfTheWayWithoutFollowingThem) {
    const fs::path outside = folder_.path() / "outside";
    fs::create_directory(outside);
    std::ofstream(outside / "b.html") << "not ours";
    fs::create_directories(to_.root);
    fs::create_symlink(outside, to_.root / "k");                  // a link where a folder belongs
    fs::create_symlink(outside / "b.html", to_.root / "l.html");  // a link where a file belongs
    std::ofstream(to_.root / "f") << "a file where a folder belongs";
    ASSERT_EQ(::mkfifo((to_.root / "pipe.html").c_str(), 0644), 0);
    put({file("k/b.html", "ours"), file("l.html", "ours"), file("f/g.html", "ours"), file("pipe.html", "ours")});
    EXPECT_EQ(tree(), (Tree{"f/", "f/g.html", "k/", "k/b.html", "l.html", "pipe.html"}));
    for (const std::string path : {"k/b.html", "l.html", "f/g.html", "pipe.html"}) EXPECT_EQ(text(path), "ours");
    EXPECT_EQ(sys::read_file(outside / "b.html"), "not ours");
    EXPECT_TRUE(is_staging_empty());
    const auto kept = evidence();
    ASSERT_EQ(kept.size(), 4U);
    EXPECT_NE(kept.at("k").first.find("\"leads_to\": \"" + outside.string() + "\""), std::string::npos);
    EXPECT_NE(kept.at("pipe.html").first.find("\"type\": \"special\""), std::string::npos);
    EXPECT_EQ(kept.at("f").second, "a file where a folder belongs");
}

TEST_F(Placer, KeepsWhatNoReleaseMadeAsEvidenceBeforeReplacingOrRemovingIt) {
    put({file("a.html", "1"), file("b.html", "1"), file("c.html", "1"), file("d.html", "1"), file("k/e.html", "1")});
    EXPECT_TRUE(evidence().empty());
    std::ofstream(to_.root / "a.html") << "defaced";
    std::ofstream(to_.root / "b.html") << "defaced too";
    ::chmod((to_.root / "c.html").c_str(), 0666);
    fs::remove(to_.root / "k/e.html");
    fs::create_directories(to_.root / "k/e.html/deep");
    std::ofstream(to_.root / "k/e.html/deep/shell.php") << "evil";
    const Placement done = put({file("a.html", "2"), Change::remove("b.html"), file("c.html", "2"), file("d.html", "2"),
                                file("k/e.html", "2")});
    EXPECT_EQ(done.quarantined, 4);
    const auto kept = evidence();
    ASSERT_EQ(kept.size(), 4U);
    EXPECT_EQ(kept.at("a.html").second, "defaced");
    EXPECT_NE(kept.at("a.html").first.find(sys::sha256("defaced").hex()), std::string::npos);
    EXPECT_NE(kept.at("a.html").first.find("\"uid\": " + std::to_string(::getuid())), std::string::npos);
    EXPECT_NE(kept.at("a.html").first.find("\"modified_at\": \"20"), std::string::npos);
    EXPECT_EQ(kept.at("b.html").second, "defaced too");
    EXPECT_NE(kept.at("c.html").first.find("\"mode\": \"0666\""), std::string::npos);
    bool has_shell = false;
    for (const auto& item : fs::recursive_directory_iterator(to_.quarantine))
        has_shell |= item.path().filename() == "shell.php";
    EXPECT_TRUE(has_shell) << "a folder is kept with all that is in it";
    EXPECT_EQ(tree(), (std::set<std::string>{"a.html", "c.html", "d.html", "k/", "k/e.html"}));
    for (const std::string path : {"a.html", "c.html", "d.html", "k/e.html"}) EXPECT_EQ(text(path), "2");
}

TEST_F(Placer, WritesNothingBehindAFolderThatIsSwappedForALinkMeanwhile) {
    const fs::path outside = folder_.path() / "outside";
    fs::create_directory(outside);
    put({file("k/a.html", "1"), file("k/b.html", "1")});
    bool is_swapped = false;
    {
        // At the worst moment: the placer has looked, and is about to rename.
        const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
            if (event.what != sys::FileEvent::What::Rename || is_swapped) return;
            is_swapped = true;
            fs::rename(to_.root / "k", folder_.path() / "away");
            fs::create_directory_symlink(outside, to_.root / "k");
        });
        put({file("k/a.html", "2"), file("k/b.html", "2")});
    }
    EXPECT_TRUE(is_swapped);
    EXPECT_TRUE(fs::is_empty(outside)) << "the link was followed";
    put({file("k/a.html", "2"), file("k/b.html", "2")});
    EXPECT_EQ(tree(), (std::set<std::string>{"k/", "k/a.html", "k/b.html"}));
    EXPECT_TRUE(fs::is_empty(outside));
    {
        is_swapped = false;
        const sys::FileWatcher watcher([&](const sys::FileEvent& event) {
            if (event.what != sys::FileEvent::What::Remove || is_swapped) return;
            is_swapped = true;
            fs::rename(to_.root / "k", folder_.path() / "away-2");
            std::ofstream(outside / "a.html") << "not ours";
            fs::create_directory_symlink(outside, to_.root / "k");
        });
        put({Change::remove("k/a.html")});
    }
    EXPECT_TRUE(fs::exists(outside / "a.html")) << "a file behind the link was removed";
}

TEST_F(Placer, DeletesNothingBehindALink) {
    const fs::path outside = folder_.path() / "outside";
    fs::create_directory(outside);
    std::ofstream(outside / "b.html") << "not ours";
    put({file("k/b.html", "ours"), file("k/c.html", "ours"), file("a.html", "ours")});
    fs::remove_all(to_.root / "k");
    fs::create_symlink(outside, to_.root / "k");
    put({Change::remove("k/b.html"), redirect("k/c.html")});
    EXPECT_EQ(sys::read_file(outside / "b.html"), "not ours");
    // A link in place of the file itself goes, not what it leads to.
    fs::remove(to_.root / "a.html");
    fs::create_symlink(outside / "b.html", to_.root / "a.html");
    EXPECT_EQ(put({Change::remove("a.html")}).deleted, 1);
    EXPECT_EQ(sys::read_file(outside / "b.html"), "not ours");
}

TEST_F(Placer, TurnsAFileIntoAFolderAndBack) {
    put({file("news", "a file"), file("other.html", "x")});
    put({file("news/1.html", "in a folder"), file("news/deep/2.html", "deeper"), Change::remove("news")});
    EXPECT_EQ(tree(), (Tree{"news/", "news/1.html", "news/deep/", "news/deep/2.html", "other.html"}));
    put({file("news", "a file again"), Change::remove("news/1.html"), Change::remove("news/deep/2.html")});
    EXPECT_EQ(tree(), (Tree{"news", "other.html"}));
    EXPECT_EQ(text("news"), "a file again");
    put({redirect("news"), file("news-2.html", "y")});
    put({file("news/1.html", "in a folder")});
    EXPECT_EQ(tree(), (Tree{"news-2.html", "news/", "news/1.html", "other.html"}));
    EXPECT_TRUE(is_staging_empty());
}

TEST_F(Placer, PrunesFoldersThatDeletionsHaveEmptied) {
    put({file("a/b/c/d.html", "1"), file("a/b/e.html", "2"), file("a/keep.html", "3")});
    put({Change::remove("a/b/c/d.html")});
    EXPECT_EQ(tree(), (Tree{"a/", "a/b/", "a/b/e.html", "a/keep.html"}));
    put({Change::remove("a/b/e.html")});
    EXPECT_EQ(tree(), (Tree{"a/", "a/keep.html"}));
    to_.root += "/";  // however the root is written, it stays
    put({Change::remove("a/keep.html")});
    EXPECT_EQ(tree(), Tree{});
    put({file("a/b/c/d.html", "1")});
    EXPECT_EQ(text("a/b/c/d.html"), "1");
}

TEST_F(Placer, LetsADamagedOrMissingObjectCostItsOwnPathOnlyAndGoesOnLater) {
    const std::vector<Change> changes{file("a.css", "new style"), file("b.html", "new page"), file("c.html", "new too"),
                                      Change::remove("d.html")};
    put({file("a.css", "old style"), file("b.html", "old page"), file("d.html", "old")});
    const auto object = [&](int of) {
        const std::string name = changes[static_cast<std::size_t>(of)].entry.hash.hex();
        return folder_.path() / "objects" / name.substr(0, 2) / name;
    };
    fs::remove(object(0));
    std::ofstream(object(1)) << "nonsense";
    const Placement done = put(changes);
    EXPECT_EQ(done.unplaced,
              (std::vector<Unplaced>{{"a.css", Unplaced::Why::Missing}, {"b.html", Unplaced::Why::Damaged}}));
    EXPECT_EQ(done.written, 1);
    EXPECT_EQ(text("a.css"), "old style");
    EXPECT_EQ(text("b.html"), "old page");
    EXPECT_EQ(text("c.html"), "new too");
    EXPECT_EQ(text("d.html"), "(none)");
    std::ofstream(object(0)) << "new style";
    std::ofstream(object(1)) << "new page";
    EXPECT_TRUE(put(changes) == (std::array<std::int64_t, 3>{2, 0, 1}));
    EXPECT_TRUE(put(changes).unplaced.empty());
    EXPECT_TRUE(is_staging_empty());
    EXPECT_TRUE(evidence().empty()) << "an older release's bytes are no evidence";
}

TEST_F(Placer, TellsHowFarItIsAndTakesNamesThatAreNotUtf8) {
    std::vector<std::int64_t> told;
    const std::vector<Change> changes{file("\x82\xb2\x82\xdd.html", "ごみ"), file("a\nb.css", "x"),
                                      Change::remove("none.html")};
    place(changes, *objects_, to_, sys::Durability::Now, [&](std::int64_t done) { told.push_back(done); });
    EXPECT_EQ(told, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(text("\x82\xb2\x82\xdd.html"), "ごみ");
}

}  // namespace delivery
