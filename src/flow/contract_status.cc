#include "flow/contract_status.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <mutex>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/settings/calendars.h"
#include "ground/sys/files.h"

namespace flow {

namespace {

using base::Error;
using base::Kind;

constexpr std::size_t kLargestFile = 1U << 20;
constexpr std::size_t kLongestValue = 200;
constexpr std::size_t kMostValues = 400;
constexpr std::size_t kLongestNote = 1000;
constexpr int kPage = 1000;
constexpr int kMostPages = 200;

void add_value(std::vector<std::pair<std::string, std::string>>& to, std::string_view name,
               const boost::json::value& value) {
    if (to.size() >= kMostValues) return;
    if (value.is_string()) {
        const std::string_view text = value.as_string();
        if (text.size() <= kLongestValue) to.emplace_back(name, text);
    } else if (value.is_array()) {
        for (const boost::json::value& each : value.as_array())
            if (!each.is_array()) add_value(to, name, each);
    } else if (!value.is_object() && !value.is_null()) {
        to.emplace_back(name, boost::json::serialize(value));
    }
}

/// What of lines the contract looks at: some acts, and of their details some fields.
struct Looked {
    std::vector<contract::Wanted> acts;
    std::set<std::string, std::less<>> fields;
    bool operator==(const Looked&) const = default;
};

Looked looked_at(const contract::Contract& contract) {
    Looked all{contract::acts_wanted(contract), {"obligation", "what", "period"}};
    for (const contract::Obligation& one : contract.obligations) {
        for (const std::string* field : {&one.moment, &one.done_moment, &one.names, &one.count, &one.names_in})
            all.fields.insert(*field);
        for (const auto* patterns : {&one.evidence, &one.event, &one.cancelled, &one.unless, &one.proved, &one.removed,
                                     &one.broken, &one.mended})
            for (const contract::Pattern& pattern : *patterns)
                for (const contract::Pattern::Word& word : pattern.words) all.fields.insert(word.field);
    }
    return all;
}

/// Without the fields that nobody looks at: texts and the like, most of a line.
contract::Line short_line(const ledger::Line& found, const Looked& looked) {
    contract::Line line = contract_line(found);
    std::erase_if(line.data, [&](const auto& field) { return !looked.fields.contains(field.first); });
    line.data.shrink_to_fit();
    return line;
}

/// True when there were more than are taken.
bool gather(sys::Reader& db, std::string_view stream, const Looked& looked, const contract::Wanted& wanted,
            const std::optional<base::Instant>& from, base::Instant at, std::vector<contract::Line>& to) {
    const int most = wanted.is_newest ? static_cast<int>(contract::kMostEvidence) : kMostOfAct;
    ledger::Search search;
    search.stream = std::string(stream);
    search.act = wanted.act.ends_with(".*") ? wanted.act.substr(0, wanted.act.size() - 2) : wanted.act;
    search.from = from;
    search.limit = kPage;
    int taken = 0;
    for (int pages = 0; taken < most && pages < kMostPages; ++pages) {
        const auto page = ledger::find_lines(db, search);
        for (const ledger::Line& line : page) {
            if (line.entry.at > at) continue;  // not by the search: a clock that was put back would hide lines from it
            to.push_back(short_line(line, looked));
            ++taken;
        }
        if (page.size() < static_cast<std::size_t>(kPage)) return false;
        search.before = page.back().sequence;
    }
    return !wanted.is_newest;
}

bool comes_before(const contract::Line& a, const contract::Line& b) {
    return std::tie(a.at, a.stream, a.sequence) < std::tie(b.at, b.stream, b.sequence);
}

bool is_same_line(const contract::Line& a, const contract::Line& b) {
    return a.sequence == b.sequence && a.stream == b.stream;
}

/// The lines of both streams that are wanted. Of the recent ones, those since `from`.
ContractLines gather_all(const Looked& looked, sys::Database* office, sys::Database* watch, base::Instant from,
                         base::Instant at) {
    ContractLines found;
    for (const auto& [database, stream] : {std::pair(office, ledger::kOffice), std::pair(watch, ledger::kWatch)}) {
        if (database == nullptr) continue;
        for (const contract::Wanted& wanted : looked.acts) {
            const auto since = wanted.is_whole ? std::optional<base::Instant>() : from;
            const bool is_cut = database->read([&, name = stream](sys::Reader& db) {
                return gather(db, name, looked, wanted, since, at, found.lines);
            });
            if (is_cut) found.cut.push_back(wanted.act);
        }
    }
    // The same line may be wanted as "anomaly.open" and as "anomaly.*".
    std::sort(found.lines.begin(), found.lines.end(), comes_before);
    found.lines.erase(std::unique(found.lines.begin(), found.lines.end(), is_same_line), found.lines.end());
    return found;
}

bool is_wanted(const std::vector<contract::Wanted>& all, std::string_view act) {
    return std::any_of(all.begin(), all.end(), [&](const contract::Wanted& one) {
        const std::string_view wanted = one.act;
        return wanted.ends_with(".*") ? act.starts_with(wanted.substr(0, wanted.size() - 1)) : act == wanted;
    });
}

/// The first moment after `at` at which the answer may be another one though nothing is written.
base::Instant holds_until(const std::vector<contract::Judged>& judged, const ContractLines& found, base::Instant at) {
    if (!found.lines.empty() && found.lines.back().at > at) return at;  // a line of a clock that is ahead
    base::Instant until = std::min(at + std::chrono::minutes(1), base::from_local({base::local_day(at) + 1}));
    for (const contract::Judged& one : judged)
        for (const contract::Item& item : one.items) {
            for (const base::Instant moment : {item.start, item.due})
                if (moment > at) until = std::min(until, moment);
            if (item.state == contract::State::Late)
                until = std::min(until, item.due + item.lateness + std::chrono::milliseconds(1));
        }
    return until;
}

/// The contract that was asked for last, its lines and the answer. The ledger only grows, and its chain says that it is
/// the same one: what was read stays true, and only what was written since is read.
class Memory {
  public:
    /// `at` is now or to come.
    ContractStatus judge(Site& site, base::Instant at) {
        const std::scoped_lock lock(busy_);
        std::string text = sys::find_file(contract_file(site.folders), kLargestFile).value_or(std::string()) +
                           find_holiday_list(site.settings);
        if (!contract_ || contract_of_ != site.folders.site || text != text_) {
            contract_.reset();
            contract_ = std::make_shared<const contract::Contract>(load_contract(site.folders, site.settings));
            contract_of_ = site.folders.site;
            text_ = std::move(text);
            answer_.reset();
        }
        if (bring_up(site, *contract_, at)) answer_.reset();
        if (!answer_ || at < answer_->at || at >= until_) {
            answer_.reset();
            auto judged =
                std::make_shared<const std::vector<contract::Judged>>(contract::judge(*contract_, lines_.lines, at));
            until_ = holds_until(*judged, lines_, at);
            answer_ = ContractStatus{contract_, lines_.cut, at, judged, *judged};
        }
        ContractStatus status = *answer_;
        status.at = at;
        return status;
    }

