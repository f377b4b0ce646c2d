#include "flow/propose_status.h"

#include <gtest/gtest.h>

#include "flow/stop_service.h"
#include "flow/testing/composed_town.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "watch/signals/pipeline.h"

namespace flow {

using namespace std::chrono_literals;

TEST(StatusPage, ProposesWhatResidentsFeelAndNothingFromInside) {
    testing::ComposedTown town("sqlite");
    Site& site = *town.site;
    EXPECT_FALSE(propose_status(site).is_known) << "nobody watches";
    sys::write_file(site.folders.run / "watch.beat", base::format_utc(town.clock.now()));
    signals::Pipeline pipeline(site.watch(), town.clock, signals::Rules());
    const auto tell = [&](std::string source, std::string kind, std::string subject,
                          signals::Severity severity = signals::Severity::Serious) {
        pipeline.take({.source = std::move(source),
                       .kind = std::move(kind),
                       .subject = std::move(subject),
                       .severity = severity,
                       .observed_at = town.clock.now(),
                       .text = "secret 10.0.0.1"});
    };
    tell("guard", "tree.changed", "/index.html");
    tell("probe", "disk", "disk.site");
    EXPECT_EQ(propose_status(site).site.state, PublicState::Normal);
    EXPECT_TRUE(propose_status(site).is_known);
    tell("outside", "outside.unreachable", "https://www.city.example");
    for (int i = 0; i < 201; ++i) tell("probe", "slow" + std::to_string(i), "x", signals::Severity::Minor);
    const StatusProposal felt = propose_status(site);
    EXPECT_EQ(felt.site.state, PublicState::Impaired);
    EXPECT_EQ(status_body({"status.html", "稼働状況", {felt.site}, ""}, town.clock.now()).find("10.0.0.1"),
              std::string::npos);
    Stop stop;
    stop.at = town.clock.now();
    stop.by = "system:cli:0";
    stop.reason = "内密の理由";
    stop_service(site.folders, stop, "山川市");
    EXPECT_EQ(propose_status(site).site.state, PublicState::Down);
}

TEST(StatusPage, IsADraftLikeAnyOtherUntilSomebodyApprovesIt) {
    testing::ComposedTown town("sqlite");
    Site& site = *town.site;
    StatusPage page{"status.html",
                    "稼働状況",
                    {{"ホームページの<閲覧>", PublicState::Normal}, {"図書館の予約", PublicState::Planned}},
                    "<b>ご迷惑</b>をおかけします。\r\n\r\n明日の朝に再開します。"};
    const auto write = [&](const StatusPlace& seen, bool may_replace = false) {
        return write_status_draft(site, page, town.ka, seen, may_replace, town.author);
    };
    const auto seen = [&] { return find_status_place(site, page.path); };
    const Outcome made = write(seen());
    ASSERT_TRUE(made);
    EXPECT_FALSE(made.page.live) << "nothing is public yet";
    const auto body = [&](base::RevisionId revision) {
        return town.read([&](sys::Reader& db) { return content::load_revision(db, revision).body.parts.at("body"); });
    };
    const std::string first = body(made.revision);
    EXPECT_NE(first.find("&lt;閲覧&gt;"), std::string::npos) << first;
    EXPECT_NE(first.find("計画により休止しています"), std::string::npos);
    EXPECT_NE(first.find("&lt;b&gt;ご迷惑"), std::string::npos);
    EXPECT_NE(first.find("<p>明日の朝に再開します。</p>"), std::string::npos);
    EXPECT_NE(first.find("2027年4月1日 10時0分現在"), std::string::npos);
    town.clock.advance(1h);
    page.message = "再開しました。";
    const StatusPlace first_place = seen();
    EXPECT_FALSE(first_place.is_other);
    EXPECT_THROW(write({}), base::Error) << "nobody has looked at what stands there";
    const Outcome again = write(first_place);
    ASSERT_TRUE(again);
    EXPECT_EQ(again.page.id, made.page.id);
    EXPECT_THROW(write(first_place), base::Error) << "a stale form";
    EXPECT_NE(body(again.revision).find("再開しました。"), std::string::npos);
    const base::PageId news = town.put_page("news.html", "news", "別のページ");
    EXPECT_TRUE(news);
    page.path = "news.html";
    EXPECT_THROW(write(seen(), true), base::Error);
    town.put_page("report.html", "article", "報告");
    page.path = "report.html";
    EXPECT_TRUE(seen().is_other);
    EXPECT_THROW(write(seen()), base::Error);
    EXPECT_NO_THROW(write(seen(), true)) << "what is left to say is the workflow's";
}

}  // namespace flow
