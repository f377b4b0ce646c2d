#include "flow/stop_service.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"

namespace flow {
namespace {

using base::Error;
using base::Kind;
using testing::Town;

Stop asked(Town& town, Part part, const std::string& reason = "改ざんの疑い") {
    Stop stop;
    stop.part = part;
    stop.at = town.site->clock.now();
    stop.by = "system:cli:0";
    stop.reason = reason;
    return stop;
}

std::vector<ledger::Line> lines_of(Town& town) {
    ledger::Search search;
    search.act = "service";
    return town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
}

template <class Act>
std::optional<Kind> refusal(const Act& act) {
    try {
        act();
    } catch (const Error& error) {
        return error.kind();
    }
    return std::nullopt;
}

class StopService : public ::testing::TestWithParam<std::string> {};

TEST_P(StopService, PutsANoticeUpTakesItDownAndRecordsBothOnce) {
    Town town(GetParam());
    const Folders& folders = town.site->folders;
    EXPECT_FALSE(find_stop(folders, Part::Public));
    Stop stop = asked(town, Part::Public);
    stop.notice = "点検中です。\n<b>電話</b>は 0000-00-0000 へ。";
    const Stop done = stop_service(folders, stop, "山川市 & 町");
    ASSERT_TRUE(find_stop(folders, Part::Public));
    EXPECT_EQ(find_stop(folders, Part::Public)->reason, "改ざんの疑い");
    EXPECT_FALSE(find_stop(folders, Part::Office));
    const std::string page = sys::read_file(notice_file(folders, Part::Public));
    EXPECT_NE(page.find("<p>点検中です。</p>"), std::string::npos);
    EXPECT_NE(page.find("&lt;b&gt;電話&lt;/b&gt;"), std::string::npos);
    EXPECT_NE(page.find("山川市 &amp; 町"), std::string::npos);
    EXPECT_EQ(refusal([&] { stop_service(folders, stop, "山川市"); }), Kind::Conflict);

    EXPECT_EQ(record_stops(*town.site), 1);
    EXPECT_EQ(record_stops(*town.site), 0);
    resume_service(folders, {"", Part::Public, town.site->clock.now(), "person:3", "", "点検が終わった", ""});
    EXPECT_FALSE(find_stop(folders, Part::Public));
    EXPECT_EQ(record_stops(*town.site), 1);
    const auto lines = lines_of(town);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1].entry.act, "service.stop");
    EXPECT_EQ(lines[1].entry.subject, "service:public:" + done.id);
    EXPECT_NE(lines[1].entry.detail.find("改ざんの疑い"), std::string::npos);
    EXPECT_EQ(lines[0].entry.act, "service.resume");
    EXPECT_EQ(lines[0].entry.by, "person:3");
}

TEST_P(StopService, FinishesWhatWasCutOffAfterItsNote) {
    Town town(GetParam());
    const Folders& folders = town.site->folders;
    stop_service(folders, asked(town, Part::Public), "山川市");
    sys::remove_file(notice_file(folders, Part::Public));  // as if the process had died after the note
    EXPECT_EQ(record_stops(*town.site), 1);
    EXPECT_TRUE(find_stop(folders, Part::Public));
    EXPECT_EQ(lines_of(town).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Databases, StopService, ::testing::Values("sqlite", "postgres"),
                         [](const auto& each) { return each.param; });

TEST(StopNotes, RefuseAnEmptyReasonAndALongNoticeAndChangeNothing) {
    Town town("sqlite");
    const Folders& folders = town.site->folders;
    Stop long_notice = asked(town, Part::Office);
    long_notice.notice = std::string(kLargestNotice, 'a');
    EXPECT_EQ(refusal([&] { stop_service(folders, asked(town, Part::Office, " "), ""); }), Kind::BadInput);
    EXPECT_EQ(refusal([&] { stop_service(folders, long_notice, ""); }), Kind::BadInput);
    EXPECT_EQ(refusal([&] { resume_service(folders, {"", Part::Office, {}, "x", "", "戻す", ""}); }), Kind::Conflict);
    EXPECT_FALSE(find_stop(folders, Part::Office));
    EXPECT_EQ(record_stops(*town.site), 0);
}

TEST(StopNotes, AreForTheServersToFindAndForNobodyElseToRead) {
    Town town("sqlite");
    const Folders& folders = town.site->folders;
    stop_service(folders, asked(town, Part::Public), "山川市");
    const auto mode = [&](const std::filesystem::path& path) {
        return static_cast<int>(std::filesystem::status(path).permissions()) & 0777;
    };
    EXPECT_EQ(mode(folders.stopped), 0711) << "nginx runs as somebody else";
    EXPECT_EQ(mode(notice_file(folders, Part::Public)), 0644);
    EXPECT_EQ(mode(folders.stopped / "public.json"), 0640);
    EXPECT_EQ(mode(folders.stopped / "acts"), 0750);
}

TEST(StopNotes, StayShutWhenTheNoteIsDamaged) {
    Town town("sqlite");
    const Folders& folders = town.site->folders;
    stop_service(folders, asked(town, Part::Office), "山川市");
    sys::write_file(folders.stopped / "office.json", "{broken");
    ASSERT_TRUE(find_stop(folders, Part::Office));
    EXPECT_EQ(find_stop(folders, Part::Office)->reason, "");
    resume_service(folders, {"", Part::Office, {1}, "system:cli:0", "", "戻す", ""});
    EXPECT_FALSE(find_stop(folders, Part::Office));
}

TEST(StopNotes, KeepARequestForHalfAnHourAndOnlyWhileItMeansSomething) {
    Town town("sqlite");
    const Folders& folders = town.site->folders;
    const base::Instant now = town.site->clock.now();
    ask_stop(*town.site, {asked(town, Part::Public), false});
    ASSERT_TRUE(find_stop_asked(folders, Part::Public, now + std::chrono::minutes(29)));
    EXPECT_EQ(find_stop_asked(folders, Part::Public, now)->stop.reason, "改ざんの疑い");
    EXPECT_FALSE(find_stop_asked(folders, Part::Public, now + std::chrono::minutes(31)));
    EXPECT_FALSE(find_stop(folders, Part::Public)) << "a request is no stop";
    stop_service(folders, asked(town, Part::Public), "山川市");
    EXPECT_FALSE(find_stop_asked(folders, Part::Public, now));
}

}  // namespace
}  // namespace flow
