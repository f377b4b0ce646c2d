#include "office/vulnerabilities/store.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/testing/databases.h"
#include "office/records/store.h"
#include "office/vulnerabilities/inspections.h"
#include "office/vulnerabilities/patches.h"

namespace vulnerabilities {

namespace {

using namespace std::chrono_literals;
using base::Error;
using What = Received::What;

const base::Instant kStart = *base::parse_instant("2027-04-01 09:00");

advisories::Advisory advisory(std::string source, std::string id, std::vector<std::string> aliases = {}) {
    advisories::Advisory one;
    one.source = std::move(source);
    one.id = std::move(id);
    one.title = "sample weakness";
    one.aliases = std::move(aliases);
    advisories::Product product;
    product.name = "見本CMS";
    product.told = "2.0 未満";
    product.versions = advisories::read_prose("2.0 未満");
    one.products.push_back(product);
    return one;
}

class Vulnerabilities : public ::testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        std::vector<sys::Migration> all;
        for (const auto& part : {ledger::migrations(), records::migrations(), migrations()})
            all.insert(all.end(), part.begin(), part.end());
        sys::migrate(*db_, all);
        db_->write([&](sys::Transaction& tx) {
            Component one;
            one.name = "見本CMS";
            one.version = "1.9";
            add_component(tx, one, by());
        });
        components_ = db_->read([](sys::Reader& db) { return list_inventory(db); });
    }
    By by() const { return {"person:1", now_}; }
    Received take(const advisories::Advisory& one) {
        const auto matches = Matcher(components_).find(one);
        return db_->write([&](sys::Transaction& tx) { return receive(tx, one, matches, components_, {}, by()); });
    }
    Record load(std::int64_t id) {
        return db_->read([&](sys::Reader& db) { return load_record(db, id); });
    }
    Record judged(std::int64_t id, Verdict verdict, std::optional<base::Day> review = {}) {
        return db_->write([&](sys::Transaction& tx) {
            return judge(tx, id, {verdict, "理由", "", by().who, by().at, review}, load_record(tx, id).change);
        });
    }
    template <class Work>
    void write(Work work) {
        db_->write([&](sys::Transaction& tx) { work(tx); });
    }
    std::vector<std::string> acts(const std::string& subject) {
        ledger::Search search;
        search.subject = subject;
        std::vector<std::string> all;
        for (const auto& line : db_->read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
            all.insert(all.begin(), line.entry.act + " " + line.entry.detail);
        return all;
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    base::Instant now_ = kStart;
    std::vector<Component> components_;
};
INSTANTIATE_TEST_SUITE_P(Engines, Vulnerabilities, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace

TEST_P(Vulnerabilities, MakeOneRecordOfWhatSeveralSourcesTell) {
    const Received first = take(advisory("jvndb", "JVNDB-2027-000001", {"CVE-2027-0001"}));
    EXPECT_EQ(first.what, What::New);
    EXPECT_EQ(take(advisory("osv", "GHSA-x", {"CVE-2027-0001"})).record, first.record);
    EXPECT_EQ(take(advisory("jvndb", "JVNDB-2027-000001", {"CVE-2027-0001"})).what, What::Known);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_told(db, first.record); }).size(), 2U);
    const auto lines = acts(fmt::format("vulnerability:{}", first.record));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("vulnerability.receive"), std::string::npos);
    EXPECT_NE(lines[0].find("\"ours\":true"), std::string::npos);
    for (const char* words : {"cve-2027-0001", "SAMPLE"})
        EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_records(db, {.words = words}, now_); }).size(), 1U);
    EXPECT_TRUE(db_->read([&](sys::Reader& db) { return list_records(db, {.words = "other"}, now_); }).empty());
    const Record record = load(first.record);
    EXPECT_EQ(record.due_at, owed_by({}, record.received_at));
    EXPECT_EQ(record.standing(now_), Standing::New);
}

