// An existing site comes in, is published and comes out again: byte for byte, whatever its encodings.
#include "flow/take_over_site.h"

#include <fstream>

#include <gtest/gtest.h>

#include "flow/export_site.h"
#include "flow/make_variants.h"
#include "flow/publish_site.h"
#include "flow/schema.h"
#include "flow/verify_site.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "ground/sys/testing/databases.h"
#include "press/content/store.h"
#include "press/publish/queue.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using Tree = std::map<std::string, std::string>;

constexpr base::Instant kStart{1'790'000'000'000};

Tree tree_of(const fs::path& root) {
    Tree tree;
    for (const auto& item : fs::recursive_directory_iterator(root))
        if (item.is_regular_file()) tree[item.path().lexically_relative(root).string()] = sys::read_file(item.path());
    return tree;
}

class TakeOver : public ::testing::TestWithParam<std::string> {
  protected:
    sys::TemporaryFolder folder_;
    sys::testing::TestDatabase store_;
    base::FixedClock clock_{kStart};
    fs::path source_ = folder_.path() / "old";
    fs::path place_ = folder_.path() / "site";
    std::unique_ptr<Site> site_;

    void SetUp() override {
        fs::create_directory(source_);
        const sys::DatabaseOptions options = store_.make_for(GetParam(), office_migrations());
        init_site({place_, "桜川市", options.url, options.schema}, clock_);
        site_ = Site::open(place_, clock_);
    }
    void write(const std::string& path, const std::string& bytes) const {
        fs::create_directories((source_ / path).parent_path());
        std::ofstream(source_ / path, std::ios::binary) << bytes;
    }
    Published publish() { return publish_site(*site_, {}); }
    void expect_verified() {
        const Verified verified = verify_site(place_, {}, clock_);
        EXPECT_TRUE(verified.is_well());
        for (const auto& one : verified.tree.deviations) ADD_FAILURE() << one.path << ": " << one.detail;
    }
    content::Page page(const std::string& path) {
        return *site_->database->read([&](sys::Reader& db) { return content::find_page(db, path); });
    }
    /// A new revision of a region goes live, as an approval would have it.
    void edit(const std::string& path, const std::map<std::string, std::string>& parts) {
        site_->database->write([&](sys::Transaction& tx) {
            const content::Page edited = *content::find_page(tx, path);
            content::Body body = content::load_revision(tx, edited.latest).body;
            body.parts = parts;
            const auto revision = content::add_revision(tx, {edited.id, body, {1}, clock_.now(), edited.latest, ""});
            content::set_live(tx, edited.id, revision.id, clock_.now());
            publish::mark_dirty(tx, fmt::format("page:{}", edited.id.value), clock_.now());
        });
    }
    void mark_region(const std::string& path, const std::string& bytes, const std::string& begin,
                     const std::string& end) {
        const auto from = bytes.find(begin) + begin.size();
        const std::vector<content::Region> regions{
            {"main", static_cast<std::int64_t>(from), static_cast<std::int64_t>(bytes.find(end, from)), "div"}};
        const auto id = page(path).id;
        site_->database->write([&](sys::Transaction& tx) { content::set_regions(tx, id, regions); });
    }
};

