// Planned stops: of this month with what was told when, and those to come.
#include "flow/report/section.h"

namespace flow::report {

namespace {

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("stop");
    const auto table_of = [](std::string id, std::string caption, std::string none) {
        return Table{std::move(id),
                     std::move(caption),
                     {{"番号"}, {"件名"}, {"予定の始まり"}, {"利用者への周知"}, {"職員への周知"}, {"状況"}},
                     {},
                     std::move(none)};
    };
    Table now = table_of("stops", "この月の計画停止", "この月の計画停止はありません。");
    Table next = table_of("stops-next", "翌月以降の計画停止", "翌月以降に決まっている計画停止はありません。");
    for (const Story& story : stories_of(lines)) {
        const contract::Line* planned = story.last("stop.plan");
        if (planned == nullptr) continue;
        const auto starts = base::parse_utc(text_of(*planned, "starts_at"));
        if (!starts || *starts < source.month.begin()) continue;
        const auto told = [&](std::string_view audience) {
            const contract::Line* found = nullptr;
            for (const contract::Line* line : story.lines)
                if (line->act == "stop.tell" && text_of(*line, "audience") == audience &&
                    text_of(*line, "round") ==
                        text_of(*planned, "round"))  // of what was planned before, nothing counts
                    found = line;
            return found ? time_text(happened(*found)) : std::string("まだ");
        };
        const std::string number = story.newest("number");
        const std::string standing = story.last("stop.cancel")  ? "中止"
                                     : story.last("stop.end")   ? "終了"
                                     : story.last("stop.start") ? "停止中"
                                                                : "予定";
        Table& table = *starts < source.month.end() ? now : next;
        table.rows.push_back({{number.empty() ? story.subject : number, story.newest("title"), time_text(*starts),
                               told("residents"), told("staff"), standing},
                              story.traces()});
    }
    section.sentences.push_back(fmt::format("この月の計画停止は {}件、翌月以降に決まっているものは {}件です。",
                                            now.rows.size(), next.rows.size()));
    section.tables.push_back(std::move(now));
    section.tables.push_back(std::move(next));
}

}  // namespace

extern const SectionKind stops{"stops", "計画停止", make};

}  // namespace flow::report
