// What operators' terminals say of their antivirus. A report comes with the terminal's own token, of which only a hash
// is kept; a wrong token and an unknown name are refused alike.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "office/registers/store.h"

namespace registers {

namespace {

using base::Error;
using base::Kind;

constexpr auto kRecordEvery = std::chrono::hours(1);
constexpr auto kClockSlack = std::chrono::hours(24);

std::string hash_of(std::string_view token) {
    return sys::sha256(token).hex();
}

struct Known {
    Entry entry;
    std::string token_hash;
    std::optional<base::Instant> recorded_at;
    bool was_fresh = false, has_row = false;
};

std::optional<Known> find_terminal(sys::Reader& db, std::string_view name) {
    const auto row = db.find("SELECT id FROM register_entry WHERE kind = 'terminal' AND name = $1 AND ended_on IS NULL",
                             {std::string(name)});
    if (!row) return std::nullopt;
    Known known{load_entry(db, row->integer(0)), "", {}, false, false};
    if (const auto state = db.find("SELECT token_hash, recorded_at, is_fresh FROM terminal_state WHERE entry_id = $1",
                                   {known.entry.id})) {
        known.token_hash = state->text(0);
        if (const auto at = state->maybe_integer(1)) known.recorded_at = base::Instant{*at};
        known.was_fresh = state->flag(2);
        known.has_row = true;
    }
    return known;
}

Known load_by_token(sys::Reader& db, std::string_view name, std::string_view token) {
    auto known = find_terminal(db, name);
    if (!known || known->token_hash.empty() || !sys::is_same_secret(hash_of(token), known->token_hash))
        throw Error(Kind::NotAllowed,
                    "the token is not this terminal's; make a new one on the screen of the registers");
    return *std::move(known);
}

void need_row(sys::Transaction& tx, std::int64_t entry) {
    tx.execute(
        "INSERT INTO terminal_state (entry_id, token_hash, product, is_on, is_fresh, detections) VALUES ($1, '', "
        "'', 0, 0, 0) ON CONFLICT (entry_id) DO NOTHING",
        {entry});
}

void keep(sys::Transaction& tx, const Known& known, const TerminalReport& report, const By& by) {
    const bool fresh = is_fresh(report, by.at);
    const bool is_news = !known.recorded_at || known.was_fresh != fresh || by.at - *known.recorded_at >= kRecordEvery;
    need_row(tx, known.entry.id);
    tx.execute(
        "UPDATE terminal_state SET reported_at = $1, signatures_at = $2, product = $3, is_on = $4, is_fresh = $5, "
        "detections = $6 WHERE entry_id = $7",
        {by.at.milliseconds, report.signatures_at.milliseconds, report.product, std::int64_t{report.is_on ? 1 : 0},
         std::int64_t{fresh ? 1 : 0}, report.detections, known.entry.id});
    if (!is_news) return;
    tx.execute("UPDATE terminal_state SET recorded_at = $1 WHERE entry_id = $2", {by.at.milliseconds, known.entry.id});
    const boost::json::object detail{{"state", fresh ? "fresh" : "stale"},
                                     {"terminal", report.terminal},
                                     {"product", report.product},
                                     {"active", report.is_on},
                                     {"signatures_at", base::format_utc(report.signatures_at)},
                                     {"detections", report.detections}};
    ledger::append(tx,
                   {by.at, by.who, "terminal.report", "terminal:" + report.terminal, boost::json::serialize(detail)});
}

}  // namespace

TerminalReport read_report(std::string_view json, base::Instant now) {
    const auto refuse = [](std::string_view what) -> Error {
        return Error(Kind::BadInput, fmt::format("terminal report: {}", what));
    };
    if (json.size() > kLargestReport) throw refuse("larger than 16 KB");
    if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);  // Windows writes it before UTF-8
    boost::system::error_code problem;
    const boost::json::value value = boost::json::parse(json, problem, {}, {.max_depth = 4});
    if (problem || !value.is_object()) throw refuse("no JSON object");
    const boost::json::object& all = value.get_object();
    const auto text = [&](std::string_view name, std::size_t longest) {
        const auto* found = all.if_contains(name);
        if (found == nullptr || !found->is_string()) throw refuse(fmt::format("\"{}\" is missing", name));
        std::string words(found->get_string());
        if (words.empty() || words.size() > longest || !base::is_utf8(words) ||
            words.find_first_of("\r\n") != std::string::npos || words.find('\0') != std::string::npos)
            throw refuse(fmt::format("\"{}\" is empty, too long or not one line of text", name));
        return words;
    };
    TerminalReport report;
    report.terminal = base::to_lower(text("terminal", 63));
    report.product = text("product", 100);
    const auto* active = all.if_contains("active");
    if (active == nullptr || !active->is_bool()) throw refuse("\"active\" must be true or false");
    report.is_on = active->get_bool();
    const auto at = base::parse_instant(text("signatures_at", 40));
    if (!at || at->milliseconds <= 0) throw refuse("\"signatures_at\" must be a time: 2027-04-01T00:00:00.000Z");
    // What is dated ahead would stay fresh for ever.
    if (*at > now + kClockSlack) throw refuse("\"signatures_at\" lies in the future; set the terminal's clock");
    report.signatures_at = *at;
    if (const auto* found = all.if_contains("detections"); found != nullptr) {
        if (!found->is_int64() || found->get_int64() < 0 || found->get_int64() > 1'000'000)
            throw refuse("\"detections\" must be a number from 0");
        report.detections = found->get_int64();
    }
    return report;
}

bool is_fresh(const TerminalReport& report, base::Instant now) {
    return report.is_on && report.detections == 0 && now - report.signatures_at <= kFreshSignatures;
}

std::string make_token(sys::Transaction& tx, std::int64_t entry, const By& by) {
    const Entry found = load_entry(tx, entry);
    if (found.kind != "terminal" || found.ended_on) throw Error(Kind::NotFound, "この端末は台帳にありません。");
    const std::string token = base::to_hex(sys::random_bytes(24));
    need_row(tx, entry);
    tx.execute("UPDATE terminal_state SET token_hash = $1 WHERE entry_id = $2", {hash_of(token), entry});
    ledger::append(tx, {by.at, by.who, "terminal.token", "terminal:" + found.name, "{}"});
    return token;
}

void check_token(sys::Reader& db, std::string_view terminal, std::string_view token) {
    load_by_token(db, terminal, token);
}

void take_report(sys::Transaction& tx, const TerminalReport& report, std::string_view token, base::Instant now) {
    keep(tx, load_by_token(tx, report.terminal, token), report, {"service:terminal", now});
}

void enter_report(sys::Transaction& tx, const TerminalReport& report, const By& by) {
    const auto known = find_terminal(tx, report.terminal);
    if (!known) throw Error(Kind::NotFound, fmt::format("運用端末「{}」は台帳にありません。", report.terminal));
    keep(tx, *known, report, by);
}

TerminalState load_state(sys::Reader& db, std::int64_t entry) {
    TerminalState state;
    state.entry = entry;
    const auto row = db.find(
        "SELECT token_hash, reported_at, signatures_at, product, is_on, detections FROM "
        "terminal_state WHERE entry_id = $1",
        {entry});
    if (!row) return state;
    state.has_token = !row->text(0).empty();
    if (const auto at = row->maybe_integer(1)) state.reported_at = base::Instant{*at};
    if (const auto at = row->maybe_integer(2)) state.signatures_at = base::Instant{*at};
    state.product = row->text(3);
    state.is_on = row->flag(4);
    state.detections = row->integer(5);
    return state;
}

}  // namespace registers
