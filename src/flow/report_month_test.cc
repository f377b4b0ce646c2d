// Month's end, whole: from records through report, notice, inspection and invoice to payment; every number traced.
#include "flow/report_month.h"

#include <gtest/gtest.h>

#include "flow/contract_status.h"
#include "flow/document_forms.h"
#include "flow/document_templates.h"
#include "flow/issue_invoice.h"
#include "flow/report/form_tables.h"
#include "flow/testing/town.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "office/documents/kinds.h"
#include "office/forms/testing/sample_form.h"
#include "office/helpdesk/store.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/patches.h"
#include "office/vulnerabilities/store.h"
#include "watch/samples/samples.h"

namespace flow {

using namespace std::chrono_literals;
using base::from_local;
using report::Month;

namespace {

constexpr Month kApril{2027, 4};

/// What happens, in any order; it is told to the ledgers in the order of time, as they are written in life.
struct Event {
    base::Instant at;
    std::function<void(Site& site)> tell;
};
using Events = std::vector<Event>;

void add(Events& events, std::string_view stream, base::Instant at, std::string act, std::string subject,
         std::string detail = "{}") {
    events.push_back({at, [=, stream = std::string(stream)](Site& site) {
                          sys::Database& database = stream == ledger::kOffice ? *site.database : site.watch();
                          database.write([&](sys::Transaction& tx) {
                              ledger::append(tx, {at, "system:test", act, subject, detail}, stream);
                          });
                      }});
}

/// What happens in April 2027: two incidents, a fault of 90 minutes, a planned stop of an hour, backups but one day.
void live_through_april(Site& site, Events events = {}) {
    const auto at = [](int day, int hour, int minute = 0) { return from_local({{2027, 4, day}, hour, minute}); };
    add(events, ledger::kWatch, at(3, 10), "anomaly.open", "anomaly:1",
        R"({"kind":"http","severity":"emergency","source":"probe","subject":"http.public","text":"応答なし"})");
    add(events, ledger::kWatch, at(3, 10, 10), "anomaly.acknowledge", "anomaly:1",
        R"({"kind":"http","severity":"emergency","source":"probe","subject":"http.public","text":""})");
    add(events, ledger::kWatch, at(3, 11, 30), "anomaly.clear", "anomaly:1",
        R"({"kind":"http","severity":"emergency","source":"probe","subject":"http.public","text":""})");
    add(events, ledger::kWatch, at(9, 1), "anomaly.open", "anomaly:2",
        R"({"kind":"tree.changed","severity":"serious","source":"guard","subject":"/index.html","text":"変わりました"})");
    add(events, ledger::kOffice, at(3, 10, 5), "incident.open", "incident:1",
        R"({"number":"incident-2027-0001","title":"閲覧できない <障害>"})");
    add(events, ledger::kOffice, at(3, 11), "incident.report", "incident:1");
    add(events, ledger::kOffice, at(3, 11, 30), "incident.restore", "incident:1");
    add(events, ledger::kOffice, at(5, 9), "desk.receive", "question:1",
        R"({"number":"question-2027-0001","kind":"question","channel":"mail","title":"画像"})");
    add(events, ledger::kOffice, at(5, 11), "desk.answer", "question:1", R"({"channel":"mail"})");
    add(events, ledger::kOffice, at(20, 2), "stop.start", "stop:1", R"({"stops_public":true})");
    add(events, ledger::kOffice, at(20, 3), "stop.end", "stop:1");
    for (int day = 1; day <= 30; ++day) {
        if (day == 17) continue;
        add(events, ledger::kWatch, at(day, 23), "backup.run", fmt::format("backup:{}", day),
            fmt::format(
                R"({{"repository":"local","kind":"data","outcome":"made","day":"2027-04-{:02}","files":120,"bytes":1048576,"seconds":65.5}})",
                day));
        add(events, ledger::kWatch, at(day, 23, 30), "backup.verify", "repository:local",
            fmt::format(R"({{"repository":"local","proof":"whole","runs":[{}]}})", day));
    }
    std::stable_sort(events.begin(), events.end(), [](const Event& x, const Event& y) { return x.at < y.at; });
    for (const Event& event : events) event.tell(site);
    // The probe's figures of each hour but the last day's.
    site.watch().write([&](sys::Transaction& tx) {
        for (int day = 1; day <= 30; ++day)
            for (int hour = 0; hour < 24; ++hour) {
                const samples::Sample one{"http.total", "http.public", from_local({{2027, 4, day}, hour, 5}), 0.25};
                samples::add(tx, std::span(&one, 1), one.at + 1min);
            }
    });
}

const report::Section& section_of(const std::vector<report::Section>& all, std::string_view id) {
    for (const report::Section& section : all)
        if (section.id == id) return section;
    throw std::runtime_error("no such section");
}

std::string words(const report::Section& section) {
    std::string all;
    for (const std::string& sentence : section.sentences) all += sentence + "\n";
    return all;
}

}  // namespace

TEST(ReportMonth, CountsWhatHappenedAndSaysWhatIsNotKnown) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    live_through_april(site);
    town.clock.set(from_local({{2027, 5, 6}, 9}));
    const auto april = make_sections(site, kApril);
    // 720 h less the stop of 1 h; 1.5 h down: 717.5 / 719 = 99.79138...
    EXPECT_NE(words(section_of(april, "availability")).find("99.791％"), std::string::npos)
        << words(section_of(april, "availability"));
    EXPECT_EQ(section_of(april, "availability").tables.front().rows.size(), 2U);
    EXPECT_EQ(words(section_of(april, "availability")).find("確かめられていません"), std::string::npos)
        << "it was asked in every hour, also where only hours are kept";
    EXPECT_NE(words(section_of(april, "response")).find("平均 0.25秒"), std::string::npos);
    EXPECT_NE(words(section_of(april, "alerts")).find("異常を 2件検知し、平均 10分 で受け付け、平均 1時間30分 で復旧"),
              std::string::npos)
        << words(section_of(april, "alerts"));
    EXPECT_NE(words(section_of(april, "incidents")).find("新しく 1件"), std::string::npos);
    EXPECT_NE(words(section_of(april, "backups")).find("29日分を取得し、失敗は 0回"), std::string::npos);
    EXPECT_NE(words(section_of(april, "backups")).find("取得の記録がない日：17日"), std::string::npos);
    EXPECT_NE(words(section_of(april, "backups")).find("29日分保管"), std::string::npos);
    EXPECT_NE(words(section_of(april, "helpdesk")).find("平均 2時間"), std::string::npos)
        << words(section_of(april, "helpdesk"));
    EXPECT_NE(words(section_of(april, "traffic")).find("記録がありません"), std::string::npos);

