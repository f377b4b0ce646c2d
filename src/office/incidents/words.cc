// The fixed words: states, levels, and what an incident has to say (operations: 障害報告書).
#include <algorithm>

#include "office/incidents/incident.h"

namespace incidents {

namespace {

struct StateRow {
    std::string_view id, wording, act;
};
constexpr StateRow kStateRows[] = {{"detected", "検知", "incident.open"},
                                   {"received", "受付", "incident.receive"},
                                   {"investigating", "調査", "incident.investigate"},
                                   {"restored", "暫定復旧", "incident.restore"},
                                   {"fixed", "恒久対応", "incident.fix"},
                                   {"prevented", "再発防止", "incident.prevent"},
                                   {"closed", "終結", "incident.close"}};
struct Pair {
    std::string_view id, wording;
};
constexpr Pair kLevels[] = {{"operator", "運用担当者"}, {"manager", "保守管理者"}, {"lead", "保守責任者"}};
constexpr Pair kFound[] = {{"watch", "監視"}, {"call", "連絡"}, {"check", "点検"}};
constexpr Pair kStages[] = {{"first", "速報"}, {"interim", "中間報告"}, {"final", "最終報告"}};

constexpr Field kFields[] = {
    {"symptom", "症状", State::Received, "住民や職員から見て、何が起きたか"},
    {"location", "障害の箇所", State::Restored, "どの機器、どのソフトウェア、どのファイルか"},
    {"interim", "暫定対応", State::Restored, "サービスを戻すために、したこと"},
    {"pages", "影響したページ", State::Restored, "「全ページ」「くらしの12ページ」のように"},
    {"minutes", "影響した時間（分）", State::Restored, "", true},
    {"users", "影響した利用者", State::Restored, "「閲覧者およそ300人」「職員全員」「なし」のように"},
    {"leak", "情報漏えいの有無", State::Restored, "「なし（確かめた方法）」か、何がだれに"},
    {"cause_direct", "直接の原因（確かめたこと）", State::Fixed},
    {"cause_direct_guess", "直接の原因（推定）", std::nullopt},
    {"permanent", "恒久対応", State::Fixed, "原因を取り除くために、したことと、確かめた方法"},
    {"cause_root", "根本の原因（確かめたこと）", State::Prevented},
    {"cause_root_guess", "根本の原因（推定）", std::nullopt},
    {"why_late", "早く見つけられなかった理由（確かめたこと）", State::Prevented},
    {"why_late_guess", "早く見つけられなかった理由（推定）", std::nullopt},
    {"similar", "同じことが起きる箇所の点検", State::Prevented, "どこを点検し、どうだったか"},
    {"outside", "外部への届出", State::Closed, "JPCERT/CC、IPA、警察、個人情報保護委員会など。なければ「なし」"},
    {"evidence", "証拠", std::nullopt, "保管したログやファイルと、その場所"},
};

template <class Rows>
std::string_view wording_of(const Rows& rows, std::string_view id) {
    for (const auto& row : rows)
        if (row.id == id) return row.wording;
    return id;
}

}  // namespace

std::string_view state_id(State state) {
    return kStateRows[static_cast<std::size_t>(state)].id;
}
std::string_view state_wording(State state) {
    return kStateRows[static_cast<std::size_t>(state)].wording;
}
std::string_view state_act(State state) {
    return kStateRows[static_cast<std::size_t>(state)].act;
}
std::optional<State> find_state(std::string_view id) {
    for (const State each : kStates)
        if (state_id(each) == id) return each;
    return std::nullopt;
}
std::string_view level_id(Level level) {
    return kLevels[static_cast<std::size_t>(level)].id;
}
std::string_view level_wording(Level level) {
    return kLevels[static_cast<std::size_t>(level)].wording;
}
std::string_view found_wording(std::string_view found) {
    return wording_of(kFound, found);
}
std::string_view stage_wording(std::string_view stage) {
    return wording_of(kStages, stage);
}
std::span<const Field> all_fields() {
    return kFields;
}
const Field* find_field(std::string_view id) {
    const auto* found =
        std::find_if(std::begin(kFields), std::end(kFields), [&](const Field& each) { return each.id == id; });
    return found == std::end(kFields) ? nullptr : found;
}

}  // namespace incidents
