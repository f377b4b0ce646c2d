// Weaknesses of software: received, judged, due, done; patches and versions.
#include "flow/report/section.h"

namespace flow::report {

namespace {

struct Verdict {
    std::string_view id, wording;
};
constexpr Verdict kVerdicts[] = {
    {"not-ours", "対象外"}, {"not-affected", "影響なし"}, {"act", "対応する"}, {"watch", "経過を見る"}};

std::string verdict_text(const std::string& id) {
    for (const Verdict& verdict : kVerdicts)
        if (verdict.id == id) return std::string(verdict.wording);
    return id.empty() ? "未判定" : id;
}

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("vulnerability"), patches = source.all_lines("patch");
    Table table{"vulnerabilities",
                "脆弱性",
                {{"番号"}, {"件名"}, {"受信"}, {"判定"}, {"判定日"}, {"報告"}},
                {},
                "この月に扱った脆弱性の記録はありません。"};
    int received = 0, judged = 0, undecided = 0;
    for (const Story& story : stories_of(lines)) {
        const contract::Line *came = story.first("vulnerability.receive"), *decided = story.last("vulnerability.judge"),
                             *told = story.last("vulnerability.report");
        const bool is_moved = std::any_of(story.lines.begin(), story.lines.end(),
                                          [&](const contract::Line* line) { return source.holds(line->at); });
        undecided += came != nullptr && decided == nullptr;
        if (!is_moved && decided != nullptr) continue;
        received += came != nullptr && source.holds(came->at);
        judged += decided != nullptr && source.holds(decided->at);
        const std::string title = story.newest("title"), name = story.newest("external_id");
        table.rows.push_back({{name.empty() ? story.subject : name, title, came ? time_text(came->at) : "―",
                               verdict_text(decided ? text_of(*decided, "verdict") : ""),
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
    for (const Story& story : stories_of(patches)) {
        const contract::Line *came = story.first("patch.find"), *decided = story.last("patch.decide"),
                             *applied = story.last("patch.apply");
        if (!std::any_of(story.lines.begin(), story.lines.end(),
                         [&](const contract::Line* line) { return source.holds(line->at); }))
            continue;
        done.rows.push_back({{story.subject, story.newest("title"), came ? time_text(came->at) : "―",
                              decided ? time_text(decided->at) : "―", applied ? time_text(applied->at) : "未適用",
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
