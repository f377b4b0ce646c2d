#include "office/helpdesk/question.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace helpdesk {

namespace {

constexpr std::array<std::string_view, 5> kKinds{"question", "correction", "consultation", "fault", "request"};
constexpr std::array<std::string_view, 5> kKindWords{"質問", "修正の依頼", "相談", "障害の連絡", "その他の依頼"};
constexpr std::array<std::string_view, 4> kChannels{"web", "mail", "phone", "form"};
constexpr std::array<std::string_view, 4> kChannelWords{"画面", "メール", "電話", "非常時フォーム"};
constexpr std::array<std::string_view, 3> kStates{"open", "waiting", "closed"};
constexpr std::array<std::string_view, 3> kStateWords{"対応中", "返事待ち", "完了"};
constexpr std::array<std::string_view, 3> kFees{"undecided", "inside", "separate"};
constexpr std::array<std::string_view, 3> kFeeWords{"未定", "軽微（契約の範囲内）", "別途（契約の範囲外）"};
constexpr std::array<std::string_view, 4> kWhats{"asked", "answered", "called", "note"};

template <class Word, std::size_t kCount>
std::string_view word(const std::array<std::string_view, kCount>& words, Word value) {
    return words.at(static_cast<std::size_t>(value));
}

template <class Word, std::size_t kCount>
std::optional<Word> find(const std::array<std::string_view, kCount>& words, std::string_view id) {
    const auto* found = std::find(words.begin(), words.end(), id);
    if (found == words.end()) return std::nullopt;
    return static_cast<Word>(found - words.begin());
}

}  // namespace

std::string_view kind_id(Kind kind) {
    return word(kKinds, kind);
}
std::string_view kind_wording(Kind kind) {
    return word(kKindWords, kind);
}
std::string_view channel_id(Channel channel) {
    return word(kChannels, channel);
}
std::string_view channel_wording(Channel channel) {
    return word(kChannelWords, channel);
}
std::string_view state_id(State state) {
    return word(kStates, state);
}
std::string_view state_wording(State state) {
    return word(kStateWords, state);
}
std::string_view fee_id(Fee fee) {
    return word(kFees, fee);
}
std::string_view fee_wording(Fee fee) {
    return word(kFeeWords, fee);
}
std::string_view what_id(What what) {
    return word(kWhats, what);
}
std::optional<Kind> find_kind(std::string_view id) {
    return find<Kind>(kKinds, id);
}
std::optional<Channel> find_channel(std::string_view id) {
    return find<Channel>(kChannels, id);
}
std::optional<State> find_state(std::string_view id) {
    return find<State>(kStates, id);
}
std::optional<Fee> find_fee(std::string_view id) {
    return find<Fee>(kFees, id);
}

std::string Question::subject() const {
    return fmt::format("question:{}", id.value);
}

}  // namespace helpdesk
