// The engine. Each kind makes its items from the lines that concern it; then each item is given its state, and the
// obligation the worst of them.
#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "office/contract/due.h"
#include "office/contract/obligations.h"

namespace contract {

namespace {

using base::Instant;
using std::chrono::minutes;

constexpr std::string_view kDone = "done", kEvent = "event", kCancelled = "cancelled";

using Lines = std::vector<const Line*>;

bool is_recorded(const Obligation& obligation, const Line& line, std::string_view what) {
    return line.act == kRecordAct && find_value(line, "obligation") == obligation.id &&
           find_value(line, "what") == what;
}

minutes begun_minutes(Instant from, Instant to) {
    if (to <= from) return minutes(0);
    return std::chrono::ceil<minutes>(to - from);
}

Evidence evidence_of(const Line& line) {
    return {line.stream, line.sequence, line.at, line.act, line.subject};
}

void add_evidence(Item& item, const Line& line) {
    if (item.evidence.size() >= kMostEvidence) item.evidence.erase(item.evidence.begin());
    item.evidence.push_back(evidence_of(line));
}

/// A moment in a line's field, in one of the forms that times are written in.
std::optional<Instant> find_moment(const Line& line, std::string_view field) {
    const auto text = find_value(line, field);
    return text ? base::parse_instant(*text) : std::nullopt;
}

class Judge {
  public:
    Judge(const Contract& contract, const Obligation& obligation, const std::vector<const Line*>& lines, Instant at)
        : contract_(contract), obligation_(obligation), at_(at), force_(in_force(contract, obligation)) {
        for (const Line* line : lines) {
            if (fits_any(obligation.evidence, *line) || is_recorded(obligation, *line, kDone))
                evidence_.push_back(line);
            if (fits_any(obligation.event, *line) || is_recorded(obligation, *line, kEvent)) events_.push_back(line);
            if (fits_any(obligation.cancelled, *line) || is_recorded(obligation, *line, kCancelled))
                cancels_.push_back(line);
            const bool is_other = fits_any(obligation.proved, *line) || fits_any(obligation.removed, *line) ||
                                  fits_any(obligation.broken, *line) || fits_any(obligation.mended, *line);
            if (is_other || (!evidence_.empty() && evidence_.back() == line)) story_.push_back(line);
        }
        if (!obligation.done_moment.empty())
            std::stable_sort(evidence_.begin(), evidence_.end(),
                             [&](const Line* a, const Line* b) { return done_at(*a) < done_at(*b); });
        if (obligation.kind == Kind::Within || obligation.kind == Kind::Ahead) sort_by_subject();
    }

    std::vector<Item> items(Instant from, Instant to) {
        switch (obligation_.kind) {
            case Kind::Every:
                return every(from, to);
            case Kind::Count:
                return counted(from, to);
            case Kind::Within:
            case Kind::Ahead:
                return of_events();
            case Kind::Standing:
                return obligation_.is_each ? each_standing() : std::vector{standing()};
            case Kind::Continuous:
                return {continuous()};
        }
        return {};
    }

  private:
    void settle(Item& item) const {
        if (item.state == State::NotApplicable) return;
        const bool is_done = item.done_at.has_value();
        item.lateness = begun_minutes(item.due, is_done ? *item.done_at : at_);
        item.state = is_done             ? State::Met
                     : at_ >= item.due   ? State::Late
                     : at_ >= item.start ? State::Due
                                         : State::NotYet;
        item.percent = is_done ? 0 : percent_gone(contract_, obligation_, item.start, item.due, at_);
    }

    /// When it was done: what is handed over today may be written down tomorrow, but not ahead of time.
    Instant done_at(const Line& line) const {
        if (obligation_.done_moment.empty()) return line.at;
        return std::min(find_moment(line, obligation_.done_moment).value_or(line.at), line.at);
    }

