// What ends in the months after the report: licences and the support of software, as the registers have them.
#include "flow/report/section.h"
#include "ground/calendar/era.h"
#include "office/registers/store.h"

namespace flow::report {

namespace {

constexpr int kAhead = 184;  // days: half a year

struct Kind {
    std::string_view id, wording;
};
constexpr Kind kKinds[] = {{"licence", "使用権"}, {"support", "サポート"}};

void make(const Source& source, Section& section) {
    const base::Day end = std::min(source.month.last(), base::local_day(source.now));
    Table table{"licences",
                "半年以内に期限が来るもの",
                {{"種類"}, {"名前"}, {"期限"}, {"残りの日数", true}},
                {},
                "半年以内に期限が来るものはありません。"};
    std::size_t known = 0, over = 0;
    for (const Kind& kind : kKinds) {
        const Lines lines = source.all_lines(kind.id);
        std::map<std::string, Story> stories;
        for (Story& story : stories_of(lines)) stories[story.subject] = std::move(story);
        const auto entries = source.site.database->read(
            [&](sys::Reader& db) { return registers::list_entries(db, kind.id, registers::Which::All); });
        for (const registers::Entry& one : entries) {
            if (one.ended_on && *one.ended_on <= end) continue;
            ++known;
            if (!one.due || *one.due > end + kAhead) continue;
            over += *one.due < end;
            const auto story = stories.find(fmt::format("{}:{}", kind.id, one.id));
            table.rows.push_back(
                {{std::string(kind.wording), one.name, calendar::format_era(*one.due),
                  *one.due < end ? "過ぎています" : count_text(base::day_number(*one.due) - base::day_number(end))},
                 story == stories.end() ? std::vector<Trace>() : story->second.traces()});
        }
    }
    section.sentences.push_back(
        known == 0 ? "使用権とサポートの期限は、台帳に登録されていません。"
                   : fmt::format("台帳にある使用権とサポート {}件のうち、半年以内に期限が来るものは {}件です。", known,
                                 table.rows.size()));
    if (over > 0)
        section.sentences.push_back(fmt::format("期限を過ぎているものが {}件あります。更新か終了を決めます。", over));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind licences{"licences", "使用権とサポートの期限", make};

}  // namespace flow::report
