// What screens and commands read, and the words of it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "watch/signals/inside/store.h"

namespace signals {

using sys::Value;

namespace {

struct Name {
    std::string_view id, wording;
};
constexpr std::array kStandings = {Name{"open", "発生中"}, Name{"cleared", "復旧"}, Name{"closed", "終結"}};
constexpr std::array kDecisions = {Name{"", "未判断"}, Name{"now", "すぐに対応"}, Name{"later", "期日までに対応"},
                                   Name{"not", "対応しない"}};
constexpr std::array kEvents = {Name{"open", "検知"},
                                Name{"severity", "重大度の変更"},
                                Name{"no-data", "データの途絶"},
                                Name{"heard", "データの再開"},
                                Name{"flap", "断続"},
                                Name{"suppress", "呼出しの抑止"},
                                Name{"release", "抑止の終了"},
                                Name{"acknowledge", "受付"},
                                Name{"answer", "対応の判断"},
                                Name{"note", "記入"},
                                Name{"clear", "復旧"},
                                Name{"close", "終結"}};

template <class Word, std::size_t N>
std::optional<Word> find(const std::array<Name, N>& names, std::string_view id) {
    const auto at = std::find_if(names.begin(), names.end(), [&](const Name& name) { return name.id == id; });
    if (at == names.end()) return std::nullopt;
    return static_cast<Word>(at - names.begin());
}

std::string like(std::string_view words) {
    std::string pattern = "%";
    for (const char c : words) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

constexpr std::string_view kKeptSignals =
    "SELECT signal.id, state, severity, observed_at, received_at, is_late, text, payload FROM signal LEFT JOIN "
    "evidence "
    "ON evidence.hash = signal.evidence";

KeptSignal kept_signal(const sys::Row& row) {
    return {row.integer(0),
            find_state(row.text(1)).value(),
            static_cast<Severity>(row.integer(2)),
            {row.integer(3)},
            {row.integer(4)},
            row.flag(5),
            row.text(6),
            row.maybe_text(7).value_or("")};
}

}  // namespace

std::string_view standing_id(Standing standing) {
    return kStandings.at(static_cast<std::size_t>(standing)).id;
}
std::optional<Standing> find_standing(std::string_view id) {
    return find<Standing>(kStandings, id);
}
std::string_view standing_wording(Standing standing) {
    return kStandings.at(static_cast<std::size_t>(standing)).wording;
}

std::string_view decision_id(Decision decision) {
    return kDecisions.at(static_cast<std::size_t>(decision)).id;
}
std::optional<Decision> find_decision(std::string_view id) {
    return find<Decision>(kDecisions, id);
}
std::string_view decision_wording(Decision decision) {
    return kDecisions.at(static_cast<std::size_t>(decision)).wording;
}

std::string_view event_wording(std::string_view what) {
    const auto at = std::find_if(kEvents.begin(), kEvents.end(), [&](const Name& name) { return name.id == what; });
    return at == kEvents.end() ? what : at->wording;
}

std::vector<Anomaly> list_anomalies(sys::Reader& db, const Filter& filter) {
    std::string where;
    std::vector<Value> values;
    const auto restrict = [&](std::string_view condition, Value value) {
        values.push_back(std::move(value));
        where += fmt::format("{} ", where.empty() ? "WHERE" : "AND");
        where += fmt::format(fmt::runtime(condition), fmt::format("${}", values.size())) + " ";
    };
    if (filter.standing) restrict("standing = {}", std::string(standing_id(*filter.standing)));
    if (filter.only_unclosed) restrict("standing <> {}", std::string("closed"));
    if (filter.only_unanswered) restrict("decision = {}", std::string());
    if (filter.least) restrict("severity >= {}", static_cast<std::int64_t>(*filter.least));
    if (!filter.source.empty()) restrict("source = {}", filter.source);
    if (!filter.group.empty()) restrict("group_key = {}", filter.group);
    if (!filter.words.empty())
        restrict("(subject LIKE {0} ESCAPE '\\' OR text LIKE {0} ESCAPE '\\')", like(filter.words));
    if (filter.from) restrict("first_at >= {}", filter.from->milliseconds);
    if (filter.until) restrict("first_at < {}", filter.until->milliseconds);
    if (filter.storm) restrict("storm_id = {}", filter.storm.value);
    if (filter.before > 0) restrict("id < {}", filter.before);
    values.emplace_back(std::int64_t{std::clamp(filter.limit, 1, 1000)});
    return query_anomalies(db, fmt::format("{} ORDER BY id DESC LIMIT ${}", where, values.size()), values);
}

std::optional<Anomaly> find_anomaly(sys::Reader& db, AnomalyId id) {
    if (!id) return std::nullopt;
    const Value values[] = {id.value};
    auto found = query_anomalies(db, "WHERE id = $1", values);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

Anomaly load_anomaly(sys::Reader& db, AnomalyId id) {
    auto anomaly = find_anomaly(db, id);
    if (!anomaly)
        throw base::Error(base::Kind::NotFound,
                          fmt::format("異常第{}号はありません。一覧から選び直してください。", id.value));
    return std::move(*anomaly);
}

std::vector<Event> list_events(sys::Reader& db, AnomalyId id) {
    std::vector<Event> found;
    for (const auto& row :
         db.query("SELECT id, at, what, actor, text FROM anomaly_event WHERE anomaly_id = $1 ORDER BY id LIMIT 1000",
                  {id.value}))
        found.push_back({row.integer(0), {row.integer(1)}, row.text(2), row.text(3), row.text(4)});
    return found;
}

std::vector<KeptSignal> list_signals(sys::Reader& db, AnomalyId id, int limit) {
    std::vector<KeptSignal> found;
    const auto add = [&](std::string_view order, std::int64_t after, int most) {
        for (const auto& row :
             db.query(fmt::format("{} WHERE anomaly_id = $1 AND signal.id > $2 ORDER BY signal.id {} LIMIT $3",
                                  kKeptSignals, order),
                      {id.value, after, std::int64_t{most}}))
            found.push_back(kept_signal(row));
    };
    const int most = std::clamp(limit, 2, 1000);
    add("ASC", 0, most / 2);
    const auto first = found.size();
    if (first > 0) add("DESC", found.back().id, most - most / 2);
    std::reverse(found.begin() + static_cast<std::ptrdiff_t>(first), found.end());
    return found;
}

std::vector<KeptSignal> list_notes(sys::Reader& db, base::Instant from, int limit) {
    std::vector<KeptSignal> found;
    for (const auto& row : db.query(fmt::format("{} WHERE received_at >= $1 AND state = 'info' AND anomaly_id IS NULL "
                                                "ORDER BY received_at DESC, signal.id DESC LIMIT $2",
                                                kKeptSignals),
                                    {from.milliseconds, std::int64_t{std::clamp(limit, 1, 1000)}}))
        found.push_back(kept_signal(row));
    return found;
}

Counts count_anomalies(sys::Reader& db) {
    Counts counts;
    for (const auto& row :
         db.query("SELECT standing, severity, decision = '', suppressed_by <> '', COUNT(*) FROM anomaly WHERE standing "
                  "IN ('open', 'cleared') GROUP BY 1, 2, 3, 4")) {
        const std::int64_t count = row.integer(4);
        if (row.flag(2)) counts.unanswered += count;
        if (row.text(0) == "cleared") {
            counts.cleared += count;
            continue;
        }
        counts.open += count;
        counts.by_severity[row.integer(1)] += count;
        if (row.flag(3)) counts.suppressed += count;
    }
    return counts;
}

}  // namespace signals