    EXPECT_EQ(words(section_of(april, "availability")).find("目標"), std::string::npos) << "none was agreed";
    const std::string agreed = sys::read_file(contract_file(site.folders));
    for (const auto& [target, verdict] : {std::pair("99.7", "目標を満たしています"), {"99.95", "目標を下回りました"}}) {
        std::string text = agreed;
        text.insert(text.find("recovery_point"), fmt::format("availability = \"{}\"\n", target));
        sys::write_file(contract_file(site.folders), text);
        EXPECT_NE(words(section_of(make_sections(site, kApril), "availability")).find(verdict), std::string::npos);
    }

    town.clock.set(from_local({{2027, 6, 3}, 9}));
    const auto may = make_sections(site, {2027, 5});
    EXPECT_NE(words(section_of(may, "availability")).find("稼働率は示せません"), std::string::npos)
        << "silence is not a hundred per cent";
    EXPECT_NE(words(section_of(may, "backups")).find("取得できていない可能性"), std::string::npos);
}

/// The sections name fields of acts: here the acts are those of the rooms themselves.
TEST(ReportMonth, ReadsWhatTheRoomsWrite) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    const auto at = [&](int day, int hour) { town.clock.set(from_local({{2027, 4, day}, hour})); };
    const auto now = [&] { return town.clock.now(); };
    const auto row_of = [](const report::Section& section, std::string_view table) {
        std::string all;
        for (const report::Table& one : section.tables)
            for (const report::Row& row : one.rows)
                if (one.id == table) all += base::join(row.cells, "|") + "\n";
        return all;
    };
    at(2, 9);
    stops::Plan plan;
    plan.title = "機器の入替え";
    plan.starts_at = from_local({{2027, 4, 20}, 20});
    plan.ends_at = plan.starts_at + 2h;
    plan.stops_public = true;
    plan.what = plan.works = plan.reason = plan.contact = plan.work = plan.decider = "見本";
    const auto stop = town.write([&](sys::Transaction& tx) {
        return stops::plan(tx, plan, {}, "a", {"person:1", now()});
    });
    town.write([&](sys::Transaction& tx) {
        for (const auto audience : stops::kAudiences)
            stops::tell(tx, stop.id, {stop.round, audience, now(), "見本", ""}, {"person:1", now()});
        plan.starts_at = plan.starts_at + 1h;
        plan.ends_at = plan.ends_at + 1h;
        const auto changed = stops::change(tx, stop.id, plan, {}, {"person:1", now()}, 0);
        stops::tell(tx, stop.id, {changed.round, stops::Audience::Staff, now(), "見本", ""}, {"person:1", now()});
        plan.stops_public = false;  // of the office alone: no time of residents
        plan.title = "保存の停止";
        const auto inner = stops::plan(tx, plan, {}, "b", {"person:1", now()});
        stops::start(tx, inner.id, now(), {"person:1", now()}, 0);
    });
    at(21, 9);
    town.write([&](sys::Transaction& tx) {
        stops::start(tx, stop.id, from_local({{2027, 4, 20}, 21}), {"person:1", now()}, 0);
        stops::end(tx, stop.id, from_local({{2027, 4, 20}, 22}), "", {"person:1", now()}, 0);
        using namespace vulnerabilities;
        const By by{"person:1", now()};
        const Record weak = add_record(tx, "見本の弱点", "電話", "", {}, by);
        judge(tx, weak.id, {Verdict::Unaffected, "使っていない", "", by.who, by.at, base::Day{2027, 9, 1}},
              weak.change);
        const Patch patch =
            find_out(tx, {false, "緊急の修正", "nginx", "1", "2", "", by.at, {weak.subject(), "package:abc"}}, by);
        apply_patch(tx, patch.id, {by.at, "入れました", "攻撃が始まっているため"}, patch.change, by);
        find_out(tx, {true, "新しい版", "yakuba", "1", "2", "", by.at, {}}, by);
        helpdesk::receive(tx,
                          {helpdesk::Kind::Question,
                           false,
                           helpdesk::Channel::Form,
                           "画像の大きさ",
                           "教えてください",
                           {{}, "見本", "a@example.jp", ""}},
                          {"person:1", "見本", now()});
        training::Session session;
        session.starts_at = from_local({{2027, 4, 22}, 10});
        session.place = "会議室";
        session.teacher = "講師";
        const auto held = training::plan_session(tx, session, {"person:1", now()});
        training::add_attendees(tx, held, "見本 花子,広報課", {"person:1", now()});
        visits::Visit visit;
        visit.starts_at = from_local({{2027, 4, 22}, 14});
        visit.place = "本庁舎3階";
        visit.visitors = visit.hosts = visit.purpose = "見本";
        visits::plan_visit(tx, visit, {"person:1", now()});
    });
    at(23, 9);
    town.write([&](sys::Transaction& tx) {
        const auto attendee = training::list_attendees(tx, 1).at(0).id;
        training::set_presence(tx, 1, training::load_session(tx, 1).version, {{attendee, training::Presence::Came}},
                               {"person:1", now()});
        training::hold_session(tx, 1, training::load_session(tx, 1).version, {"person:1", now()});
        visits::record_visit(tx, 1, visits::load_visit(tx, 1).version, "広報課長", "話しました", {"person:1", now()});
    });
    town.clock.set(from_local({{2027, 5, 6}, 9}));
    const auto april = make_sections(site, kApril);
    const std::string planned = row_of(section_of(april, "stops"), "stops");
    EXPECT_NE(planned.find("機器の入替え|4月20日 21:00|まだ|4月2日 09:00|終了"), std::string::npos) << planned;
    EXPECT_EQ(row_of(section_of(april, "availability"), "availability"),
              "4月20日 21:00|4月20日 22:00|1時間|計画停止\n");
    EXPECT_EQ(row_of(section_of(april, "vulnerabilities"), "vulnerabilities"),
              "脆弱性-2027-0001|見本の弱点|4月21日 09:00|5月21日 17:30|影響なし|4月21日 09:00|―\n");
    EXPECT_EQ(row_of(section_of(april, "vulnerabilities"), "patches"),
              "nginx|緊急の修正|4月21日 09:00|―|4月21日 09:00|緊急のため省略\n"
              "yakuba|新しい版|4月21日 09:00|―|未適用|―\n");
    const std::string open = row_of(section_of(april, "helpdesk"), "open-requests");
    EXPECT_NE(open.find("画像の大きさ"), std::string::npos) << open;
    const std::string taught = row_of(section_of(april, "training"), "training");
    EXPECT_NE(taught.find("4月22日 10:00|研修の実施|作成者研修|出席 1人"), std::string::npos) << taught;
    EXPECT_NE(taught.find("4月22日 14:00|訪問|本庁舎3階|広報課長"), std::string::npos) << taught;
}