    static bool names(const Line& line, std::string_view field, std::string_view key) {
        return std::any_of(line.data.begin(), line.data.end(),
                           [&](const auto& each) { return each.first == field && each.second == key; });
    }

    std::vector<Item> every(Instant from, Instant to) const {
        std::vector<Item> items;
        auto next = evidence_.begin();
        for (const Turn& turn : list_turns(contract_, obligation_, from, to)) {
            Item item;
            item.key = turn.key;
            item.start = turn.start;
            item.due = turn.due;
            // Turns come in order, so what was before this one is before all that follow.
            while (next != evidence_.end() && done_at(**next) < turn.start && obligation_.names.empty()) ++next;
            for (auto at = next; at != evidence_.end(); ++at) {
                const Line& line = **at;
                const Instant done = done_at(line);
                if (obligation_.names.empty() ? done < turn.start : !names(line, obligation_.names, turn.key)) continue;
                if (item.done_at && done >= turn.due) break;  // one that comes late is enough
                if (!item.done_at) item.done_at = done;
                add_evidence(item, line);
            }
            settle(item);
            items.push_back(std::move(item));
        }
        return items;
    }

    std::vector<Item> counted(Instant from, Instant to) const {
        std::vector<Item> items;
        for (const Turn& turn : list_turns(contract_, obligation_, from, to)) {
            Item item;
            item.key = turn.key;
            item.start = turn.start;
            item.due = turn.due;
            item.wanted = obligation_.times;
            std::set<std::string_view> seen;
            for (const Line* line : evidence_) {
                const bool says_when = find_value(*line, "period").has_value();
                const bool is_of_turn =
                    says_when ? names(*line, "period", turn.key) : line->at >= turn.start && line->at < turn.due;
                // One visit counts once, however often it is written about; what was entered about nothing else, each
                // time.
                const bool is_about_itself = line->subject.empty() || line->subject == "obligation:" + obligation_.id;
                if (!is_of_turn || (!is_about_itself && !seen.insert(line->subject).second)) continue;
                add_evidence(item, *line);
                if (++item.done == item.wanted) item.done_at = line->at;
            }
            settle(item);
            items.push_back(std::move(item));
        }
        return items;
    }

    /// A line is about its own subject; where the obligation says so, also about what its field names.
    void sort_by_subject() {
        // Only of what something happened to: a ledger of years has many lines about other things.
        evidence_about_.reserve(events_.size());
        for (const Line* event : events_) evidence_about_.try_emplace(event->subject);
        for (const Line* line : cancels_)
            if (evidence_about_.contains(line->subject)) cancels_about_[line->subject].push_back(line);
        if (!obligation_.is_same_subject) return;
        const auto add = [&](std::string_view subject, const Line* line) {
            const auto about = evidence_about_.find(subject);
            if (about == evidence_about_.end()) return;
            if (about->second.empty() || about->second.back() != line) about->second.push_back(line);
        };
        for (const Line* line : evidence_) {
            add(line->subject, line);
            if (obligation_.names_in.empty()) continue;
            for (const auto& [field, value] : line->data)
                if (field == obligation_.names_in) add(obligation_.names_prefix + value, line);
        }
    }

    /// Those about the event that are not older than `from`.
    std::span<const Line* const> evidence_about(const Line& event, Instant from) const {
        std::span<const Line* const> all = evidence_;
        if (obligation_.is_same_subject) {
            const auto about = evidence_about_.find(event.subject);
            if (about == evidence_about_.end()) return {};
            all = about->second;
        }
        const auto first = std::lower_bound(all.begin(), all.end(), from,
                                            [&](const Line* line, Instant at) { return done_at(*line) < at; });
        return all.subspan(static_cast<std::size_t>(first - all.begin()));
    }

