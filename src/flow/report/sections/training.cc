// Trainings, what was handed over for them, visits.
#include "flow/report/section.h"
#include "office/training/course.h"

namespace flow::report {

namespace {

struct Act {
    std::string_view id, wording;
};
constexpr Act kActs[] = {{"training.held", "研修の実施"},     {"training.makeup", "補講の実施"},
                         {"training.deliver", "資料の納品"},  {"training.agree", "方法の合意"},
                         {"training.open", "研修環境の用意"}, {"visit.done", "訪問"}};

void make(const Source& source, Section& section) {
    Table table{"training",
                "研修と訪問",
                {{"日時"}, {"内容"}, {"対象"}, {"備考"}},
                {},
                "この月の研修と訪問の記録はありません。"};
    int held = 0, visits = 0;
    for (const std::string_view group : {"training", "visit"})
        for (const contract::Line& line : source.month_lines(group)) {
            const auto* act =
                std::find_if(std::begin(kActs), std::end(kActs), [&](const Act& each) { return each.id == line.act; });
            if (act == std::end(kActs)) continue;
            held += line.act == "training.held";
            visits += line.act == "visit.done";
            std::string what = text_of(line, "title");
            const auto course = training::find_course(text_of(line, "course"));
            if (what.empty() && course) what = training::course_name(*course);
            for (const std::string_view field : {"place", "method"})
                if (what.empty()) what = text_of(line, field);
            std::string more = text_of(line, "came");
            if (!more.empty()) more = fmt::format("出席 {}人", more);
            if (more.empty()) more = text_of(line, "hosts");
            // Held or visited then; entered perhaps days later.
            const bool has_begun =
                line.act == "training.held" || line.act == "training.makeup" || line.act == "visit.done";
            const auto began = has_begun ? base::parse_utc(text_of(line, "starts_at")) : std::nullopt;
            table.rows.push_back({{time_text(began.value_or(line.at)), std::string(act->wording),
                                   what.empty() ? line.subject : what, std::move(more)},
                                  {trace_of(line)}});
        }
    section.sentences.push_back(fmt::format("研修を {}回、訪問を {}回行いました。", held, visits));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind training{"training", "研修と訪問", make};

}  // namespace flow::report
