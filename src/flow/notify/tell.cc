#include "flow/notify/tell.h"

#include "ground/base/text.h"
#include "press/content/store.h"
#include "press/workflow/store.h"

namespace flow {

std::string one_line(std::string_view text) {
    std::string line = base::to_valid_utf8(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    const std::string_view cut = base::first_code_points(line, 100);
    return cut.size() < line.size() ? std::string(cut) + "…" : line;
}

std::string name_of(const content::Page& page) {
    return one_line(page.title.empty() ? "/" + page.path : page.title);
}

std::string name_of(sys::Reader& db, base::PersonId person) {
    const auto found = people::find_person(db, person);
    return found ? one_line(found->name) : "システム";
}

std::string time_text(base::Instant at) {
    const base::LocalTime time = base::to_local(at);
    return fmt::format("{}年{}月{}日 {}:{:02}", time.day.year, time.day.month, time.day.day, time.hour, time.minute);
}

std::string line_of(std::string_view label, std::string_view value) {
    if (value.empty()) return {};
    return fmt::format("{}：{}\n", label, value);
}

std::string about(const content::Page& page) {
    const auto path = base::percent_decode(page.path);
    return line_of("ページ", name_of(page)) + line_of("場所", one_line("/" + path.value_or(page.path)));
}

bool tell(sys::Transaction& tx, notify::Notice notice) {
    const auto person = people::find_person(tx, notice.person);
    if (!person) return false;
    if (person->state != people::PersonState::Active) {
        const auto successor = people::find_successor(tx, person->id);
        if (!successor || *successor == person->id) return false;
        notice.person = *successor;
    }
    return notify::add(tx, notice);
}

std::string asked_key(const workflow::Standing& standing) {
    return fmt::format("asked:{}:{}:{}:", standing.page.value, standing.round, standing.step);
}

int tell_asked(sys::Transaction& tx, Site& site, base::PageId id) {
    const workflow::Standing standing = workflow::find_standing(tx, id);
    if (standing.state != workflow::State::Submitted) return 0;
    const content::Page page = content::load_page(tx, id);
    const bool is_withdrawal = standing.matter == workflow::Matter::Withdraw;
    int made = 0;
    for (const workflow::Candidate& asked : workflow::list_asked(tx, id)) {
        notify::Notice notice;
        notice.key = asked_key(standing) + std::to_string(asked.person.value);
        notice.kind = "asked";
        notice.person = asked.person;
        notice.page = id;
        notice.title = (is_withdrawal ? "公開終了の承認依頼：" : "承認依頼：") + name_of(page);
        notice.text = about(page) + line_of("依頼した人", name_of(tx, standing.submitted_by)) +
                      line_of("コメント", one_line(standing.comment));
        if (standing.publish_at != base::Instant{})
            notice.text += line_of(is_withdrawal ? "公開終了の予定" : "公開の予定", time_text(standing.publish_at));
        if (asked.on_behalf_of) notice.text += line_of("代理", name_of(tx, asked.on_behalf_of) + "さんの代わり");
        notice.path = fmt::format("/pages/{}/review", id.value);
        notice.made_at = site.clock.now();
        if (tell(tx, std::move(notice))) ++made;
    }
    return made;
}

bool still_holds(sys::Reader& db, const notify::Notice& notice) {
    if (notice.kind == "asked" || notice.kind == "reminder") {
        const workflow::Standing standing = workflow::find_standing(db, notice.page);
        if (standing.state != workflow::State::Submitted) return false;
        const std::string asked = asked_key(standing);
        const std::string reminder = "reminder" + asked.substr(asked.find(':'));
        if (!notice.key.starts_with(asked) && !notice.key.starts_with(reminder)) return false;
        const auto people = workflow::list_asked(db, notice.page);
        return std::any_of(people.begin(), people.end(),
                           [&](const workflow::Candidate& one) { return one.person == notice.person; });
    }
    if (notice.kind == "emergency" || notice.kind == "emergency-open") {
        for (const workflow::Emergency& each : workflow::list_emergencies(db, notice.page, 50))
            if (notice.key.starts_with(fmt::format("{}:{}:", notice.kind, each.id))) return !each.approved_by;
        return false;
    }
    if (notice.kind == "takedown") {
        const auto page = content::find_page(db, notice.page);
        return page && page->live;
    }
    return true;
}

}  // namespace flow
