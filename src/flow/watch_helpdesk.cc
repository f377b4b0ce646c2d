#include "flow/watch_helpdesk.h"

#include "flow/office_hours.h"
#include "flow/spool_question.h"
#include "flow/take_desk_mail.h"
#include "flow/take_question.h"
#include "ground/base/error.h"
#include "ground/calendar/era.h"
#include "office/helpdesk/roster.h"

namespace flow {

namespace {

using signals::Severity;
using signals::Signal;
using signals::State;
using namespace std::chrono_literals;

constexpr auto kRest = 1min;
constexpr auto kToldEvery = 1h;        // told again, for a desk that was restarted
constexpr int kAhead = 3;              // open days for which the roster has to be there
constexpr auto kSpoolPatience = 5min;  // the office takes them in every few seconds
constexpr int kOpenAtOnce = 500;

Signal signal_of(std::string_view kind, bool is_wrong, Severity severity, std::string text, base::Instant now) {
    Signal signal;
    signal.source = "helpdesk";
    signal.kind = kind;
    signal.subject = "helpdesk";
    signal.state = is_wrong ? State::Raise : State::Clear;
    signal.severity = is_wrong ? severity : Severity::Note;
    signal.observed_at = now;
    signal.text = std::move(text);
    return signal;
}

}  // namespace

std::optional<Signal> HelpdeskDesk::judge_mail(sys::Reader& db, base::Instant now) const {
    const auto state = helpdesk::find_fetch(db, kDeskMailbox);
    // A clock that was set back is no reason for silence.
    const std::chrono::milliseconds patience =
        std::max<std::chrono::milliseconds>(15min, 5 * std::chrono::seconds(settings_.helpdesk.fetch_seconds));
    const bool is_on = !settings_.helpdesk.imap_url.empty();
    const bool is_silent = !state || now - state->fetched_at > patience;
    // After a start the first fetch is still to come; what is known to fail is told at once.
    const bool is_first = clock_.monotonic() - begun_at_ < patience && (!state || state->problem.empty());
    if (is_on && is_silent && is_first) return std::nullopt;
    const bool is_stale = is_on && is_silent;
    std::string text = "ヘルプデスクあてのメールを受け取れています。";
    if (!is_on) text = "ヘルプデスクあてのメールは受け取らない設定です。";
    if (is_stale)
        text = fmt::format(
            "ヘルプデスクあてのメールを{}受け取れていません。{}",
            state && state->fetched_at.milliseconds > 0 ? calendar::format_era_moment(state->fetched_at) + "から"
                                                        : "一度も",
            state && !state->problem.empty() ? state->problem : "取込みが動いているか確かめてください。");
    return signal_of("helpdesk.mail", is_stale, Severity::Serious, std::move(text), now);
}

Signal HelpdeskDesk::judge_damaged(sys::Reader& db, base::Instant now) const {
    const std::int64_t unseen = helpdesk::count_unseen_damaged(db);
    return signal_of("helpdesk.damaged", unseen > 0, Severity::Warning,
                     unseen > 0 ? fmt::format("ヘルプデスクあてのメールのうち{}件が受け取れませんでした。問合せの画面の"
                                              "「受け取れなかったメール」を見て、差出人に連絡してください。",
                                              unseen)
                                : std::string("受け取れなかったメールは、すべて確かめられています。"),
                     now);
}

Signal HelpdeskDesk::judge_roster(sys::Reader& db, base::Instant now) const {
    // Without a contract nobody has promised to be there.
    const bool is_promised = std::filesystem::exists(folders_.site / "contract.toml");
    const auto hours = helpdesk_hours_of(settings_);
    const base::Day today = base::local_day(now);
    std::string days;
    bool is_today = false;
    base::Day day = today;
    for (int seen = 0; is_promised && seen < kAhead; day = day + 1) {
        day = calendar::next_open(hours, day);
        ++seen;
        const helpdesk::Duty duty = helpdesk::load_duty(db, day);
        if (!duty.charge.empty() && !duty.engineer.empty()) continue;
        days += (days.empty() ? "" : "、") + fmt::format("{}月{}日", day.month, day.day);
        is_today = is_today || day == today;
    }
    return signal_of("helpdesk.roster", !days.empty(), is_today ? Severity::Serious : Severity::Warning,
                     days.empty() ? "ヘルプデスクの当番は決まっています。"
                                  : fmt::format("ヘルプデスクの当番（担当者と技術者）が決まっていない日があります：{}。"
                                                "当番表の画面で決めてください。",
                                                days),
                     now);
}

Signal HelpdeskDesk::judge_questions(sys::Reader& db, base::Instant now) const {
    helpdesk::Filter filter;
    filter.state = helpdesk::State::Open;
    filter.oldest_first = true;
    filter.limit = kOpenAtOnce;
    const auto hours = helpdesk_hours_of(settings_);
    int late = 0;
    bool is_urgent = false;
    std::string first;
    for (bool is_more = true; is_more;) {
        const auto page = helpdesk::list_questions(db, filter);
        for (const auto& one : page) {
            if (!helpdesk::clocks_of(one, hours, desk_limits(settings_), now).is_late()) continue;
            if (late++ == 0) first = one.number;
            is_urgent = is_urgent || one.is_urgent;
        }
        is_more = page.size() == kOpenAtOnce;
        if (is_more) filter.after = page.back().id.value;
    }
    return signal_of(
        "helpdesk.late", late > 0, is_urgent ? Severity::Serious : Severity::Warning,
        late > 0
            ? fmt::format("期限を過ぎた問合せが{}件あります（{}など）。問合せの画面で答えてください。", late, first)
            : std::string("期限を過ぎた問合せはありません。"),
        now);
}

Signal HelpdeskDesk::judge_spool(base::Instant now) const {
    const SpoolState spool = look_at_spool(folders_);
    const bool is_stuck =
        spool.is_unreadable || spool.bad > 0 || (spool.oldest && now - *spool.oldest > kSpoolPatience);
    std::string text = "非常時フォームの問合せは、すべて取り込まれています。";
    if (spool.is_unreadable)
        text =
            "サイトのフォルダの desk-spool が読めないため、非常時フォームの問合せが届いているかわかりません。"
            "フォルダの持ち主と許可を確かめてください。";
    else if (is_stuck)
        text = fmt::format(
            "非常時フォームの問合せが取り込まれていません（待ち{}件、読めないもの{}件）。画面のサービスが動いているか、"
            "サイトのフォルダの desk-spool を確かめてください。",
            spool.waiting, spool.bad);
    return signal_of("helpdesk.spool", is_stuck, Severity::Serious, std::move(text), now);
}

std::chrono::milliseconds HelpdeskDesk::turn() {
    const base::Instant now = clock_.now();
    std::vector<Signal> found;
    std::exception_ptr failed;
    if (site_ != nullptr) try {
            site_->database->read([&](sys::Reader& db) {
                if (auto mail = judge_mail(db, now)) found.push_back(std::move(*mail));
                for (auto judge :
                     {&HelpdeskDesk::judge_damaged, &HelpdeskDesk::judge_roster, &HelpdeskDesk::judge_questions})
                    found.push_back((this->*judge)(db, now));
            });
        } catch (const base::Error&) {
            failed = std::current_exception();  // the form's questions come just when the office is away
        }
    found.push_back(judge_spool(now));
    const auto moment = clock_.monotonic();
    const bool is_time = told_.empty() || moment - told_at_ >= kToldEvery;
    if (is_time) told_at_ = moment;
    std::vector<Signal> news;
    for (Signal& signal : found) {
        const std::string word = fmt::format("{} {}", state_id(signal.state), severity_id(signal.severity));
        if (!is_time && told_[signal.kind] == word) continue;
        told_[signal.kind] = word;
        news.push_back(std::move(signal));
    }
    if (!news.empty()) tell_(news);
    if (failed) std::rethrow_exception(failed);
    return kRest;
}

}  // namespace flow
