// Weaknesses of software: received, judged, due, done; patches and versions.
#include "flow/report/section.h"
#include "office/vulnerabilities/store.h"

namespace flow::report {

namespace {

std::string verdict_text(const std::string& id) {
    const auto verdict = vulnerabilities::find_verdict(id);
    return verdict ? std::string(vulnerabilities::verdict_wording(*verdict)) : id;
}

/// The lines of a patch or a new version stand with each thing that it answers: they are one by its number.
std::vector<Story> patches_of(const Source& source, Lines& lines) {
    for (const std::string_view group : {"patch", "version", "packages"}) {
        Lines more = source.all_lines(group);
        std::move(more.begin(), more.end(), std::back_inserter(lines));
    }
    std::sort(lines.begin(), lines.end(), [](const contract::Line& a, const contract::Line& b) {
        return std::tie(a.at, a.stream, a.sequence) < std::tie(b.at, b.stream, b.sequence);
    });
    std::map<std::string, std::size_t> known;
    std::vector<Story> all;
    for (const contract::Line& line : lines) {
        const std::string number = text_of(line, "patch");
        const std::string key = number.empty() ? line.subject : "patch:" + number;
        const auto [place, is_new] = known.emplace(key, all.size());
        if (is_new) all.push_back({key, {}});
        all[place->second].lines.push_back(&line);
    }
    return all;
}

const contract::Line* first_of(const Story& story, std::string_view verb) {
    for (const contract::Line* line : story.lines)
        if (line->act.ends_with(verb)) return line;
    return nullptr;
}
const contract::Line* last_of(const Story& story, std::string_view verb) {
    const contract::Line* found = nullptr;
    for (const contract::Line* line : story.lines)
        if (line->act.ends_with(verb)) found = line;
    return found;
}

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("vulnerability");
    Lines patches;
    Table table{"vulnerabilities",
                "脆弱性",
                {{"番号"}, {"件名"}, {"受信"}, {"報告の期限"}, {"判定"}, {"判定日"}, {"報告"}},
                {},
                "この月に扱った脆弱性の記録はありません。"};
    int received = 0, judged = 0, undecided = 0;
    for (const Story& story : stories_of(lines)) {
        const contract::Line *came = story.first("vulnerability.receive"), *decided = story.last("vulnerability.judge"),
                             *told = story.last("vulnerability.report");
        // That its days were counted anew is no handling of it.
        const bool is_moved = std::any_of(story.lines.begin(), story.lines.end(), [&](const contract::Line* line) {
            return source.holds(line->at) && line->act != "vulnerability.deadline";
        });
        undecided += came != nullptr && decided == nullptr;
        if (!is_moved && decided != nullptr) continue;
        received += came != nullptr && source.holds(came->at);
        judged += decided != nullptr && source.holds(decided->at);
        const std::string title = story.newest("title"), name = story.newest("number");
        const auto due = base::parse_utc(story.newest("due_at"));
        table.rows.push_back(
            {{name.empty() ? story.subject : name, title, came ? time_text(came->at) : "―",
              due ? deadline_text(*due) : "―", verdict_text(decided ? text_of(*decided, "verdict") : ""),
              decided ? time_text(decided->at) : "―", told ? time_text(told->at) : "―"},
             story.traces()});
    }
    section.sentences.push_back(fmt::format(
        "脆弱性の情報を {}件受け、{}件を判定しました。判定していないものは {}件です。", received, judged, undecided));
    Table done{"patches",
               "修正と更新",
               {{"対象"}, {"内容"}, {"見つけた日"}, {"決定"}, {"適用"}, {"試験"}},
               {},
               "この月の修正・更新の記録はありません。"};
    for (const Story& story : patches_of(source, patches)) {
        const contract::Line *came = first_of(story, ".find"), *decided = last_of(story, ".decide"),
                             *applied = last_of(story, ".apply");
        const bool is_declined = decided != nullptr && text_of(*decided, "decision") == "decline";
        const std::string component = story.newest("component");
        if (!std::any_of(story.lines.begin(), story.lines.end(),
                         [&](const contract::Line* line) { return source.holds(line->at); }))
            continue;
        done.rows.push_back({{component.empty() ? story.subject : component, story.newest("title"),
                              came ? time_text(came->at) : "―", decided ? time_text(decided->at) : "―",
                              applied       ? time_text(applied->at)
                              : is_declined ? "見送り"
                                            : "未適用",
                              applied == nullptr                         ? "―"
                              : text_of(*applied, "tested") == "true"    ? "試験環境で確認"
                              : text_of(*applied, "emergency") == "true" ? "緊急のため省略"
                                                                         : "記録なし"},
                             story.traces()});
    }
    section.tables.push_back(std::move(table));
    section.tables.push_back(std::move(done));
}

}  // namespace

extern const SectionKind vulnerabilities{"vulnerabilities", "脆弱性と修正", make};

}  // namespace flow::report
