#include "flow/contract_status.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "flow/office_hours.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
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

/// True when there were more than are taken.
bool gather(sys::Reader& db, std::string_view stream, const contract::Wanted& wanted,
            const std::optional<base::Instant>& from, base::Instant at, std::vector<contract::Line>& to) {
    ledger::Search search;
    search.stream = std::string(stream);
    search.act = wanted.act.ends_with(".*") ? wanted.act.substr(0, wanted.act.size() - 2) : wanted.act;
    search.from = from;
    search.limit = kPage;
    int taken = 0;
    for (int pages = 0; taken < kMostOfAct && pages < kMostPages; ++pages) {
        const auto page = ledger::find_lines(db, search);
        for (const ledger::Line& line : page) {
            if (line.entry.at > at) continue;  // not by the search: a clock that was put back would hide lines from it
            to.push_back(contract_line(line));
            ++taken;
        }
        if (page.size() < static_cast<std::size_t>(kPage)) return false;
        search.before = page.back().sequence;
    }
    return true;
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
    return contract::read(*bytes, office_hours_of(settings).holidays);
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
    ContractLines found;
    const base::Instant recent = at - contract::kLookBack;
    for (const auto& [database, stream] : {std::pair(office, ledger::kOffice), std::pair(watch, ledger::kWatch)}) {
        if (database == nullptr) continue;
        for (const contract::Wanted& wanted : contract::acts_wanted(contract)) {
            const auto from = wanted.is_whole ? std::optional<base::Instant>() : recent;
            const bool is_cut = database->read(
                [&, name = stream](sys::Reader& db) { return gather(db, name, wanted, from, at, found.lines); });
            if (is_cut) found.cut.push_back(wanted.act);
        }
    }
    // The same line may be wanted as "anomaly.open" and as "anomaly.*".
    const auto order = [](const contract::Line& a, const contract::Line& b) {
        return std::tie(a.at, a.stream, a.sequence) < std::tie(b.at, b.stream, b.sequence);
    };
    std::sort(found.lines.begin(), found.lines.end(), order);
    const auto is_same = [](const contract::Line& a, const contract::Line& b) {
        return a.sequence == b.sequence && a.stream == b.stream;
    };
    found.lines.erase(std::unique(found.lines.begin(), found.lines.end(), is_same), found.lines.end());
    return found;
}

bool ContractStatus::has_late() const {
    return std::any_of(obligations.begin(), obligations.end(),
                       [](const contract::Judged& one) { return one.state == contract::State::Late; });
}

ContractStatus judge_contract(Site& site, base::Instant at) {
    ContractStatus status;
    status.contract = std::make_unique<const contract::Contract>(load_contract(site.folders, site.settings));
    status.at = at;
    status.found = gather_contract_lines(*status.contract, site.database.get(), site.find_watch(), at);
    status.obligations = contract::judge(*status.contract, status.found.lines, at);
    return status;
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