/// "<title>市</title> <div id=main><p>古い</p></div>" in each of the encodings that old Japanese sites have.
const Tree kEncoded = {
    {"utf8.html",
     "<html><head><meta charset=\"utf-8\"><title>\xe5\xb8\x82</title></head><body><div id=\"main\"><p>"
     "\xe5\x8f\xa4\xe3\x81\x84</p></div><p>\xe5\xb8\x82</p></body></html>\r\n"},
    {"bom.html",
     "\xef\xbb\xbf<html><head><title>\xe5\xb8\x82</title></head><body><div id=\"main\"><p>"
     "\xe5\x8f\xa4\xe3\x81\x84</p></div></body></html>\n"},
    {"sjis.html",
     "<html><head><meta charset=\"Shift_JIS\"><title>\x8e\x73</title></head><body><div id=\"main\"><p>"
     "\x8c\xc3\x82\xa2</p></div><p>\x83\x5c\x95\x5c</p></body></html>\r\n"},
    {"euc.html",
     "<html><head><meta charset=\"EUC-JP\"><title>\xbb\xd4</title></head><body><div id=\"main\"><p>"
     "\xb8\xc5\xa4\xa4</p></div><p>\xbb\xd4</p></body></html>\n"},
    {"jis.html",
     "<html><head><meta charset=\"ISO-2022-JP\"><title>\x1b$B;T\x1b(B</title></head><body><div id=\"main\">"
     "<p>\x1b$B8E$$\x1b(B</p></div><p>\x1b$B;T\x1b(B</p></body></html>\n"}};

}  // namespace

TEST_P(TakeOver, PublishesTheOldSiteByteForByte) {
    Tree wanted = kEncoded;
    wanted["zero.html"] = std::string("<html><head><title>a\0b</title></head><body>\0</body></html>", 58);
    wanted["\x82\xb2\x82\xdd/index.html"] = "<title>Shift_JIS name</title>";
    wanted["img/logo.png"] = std::string("\x89PNG\r\n\x1a\n\0\0", 10);
    wanted["broken.html"] = "<html><p>no end<table><div></p>\xff\xfe";
    wanted["empty.html"] = "";
    for (const auto& [path, bytes] : wanted) write(path, bytes);
    fs::create_directories(source_ / "bosai/empty");
    fs::create_symlink("/etc/passwd", source_ / "out");

    const TakenOver taken = take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(taken.files, static_cast<std::int64_t>(wanted.size()));
    EXPECT_EQ(taken.pages, taken.files - 1);
    EXPECT_EQ(taken.empty_folders, std::vector<std::string>{"bosai/empty"});
    ASSERT_EQ(taken.skipped.size(), 1U);
    EXPECT_EQ(taken.skipped[0].path, "out");
    EXPECT_EQ(page("sjis.html").encoding, "shift_jis");
    EXPECT_EQ(page("sjis.html").title, "市");
    EXPECT_EQ(page("euc.html").title, "市");
    EXPECT_EQ(page("jis.html").title, "市");
    EXPECT_EQ(page("bom.html").title, "市");
    EXPECT_EQ(page("zero.html").title.find('\0'), std::string::npos);

    const Published published = publish();
    EXPECT_EQ(published.release, 1);
    EXPECT_EQ(published.written, taken.files);
    EXPECT_EQ(tree_of(place_ / "public"), wanted);
    expect_verified();
}

TEST_P(TakeOver, MakesNoReleaseWhenNothingHasChanged) {
    write("a.html", "<title>a</title>");
    take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(publish().release, 1);
    EXPECT_EQ(publish().release, 1);
    EXPECT_EQ(publish_site(*site_, {.is_full = true}).release, 1) << "rendered again, it is the same";
    const TakenOver again = take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(again.read, 0);
    EXPECT_EQ(again.resumed, 1);
    EXPECT_EQ(publish().release, 1);
    expect_verified();
}

TEST_P(TakeOver, MakesFilesOfLinksAndRecordsModesAndEmptyFolders) {
    write("a.html", "<title>a</title>");
    write("docs/b.pdf", "%PDF");
    fs::create_symlink("a.html", source_ / "linked.html");
    fs::create_symlink("docs", source_ / "papers");
    fs::create_directories(source_ / "empty/inside");
    fs::permissions(source_ / "a.html", fs::perms(0600));
    const TakenOver taken = take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(taken.files, 4);
    EXPECT_EQ(taken.empty_folders, std::vector<std::string>{"empty/inside"});
    publish();
    const Tree now = tree_of(place_ / "public");
    EXPECT_EQ(now, (Tree{{"a.html", "<title>a</title>"},
                         {"linked.html", "<title>a</title>"},
                         {"docs/b.pdf", "%PDF"},
                         {"papers/b.pdf", "%PDF"}}));
    for (const auto& [path, bytes] : now) EXPECT_FALSE(fs::is_symlink(place_ / "public" / path));
    site_->database->read([&](sys::Reader& db) {
        const auto row = db.find("SELECT mode, link_target FROM takeover_file WHERE path = 'a.html'");
        EXPECT_EQ(row->integer(0), 0600);
        EXPECT_EQ(db.find("SELECT link_target FROM takeover_file WHERE path = 'linked.html'")->text(0), "a.html");
        EXPECT_EQ(db.find("SELECT path FROM takeover_remark WHERE kind = 'empty-folder'")->text(0), "empty/inside");
    });
}