    /// In time: what is undone too late was broken first. What people enter by hand, with why, puts right whenever.
    bool is_cancelled(const Line& event, std::optional<Instant> before) const {
        const auto about = cancels_about_.find(event.subject);
        if (about == cancels_about_.end()) return false;
        return std::any_of(about->second.begin(), about->second.end(), [&](const Line* line) {
            const bool is_in_time = !before || line->at < *before || line->act == kRecordAct;
            return is_in_time && follows(*line, event);
        });
    }

    std::vector<Item> of_events() const {
        std::vector<Item> items;
        // A plan that was changed counts as it was changed; what was done for it before stays done, however late.
        std::map<std::string_view, const Line*> next;
        for (auto each = events_.rbegin(); each != events_.rend(); ++each) {
            const Line& event = **each;
            const Line* changed =
                obligation_.kind == Kind::Ahead ? std::exchange(next[event.subject], &event) : nullptr;
            const base::Day day = base::local_day(event.at);
            if (day < force_.first || day > force_.last) continue;
            Item item = of_event(event, changed);
            if (!changed || item.state == State::Met) items.push_back(std::move(item));
        }
        std::reverse(items.begin(), items.end());
        return items;
    }

    /// Two lines of one moment stand in the order of their stream; a renewal that is followed by its new date does not
    /// answer for it.
    static bool follows(const Line& line, const Line& event) {
        if (line.at != event.at || line.stream != event.stream) return line.at >= event.at;
        return line.sequence >= event.sequence;
    }

    bool is_done_after(const Line& line, const Line& event) const {
        const Instant done = done_at(line);
        return done == line.at ? follows(line, event) : done >= event.at;
    }

    /// `changed`: the same thing's next plan, which ends the time of this one; null: it stands.
    Item of_event(const Line& event, const Line* changed) const {
        Item item;
        item.key = event.subject;
        item.start = event.at;
        const auto moment = obligation_.moment.empty() ? std::nullopt : find_moment(event, obligation_.moment);
        if (obligation_.kind == Kind::Within) {
            item.start = moment.value_or(event.at);
            item.due = due_after(contract_, obligation_, item.start);
        } else {
            item.due = moment ? due_ahead(contract_, obligation_, *moment) : event.at;  // no time: late until told
        }
        // What began before it was written down may have been done before that, too.
        const bool is_told_later = item.start < event.at;
        for (const Line* line : evidence_about(event, std::min(item.start, event.at))) {
            const bool is_first = !item.done_at;
            if (!is_first && done_at(*line) >= item.due) break;
            if (!is_told_later && !is_done_after(*line, event)) continue;
            if (changed && is_done_after(*line, *changed)) continue;
            if (is_first) item.done_at = done_at(*line);
            add_evidence(item, *line);
            if (!obligation_.is_same_subject) break;
        }
        // An answer is owed until its due moment; what was to come may be called off until it comes.
        const auto undone_before = obligation_.kind == Kind::Within ? std::optional(item.due) : moment;
        if (fits_any(obligation_.unless, event) || (!item.done_at && is_cancelled(event, undone_before)))
            item.state = State::NotApplicable;
        settle(item);
        return item;
    }

    Instant beginning() const { return base::from_local({force_.first}); }
    Instant ending() const { return base::from_local({force_.last + 1}); }

    /// A state that has held since `due` was last put off.
    void settle_state(Item& item, std::optional<Instant> broken_since, Instant good_until) const {
        item.due = broken_since ? *broken_since : good_until;
        item.state = at_ < item.start                    ? State::NotYet
                     : broken_since || at_ >= good_until ? State::Late
                     : item.evidence.empty()             ? State::Due
                                                         : State::Met;
        if (at_ >= ending()) item.state = State::NotApplicable;
        if (item.state == State::Late) item.lateness = begun_minutes(item.due, at_);
        if (item.state == State::Met) item.done_at = item.evidence.back().at;
        if (item.state == State::Late) item.percent = 100;
        if (item.state == State::Due) item.percent = percent_gone(contract_, obligation_, item.start, item.due, at_);
    }

