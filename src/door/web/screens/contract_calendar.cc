// 契約の暦: what is due in a month, by day; and the address by which a person's own calendar subscribes to it. The
// address carries a secret token, of which only the hash is kept: it is shown once, can be renewed or ended, and works
// while its owner may see the contract.
#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/month.h"
#include "door/web/screens/today/sources.h"
#include "door/web/words.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/tickets/tickets.h"
#include "office/contract/ics.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr std::string_view kPurpose = "contract-feed";
constexpr std::string_view kCurrent = "contract-feed-current";  // names the one token of a person that counts
constexpr std::chrono::hours kFeedFor{24 * 365 * 5};            // a contract's usual time
constexpr std::chrono::milliseconds kTick{1};                   // a deadline at midnight is the end of the day before
constexpr std::chrono::hours kFeedBack{24 * 62}, kFeedAhead{24 * 400};

std::string owner_of(const Context& context) {
    return fmt::format("person:{}", context.person.id.value);
}

std::string_view chip_kind(contract::State state) {
    constexpr std::string_view kKinds[] = {"live", "submitted", "returned", "draft", "withdrawn"};
    return kKinds[static_cast<std::size_t>(state)];
}

std::optional<tickets::Ticket> find_current(Context& context) {
    return context.db().read(
        [&](sys::Reader& db) { return tickets::find_named(db, kCurrent, owner_of(context), "", context.now()); });
}

http::Response show(Context& context, const std::string& feed) {
    context.require(Act::ContractRead);
    const base::Day first = asked_month(context);
    MonthEntries days;
    std::string problem;
    bool is_missing = false;
    try {
        const contract::Contract contract = flow::load_contract(context.site().folders, context.site().settings);
        for (const contract::DueItem& one :
             flow::list_contract_due(context.site(), contract, base::from_local({first}) + kTick,
                                     base::from_local({next_month(first)}) + kTick)) {
            const base::Day day = base::local_day(one.item.due - kTick);
            days[day].push_back({one.obligation->title, chip_kind(one.item.state), "/contract/" + one.obligation->id});
        }
    } catch (const Error& error) {
        if (error.kind() != Kind::NotFound && error.kind() != Kind::BadInput) throw;
        is_missing = error.kind() == Kind::NotFound;
        problem = is_missing ? "" : error.message();
    }
    const auto current = find_current(context);
    tmpl::List states;
    for (const contract::State state :
         {contract::State::Late, contract::State::Due, contract::State::Met, contract::State::NotYet})
        states.push_back(chip(chip_kind(state), say(contract::state_wording(state))));
    return context.page({"screens/contract/calendar.html", "契約の暦", {{say("契約"), "/contract"}}},
                        {{"month", month_values(context, first, days, "/contract/calendar", "契約事項の期限")},
                         {"states", std::move(states)},
                         {"is_missing", is_missing},
                         {"problem", say(problem)},
                         {"has_feed", current.has_value()},
                         {"ends", current ? day_text(base::local_day(current->ends_at)) : std::string()},
                         {"feed", feed}});
}

http::Response look(Context& context) {
    return show(context, "");
}

/// As the browser reached us: the person's calendar is on the same network.
std::string own_address(const Context& context) {
    return fmt::format("{}://{}", context.request.is_secure ? "https" : "http", context.request.headers.get("Host"));
}

http::Response change_feed(Context& context) {
    context.require(Act::ContractRead);
    const bool is_end = context.field("do") == "end";
    std::string token;
    context.db().write([&](sys::Transaction& tx) {
        tickets::remove(tx, kCurrent, owner_of(context), "");
        if (!is_end) {
            const base::Instant ends = context.now() + kFeedFor;
            token = tickets::issue(tx, kPurpose, owner_of(context), "", ends);
            tickets::put(tx, {std::string(kCurrent), owner_of(context), "",
                              tickets::find(tx, kPurpose, token, context.now()).value().name, ends});
        }
        ledger::append(tx, {context.now(), owner_of(context), is_end ? "contract.feed-end" : "contract.feed",
                            owner_of(context), "{}"});
    });
    if (is_end)
        return context.go("/contract/calendar", Flash{Flash::Kind::Good, "購読のアドレスを使えないようにしました。"});
    return show(context, fmt::format("{}/contract-feed/{}", own_address(context), token));
}

/// For calendars, which cannot sign in.
http::Response feed(Context& context) {
    const std::string token = context.request.parameter("token");
    const auto contents = context.db().read([&](sys::Reader& db) -> std::optional<bool> {
        const auto ticket = tickets::find(db, kPurpose, token, context.now());
        if (!ticket || !ticket->subject.starts_with("person:")) return std::nullopt;
        const auto current = tickets::find_named(db, kCurrent, ticket->subject, "", context.now());
        if (!current || current->detail != ticket->name) return std::nullopt;  // renewed or ended
        const base::PersonId person{std::strtoll(ticket->subject.c_str() + 7, nullptr, 10)};
        const people::Actor actor = people::load_actor(db, person, context.now());
        return actor.is_active && people::may(actor, Act::ContractRead) ? std::optional(true) : std::nullopt;
    });
    if (!contents)
        throw Error(Kind::NotFound, "この暦のアドレスは使えません。契約の画面で新しいアドレスを作ってください。");
    const contract::Contract contract = flow::load_contract(context.site().folders, context.site().settings);
    const auto due =
        flow::list_contract_due(context.site(), contract, context.now() - kFeedBack, context.now() + kFeedAhead);
    return http::download(contract::write_ics(contract, due, context.now()), "contract.ics",
                          "text/calendar; charset=utf-8");
}

constexpr Route kRoutes[] = {{"GET", "/contract/calendar", look}, {"POST", "/contract/calendar", change_feed}};
constexpr Route kFeedRoutes[] = {{"GET", "/contract-feed/{token}", feed}};

}  // namespace

extern const Screen contract_calendar{"contract-calendar", "契約の暦",       "/contract/calendar", "calendar",
                                      Place::None,         Access::SignedIn, Act::ContractRead,    kRoutes};
extern const Screen contract_feed{"contract-feed", "契約の暦", "/contract-feed", "", Place::None,
                                  Access::Anyone,  {},         kFeedRoutes};

}  // namespace web