TEST_P(TakeOver, LeavesSettingsOfTheOldServerBehindAndSaysSo) {
    write("index.html", "<title>a</title>");
    write(".htaccess", "Require all denied");
    write("a/.DS_Store", "finder");
    write(".git/config", "[core]");
    write(".well-known/security.txt", "Contact: mailto:a@city.example");
    const TakenOver taken = take_over_site(*site_, source_.string(), {});
    std::set<std::string> skipped;
    for (const auto& one : taken.skipped) skipped.insert(one.path);
    EXPECT_EQ(skipped, (std::set<std::string>{".git", ".htaccess", "a/.DS_Store"}));
    publish();
    EXPECT_EQ(tree_of(place_ / "public").size(), 2U);
    EXPECT_TRUE(fs::exists(place_ / "public/.well-known/security.txt"));
}

TEST_P(TakeOver, ReadsNoFinishedFileAgainAfterItWasStopped) {
    for (int i = 0; i < 1100; ++i) write(fmt::format("p{}.html", i), fmt::format("<title>{}</title>", i));
    int asked = 0;
    TakeoverOptions options;
    options.is_stopped = [&] { return ++asked > 1; };
    EXPECT_THROW(take_over_site(*site_, source_.string(), options), base::Interrupted);
    // Whoever reads one of them now would see it: what is in must not be opened again.
    std::int64_t is_in = 0;
    site_->database->read([&](sys::Reader& db) {
        db.each("SELECT path FROM takeover_file", {}, [&](const sys::Row& row) {
            const fs::path file = source_ / row.text(0);
            const auto time = fs::last_write_time(file);
            std::ofstream(file, std::ios::in | std::ios::binary) << "<title>X";
            fs::last_write_time(file, time);
            ++is_in;
            return true;
        });
    });
    EXPECT_EQ(is_in, 1000);
    const TakenOver rest = take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(rest.resumed, 1000);
    EXPECT_EQ(rest.read, 100);
    EXPECT_EQ(rest.files, 1100);
    publish();
    for (const auto& [path, bytes] : tree_of(place_ / "public")) EXPECT_EQ(bytes.find("<title>X"), std::string::npos);
}

TEST_P(TakeOver, TriesAgainWhatWasSetAsideOnceItsPathIsFree) {
    site_->database->write([&](sys::Transaction& tx) {
        content::NewPage made;
        made.path = "taken.html";
        content::add_page(tx, made);
    });
    write("taken.html", "<title>old</title>");
    write("Twin.html", "<title>1</title>");
    write("twin.html", "<title>2</title>");
    const TakenOver first = take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(first.read, 1);
    EXPECT_EQ(first.skipped.size(), 2U);
    site_->database->write([&](sys::Transaction& tx) {
        content::move_page(tx, content::find_page(tx, "taken.html")->id, "elsewhere.html", clock_.now());
    });
    fs::remove(source_ / "Twin.html");
    const TakenOver second = take_over_site(*site_, source_.string(), {});
    EXPECT_EQ(second.read, 2);
    EXPECT_TRUE(second.skipped.empty());
    EXPECT_EQ(page("taken.html").title, "old");
}