TEST_P(Vulnerabilities, AreToldOnAnOpenDay) {
    // Thirty days later is New Year's Eve, Citizens' Day, Constitution Day.
    const std::pair<base::Day, base::Day> vectors[] = {{{2026, 12, 1}, {2026, 12, 28}},
                                                       {{2026, 8, 22}, {2026, 9, 18}},
                                                       {{2026, 4, 3}, {2026, 5, 1}},
                                                       {{2026, 6, 1}, {2026, 7, 1}}};
    for (const auto& [received, due] : vectors) {
        now_ = base::from_local({received, 23, 59});
        const std::int64_t id = take(advisory("jvndb", base::format_day(received))).record;
        EXPECT_EQ(base::format_local(load(id).due_at), base::format_local(base::from_local({due, 17, 30})));
    }
}

TEST_P(Vulnerabilities, ThatCameWhenTheirDaysWereCountedOtherwiseAreOwedOnTheContractsDay) {
    const std::int64_t open = take(advisory("jvndb", "JVNDB-2027-000301")).record;
    const std::int64_t done = take(advisory("jvndb", "JVNDB-2027-000302")).record;
    judged(done, Verdict::Unaffected, base::local_day(now_) + 90);
    write([&](sys::Transaction& tx) {
        tx.execute("UPDATE vulnerability SET due_at = received_at + 2592000000");
        note_report(tx, done, "", now_, by());
    });
    const base::Instant then = load(done).due_at;
    const auto renew = [&] { return db_->write([&](sys::Transaction& tx) { return renew_deadlines(tx, {}, by()); }); };
    EXPECT_EQ(renew(), 1);
    EXPECT_EQ(load(open).due_at, owed_by({}, kStart));
    EXPECT_EQ(load(done).due_at, then) << "what was reported stays as it was";
    EXPECT_TRUE(acts(load(open).subject()).back().starts_with("vulnerability.deadline "));
    EXPECT_EQ(renew(), 0);
}

TEST_P(Vulnerabilities, ThatAreDoneDoNotHideThoseThatAreOpen) {
    for (int i = 0; i < 3; ++i) {
        const std::int64_t done = take(advisory("jvndb", fmt::format("JVNDB-2027-00010{}", i))).record;
        judged(done, Verdict::Unaffected, base::local_day(now_) + 90);
        write([&](sys::Transaction& tx) { note_report(tx, done, "", now_, by()); });
        now_ = now_ + 24h;
    }
    const std::int64_t open = take(advisory("jvndb", "JVNDB-2027-000200")).record;
    const auto list = [&](const RecordFilter& filter) {
        std::vector<std::int64_t> ids;
        for (const Record& one : db_->read([&](sys::Reader& db) { return list_records(db, filter, now_); }))
            ids.push_back(one.id);
        return ids;
    };
    EXPECT_EQ(list({.limit = 1, .is_open = true}), std::vector<std::int64_t>{open});
    EXPECT_EQ(list({.words = "sample", .limit = 1}), std::vector<std::int64_t>{open}) << "the newest first";
    EXPECT_EQ(list({}).size(), 4U);
    EXPECT_EQ(list({.standing = Standing::Done}).size(), 3U);
    EXPECT_EQ(list({.standing = Standing::New}), std::vector<std::int64_t>{open});
    now_ = now_ + 24h * 100;  // all are to be looked at again
    EXPECT_EQ(list({.standing = Standing::Review}).size(), 3U);
    const Counts counts = db_->read([&](sys::Reader& db) { return count_records(db, now_); });
    EXPECT_EQ(std::pair(counts.review, counts.is_new), std::pair(std::int64_t{3}, std::int64_t{1}));
    EXPECT_EQ(counts.done, 0);
    EXPECT_EQ(counts.late, 1) << "the open one, of which nobody was told";
}