    Instant grace_end() const { return beginning() + real_time(obligation_.after); }

    Item standing() const {
        Item item;
        item.start = beginning();
        item.wanted = obligation_.least;
        std::map<std::string_view, const Line*> held;  // by subject
        std::set<std::string, std::less<>> proved;
        std::map<std::string_view, int> different;        // what is counted, and how many of the held are that
        std::optional<Instant> short_since = item.start;  // from the beginning on there is nothing
        const auto each_named = [&](const Line& line, const auto& work) {
            for (const auto& [field, value] : line.data)
                if (field == obligation_.names_in) work(obligation_.names_prefix + value);
        };
        const auto counted_as = [&](const Line& line) {
            if (!obligation_.proved.empty() && !proved.contains(line.subject)) return std::optional<std::string_view>();
            return obligation_.count.empty() ? std::optional<std::string_view>(line.subject)
                                             : find_value(line, obligation_.count);
        };
        const auto count_in = [&](const Line& line) {
            if (const auto value = counted_as(line)) ++different[*value];
        };
        const auto count_out = [&](const Line& line) {
            if (const auto value = counted_as(line); value && --different[*value] == 0) different.erase(*value);
        };
        const Line* newest = nullptr;
        for (const Line* line : story_) {
            if (fits_any(obligation_.removed, *line))
                each_named(*line, [&](const std::string& name) {
                    const auto gone = held.find(name);
                    if (gone == held.end()) return;
                    count_out(*gone->second);
                    held.erase(gone);
                });
            if (fits_any(obligation_.proved, *line))
                each_named(*line, [&](std::string name) {
                    const auto [proof, is_new] = proved.insert(std::move(name));
                    if (const auto proven = held.find(*proof); is_new && proven != held.end())
                        count_in(*proven->second);
                });
            if (is_evidence(line)) {
                const Line*& place = held[line->subject];
                if (place != nullptr) count_out(*place);
                place = line;
                count_in(*line);
                newest = line;
            }
            item.done = static_cast<int>(different.size());
            if (item.done >= item.wanted) short_since.reset();
            if (item.done < item.wanted && !short_since) short_since = line->at;
        }
        Lines counted;
        for (const auto& [subject, line] : held)
            if (counted_as(*line)) counted.push_back(line);
        std::sort(counted.begin(), counted.end());  // by time, as they stand in the array
        for (const Line* line : counted) add_evidence(item, *line);
        const bool is_short = short_since.has_value();
        if (short_since && at_ < grace_end()) {
            item.evidence.clear();
            short_since.reset();
        } else if (short_since) {
            short_since = std::max(*short_since, grace_end());
        }
        settle_state(item, short_since, is_short ? grace_end() : fresh_until(newest));
        return item;
    }

    bool is_evidence(const Line* line) const {
        return std::binary_search(evidence_.begin(), evidence_.end(), line);  // both point into one array
    }

    Instant fresh_until(const Line* newest) const {
        if (obligation_.fresh.amount == 0) return ending();
        const Instant until = newest ? newest->at + real_time(obligation_.fresh) : Instant{};
        return std::max(until, grace_end());
    }

    std::vector<Item> each_standing() const {
        std::map<std::string_view, Item> by_subject;
        for (const Line* line : story_) {
            if (fits_any(obligation_.removed, *line))
                for (const auto& [field, value] : line->data)
                    if (field == obligation_.names_in) by_subject.erase(obligation_.names_prefix + value);
            if (!is_evidence(line)) continue;
            Item& item = by_subject[line->subject];
            item.key = line->subject;
            item.start = beginning();
            item.evidence = {evidence_of(*line)};
            settle_state(item, std::nullopt, fresh_until(line));
        }
        std::vector<Item> items;
        for (auto& [subject, item] : by_subject) items.push_back(std::move(item));
        if (items.empty()) {
            Item none;
            none.start = beginning();
            settle_state(none, std::nullopt, fresh_until(nullptr));
            items.push_back(std::move(none));
        }
        return items;
    }