TEST_P(TakeOver, SweepsWhatAKilledTakeoverUnpacked) {
    write("a.html", "<title>a</title>");
    fs::create_directories(place_ / "run/unpacked/deep");
    std::ofstream(place_ / "run/unpacked/deep/left.html") << "left by a kill";
    take_over_site(*site_, source_.string(), {});
    EXPECT_FALSE(fs::exists(place_ / "run/unpacked"));
    const auto held = sys::FileLock::find(place_ / "run/takeover.lock");
    ASSERT_TRUE(held);
    EXPECT_THROW(take_over_site(*site_, source_.string(), {}), base::Error) << "one at a time";
}

TEST_P(TakeOver, ChangesOnlyTheBytesOfTheRegionThatWasEdited) {
    for (const auto& [path, bytes] : kEncoded) write(path, bytes);
    take_over_site(*site_, source_.string(), {});
    publish();
    for (const auto& [path, bytes] : kEncoded) {
        mark_region(path, bytes, "<div id=\"main\">", "</div>");
        edit(path, {{"main", "<p>新しい</p>"}});
    }
    const Published published = publish();
    EXPECT_EQ(published.release, 2);
    EXPECT_EQ(published.written, static_cast<std::int64_t>(kEncoded.size()));
    const Tree now = tree_of(place_ / "public");
    for (const auto& [path, old] : kEncoded) {
        SCOPED_TRACE(path);
        const std::string& bytes = now.at(path);
        EXPECT_NE(bytes, old);
        const auto begin = old.find("<div id=\"main\">") + 15;
        const std::string_view tail = std::string_view(old).substr(old.find("</div>", begin));
        EXPECT_EQ(bytes.substr(0, begin), old.substr(0, begin));
        EXPECT_TRUE(bytes.ends_with(tail));
    }
    EXPECT_NE(now.at("sjis.html").find("\x90\x56\x82\xb5\x82\xa2"), std::string::npos);
    EXPECT_NE(now.at("jis.html").find("\x1b$B?7$7$$\x1b(B"), std::string::npos);
    expect_verified();
}

TEST_P(TakeOver, ExportsAnEarlierReleaseByNumberAndByTime) {
    write("a.html", "<title>a</title><div>1</div>");
    take_over_site(*site_, source_.string(), {});
    publish();
    const Tree first = tree_of(place_ / "public");
    clock_.advance(std::chrono::hours(24));
    mark_region("a.html", first.at("a.html"), "<div>", "</div>");
    edit("a.html", {{"main", "2"}});
    EXPECT_EQ(publish().release, 2);
    const Tree second = tree_of(place_ / "public");
    EXPECT_NE(first, second);
    EXPECT_EQ(export_site(place_, folder_.path() / "by-number", {{}, 1}).release, 1);
    EXPECT_EQ(tree_of(folder_.path() / "by-number"), first);
    EXPECT_EQ(export_site(place_, folder_.path() / "by-time", {kStart + std::chrono::hours(1), {}}).release, 1);
    EXPECT_EQ(tree_of(folder_.path() / "by-time"), first);
    EXPECT_EQ(export_site(place_, folder_.path() / "newest/", {}).release, 2);
    EXPECT_EQ(tree_of(folder_.path() / "newest"), second);
    EXPECT_THROW(export_site(place_, folder_.path() / "newest", {}), base::Error) << "it is not empty";
    EXPECT_THROW(export_site(place_, folder_.path() / "x", {kStart - std::chrono::hours(1), {}}), base::Error);
    EXPECT_THROW(export_site(place_, folder_.path() / "x", {{}, 99}), base::Error);
    EXPECT_FALSE(fs::exists(folder_.path() / "x"));
}

TEST_P(TakeOver, FindsADamagedLog) {
    write("a.html", "<title>a</title><div>1</div>");
    take_over_site(*site_, source_.string(), {});
    publish();
    expect_verified();
    const fs::path record = site_->log.record_file(1);
    std::string bytes = sys::read_file(record);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    sys::write_file(record, bytes);
    bool is_found = false;
    try {
        is_found = !verify_site(place_, {}, clock_).is_well();
    } catch (const base::Error& error) {
        is_found = error.kind() == base::Kind::Damaged;
    }
    EXPECT_TRUE(is_found);
}