/// Each number of each table is found again in the lines that its row names, reckoned here from the lines alone. A new
/// table with numbers fails until somebody says where its numbers come from.
TEST(ReportMonth, EveryTracedNumberLeadsToLinesOfTheLedger) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    Events events;
    const auto at = [](int day, int hour) { return from_local({{2027, 4, day}, hour}); };
    add(events, ledger::kWatch, at(10, 3), "backup.drill", "snapshot:a",
        R"({"repository":"local","ok":true,"rpo_seconds":3720.5,"rto_seconds":95.2,"pages":1234,"differing":0,"phases":{"fetch":60.25,"publish":7}})");
    for (int day = 1; day <= 2; ++day)
        add(events, ledger::kWatch, at(day + 1, 1), "log.sealed", fmt::format("log:{}", day),
            fmt::format(R"({{"series":"access","day":"2027-04-{:02}","lines":{},"bytes":2048}})", day, 1000 * day));
    // The last day's is written when the day is over; a day may have two, when the watch began anew.
    for (const auto& [day, runs] : {std::pair(1, 1), {2, 2}, {2, 1}, {30, 1}})
        add(events, ledger::kWatch, from_local({{2027, 4, day}, 24}) + 1min, "round.day", "round:tree.bytes",
            fmt::format(R"({{"kind":"tree.bytes","day":"2027-04-{:02}","runs":{},"items":{},"bytes":9}})", day, runs,
                        1200 * runs));
    add(events, ledger::kOffice, at(2, 9), "page.publish", "page:1");
    add(events, ledger::kOffice, at(3, 9), "terminal.report", "terminal:op-01",
        R"({"state":"fresh","terminal":"op-01","product":"ClamAV","signatures_at":"2027-04-03T00:00:00Z"})");
    events.push_back({at(5, 9), [&](Site&) {
                          town.write([&](sys::Transaction& tx) {
                              registers::Entry made;
                              made.kind = "licence";
                              made.name = "地図の部品";
                              made.due = base::Day{2027, 6, 29};
                              made.fields = {{"vendor", "見本"}};
                              registers::add_entry(tx, made, {"person:1", at(5, 9)});
                          });
                      }});
    live_through_april(site, std::move(events));
    town.clock.set(from_local({{2027, 5, 6}, 9}));

    struct Seen {
        std::string act, detail;
        base::Instant at;
        std::int64_t number(std::string_view field) const {
            const auto from = detail.find(fmt::format("\"{}\":", field));
            if (from == std::string::npos) return -1;
            return static_cast<std::int64_t>(std::strtod(detail.c_str() + from + field.size() + 3, nullptr));
        }
    };
    using Row = std::vector<Seen>;
    const auto count = [](const Row& row, std::initializer_list<std::string_view> acts) {
        return report::count_text(std::count_if(row.begin(), row.end(), [&](const Seen& one) {
            return std::find(acts.begin(), acts.end(), one.act) != acts.end();
        }));
    };
    const auto sum = [](const Row& row, std::string_view field) {
        std::int64_t all = 0;
        for (const Seen& one : row) all += one.number(field);
        return all;
    };
    const auto mean = [](const Row& row, std::string_view to) {  // from each line before to it
        std::chrono::milliseconds all{0};
        int pairs = 0;
        for (std::size_t i = 0; i < row.size(); ++i)
            for (std::size_t j = i; j-- > 0;)
                if (row[i].act == to && row[j].act.ends_with(".open")) {
                    all += row[i].at - row[j].at;
                    ++pairs;
                    break;
                }
        return pairs == 0 ? std::string("―") : report::span_text(all / pairs);
    };
    // For each table: what stands in its number columns.
    const std::map<std::string, std::function<std::vector<std::string>(const Row&)>> reckoned{
        {"availability", [](const Row& row) { return std::vector{report::span_text(row.back().at - row.front().at)}; }},
        {"alerts",
         [&](const Row& row) {
             return std::vector{count(row, {"anomaly.open"}), mean(row, "anomaly.acknowledge"),
                                mean(row, "anomaly.clear"), count(row, {"anomaly.acknowledge"}),
                                count(row, {"anomaly.clear"})};
         }},
        {"backups",
         [](const Row& row) {
             return std::vector{report::span_text(std::chrono::seconds(row[0].number("seconds"))),
                                report::count_text(row[0].number("files")),
                                report::bytes_text(static_cast<double>(row[0].number("bytes")))};
         }},
        {"drills",
         [](const Row& row) {
             return std::vector{report::span_text(std::chrono::seconds(row[0].number("rpo_seconds"))),
                                report::span_text(std::chrono::seconds(row[0].number("rto_seconds"))),
                                report::count_text(row[0].number("pages")),
                                report::count_text(row[0].number("differing"))};
         }},
        {"drill-phases",
         [turn = 0](const Row& row) mutable {
             return std::vector{
                 fmt::format("{:.1f}", turn++ == 0 ? 60.25 : static_cast<double>(row[0].number("publish")))};
         }},
        {"rounds",
         [&](const Row& row) {
             std::set<std::string> days;
             for (const Seen& one : row) days.insert(one.detail.substr(one.detail.find("\"day\":\"") + 7, 10));
             return std::vector{fmt::format("{}", days.size()), report::count_text(sum(row, "runs")),
                                report::count_text(sum(row, "items"))};
         }},
        {"checks", [&](const Row& row) { return std::vector{count(row, {"anomaly.open"})}; }},
        {"changes", [](const Row& row) { return std::vector{fmt::format("{}", row.size())}; }},
        {"helpdesk",
         [&](const Row& row) {
             return std::vector{count(row, {"desk.receive"}), count(row, {"desk.answer"}),
                                report::span_text(row.back().at - row.front().at)};  // within the desk's hours
         }},
        {"licences",
         [](const Row& row) {
             const auto from = row[0].detail.find("\"ends_at\":\"") + 11;
             return std::vector{report::count_text(base::day_number(*base::parse_day(row[0].detail.substr(from, 10))) -
                                                   base::day_number({2027, 4, 30}))};
         }},
        {"logs", [&](const Row& row) {
             return std::vector{count(row, {"log.sealed"}), report::count_text(sum(row, "lines")),
                                report::bytes_text(static_cast<double>(sum(row, "bytes")))};
         }}};
    // Measured, not recorded one by one.
    const std::set<std::string> measured{"response", "probes", "traffic", "pages", "pages-missing", "resources"};
    std::set<std::string> followed;
    for (const report::Section& section : make_sections(site, kApril))
        for (const report::Table& table : section.tables) {
            const report::FormTable* named = report::find_form_table(table.id);
            ASSERT_NE(named, nullptr) << table.id << " has no name in a city's form";
            std::string labels;
            for (const report::Column& column : table.columns) labels += (labels.empty() ? "" : "|") + column.label;
            EXPECT_EQ(labels, named->columns);
            EXPECT_EQ(table.caption, named->name);
            for (const report::Row& row : table.rows) {
                SCOPED_TRACE(table.id + ": " + row.cells[0]);
                ASSERT_EQ(row.cells.size(), table.columns.size());
                Row lines;
                for (const report::Trace& trace : row.traces) {
                    sys::Database& database = trace.stream == ledger::kOffice ? *site.database : site.watch();
                    ledger::Search search;
                    search.stream = trace.stream;
                    search.before = trace.sequence + 1;
                    search.limit = 1;
                    const auto found = database.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
                    ASSERT_EQ(found.size(), 1U);
                    ASSERT_EQ(found[0].sequence, trace.sequence);
                    lines.push_back({found[0].entry.act, found[0].entry.detail, found[0].entry.at});
                }
                std::vector<std::string> numbers;
                for (std::size_t i = 0; i < row.cells.size(); ++i)
                    if (table.columns[i].is_number) numbers.push_back(row.cells[i]);
                if (measured.contains(table.id) || numbers.empty() || table.id == "promises") continue;
                const auto reckon = reckoned.find(table.id);
                ASSERT_NE(reckon, reckoned.end()) << "nobody says where these numbers come from";
                if (lines.empty()) {  // nothing happened: then nothing but noughts
                    for (const std::string& number : numbers) EXPECT_EQ(number, "0");
                    continue;
                }
                EXPECT_EQ(numbers, reckon->second(lines));
                followed.insert(table.id);
            }
        }
    const std::string checked = words(section_of(make_sections(site, kApril), "tampering"));
    EXPECT_NE(checked.find("内容の照合を 3日、5回行い、のべ 6,000個"), std::string::npos) << checked;
    EXPECT_NE(checked.find("照合の記録がない日：3日、4日、"), std::string::npos) << checked;
    EXPECT_NE(checked.find("、29日。"), std::string::npos) << checked << " the thirtieth was written in May";
    for (const auto& [table, reckon] : reckoned) EXPECT_TRUE(followed.contains(table)) << table << " had no row";
}

