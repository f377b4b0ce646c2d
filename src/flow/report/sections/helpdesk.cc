// Questions and requests: by channel, how soon they had a first answer in helpdesk hours, and what is still open.
#include <charconv>

#include "flow/report/section.h"
#include "office/helpdesk/store.h"

namespace flow::report {

namespace {

struct Word {
    std::string_view id, wording;
};
constexpr Word kChannels[] = {{"web", "Web"}, {"mail", "メール"}, {"phone", "電話"}, {"form", "予備の窓口"}};
constexpr Word kKinds[] = {{"question", "問合せ"},
                           {"fault", "障害の連絡"},
                           {"correction", "修正の依頼"},
                           {"request", "依頼"},
                           {"consultation", "相談"}};

template <std::size_t N>
std::string wording_of(const Word (&words)[N], const std::string& id) {
    for (const Word& word : words)
        if (word.id == id) return std::string(word.wording);
    return id.empty() ? "―" : id;
}

/// The ledger keeps no title: it is the asker's words. It comes from the desk.
std::string title_of(sys::Reader& db, const std::string& subject) {
    std::int64_t id = 0;
    const auto colon = subject.find(':');
    if (colon != std::string::npos) std::from_chars(subject.data() + colon + 1, subject.data() + subject.size(), id);
    const auto found = helpdesk::find_question(db, helpdesk::QuestionId{id});
    return found ? found->title : "―";
}

struct Sum {
    std::int64_t count = 0, answered = 0;
    std::chrono::milliseconds to_answer{0};
    std::vector<Trace> traces;
};

void make(const Source& source, Section& section) {
    const Lines lines = source.all_lines("desk");
    const calendar::OfficeCalendar* hours = nullptr;
    if (source.contract && source.contract->calendars.contains("helpdesk"))
        hours = &source.contract->calendars.at("helpdesk");
    std::map<std::string, Sum> channels;
    Sum all;
    Table open{"open-requests",
               "月末の時点で終わっていないもの",
               {{"番号"}, {"種類"}, {"件名"}, {"受付"}, {"最初の回答"}},
               {},
               "終わっていないものはありません。"};
    for (const Story& story : stories_of(lines)) {
        const contract::Line *came = story.first("desk.receive"), *answered = story.first("desk.answer"),
                             *closed = story.last("desk.close");
        if (came == nullptr) continue;
        if (source.holds(came->at)) {
            for (Sum* sum : {&channels[text_of(*came, "channel")], &all}) {
                ++sum->count;
                sum->traces.push_back(trace_of(*came));
                if (answered == nullptr) continue;
                ++sum->answered;
                sum->traces.push_back(trace_of(*answered));
                sum->to_answer +=
                    hours ? calendar::business_time_between(*hours, came->at, answered->at) : answered->at - came->at;
            }
        }
        const contract::Line* again = story.last("desk.ask");
        if (closed == nullptr || (again != nullptr && again->at > closed->at)) {
            const std::string number = story.newest("number");
            open.rows.push_back(
                {{number.empty() ? story.subject : number, wording_of(kKinds, story.newest("kind")),
                  source.site.database->read([&](sys::Reader& db) { return title_of(db, story.subject); }),
                  time_text(came->at), answered ? time_text(answered->at) : "まだ"},
                 story.traces()});
        }
    }
    if (all.count == 0)
        section.sentences.push_back("この月に受け付けた問合せと依頼の記録はありません。");
    else
        section.sentences.push_back(
            fmt::format("問合せと依頼を {}件受け付け、{}件に回答しました。最初の回答までの時間は、{}平均 {} です。",
                        all.count, all.answered, hours ? "受付時間の中で数えて" : "",
                        all.answered == 0 ? "―" : span_text(all.to_answer / all.answered)));
    Table table{"helpdesk",
                "受付の方法ごとの件数",
                {{"受付の方法"}, {"件数", true}, {"回答した件数", true}, {"最初の回答まで（平均）", true}},
                {},
                "記録はありません。"};
    for (const auto& [channel, sum] : channels)
        table.rows.push_back({{wording_of(kChannels, channel), count_text(sum.count), count_text(sum.answered),
                               sum.answered == 0 ? "―" : span_text(sum.to_answer / sum.answered)},
                              sum.traces});
    section.tables.push_back(std::move(table));
    section.tables.push_back(std::move(open));
}

}  // namespace

extern const SectionKind helpdesk{"helpdesk", "問合せと依頼", make};

}  // namespace flow::report