TEST_P(Vulnerabilities, KeepWhatIsNotOursWithoutARecord) {
    advisories::Advisory other = advisory("jvndb", "JVNDB-2027-000002");
    other.products[0].name = "別の製品";
    const Received kept = take(other);
    EXPECT_EQ(kept.what, What::Kept);
    EXPECT_EQ(kept.record, 0);
    const auto unmatched = db_->read([](sys::Reader& db) { return list_unmatched(db, "000002", 10); });
    ASSERT_EQ(unmatched.size(), 1U);
    const Record record = db_->write([&](sys::Transaction& tx) { return examine(tx, unmatched[0].id, {}, by()); });
    EXPECT_EQ(record.title, "sample weakness");
    EXPECT_THROW(write([&](sys::Transaction& tx) { examine(tx, unmatched[0].id, {}, by()); }), Error);
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return list_unmatched(db, "", 10); }).empty());
}

TEST_P(Vulnerabilities, AreJudgedWithAReasonAndADayOfReview) {
    const std::int64_t id = take(advisory("jvndb", "JVNDB-2027-000001")).record;
    EXPECT_THROW(judged(id, Verdict::Unaffected), Error);
    EXPECT_THROW(judged(id, Verdict::Watch, base::Day{2027, 4, 1}), Error);
    EXPECT_THROW(judged(id, Verdict::Watch, base::Day{2029, 4, 1}), Error);
    EXPECT_THROW(write([&](sys::Transaction& tx) {
                     judge(tx, id, {Verdict::Act, " ", "", "person:1", now_, {}}, 1);
                 }),
                 Error);
    EXPECT_THROW(write([&](sys::Transaction& tx) {
                     judge(tx, id, {Verdict::Act, "理由", "", "person:1", now_, {}}, 9);
                 }),
                 Error);
    EXPECT_THROW(write([&](sys::Transaction& tx) { note_report(tx, id, "", now_, by()); }), Error);
    EXPECT_EQ(judged(id, Verdict::Watch, base::Day{2027, 5, 1}).standing(now_), Standing::Watch);
    now_ = *base::parse_instant("2027-05-01 00:00");
    EXPECT_EQ(load(id).standing(now_), Standing::Review);
    const auto due = db_->read([&](sys::Reader& db) { return list_records(db, {.standing = Standing::Review}, now_); });
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return count_records(db, now_); }).review, 1);
    EXPECT_EQ(judged(id, Verdict::NotOurs, base::Day{2028, 4, 1}).standing(now_), Standing::Done);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_judgements(db, id); }).size(), 2U);
}

TEST_P(Vulnerabilities, ComeBackWhenTheSourceChangesItsWord) {
    const std::int64_t id = take(advisory("jvndb", "JVNDB-2027-000001")).record;
    judged(id, Verdict::Unaffected, base::Day{2027, 9, 1});
    EXPECT_EQ(take(advisory("jvndb", "JVNDB-2027-000001")).what, What::Known);
    EXPECT_EQ(load(id).standing(now_), Standing::Done);
    advisories::Advisory changed = advisory("jvndb", "JVNDB-2027-000001");
    changed.summary = "影響を受ける版が増えました";
    EXPECT_EQ(take(changed).what, What::Changed);
    EXPECT_EQ(load(id).standing(now_), Standing::Review);
    judged(id, Verdict::Unaffected, base::Day{2027, 9, 1});
    changed.is_withdrawn = true;
    take(changed);
    EXPECT_TRUE(load(id).is_withdrawn);
    EXPECT_EQ(load(id).standing(now_), Standing::Review);
}

TEST_P(Vulnerabilities, ComeBackWhenWhatWasFixedIsFoundAgain) {
    const auto told = advisory("jvndb", "JVNDB-2027-000001");
    const std::int64_t id = take(told).record;
    judged(id, Verdict::Act);
    const auto fix = [&] {
        write([&](sys::Transaction& tx) {
            end_concerns(tx, "jvndb", now_ + 1h);
            tx.execute("UPDATE vulnerability SET fixed_at = $2 WHERE id = $1", {id, now_.milliseconds});
        });
    };
    fix();
    advisories::Advisory changed = told;
    changed.summary = "誤字を直しました";
    changed.products[0].name = "別の製品";
    take(changed);
    EXPECT_EQ(load(id).standing(now_), Standing::Done);  // words alone do not undo a correction
    take(told);
    EXPECT_EQ(load(id).standing(now_), Standing::Review);
    EXPECT_FALSE(load(id).fixed_at);
    EXPECT_NE(acts(fmt::format("vulnerability:{}", id)).back().find("vulnerability.return"), std::string::npos);
    judged(id, Verdict::Act);
    fix();
    take(told);
    EXPECT_EQ(load(id).standing(now_), Standing::Review);
}

