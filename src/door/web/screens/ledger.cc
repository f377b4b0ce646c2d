// 業務記録: who did what and when, as sentences; search by person, page, act and day; a range to take away; and the
// check that nothing in it was changed, with the last time that it was made. The watch keeps a stream of its own, which
// is read and taken away here too.

#include <algorithm>

#include <boost/json.hpp>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "flow/verify_ledger.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "press/content/store.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr int kRows = 50;
constexpr int kAtOnce = 1000;
constexpr std::int64_t kMostExported = 100'000;
constexpr std::size_t kMostBytes = 128U << 20;
constexpr int kMostMatches = 20;

struct Asked {
    ledger::Search search;
    http::Fields fields;  ///< as asked, without the page
    std::string problem;
    tmpl::List people;  ///< to choose from, when the words fit several
};

base::Instant start_of(base::Day day) {
    return base::from_local({day, 0, 0, 0, 0});
}

/// Fields come from the address, or from the form of an export.
Asked read_search(Context& context, sys::Reader& db) {
    const bool is_form = context.request.method == "POST";
    const auto words = [&](std::string_view name) {
        const std::string text = is_form ? context.field(name) : std::string(context.request.query.get(name));
        return std::string(base::first_code_points(base::trim(text), 300));
    };
    Asked asked;
    for (const std::string_view name : {"stream", "person", "page", "subject", "act", "from", "until"})
        asked.fields.add(std::string(name), words(name));
    if (const std::string person = words("person"); !person.empty()) {
        people::PeopleQuery query;
        query.words = person;
        query.limit = kMostMatches;
        std::vector<people::Person> found = people::list_people(db, query);
        const auto exact = people::find_person(db, person);
        if (exact) found = {*exact};
        if (found.size() == 1) {
            asked.search.by = fmt::format("person:{}", found.front().id.value);
        } else if (person.starts_with("system:") || person.starts_with("service:")) {
            asked.search.by = person;
        } else {
            asked.problem =
                found.empty() ? "この名前の利用者はいません。" : "当てはまる人が何人もいます。選んでください。";
            for (const people::Person& one : found) {
                http::Fields fields;
                for (const auto& [name, value] : asked.fields)
                    fields.add(name, name == "person" ? one.login_name : value);
                asked.people.push_back(
                    tmpl::Map{{"name", noted(one.name, one.login_name)}, {"path", address_of("/ledger", fields)}});
            }
        }
    }
    if (words("stream") == ledger::kWatch) asked.search.stream = ledger::kWatch;
    asked.search.subject = words("subject");
    if (const std::string page = words("page"); !page.empty()) {
        std::string path = page;
        while (path.starts_with('/')) path.erase(0, 1);
        auto found = content::find_page(db, path);
        if (!found) found = content::find_page(db, base::percent_encode(path));
        if (found)
            asked.search.subject = fmt::format("page:{}", found->id.value);
        else
            asked.problem = "この場所のページは見つかりません。「/kurashi/gomi/index.html」のように入れてください。";
    }
    const std::string act = words("act");
    if (ledger::is_known_act(act) || act.find('.') == std::string::npos) asked.search.act = act;
    if (const auto from = base::parse_day(words("from"))) asked.search.from = start_of(*from);
    if (const auto until = base::parse_day(words("until"))) asked.search.until = start_of(*until + 1);
    asked.search.before = is_form ? 0 : query_number(context, "before");
    asked.search.limit = kRows + 1;
    return asked;
}

/// Those of the watch lie in its own database.
std::vector<ledger::Line> find_lines(Context& context, sys::Reader& office, const ledger::Search& search) {
    if (search.stream == ledger::kOffice) return ledger::find_lines(office, search);
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) return {};
    return watch->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
}