    Item continuous() const {
        Item item;
        item.start = beginning();
        std::map<std::string_view, Instant> broken;
        const Line* newest = nullptr;
        for (const Line* line : story_) {
            if (is_evidence(line)) {
                newest = line;
                add_evidence(item, *line);
            }
            if (fits_any(obligation_.broken, *line)) broken.try_emplace(line->subject, line->at);
            if (!fits_any(obligation_.mended, *line)) continue;
            if (obligation_.is_same_subject) broken.erase(line->subject);
            if (!obligation_.is_same_subject) broken.clear();
        }
        std::optional<Instant> since;
        for (const auto& [subject, at] : broken) since = std::min(since.value_or(at), at);
        settle_state(item, since, fresh_until(newest));
        return item;
    }

    const Contract& contract_;
    const Obligation& obligation_;
    Instant at_;
    InForce force_;
    Lines evidence_, events_, cancels_, story_;
    std::unordered_map<std::string_view, Lines> evidence_about_, cancels_about_;  // by subject, of Within and Ahead
};

/// The lines of each act, so that an obligation looks at its own only.
class Index {
  public:
    Index(std::span<const Line> lines, Instant at) {
        for (const Line& line : lines) {
            if (line.at > at) continue;
            by_act_[line.act].push_back(&line);
        }
    }

    /// In order of the array, which is that of time.
    Lines of(const Obligation& obligation) const {
        std::set<std::string_view> acts{kRecordAct};
        for (const auto* patterns : {&obligation.evidence, &obligation.event, &obligation.cancelled, &obligation.proved,
                                     &obligation.removed, &obligation.broken, &obligation.mended})
            for (const Pattern& pattern : *patterns) add_acts(pattern.act, acts);
        Lines found;
        for (const std::string_view act : acts) {
            const auto lines = by_act_.find(act);
            if (lines != by_act_.end()) found.insert(found.end(), lines->second.begin(), lines->second.end());
        }
        std::sort(found.begin(), found.end());
        return found;
    }

  private:
    void add_acts(std::string_view act, std::set<std::string_view>& to) const {
        if (!act.ends_with('*')) {
            to.insert(act);
            return;
        }
        for (const auto& [known, lines] : by_act_)
            if (known.starts_with(act.substr(0, act.size() - 1))) to.insert(known);
    }

    std::map<std::string_view, Lines> by_act_;
};

bool is_short_period(const Obligation& obligation) {
    return obligation.kind == Kind::Every && obligation.period <= Period::Week;
}

/// Whether what is older than kLookBack makes no difference. What began or broke something does, however old it is.
bool is_recent_enough(const Obligation& obligation, bool is_evidence) {
    if (is_short_period(obligation)) return true;
    return is_evidence && obligation.kind == Kind::Continuous && obligation.fresh.amount > 0 &&
           real_time(obligation.fresh) < kLookBack;
}

void sort_by_due(std::vector<Item>& items) {
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.due < b.due; });
}

Judged judged_of(const Obligation& obligation, std::vector<Item> items) {
    Judged made;
    made.obligation = &obligation;
    sort_by_due(items);
    const auto first = [&](State state) {
        return std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.state == state; });
    };
    made.state = State::NotApplicable;
    for (const State state : {State::Late, State::Due, State::Met, State::NotYet}) {
        if (first(state) == items.end()) continue;
        made.state = state;
        break;
    }
    for (const State state : {State::Late, State::Due, State::NotYet}) {
        const auto found = first(state);
        if (found == items.end()) continue;
        made.due = found->due;
        break;
    }
    for (const Item& item : items) {
        if (item.state == State::Late) made.lateness = std::max(made.lateness, item.lateness);
        if (item.state == State::Met) made.evidence = item.evidence;
        if (item.state == State::Met && item.lateness.count() > 0) ++made.late_before;
    }
    made.items = std::move(items);
    return made;
}

}  // namespace