    /// Calls `work` with the lines as they stand; `at` is now or to come.
    void with_lines(Site& site, const contract::Contract& contract, base::Instant at,
                    const std::function<void(const ContractLines&)>& work) {
        const std::scoped_lock lock(busy_);
        if (bring_up(site, contract, at)) answer_.reset();
        work(lines_);
    }

    static constexpr std::chrono::hours kPast{24};  ///< a moment that far back is no longer "now"

  private:
    static constexpr std::chrono::hours kKeptFor{24 * 30};  ///< then what has become old is let go
    static constexpr int kMostNewPages = 10;

    static ledger::Head head_of(sys::Database& database, std::string_view stream) {
        return database.read([&](sys::Reader& db) { return ledger::load_head(db, stream); });
    }

    /// Whether the lines are others than before.
    bool bring_up(Site& site, const contract::Contract& contract, base::Instant at) {
        const base::Instant now = site.clock.now();
        Looked looked = looked_at(contract);
        sys::Database* const office = site.database.get();
        sys::Database* const watch = site.find_watch();
        const ledger::Head office_before = office_, watch_before = watch_;
        const bool is_same = folder_ == site.folders.site && looked_ == looked && from_ <= at - contract::kLookBack &&
                             from_ >= now - contract::kLookBack - kKeptFor;
        if (is_same && catch_up(*office, ledger::kOffice, office_) &&
            (watch != nullptr ? catch_up(*watch, ledger::kWatch, watch_) : watch_ == ledger::Head{}))
            return office_ != office_before || watch_ != watch_before;
        folder_.clear();  // should this fail, nothing is remembered
        office_ = head_of(*office, ledger::kOffice);
        watch_ = watch != nullptr ? head_of(*watch, ledger::kWatch) : ledger::Head{};
        looked_ = std::move(looked);
        from_ = now - contract::kLookBack - kPast;
        lines_ = gather_all(looked_, office, watch, from_, base::Instant{std::numeric_limits<std::int64_t>::max()});
        lines_.lines.shrink_to_fit();
        folder_ = site.folders.site;
        return true;
    }

