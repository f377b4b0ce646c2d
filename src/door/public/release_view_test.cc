#include "door/public/release_view.h"

#include <gtest/gtest.h>

#include "ground/release/testing/sample.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace door {

namespace {

namespace fs = std::filesystem;
using release::Change;

/// Makes records that follow from each other, as a press does.
class ReleaseViewTest : public ::testing::Test {
  protected:
    sys::TemporaryFolder folder_;
    release::Log log_{folder_.path()};
    release::Manifest manifest_;
    base::Hash previous_;

    std::string make(std::int64_t number, std::vector<Change> changes) {
        manifest_.apply(changes);
        const auto sum = manifest_.summary();
        release::Record record;
        record.site = "sakura-city";
        record.number = number;
        record.kind = number > 1 && number % 10 == 0 ? release::RecordKind::Restored : release::RecordKind::Publish;
        record.at = {1'790'000'000'000 + number};
        record.previous = previous_;
        record.root = sum.root;
        record.files = sum.files;
        record.bytes = sum.bytes;
        record.changes = std::move(changes);
        const std::string bytes = release::write_record(record, release::testing::first_key());
        previous_ = sys::sha256(bytes);
        return bytes;
    }
    static Change page(const std::string& path, const std::string& body = "body", const std::string& charset = "") {
        release::Entry entry = release::testing::page(path, body);
        entry.charset = charset;
        return Change::put(std::move(entry));
    }
    ReleaseView open() { return ReleaseView(log_, release::testing::trusted()); }
};

}  // namespace

TEST_F(ReleaseViewTest, OfAnEmptyLogIsAnEmptySiteUntilTheFirstRelease) {
    ReleaseView view = open();
    EXPECT_EQ(view.release(), 0);
    EXPECT_FALSE(view.find("index.html"));
    EXPECT_FALSE(view.refresh());
    log_.append(make(1, {page("index.html")}));
    EXPECT_TRUE(view.find("index.html")) << "a page may be in place before the view has heard of its release";
    EXPECT_EQ(view.release(), 1);
    EXPECT_FALSE(view.refresh());
}

TEST_F(ReleaseViewTest, SaysTypeCharsetHashAndRedirects) {
    release::Entry redirect;
    redirect.path = "old.html";
    redirect.status = 302;
    redirect.location = "/new.html";
    release::Entry guarded = release::testing::page("guarded.html", "x");
    guarded.headers = {{"cache-control", "no-store"}};
    release::Entry lost = release::testing::page("404.html", "lost");
    lost.status = 404;
    log_.append(make(1, {page("sjis.html", "body", "shift_jis"), page("plain.html"), Change::put(redirect),
                         Change::put(guarded), Change::put(lost)}));
    ReleaseView view = open();
    EXPECT_EQ(view.find("sjis.html")->content_type, "text/html; charset=shift_jis");
    EXPECT_EQ(view.find("sjis.html")->hash, sys::sha256("body"));
    EXPECT_EQ(view.find("sjis.html")->size, 4U);
    EXPECT_EQ(view.find("old.html")->redirect, "/new.html");
    EXPECT_EQ(view.find("old.html")->redirect_status, 302);
    EXPECT_FALSE(view.find("old.html")->hash);
    EXPECT_EQ(view.find("guarded.html")->headers.get("cache-control"), "no-store");
    EXPECT_EQ(view.error_page(404), "404.html");
    EXPECT_EQ(view.error_page(410), "404.html") << "stands in";
    auto gone = lost;
    gone.path = "410.html";
    gone.status = 410;
    log_.append(make(2, {Change::put(gone)}));
    ASSERT_TRUE(view.refresh());
    EXPECT_EQ(view.error_page(410), "410.html");
    EXPECT_EQ(view.error_page(404), "404.html");
    log_.append(make(3, {Change::remove("410.html")}));
    ASSERT_TRUE(view.refresh());
    EXPECT_EQ(view.error_page(410), "404.html");
    EXPECT_FALSE(view.find("shell.php"));
    EXPECT_FALSE(view.find("/sjis.html"));
}

TEST_F(ReleaseViewTest, FollowsTheLogAcrossNumbersThatARestorePassedOver) {
    log_.append(make(1, {page("a.html", "1"), page("b.html", "1")}));
    ReleaseView view = open();
    log_.append(make(2, {page("a.html", "2")}));
    log_.append(make(10, {Change::remove("b.html"), page("c.html", "10")}));
    log_.append(make(11, {page("a.html", "11")}));
    EXPECT_TRUE(view.refresh());
    EXPECT_EQ(view.release(), 11);
    EXPECT_EQ(view.find("a.html")->hash, sys::sha256("11"));
    EXPECT_FALSE(view.find("b.html"));
    EXPECT_TRUE(view.find("c.html"));
}

TEST_F(ReleaseViewTest, FollowsNoRecordThatIsForgedDamagedOrAnOldOneUnderANewNumber) {
    const std::string first = make(1, {page("a.html", "good")});
    log_.append(first);
    ReleaseView view = open();
    std::string forged = make(2, {page("a.html", "evil")});
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    for (const std::string& bytes : {first, forged, first.substr(0, 100), std::string()}) {
        sys::write_file(log_.record_file(2), bytes);
        EXPECT_FALSE(view.refresh());
        EXPECT_EQ(view.release(), 1);
        EXPECT_EQ(view.find("a.html")->hash, sys::sha256("good"));
    }
}

TEST_F(ReleaseViewTest, StaysAtTheLastGoodReleaseWhenARecordDoesNotFitTheTree) {
    const std::string first = make(1, {page("a.html", "good"), page("b.html", "good")});
    log_.append(first);
    ReleaseView view = open();
    // Signed, but it puts a file where a folder of files is: half of it could be applied.
    release::Record record;
    record.site = "sakura-city";
    record.number = 2;
    record.kind = release::RecordKind::Publish;
    record.previous = sys::sha256(first);
    record.changes = {Change::remove("b.html"), page("a.html/c.html", "bad")};
    sys::write_file(log_.record_file(2), release::write_record(record, release::testing::first_key()));
    EXPECT_FALSE(view.refresh());
    EXPECT_EQ(view.release(), 1);
    EXPECT_TRUE(view.find("b.html"));
    EXPECT_FALSE(view.find("a.html/c.html"));
}

TEST_F(ReleaseViewTest, FollowsAChangeOfKey) {
    const auto sample = release::testing::make_sample();
    for (const auto& [name, bytes] : sample.releases) {
        if (!name.starts_with("log/")) continue;
        log_.append(bytes);
    }
    const std::int64_t newest = log_.newest();
    EXPECT_EQ(open().release(), newest);
    sys::TemporaryFolder grown;
    release::Log log(grown.path());
    ReleaseView view(log, release::testing::trusted());
    for (const std::int64_t number : log_.list_numbers()) {
        log.append(log_.read(number));
        EXPECT_TRUE(view.refresh()) << number;
    }
    EXPECT_EQ(view.release(), newest);
}

}  // namespace door