/// When the whole ledger was last checked, and what came of it.
tmpl::Value last_check(sys::Reader& db, Names& names, base::Instant now) {
    ledger::Search search;
    search.act = "ledger.verify";
    search.limit = 1;
    const auto lines = ledger::find_lines(db, search);
    if (lines.empty()) return false;
    const ledger::Entry& entry = lines.front().entry;
    const auto detail = boost::json::parse(entry.detail).as_object();
    const auto* ok = detail.if_contains("ok");
    const auto* entries = detail.if_contains("entries");
    return tmpl::Map{{"time", short_time(entry.at, now)},
                     {"who", who_of(names, entry.by)},
                     {"is_whole", ok != nullptr && ok->is_bool() && ok->get_bool()},
                     {"entries", entries != nullptr && entries->is_int64() ? entries->get_int64() : std::int64_t{0}}};
}

tmpl::List act_choices(std::string_view chosen) {
    tmpl::List list{choice("", say("すべて"), chosen)};
    for (const ledger::Act& act : ledger::all_acts()) list.push_back(choice(act.id, say(act.wording), chosen));
    return list;
}

http::Response show(Context& context, tmpl::List problems, int status) {
    context.require(Act::LedgerRead);
    tmpl::List rows, acts;
    tmpl::Value checked;
    std::string next, first;
    Asked asked;
    Names names(context.db());
    context.db().read([&](sys::Reader& db) {
        asked = read_search(context, db);
        first = address_of("/ledger", asked.fields);
        acts = act_choices(asked.search.act);
        checked = last_check(db, names, context.now());
        if (!asked.problem.empty()) return;
        std::vector<ledger::Line> lines = find_lines(context, db, asked.search);
        if (lines.size() > kRows) {
            lines.pop_back();
            http::Fields fields = asked.fields;
            fields.add("before", std::to_string(lines.back().sequence));
            next = address_of("/ledger", fields);
        }
        for (const ledger::Line& line : lines) rows.push_back(row_of(context, db, names, line));
    });
    const bool is_first = asked.search.before == 0;
    const auto field = [&](std::string_view name) { return std::string(asked.fields.get(name)); };
    const std::int64_t count = static_cast<std::int64_t>(rows.size());
    return context.page({"screens/ledger/list.html", "業務記録", {}, status},
                        {{"problem", say(asked.problem)},
                         {"people", std::move(asked.people)},
                         {"person_words", field("person")},
                         {"page_words", field("page")},
                         {"streams", tmpl::List{choice("", say("職員と業務"), field("stream")),
                                                choice(ledger::kWatch, say("監視とバックアップ"), field("stream"))}},
                         {"stream", field("stream")},
                         {"subject", field("subject")},
                         {"act", field("act")},
                         {"acts", std::move(acts)},
                         {"from", field("from")},
                         {"until", field("until")},
                         {"rows", std::move(rows)},
                         {"count", count},
                         {"is_first", is_first},
                         {"first", first},
                         {"next", next},
                         {"checked", std::move(checked)},
                         {"faults", std::move(problems)},
                         {"may_export", context.may(Act::LedgerExport)}});
}

http::Response list(Context& context) {
    return show(context, {}, 200);
}

// --- checking

http::Response verify(Context& context) {
    context.require(Act::LedgerRead);
    const auto lock = sys::FileLock::find(context.site().folders.run / "verify-ledger.lock");
    if (!lock) throw Error(Kind::Conflict, "ほかの人が検証しています。終わるまでお待ちください。");
    ledger::Report report = flow::verify_ledger(context.site(), ledger::kOffice);
    if (context.site().find_watch() != nullptr) {
        const ledger::Report watch = flow::verify_ledger(context.site(), ledger::kWatch);
        report.entries += watch.entries;
        for (ledger::Problem one : watch.problems) {
            one.message = fmt::format("watch: {}", one.message);
            report.problems.push_back(std::move(one));
        }
    }
    context.db().write([&](sys::Transaction& tx) {
        const boost::json::object detail{{"ok", report.is_whole()},
                                         {"entries", report.entries},
                                         {"first", report.first},
                                         {"last", report.last},
                                         {"problems", report.problems.size()}};
        ledger::append(tx, {context.now(), fmt::format("person:{}", context.person.id.value), "ledger.verify", "",
                            boost::json::serialize(detail)});
    });
    if (report.is_whole())
        return context.go(
            "/ledger", Flash{Flash::Kind::Good,
                             fmt::format("業務記録{}件を検証しました。書き換えや抜けはありません。", report.entries)});
    tmpl::List problems;
    for (const ledger::Problem& problem : report.problems) {
        if (problems.size() == 100) break;
        problems.push_back(tmpl::Map{{"sequence", problem.sequence},
                                     {"kind", say(fault_words(problem.fault))},
                                     {"message", say(problem.message)}});
    }
    return show(context, std::move(problems), 200);
}