TEST_P(Vulnerabilities, EndWithTheirProduct) {
    const std::int64_t id = take(advisory("jvndb", "JVNDB-2027-000001")).record;
    now_ = now_ + 1h;
    EXPECT_EQ(db_->write([&](sys::Transaction& tx) { return end_concerns(tx, "jvndb", now_); }), 1);
    EXPECT_TRUE(db_->read([&](sys::Reader& db) { return list_concerns(db, id); }).at(0).is_over);
}

TEST_P(Vulnerabilities, KeepTheInventoryAsItIs) {
    const auto packages = read_dpkg("ii \tnginx\t1.22\tnginx\t1.22\nrc \told\t1\told\t1\nii \tcurl\t7\tcurl\t7\n");
    ASSERT_EQ(packages.size(), 2U);
    const auto keep = [&](std::span<const Component> found) {
        return db_->write([&](sys::Transaction& tx) { return keep_inventory(tx, "debian", found, by()); });
    };
    EXPECT_EQ(keep(packages).added, 2);
    EXPECT_EQ(keep(packages).added, 0);
    EXPECT_EQ(acts("inventory:debian").size(), 1U);  // nothing changed the second time
    const Taken after = keep(std::span(packages).first(1));
    EXPECT_EQ(after.gone, 1);
    EXPECT_EQ(keep(packages).added, 1);
    EXPECT_EQ(db_->read([](sys::Reader& db) { return list_inventory(db, {.kind = "debian"}); }).size(), 2U);
    Component twice;
    twice.name = "見本CMS";
    twice.version = "1.9";
    EXPECT_THROW(write([&](sys::Transaction& tx) { add_component(tx, twice, by()); }), Error);
    write([&](sys::Transaction& tx) { remove_component(tx, components_.at(0).id, by()); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { remove_component(tx, components_.at(0).id, by()); }), Error);
}

TEST_P(Vulnerabilities, GoIntoProductionOnlyTestedAndInTheWindow) {
    const std::int64_t id = take(advisory("jvndb", "JVNDB-2027-000001")).record;
    judged(id, Verdict::Act);
    const std::string subject = fmt::format("vulnerability:{}", id);
    const std::int64_t patch = db_->write([&](sys::Transaction& tx) {
        return find_out(tx, {false, "見本CMS 2.0", "見本CMS", "1.9", "2.0", "", now_ - 24h, {subject}}, by()).id;
    });
    const auto change = [&](sys::Reader& db) { return load_patch(db, patch).change; };
    const std::vector<TestItem> good{{"ページを公開する", true, "公開できた"}}, bad{{"ページを公開する", false, "500"}};
    const auto from = now_ + 48h, to = now_ + 52h;
    const auto apply = [&](const std::string& why) {
        write([&](sys::Transaction& tx) { apply_patch(tx, patch, {now_, "済み", why}, change(tx), by()); });
    };
    EXPECT_THROW(apply(""), Error);
    EXPECT_THROW(write([&](sys::Transaction& tx) { decide_patch(tx, patch, true, "可", from, to, change(tx), by()); }),
                 Error);
    write([&](sys::Transaction& tx) { examine_patch(tx, patch, "影響は小さい", change(tx), by()); });
    write([&](sys::Transaction& tx) { report_patch(tx, patch, "内容を報告", by()); });
    EXPECT_THROW(write([&](sys::Transaction& tx) { note_test(tx, patch, "staging", good, change(tx), by()); }), Error);
    write([&](sys::Transaction& tx) { decide_patch(tx, patch, true, "可", from, to, change(tx), by()); });
    write([&](sys::Transaction& tx) { note_test(tx, patch, "staging", bad, change(tx), by()); });
    now_ = now_ + 49h;
    EXPECT_THROW(apply(""), Error);
    write([&](sys::Transaction& tx) { note_test(tx, patch, "staging", good, change(tx), by()); });
    now_ = now_ + 10h;
    EXPECT_THROW(apply(""), Error);  // the window is over
    now_ = now_ - 10h;
    EXPECT_THROW(write([&](sys::Transaction& tx) {
                     apply_patch(tx, patch, {now_, "済み", ""}, 1, by());
                 }),
                 Error);  // a form behind
    apply("");
    EXPECT_THROW(apply(""), Error);
    EXPECT_EQ(load(id).standing(now_), Standing::Done);
    const auto lines = acts(subject);
    EXPECT_NE(lines.back().find("patch.apply"), std::string::npos);
    EXPECT_NE(lines.back().find("\"tested\":true"), std::string::npos);
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [](const std::string& line) { return line.starts_with("patch.find"); });
    ASSERT_NE(found, lines.end());
    EXPECT_NE(found->find("\"published_at\":\"2027-03-31T00:00:00.000Z\""), std::string::npos);
    EXPECT_EQ(db_->read([&](sys::Reader& db) { return list_tests(db, patch); }).at(0).is_good, true);
}

