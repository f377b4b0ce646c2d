#include "flow/watch_contract.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/calendar/deadline.h"
#include "ground/ledger/store.h"
#include "ground/sys/log.h"
#include "watch/signals/anomaly.h"

namespace flow {

namespace {

using contract::Item;
using contract::Judged;
using signals::Severity;
using signals::Signal;
using signals::State;
using namespace std::chrono_literals;

constexpr auto kRest = 10min;
constexpr auto kToldEvery = 1h;  // told again, for a desk that was restarted
constexpr std::chrono::hours kRecent{
    24 * 31};  // what was late long before the contract was written down stays in the status
constexpr int kSignalFrom = 75;
constexpr std::string_view kBy = "service:contract";
constexpr int kMostOpen = 1000;

std::string word_of(const std::string& obligation, std::string_view key, base::Instant due, int step) {
    return fmt::format("{} {} {} {}", obligation, key, due.milliseconds, step);
}

Severity severity_of(int step) {
    return step >= 100 ? Severity::Serious : step >= 90 ? Severity::Warning : Severity::Minor;
}

std::string duration(std::chrono::minutes time) {
    const auto all = time.count();
    if (all < 60) return fmt::format("{}分", all);
    if (all < 48 * 60) return fmt::format("{}時間{}分", all / 60, all % 60);
    return fmt::format("{}日", all / (24 * 60));
}

std::string sentence(const contract::Contract& contract, const Judged& judged, const Item& item) {
    const contract::Obligation& obligation = *judged.obligation;
    const contract::Role* who = contract.find_role(obligation.who);
    const std::string due = calendar::format_era_deadline(item.due);
    const std::string what = item.state == contract::State::Late
                                 ? fmt::format("契約事項「{}」が期限（{}）を{}過ぎています。", obligation.title, due,
                                               duration(item.lateness))
                                 : fmt::format("契約事項「{}」の期限は{}です。", obligation.title, due);
    return fmt::format("{}担当は{}です。", what, who ? who->title : obligation.who);
}

/// What is late is told whatever the obligation warns at.
int step_of(const Judged& judged, const Item& item) {
    return item.state == contract::State::Late ? 100 : contract::warning_step(*judged.obligation, item);
}

/// The items that are open and have reached a step.
std::vector<const Item*> pressing(const Judged& judged) {
    std::vector<const Item*> found;
    for (const Item& item : judged.items)
        if (step_of(judged, item) > 0) found.push_back(&item);
    return found;
}

}  // namespace

ContractDesk::ContractDesk(Site* site, sys::Database& watch, const std::filesystem::path& folder,
                           const settings::Settings& settings, const base::Clock& clock, Tell tell)
    : site_(site),
      watch_(watch),
      folders_(folders_of(std::filesystem::absolute(folder))),
      settings_(settings),
      clock_(clock),
      tell_(std::move(tell)) {}

Signal ContractDesk::plain(std::string_view kind, std::string subject, bool is_wrong, std::string text) const {
    Signal signal;
    signal.source = "contract";
    signal.kind = std::string(kind);
    signal.subject = std::move(subject);
    signal.state = is_wrong ? State::Raise : State::Clear;
    signal.severity = Severity::Serious;
    signal.observed_at = clock_.now();
    signal.text = std::move(text);
    return signal;
}

std::chrono::milliseconds ContractDesk::turn() {
    std::vector<Signal> found;
    std::string file_problem, evidence_problem;
    std::optional<contract::Read> read;
    try {
        if (!has_begun_) begin();
        read = find_contract(folders_, settings_);
        if (!read && !was_there_) return kRest;
        was_there_ = true;
        if (!read) file_problem = "contract.tomlがなくなりました。元に戻してください。";
        if (read && !read->is_usable())
            file_problem = "contract.tomlに誤りがあります。yakuba contract check で確かめて直してください。";
    } catch (const base::Error& error) {
        file_problem = "contract.tomlを読めません。" + error.message();
    }
    if (site_ == nullptr)
        evidence_problem = "業務記録を読めないため、契約事項の期限を確かめられません。データベースを確かめてください。";
    if (file_problem.empty() && evidence_problem.empty()) {
        try {
            if (const auto cut = judge(read->contract, found); !cut.empty())
                evidence_problem = fmt::format(
                    "業務記録の「{}」が多すぎ、古いものを除いて契約事項を確かめました。"
                    "contract.tomlで、対象をもっと絞ってください。",
                    fmt::join(cut, "」「"));
        } catch (const base::Error& error) {
            evidence_problem = "契約事項の期限を確かめられません。" + error.message();
        }
    }
    found.push_back(plain("contract.file", "contract.toml", !file_problem.empty(),
                          file_problem.empty() ? "contract.tomlを読めました。" : file_problem));
    found.push_back(plain("contract.evidence", "ledger", !evidence_problem.empty(),
                          evidence_problem.empty() ? "業務記録を読めました。" : evidence_problem));
    tell(std::move(found));
    return kRest;
}

/// What a desk before this one knew: the anomalies that it left open, and that there was a contract.
void ContractDesk::begin() {
    signals::Filter open;
    open.standing = signals::Standing::Open;
    open.source = "contract";
    open.limit = kMostOpen;
    for (const auto& one : watch_.read([&](sys::Reader& db) { return signals::list_anomalies(db, open); }))
        told_.try_emplace(one.kind + " " + one.subject, "open");
    ledger::Search search;
    search.act = "contract";
    search.limit = 1;
    const auto has_lines = [&](sys::Database& database, std::string_view stream) {
        search.stream = std::string(stream);
        return !database.read([&](sys::Reader& db) { return ledger::find_lines(db, search); }).empty();
    };
    was_there_ = !told_.empty() || has_lines(watch_, ledger::kWatch) ||
                 (site_ != nullptr && has_lines(*site_->database, ledger::kOffice));
    has_begun_ = true;
}

std::vector<std::string> ContractDesk::judge(const contract::Contract& contract, std::vector<Signal>& to) {
    const base::Instant now = clock_.now();
    const ContractLines lines = gather_contract_lines(contract, site_->database.get(), &watch_, now);
    std::set<std::string> known;
    for (const Judged& judged : contract::judge(contract, lines.lines, now)) {
        record(judged);
        const Item* worst = nullptr;
        int step = 0;
        for (const Item* item : pressing(judged)) {
            const int reached = step_of(judged, *item);
            if (reached > step) worst = item;
            step = std::max(step, reached);
        }
        const bool is_wrong = step >= kSignalFrom;
        Signal signal =
            plain("contract.due", "obligation:" + judged.obligation->id, is_wrong,
                  is_wrong ? sentence(contract, judged, *worst)
                           : fmt::format("契約事項「{}」に、迫った期限はありません。", judged.obligation->title));
        signal.severity = is_wrong ? severity_of(step) : Severity::Note;
        known.insert(signal.kind + " " + signal.subject);
        to.push_back(std::move(signal));
    }
    // What the contract no longer asks for is not wrong any more.
    for (const auto& [about, word] : told_) {
        const std::string_view due = "contract.due ";
        if (!about.starts_with(due) || known.contains(about)) continue;
        to.push_back(plain("contract.due", about.substr(due.size()), false, "この契約事項は契約からなくなりました。"));
    }
    return lines.cut;
}

void ContractDesk::record(const Judged& judged) {
    const base::Instant now = clock_.now();
    if (!recorded_) {
        recorded_.emplace();
        ledger::Search search;
        search.stream = std::string(ledger::kWatch);
        search.act = "contract";
        search.from = now - contract::kLookBack;
        search.limit = 1000;
        for (bool has_more = true; has_more && recorded_->size() < 50'000;) {
            const auto page = watch_.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
            for (const ledger::Line& line : page) {
                const auto detail = boost::json::parse(line.entry.detail).as_object();
                const auto* word = detail.if_contains("word");
                if (word && word->is_string()) recorded_->emplace(word->as_string());
            }
            has_more = page.size() == 1000;
            if (has_more) search.before = page.back().sequence;
        }
    }
    for (const Item* item : pressing(judged)) {
        const int step = step_of(judged, *item);
        const std::string word = word_of(judged.obligation->id, item->key, item->due, step);
        if (item->due < now - kRecent || recorded_->contains(word)) continue;
        const boost::json::object detail{{"word", word},
                                         {"item", item->key},
                                         {"due", base::format_utc(item->due)},
                                         {"percent", step},
                                         {"title", judged.obligation->title},
                                         {"who", judged.obligation->who}};
        watch_.write([&](sys::Transaction& tx) {
            ledger::append(tx,
                           {now, std::string(kBy), step >= 100 ? "contract.late" : "contract.warn",
                            "obligation:" + judged.obligation->id, boost::json::serialize(detail)},
                           ledger::kWatch);
        });
        recorded_->insert(word);
    }
}

void ContractDesk::tell(std::vector<Signal> found) {
    const auto now = clock_.monotonic();
    const bool is_time = !told_at_ || now - *told_at_ >= kToldEvery;
    if (is_time) told_at_ = now;
    std::vector<Signal> news;
    for (Signal& signal : found) {
        const std::string about = signal.kind + " " + signal.subject;
        // The sentence counts the minutes, so it is not what makes news.
        const std::string word = fmt::format("{} {}", state_id(signal.state), severity_id(signal.severity));
        if (!is_time && told_[about] == word) continue;
        told_[about] = word;
        news.push_back(std::move(signal));
    }
    if (!news.empty()) tell_(news);
}

}  // namespace flow