std::string_view state_id(State state) {
    constexpr std::string_view kIds[] = {"met", "due", "late", "not-yet", "not-applicable"};
    return kIds[static_cast<std::size_t>(state)];
}

std::string_view state_wording(State state) {
    constexpr std::string_view kWords[] = {"履行済み", "期限あり", "期限超過", "期間前", "該当なし"};
    return kWords[static_cast<std::size_t>(state)];
}

std::vector<Judged> judge(const Contract& contract, std::span<const Line> lines, Instant at) {
    const Index index(lines, at);
    std::vector<Judged> all;
    for (const Obligation& obligation : contract.obligations) {
        const Instant from = is_short_period(obligation) ? at - kLookBack : base::from_local({contract.begins});
        // Up to the next turn that has not begun, so that it is known when it will be due.
        const std::chrono::hours next_turn{24 * (is_short_period(obligation) ? 20 : 400)};
        std::vector<Item> items = Judge(contract, obligation, index.of(obligation), at).items(from, at + next_turn);
        sort_by_due(items);
        const auto later =
            std::find_if(items.begin(), items.end(), [](const Item& i) { return i.state == State::NotYet; });
        if (later != items.end() && obligation.kind == Kind::Every) items.erase(later + 1, items.end());
        all.push_back(judged_of(obligation, std::move(items)));
        const Instant beginning = base::from_local({in_force(contract, obligation).first});
        if (at >= beginning || all.back().state != State::NotApplicable) continue;
        all.back().state = State::NotYet;
        if (obligation.kind == Kind::Every)
            for (const Turn& turn : list_turns(contract, obligation, beginning, beginning + next_turn))
                all.back().due = all.back().due.value_or(turn.due);
    }
    return all;
}

std::vector<DueItem> list_due(const Contract& contract, std::span<const Line> lines, Instant at, Instant from,
                              Instant to) {
    const Index index(lines, at);
    std::vector<DueItem> all;
    for (const Obligation& obligation : contract.obligations) {
        if (obligation.kind == Kind::Standing || obligation.kind == Kind::Continuous) continue;
        for (Item& item : Judge(contract, obligation, index.of(obligation), at).items(from, to))
            if (item.due >= from && item.due < to) all.push_back({&obligation, std::move(item)});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const DueItem& a, const DueItem& b) { return a.item.due < b.item.due; });
    return all;
}

int warning_step(const Obligation& obligation, const Item& item) {
    if (item.state != State::Due && item.state != State::Late) return 0;
    const bool is_ahead_of_time =
        item.state == State::Due && obligation.kind == Kind::Count && item.done * 100 / item.wanted >= item.percent;
    int step = 0;
    for (const int each : obligation.warn)
        if (item.percent >= each && !is_ahead_of_time) step = each;
    return step;
}

std::vector<Wanted> acts_wanted(const Contract& contract) {
    std::map<std::string, Wanted> acts{{std::string(kRecordAct), {std::string(kRecordAct), true, false}}};
    for (const Obligation& each : contract.obligations)
        for (const auto* patterns :
             {&each.evidence, &each.event, &each.cancelled, &each.proved, &each.removed, &each.broken, &each.mended})
            for (const Pattern& pattern : *patterns) {
                const bool is_evidence = patterns == &each.evidence;
                const bool is_newest = is_evidence && each.kind == Kind::Continuous && pattern.words.empty();
                Wanted& act = acts.try_emplace(pattern.act, Wanted{pattern.act, false, true}).first->second;
                act.is_whole = act.is_whole || !is_recent_enough(each, is_evidence);
                act.is_newest = act.is_newest && is_newest;
            }
    std::vector<Wanted> wanted;
    for (auto& [name, act] : acts) wanted.push_back(std::move(act));
    return wanted;
}

}  // namespace contract