TEST_P(Vulnerabilities, MayGoInAtOnceInAnEmergencyWithItsReason) {
    const std::int64_t id = take(advisory("jvndb", "JVNDB-2027-000001")).record;
    const std::int64_t patch = db_->write([&](sys::Transaction& tx) {
        return find_out(
                   tx, {false, "見本CMS 2.0", "見本CMS", "1.9", "2.0", "", now_, {fmt::format("vulnerability:{}", id)}},
                   by())
            .id;
    });
    write([&](sys::Transaction& tx) { apply_patch(tx, patch, {now_, "済み", "攻撃を受けている"}, 1, by()); });
    const auto lines = acts(fmt::format("vulnerability:{}", id));
    EXPECT_NE(lines.back().find("\"emergency\":true"), std::string::npos);
    EXPECT_NE(lines.back().find("\"tested\":false"), std::string::npos);
}

TEST_P(Vulnerabilities, FollowAVersionUpgradeTheSameWay) {
    const std::int64_t patch = db_->write([&](sys::Transaction& tx) {
        return find_out(tx, {true, "PostgreSQL 16", "postgresql", "15", "16", "", now_ - 24h, {}}, by()).id;
    });
    write([&](sys::Transaction& tx) { examine_patch(tx, patch, "利点が少ない", 1, by()); });
    write([&](sys::Transaction& tx) { decide_patch(tx, patch, false, "次の更改で行う", {}, {}, 2, by()); });
    const auto lines = acts(fmt::format("version:{}", patch));
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].starts_with("version.find"));
    EXPECT_TRUE(lines[2].starts_with("version.decide"));
    EXPECT_THROW(write([&](sys::Transaction& tx) { apply_patch(tx, patch, {now_, "済み", "緊急"}, 3, by()); }), Error);
}