    /// Reads what was written after `head`. False when the ledger is another one, or so much was written that all of it
    /// is better read anew.
    bool catch_up(sys::Database& database, std::string_view stream, ledger::Head& head) {
        std::vector<ledger::Line> news;
        const auto newest = database.read([&](sys::Reader& db) -> std::optional<ledger::Head> {
            news.clear();
            const ledger::Head end = ledger::load_head(db, stream);
            if (end == head) return end;
            if (end.sequence - head.sequence > std::int64_t{kPage} * kMostNewPages) return std::nullopt;
            ledger::Search search;
            search.stream = std::string(stream);
            search.limit = kPage;
            search.before = end.sequence + 1;
            while (search.before > head.sequence + 1) {
                for (ledger::Line& line : ledger::find_lines(db, search))
                    if (line.sequence > head.sequence) news.push_back(std::move(line));
                if (news.empty() || news.back().sequence >= search.before) return std::nullopt;
                search.before = news.back().sequence;
            }
            if (news.empty() || news.back().previous != head.hash) return std::nullopt;
            return end;
        });
        if (!newest) return false;
        for (auto line = news.rbegin(); line != news.rend(); ++line) {
            if (!is_wanted(looked_.acts, line->entry.act)) continue;
            contract::Line made = short_line(*line, looked_);
            const auto place = std::upper_bound(lines_.lines.begin(), lines_.lines.end(), made, comes_before);
            if (place == lines_.lines.begin() || !is_same_line(*std::prev(place), made))
                lines_.lines.insert(place, std::move(made));
        }
        head = *newest;
        return true;
    }