TEST(ReportMonth, GoesFromTheReportToThePayment) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        Site& site = *town.site;
        write_sample_contract(site.folders, "cms");
        live_through_april(site);
        town.clock.set(from_local({{2027, 4, 30}, 23, 59}));
        EXPECT_THROW(make_month(site, kApril, "person:1"), base::Error) << "the month is not over";
        town.clock.set(from_local({{2027, 5, 6}, 9}));
        EXPECT_THROW(make_month(site, {2027, 3}, "person:1"), base::Error) << "before the contract";
        EXPECT_EQ(find_month(site, kApril).step, Step::Make);
        EXPECT_THROW(inspect_month(site, {kApril, {2027, 5, 7}, "課長 見本"}, "person:2"), base::Error);

        const auto notice = [&](std::string_view month) {
            const ContractStatus status = judge_contract(site, town.clock.now());
            for (const contract::Judged& one : status.obligations)
                for (const contract::Item& item : one.items)
                    if (one.obligation->id == "completion-notice" && item.key == month) return item;
            return contract::Item{};
        };
        const MadeMonth made = make_month(site, kApril, "person:1", 0);
        EXPECT_EQ(notice("2027-04").state, contract::State::Due) << "made is not handed in";
        EXPECT_THROW(make_month(site, kApril, "person:1", 0), base::Error) << "the form was sent twice";
        ASSERT_NE(made.monthly.find("application/pdf"), nullptr);
        EXPECT_NE(made.monthly.find("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), nullptr);
        EXPECT_EQ(made.completion.number, 1);
        EXPECT_EQ(find_month(site, kApril).step, Step::Deliver);
        deliver_document(site, {made.completion.id, "hand", "広報課 見本様", "", town.clock.now()}, "person:1");
        EXPECT_EQ(find_month(site, kApril).step, Step::Inspect);
        EXPECT_EQ(notice("2027-04").state, contract::State::Met);
        EXPECT_EQ(notice("2027-04").done_at, town.clock.now());
        EXPECT_EQ(notice("2027-04").due, from_local({{2027, 5, 12}, 17, 30})) << "five open days after 5/3 to 5/5";
        ASSERT_EQ(notice("2027-04").evidence.size(), 1U);
        EXPECT_EQ(notice("2027-04").evidence[0].act, "document.deliver");
        EXPECT_EQ(notice("2027-05").state, contract::State::NotYet) << "of this month alone";
        EXPECT_THROW(
            deliver_document(site, {made.completion.id, "hand", "広報課 見本様", "", town.clock.now()}, "person:1"),
            base::Error)
            << "sent twice";
        EXPECT_THROW(issue_invoice(site, kApril, "person:1"), base::Error) << "not confirmed yet";

        Inspection inspection{kApril, {2027, 5, 6}, "課長 見本", false, "件数の誤り"};
        inspect_month(site, inspection, "person:2");
        EXPECT_EQ(find_month(site, kApril).step, Step::Refused);
        town.clock.advance(1h);
        make_month(site, kApril, "person:1");
        EXPECT_EQ(find_month(site, kApril).step, Step::Deliver) << "a new version";
        inspection.has_passed = true;
        inspection.how = "mail";
        EXPECT_THROW(inspect_month(site, inspection, "person:1"), base::Error) << "a mail without its file";
        inspection.file_name = "確認.txt";
        inspection.file_bytes = "合格とします。";
        inspection.version = 1;
        EXPECT_THROW(inspect_month(site, inspection, "person:1"), base::Error) << "a form of the version before";
        inspection.version = 2;
        inspect_month(site, inspection, "person:1");
        EXPECT_THROW(make_month(site, kApril, "person:1"), base::Error) << "what has passed stays";
        EXPECT_THROW(inspect_month(site, inspection, "person:1"), base::Error) << "confirmed already";
        EXPECT_EQ(find_month(site, kApril).step, Step::Invoice);

        const std::string form =
            forms::testing::word_form(forms::testing::paragraph("{{文書番号}}　{{請求金額}}円") +
                                      forms::testing::paragraph("{{#内訳}}{{内容}}：{{金額}}{{/内訳}}"));
        save_document_form(site, "invoice", "請求書.docx", form, "市の様式", 0, "person:2");
        const billing::Invoice invoice = issue_invoice(site, kApril, "person:1");
        EXPECT_EQ(invoice.number, "請求-2027-0001");
        const auto papers = town.read([&](sys::Reader& db) { return documents::list_versions(db, invoice.document); });
        const documents::DocumentFile* filled = papers.at(0).find(forms::media_type(forms::Format::Word));
        ASSERT_NE(filled, nullptr);
        EXPECT_EQ(filled->name, "invoice-2027-0001-v1-form.docx") << "files' names stay ASCII";
        const std::string text = forms::testing::part_of(site.objects->load(filled->hash), "word/document.xml");
        EXPECT_NE(text.find("請求-2027-0001　1,100,000円"), std::string::npos) << text;
        EXPECT_NE(text.find("：1,000,000"), std::string::npos) << text;
        EXPECT_EQ(invoice.totals.gross, 1'100'000);
        EXPECT_EQ(invoice.due_on, (base::Day{2027, 6, 5}));
        EXPECT_THROW(issue_invoice(site, kApril, "person:1"), base::Error);
        EXPECT_EQ(find_month(site, kApril).step, Step::Pay);
        auto lines = invoice.lines;
        lines.push_back({"値引き", 1, -100'000, 10, false});
        EXPECT_THROW(correct_invoice(site, invoice.id, lines, " ", "person:1"), base::Error) << "without a reason";
        const billing::Invoice corrected = correct_invoice(site, invoice.id, lines, "値引きの漏れ", "person:1");
        EXPECT_EQ(corrected.number, "請求-2027-0002");
        EXPECT_EQ(corrected.totals.gross, 990'000);
        town.clock.set(from_local({{2027, 6, 6}, 9}));
        EXPECT_EQ(find_month(site, kApril).step, Step::Overdue);
        EXPECT_THROW(record_payment(site, corrected.id, {2027, 6, 7}, 990'000, "", "person:1"), base::Error);
        record_payment(site, corrected.id, {2027, 6, 4}, 990'000, "", "person:1");
        EXPECT_EQ(find_month(site, kApril).step, Step::Done);
        EXPECT_EQ(list_months(site).size(), 3U);

        // The contract's engine sees it.
        const ContractStatus status = judge_contract(site, town.clock.now());
        for (const contract::Judged& one : status.obligations)
            if (one.obligation->id == "invoice" || one.obligation->id == "completion-notice") {
                EXPECT_TRUE(std::any_of(one.items.begin(), one.items.end(), [](const contract::Item& item) {
                    return item.state == contract::State::Met;
                })) << one.obligation->id;
            }
    }
}

TEST(DocumentTemplates, OfAnAdministratorAreUsedAndRefusedWhenTheyCannotBeRendered) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    NewDocument made;
    made.kind = "notice";
    made.subject = "test:1";
    made.title = "お知らせ";
    made.data.set("paragraphs", tmpl::List{"本文です。"});
    made.data.set("rows", tmpl::List{});
    EXPECT_NE(preview_document(site, made).find("本文です。"), std::string::npos);
    save_document_template(site, "notice.html", "<p>直した様式 {{ title }}</p>", "短くした", 0, "person:1");
    EXPECT_NE(preview_document(site, made).find("直した様式 お知らせ"), std::string::npos);
    EXPECT_THROW(save_document_template(site, "notice.html", "{% if %}", "", 1, "person:1"), base::Error);
    EXPECT_THROW(save_document_template(site, "notice.html", "{% extends \"none.html\" %}", "", 1, "person:1"),
                 base::Error);
    EXPECT_THROW(save_document_template(site, "notice.html", "x", "", 0, "person:2"), base::Error)
        << "somebody was first";
    EXPECT_THROW(save_document_template(site, "../x.html", "x", "", 0, "person:2"), base::Error);
    save_document_template(site, "notice.html", "", "", 1, "person:1");
    EXPECT_NE(preview_document(site, made).find("本文です。"), std::string::npos);
}

TEST(DocumentForms, NameWhatTheyDoNotKnowAndAreRefusedThen) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    const auto save = [&](std::string_view text, int based_on, std::string_view more = "{{発注者}}") {
        save_document_form(site, "incident-final", "様式.docx",
                           forms::testing::word_form(forms::testing::paragraph(text) + forms::testing::paragraph(more)),
                           "", based_on, "person:1");
    };
    try {
        save("{{件名}}{{件各}}{{単価}}", 0);
        ADD_FAILURE();
    } catch (const base::Error& error) {
        EXPECT_NE(error.message().find("件各、単価"), std::string::npos) << error.message();
        EXPECT_EQ(error.message().find("件名"), std::string::npos);
    }
    EXPECT_THROW(save("差込みのない様式", 0, ""), base::Error);
    EXPECT_THROW(save_document_form(site, "invoice", "x.docx", "x", "", 0, "person:1"), base::Error);
    save("{{件名}} {{暫定復旧}}", 0, "{{#措置}}{{措置の内容}}{{/措置}}");  // labels are names too
    EXPECT_THROW(save("{{件名}}", 0), base::Error) << "somebody was first";
    EXPECT_NE(
        forms::testing::part_of(sample_form(site, "incident-final").bytes, "word/document.xml").find("〔措置の内容〕"),
        std::string::npos);
    const tmpl::Map values{{"facts", tmpl::List{tmpl::Map{{"label", "件名"}, {"text", "閲覧できない"}}}},
                           {"client", tmpl::Map{{"name", "サンプル市"}}}};
    const auto filled = fill_document_form(site, "incident-final", values);
    ASSERT_TRUE(filled);
    const std::string text = forms::testing::part_of(filled->file.bytes, "word/document.xml");
    EXPECT_NE(text.find("閲覧できない"), std::string::npos) << text;
    EXPECT_EQ(text.find("{{"), std::string::npos) << text;
    drop_document_form(site, "incident-final", 1, "person:1");
    EXPECT_FALSE(fill_document_form(site, "incident-final", values));
    EXPECT_THROW(drop_document_form(site, "incident-final", 2, "person:1"), base::Error);
}

TEST(DocumentForms, TakeTheTablesOfTheMonthlyReport) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    write_sample_contract(site.folders, "cms");
    live_through_april(site);
    town.clock.set(from_local({{2027, 5, 6}, 9}));
    const auto save = [&](std::string_view text, int based_on) {
        save_document_form(site, "monthly", "様式.docx", forms::testing::word_form(forms::testing::paragraph(text)), "",
                           based_on, "person:1");
    };
    save("{{期間}}{{#毎日のバックアップ}}{{日}}={{ファイル}};{{/毎日のバックアップ}}", 0);
    EXPECT_THROW(save("{{#毎日のバックアップ}}{{件数}}{{/毎日のバックアップ}}", 1), base::Error)
        << "no column of that table";
    EXPECT_NE(forms::testing::part_of(sample_form(site, "monthly").bytes, "word/document.xml").find("〔ファイル〕"),
              std::string::npos);
    const MadeMonth made = make_month(site, kApril, "person:1");
    const documents::DocumentFile* file = made.monthly.find(forms::media_type(forms::Format::Word));
    ASSERT_NE(file, nullptr);
    const std::string text = forms::testing::part_of(site.objects->load(file->hash), "word/document.xml");
    for (const std::string_view row : {"2027-04-01=120;", "2027-04-30=120;"})
        EXPECT_NE(text.find(row), std::string::npos) << row << text;
    EXPECT_EQ(text.find("2027-04-17="), std::string::npos) << "nothing was made on that day";
}

TEST(DocumentTemplates, AreLookedAtBeforeTheyAreSaved) {
    testing::Town town("sqlite");
    Site& site = *town.site;
    for (const documents::DocumentKind& kind : documents::all_kinds()) {
        const std::string file = std::string(kind.id) + ".html";
        EXPECT_NE(preview_document_template(site, file, std::string(built_in_template(file))).find("〔"),
                  std::string::npos)
            << file;
    }
    EXPECT_NE(preview_document_template(site, "letterhead.html", "<p>窓口 {{ number }}</p>").find("窓口 〔文書番号〕"),
              std::string::npos);
    EXPECT_THROW(preview_document_template(site, "notice.html", "{% if %}"), base::Error);
    EXPECT_FALSE(town.read([](sys::Reader& db) { return documents::find_template(db, "letterhead.html"); }));
}

}  // namespace flow