TEST_P(Vulnerabilities, AreInspectedOnceAYearAndLookedAtAgain) {
    Inspection made;
    made.title = "令和9年度の検査";
    made.body = "見本検査協会";
    made.scope = "公開サイト";
    made.begins_on = {2027, 3, 1};
    EXPECT_THROW(write([&](sys::Transaction& tx) { plan_inspection(tx, made, by()); }), Error);  // how independent?
    made.independence = "資本関係のない第三者";
    const auto id = db_->write([&](sys::Transaction& tx) { return plan_inspection(tx, made, by()).id; });
    const auto import = [&](std::string_view csv, bool is_retest) {
        now_ = now_ + 1h;
        return db_->write([&](sys::Transaction& tx) {
            return import_results(tx, id, read_results("csv", csv), is_retest, "", by());
        });
    };
    constexpr std::string_view kTwo = "指摘,重要度\n古いTLS,高\n版の表示,低\n";
    EXPECT_EQ(import(kTwo, false).added, 2);
    EXPECT_EQ(import(kTwo, false).added, 0);
    const auto findings = [&] { return db_->read([&](sys::Reader& db) { return list_findings(db, id); }); };
    const auto report = [&] {
        write([&](sys::Transaction& tx) {
            report_inspection(tx, id, "市 情報政策課", {2027, 3, 20}, {}, load_inspection(tx, id).change, by());
        });
    };
    EXPECT_THROW(report(), Error);  // two are open
    for (const auto& one : findings())
        write([&](sys::Transaction& tx) {
            decide_finding(tx, one.id, one.title == "古いTLS" ? "mended" : "accepted", "済み", by());
        });
    EXPECT_EQ(import(kTwo, true).again, 1);  // it was not mended after all
    for (const auto& one : findings())
        if (one.state == "open")
            write([&](sys::Transaction& tx) { decide_finding(tx, one.id, "mended", "済み", by()); });
    EXPECT_EQ(import("指摘,重要度\n版の表示,低\n", true).cleared, 1);
    EXPECT_THROW(report(), Error);  // without the original report
    const auto mark = findings().front().mark();
    const auto decide = [&] {
        now_ = now_ + 1min;
        write([&](sys::Transaction& tx) { decide_finding(tx, findings().front().id, "accepted", "済み", by(), mark); });
    };
    decide();
    EXPECT_THROW(decide(), Error);  // a form from before
    write([&](sys::Transaction& tx) {
        records::attach(
            tx, {fmt::format("inspection:{}", id), "report.pdf", "application/pdf", base::Hash{}, 1, "person:1", now_});
    });
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return find_unplanned(db, {2028, 3, 1}); }));
    report();
    EXPECT_THROW(report(), Error);
    EXPECT_TRUE(acts(fmt::format("inspection:{}", id)).back().starts_with("inspection.report"));
    EXPECT_FALSE(db_->read([](sys::Reader& db) { return find_unplanned(db, {2027, 12, 19}); }));
    EXPECT_TRUE(db_->read([](sys::Reader& db) { return find_unplanned(db, {2027, 12, 20}); }));  // 90 days before
}

TEST_P(Vulnerabilities, AreClearedOnlyWhereTheSecondLookWas) {
    Inspection made;
    made.title = made.body = made.scope = made.independence = "見本";
    made.begins_on = {2027, 3, 1};
    const auto id = db_->write([&](sys::Transaction& tx) { return plan_inspection(tx, made, by(), "once").id; });
    EXPECT_EQ(db_->write([&](sys::Transaction& tx) { return plan_inspection(tx, made, by(), "once").id; }), id);
    const auto import = [&](std::string_view csv, bool is_retest) {
        now_ = now_ + 1h;
        return db_->write([&](sys::Transaction& tx) {
            return import_results(tx, id, read_results("csv", csv), is_retest, "", by());
        });
    };
    import("指摘,場所\n甲,https://a.example/\n乙,https://b.example/\n丙,https://a.example/x\n", false);
    for (const auto& one : db_->read([&](sys::Reader& db) { return list_findings(db, id); }))
        write([&](sys::Transaction& tx) { decide_finding(tx, one.id, "mended", "済み", by()); });
    EXPECT_EQ(import("指摘,場所\n丙,https://a.example/x\n,https://a.example/\n", true).cleared, 0)
        << "not all was read";
    EXPECT_EQ(import("指摘,場所\n丙,https://a.example/x\n", true).cleared, 1) << "of b.example it says nothing";
}

TEST_P(Vulnerabilities, AreMadeOnceByAFormThatIsSentTwice) {
    for (int i = 0; i < 2; ++i) {
        const auto [record, patch] = db_->write([&](sys::Transaction& tx) {
            return std::pair(add_record(tx, "見本", "電話", "", {}, by(), "once").id,
                             find_out(tx, {true, "見本", "見本", "1", "2", "", now_, {}}, by(), "once").id);
        });
        EXPECT_EQ(record, 1);
        EXPECT_EQ(patch, 1);
    }
}

}  // namespace vulnerabilities