TEST_P(TakeOver, KeepsCompressedTwinsOfLargeTextsAndRemovesOldOnes) {
    std::string text = "<title>a</title><div>1</div>";
    for (int i = 0; i < 300; ++i) text += fmt::format("<p>第{}項</p>\n", i);
    write("a.html", text);
    write("small.html", "<title>s</title>");
    write("photo.jpg", std::string(5000, 'j'));
    take_over_site(*site_, source_.string(), {});
    publish();
    VariantMaker maker(*site_);
    while (maker.work(std::chrono::milliseconds(0))) {
    }
    EXPECT_EQ(maker.made(), 2);
    EXPECT_FALSE(maker.work(std::chrono::seconds(1)));
    const auto entry = site_->database->read([](sys::Reader& db) { return *release::find_entry(db, "a.html"); });
    const fs::path twin = site_->folders.variants / entry.hash.hex().substr(0, 2) / entry.hash.hex();
    const std::string packed = sys::read_file(twin.string() + ".gz");
    EXPECT_LT(packed.size(), text.size() / 4);
    EXPECT_LT(fs::file_size(twin.string() + ".br"), packed.size());
    EXPECT_EQ(gzip(text), packed);
    EXPECT_EQ(brotli(text), sys::read_file(twin.string() + ".br"));

    mark_region("a.html", text, "<div>", "</div>");
    edit("a.html", {{"main", "2"}});
    publish();
    EXPECT_FALSE(maker.work(std::chrono::seconds(10)));
    EXPECT_EQ(maker.made(), 4) << "a later release costs what it changes";
    VariantMaker next_start(*site_);
    EXPECT_FALSE(next_start.work(std::chrono::seconds(10)));
    EXPECT_EQ(next_start.made(), 0);
    EXPECT_EQ(next_start.removed(), 2);
    EXPECT_FALSE(fs::exists(twin.string() + ".gz"));
    site_->settings.publish.precompress = false;
    VariantMaker switched_off(*site_);
    EXPECT_FALSE(switched_off.work(std::chrono::seconds(10)));
    EXPECT_EQ(switched_off.removed(), 2);
}

INSTANTIATE_TEST_SUITE_P(Engines, TakeOver, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

// Real documentation in Japanese: hundreds of pages in two encodings, from three generators.
TEST(TakeOverOfRealSites, GivesThemBackUnchanged) {
    const base::SystemClock clock;
    const std::vector<fs::path> sources{"/usr/share/doc/libjlha-java-doc-ja",
                                        "/usr/share/doc/debian-handbook/html/ja-JP",
                                        "/usr/share/doc/installation-guide-amd64/ja"};
    for (const fs::path& source : sources) {
        SCOPED_TRACE(source);
        ASSERT_TRUE(fs::exists(source)) << "its package is named in tools/packages-test.txt";
        const sys::TemporaryFolder folder;
        init_site({folder.path() / "site"}, clock);
        const auto site = Site::open(folder.path() / "site", clock);
        const TakenOver taken = take_over_site(*site, source.string(), {});
        EXPECT_GT(taken.files, 10);
        publish_site(*site, {});
        Tree wanted = tree_of(source);
        for (const auto& skipped : taken.skipped) wanted.erase(skipped.path);
        const Tree published = tree_of(folder.path() / "site/public");
        EXPECT_EQ(published.size(), static_cast<std::size_t>(taken.files));
        for (const auto& [path, bytes] : wanted)
            EXPECT_TRUE(published.contains(path) && published.at(path) == bytes) << path;
        EXPECT_TRUE(verify_site(folder.path() / "site", {}, clock).is_well());
    }
}

}  // namespace flow
