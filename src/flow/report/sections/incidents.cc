// Incidents that were opened in the month or were open in it.
#include "flow/report/section.h"

namespace flow::report {

namespace {

struct Step {
    std::string_view act, wording;
};
constexpr Step kSteps[] = {{"incident.close", "終結"},        {"incident.prevent", "再発防止"},
                           {"incident.fix", "恒久対応"},      {"incident.restore", "暫定復旧"},
                           {"incident.locate", "箇所の特定"}, {"incident.investigate", "調査"},
                           {"incident.receive", "受付"}};

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("incident");
    Table table{"incidents",
                "障害",
                {{"番号"}, {"件名"}, {"発生・検知"}, {"報告"}, {"暫定復旧"}, {"状況"}},
                {},
                "この月に、障害の記録はありません。"};
    int opened_now = 0, closed_now = 0;
    for (const Story& story : stories_of(lines)) {
        const contract::Line* opened = story.first("incident.open");
        const contract::Line* closed = story.last("incident.close");
        if (opened == nullptr || (closed != nullptr && closed->at < source.month.begin())) continue;
        opened_now += source.holds(opened->at);
        closed_now += closed != nullptr;
        const contract::Line *told = story.first("incident.report"), *restored = story.first("incident.restore");
        std::string standing = "受付前";
        for (const Step& step : kSteps)
            if (story.last(step.act) != nullptr) {
                standing = step.wording;
                break;
            }
        const std::string number = story.newest("number");
        table.rows.push_back(
            {{number.empty() ? story.subject : number, story.newest("title"), time_text(opened->at),
              told ? time_text(told->at) : "未報告",
              restored ? fmt::format("{}（{}）", time_text(restored->at), span_text(restored->at - opened->at))
                       : "未復旧",
              standing},
             story.traces()});
    }
    section.sentences.push_back(
        table.rows.empty() ? "この月に、障害の記録はありません。"
                           : fmt::format("障害は、新しく {}件を登録し、{}件が終結しました。対応中は {}件です。",
                                         opened_now, closed_now, static_cast<int>(table.rows.size()) - closed_now));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind incidents{"incidents", "障害", make};

}  // namespace flow::report