// --- taking a range away

/// All lines that the search finds, oldest first.
std::vector<ledger::Line> collect(Context& context, sys::Reader& db, ledger::Search search) {
    search.limit = kAtOnce;
    std::vector<ledger::Line> all;
    std::size_t bytes = 0;
    for (;;) {
        std::vector<ledger::Line> lines = find_lines(context, db, search);
        for (ledger::Line& line : lines) {
            bytes += line.entry.detail.size() + 300;
            all.push_back(std::move(line));
        }
        if (static_cast<std::int64_t>(all.size()) > kMostExported || bytes > kMostBytes)
            throw Error(
                Kind::BadInput,
                fmt::format("一度に書き出せるのは{}件までです。期間を短くするか、運用担当者に yakuba ledger export を"
                            "依頼してください。",
                            kMostExported));
        if (lines.size() < kAtOnce) break;
        search.before = all.back().sequence;
    }
    std::reverse(all.begin(), all.end());
    return all;
}

std::string as_json_lines(const std::vector<ledger::Line>& lines) {
    std::string text;
    for (const ledger::Line& line : lines)
        text += ledger::write_line(line.stream, {line.sequence - 1, line.previous}, line.entry) + "\n";
    return text;
}

std::string as_csv(sys::Reader& db, Names& names, const std::vector<ledger::Line>& lines) {
    std::string text = "\xEF\xBB\xBF";
    text += base::csv_line(std::vector<std::string>{"番号", "日時", "誰が", "操作", "内容", "対象", "詳細"});
    for (const ledger::Line& line : lines)
        text += base::csv_line(std::vector<std::string>{
            std::to_string(line.sequence), base::format_local(line.entry.at), who_of(names, line.entry.by),
            line.entry.act, sentence_of(db, line.entry), line.entry.subject, line.entry.detail});
    return text;
}

http::Response export_range(Context& context) {
    context.require(Act::LedgerExport);
    const bool is_csv = context.field("format") == "csv";
    std::string text, stream;
    std::size_t count = 0;
    std::int64_t first = 0, last = 0;
    Names names(context.db());
    context.db().read([&](sys::Reader& db) {
        const Asked asked = read_search(context, db);
        if (!asked.problem.empty()) throw Error(Kind::BadInput, asked.problem);
        stream = asked.search.stream;
        const auto lines = collect(context, db, asked.search);
        count = lines.size();
        if (!lines.empty()) first = lines.front().sequence, last = lines.back().sequence;
        text = is_csv ? as_csv(db, names, lines) : as_json_lines(lines);
    });
    context.db().write([&](sys::Transaction& tx) {
        const boost::json::object detail{{"stream", stream},
                                         {"entries", count},
                                         {"first", first},
                                         {"last", last},
                                         {"format", is_csv ? "csv" : "jsonl"}};
        ledger::append(tx, {context.now(), fmt::format("person:{}", context.person.id.value), "ledger.export", "",
                            boost::json::serialize(detail)});
    });
    const std::string day = base::format_day(base::local_day(context.now()));
    return http::download(
        std::move(text),
        fmt::format("{}{}.{}", stream == ledger::kWatch ? "監視の記録" : "業務記録", day, is_csv ? "csv" : "jsonl"),
        is_csv ? "text/csv; charset=utf-8" : "application/x-ndjson");
}

constexpr Route kRoutes[] = {
    {"GET", "/ledger", list},
    {"POST", "/ledger/verify", verify},
    {"POST", "/ledger/export", export_range},
};

}  // namespace

extern const Screen ledger_screen{"ledger",         "業務記録",      "/ledger", "ledger", Place::Administration,
                                  Access::SignedIn, Act::LedgerRead, kRoutes};

}  // namespace web