    std::mutex busy_;
    std::filesystem::path folder_;
    Looked looked_;
    base::Instant from_;
    ledger::Head office_, watch_;
    ContractLines lines_;
    std::filesystem::path contract_of_;
    std::string text_;  ///< of the contract's file and the list of holidays
    std::shared_ptr<const contract::Contract> contract_;
    std::optional<ContractStatus> answer_;
    base::Instant until_;
};

/// The registers, the questions and the letters go by the settings' hours, the contract by its own: where these differ,
/// two screens name two moments for one duty.
void compare_calendar(std::string_view toml, std::string_view id, std::string_view section,
                      const calendar::OfficeCalendar& settings, contract::Read& read) {
    const calendar::OfficeCalendar& own = read.contract.calendars.at(std::string(id));
    std::vector<std::string_view> others;
    if (own.closed_weekdays != settings.closed_weekdays) others.push_back("closed_weekdays");
    if (own.opens != settings.opens) others.push_back("opens");
    if (own.closes != settings.closes) others.push_back("closes");
    if (others.empty()) return;
    const std::string_view before = toml.substr(0, toml.find(fmt::format("\"{}\"", id), toml.find("[[calendars]]")));
    read.problems.push_back(
        {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1, 1,
         fmt::format(
             "[[calendars]] {}: {} {} otherwise in [{}] of yakuba.toml: write the same in both, or screens will name "
             "different times for one deadline",
             id, fmt::join(others, ", "), others.size() == 1 ? "is" : "are", section),
         true});
}

/// Of the process: one site's contract is looked at again and again.
Memory& memory() {
    static Memory all;
    return all;
}

}  // namespace

contract::Line contract_line(const ledger::Line& found) {
    contract::Line line{
        found.stream, found.sequence, found.entry.at, found.entry.act, found.entry.subject, found.entry.by, {}};
    boost::system::error_code problem;
    const boost::json::value detail = boost::json::parse(found.entry.detail, problem);
    if (!problem && detail.is_object())
        for (const auto& [name, value] : detail.as_object()) add_value(line.data, name, value);
    return line;
}

std::filesystem::path contract_file(const Folders& folders) {
    return folders.site / "contract.toml";
}

std::optional<contract::Read> find_contract(const Folders& folders, const settings::Settings& settings) {
    const auto bytes = sys::find_file(contract_file(folders), kLargestFile);
    if (!bytes) return std::nullopt;
    const calendar::OfficeCalendar office = office_hours_of(settings);
    contract::Read read = contract::read(*bytes, office.holidays);
    if (!read.is_usable()) return read;
    compare_calendar(*bytes, "office", "calendar", office, read);
    compare_calendar(*bytes, "helpdesk", "helpdesk", settings::helpdesk_calendar(settings, office.holidays), read);
    return read;
}

contract::Contract load_contract(const Folders& folders, const settings::Settings& settings) {
    auto read = find_contract(folders, settings);
    if (!read)
        throw Error(Kind::NotFound, fmt::format("{} is not there: write the contract into it, beginning with `yakuba "
                                                "contract init --sample cms` (or portal)",
                                                contract_file(folders).string()));
    if (!read->is_usable())
        throw Error(Kind::BadInput, contract::problems_text(read->problems, contract_file(folders).string()));
    return std::move(read->contract);
}

std::filesystem::path write_sample_contract(const Folders& folders, std::string_view sample) {
    const auto file = contract_file(folders);
    const std::string_view text = contract::sample(sample);
    if (std::filesystem::exists(file))
        throw Error(Kind::Conflict, fmt::format("{} is there already; nothing was changed", file.string()));
    sys::write_file(file, text);
    return file;
}

ContractLines gather_contract_lines(const contract::Contract& contract, sys::Database* office, sys::Database* watch,
                                    base::Instant at) {
    return gather_all(looked_at(contract), office, watch, at - contract::kLookBack, at);
}

bool ContractStatus::has_late() const {
    return std::any_of(obligations.begin(), obligations.end(),
                       [](const contract::Judged& one) { return one.state == contract::State::Late; });
}

ContractStatus judge_contract(Site& site, base::Instant at) {
    if (at >= site.clock.now() - Memory::kPast) return memory().judge(site, at);
    const auto contract = std::make_shared<const contract::Contract>(load_contract(site.folders, site.settings));
    const ContractLines found = gather_contract_lines(*contract, site.database.get(), site.find_watch(), at);
    const auto judged =
        std::make_shared<const std::vector<contract::Judged>>(contract::judge(*contract, found.lines, at));
    return {contract, found.cut, at, judged, *judged};
}

std::vector<contract::DueItem> list_contract_due(Site& site, const contract::Contract& contract, base::Instant from,
                                                 base::Instant to) {
    std::vector<contract::DueItem> due;
    const base::Instant now = site.clock.now();
    memory().with_lines(site, contract, now, [&](const ContractLines& found) {
        due = contract::list_due(contract, found.lines, now, from, to);
    });
    return due;
}

void record_for_contract(Site& site, const ContractRecord& record, std::string_view by) {
    const contract::Contract contract = load_contract(site.folders, site.settings);
    if (!contract.find_obligation(record.obligation))
        throw Error(
            Kind::NotFound,
            fmt::format("the contract has no obligation {}; `yakuba contract status` lists them", record.obligation));
    if (record.what != "done" && record.what != "event" && record.what != "cancelled")
        throw Error(Kind::BadInput, "what is recorded is done, event or cancelled");
    if (base::trim(record.note).empty() || base::count_code_points(record.note) > kLongestNote)
        throw Error(Kind::BadInput, "write what it is and where the paper is kept, in at most 1000 characters");
    boost::json::object detail{{"obligation", record.obligation}, {"what", record.what}, {"note", record.note}};
    for (const auto& [name, value] : record.fields) {
        if (detail.contains(name) || name.empty())
            throw Error(Kind::BadInput, fmt::format("the field \"{}\" cannot be given", name));
        if (value.size() > kLongestValue) throw Error(Kind::BadInput, fmt::format("the field {} is too long", name));
        detail[name] = value;
    }
    const std::string subject = record.subject.empty() ? "obligation:" + record.obligation : record.subject;
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {site.clock.now(), std::string(by), std::string(contract::kRecordAct), subject,
                            boost::json::serialize(detail)});
    });
}

}  // namespace flow
