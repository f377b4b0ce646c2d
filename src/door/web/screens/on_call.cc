// 当番: who is called now and from when somebody else is, the whole table, what was sent and answered, a test of it,
// and the spans in which nobody is called. Rows of mail and of the screen are changed here; what may run a program
// stays with whoever runs the machine.
#include <algorithm>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "flow/change_on_call.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/signals/anomaly.h"
#include "watch/telling/calls.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using telling::Duty;

struct Choice {
    std::string_view id, words;
};
constexpr Choice kHours[] = {{"always", "いつでも"}, {"open", "開庁時間"}, {"closed", "閉庁時間"}};
constexpr Choice kChannels[] = {{"mail", "メール"}, {"screen", "監視の画面だけ"}};
constexpr Choice kAbout[] = {{"*", "すべて"},
                             {"probe", "監視項目（ディスク、応答など）"},
                             {"guard", "公開ファイルの見張り"},
                             {"outside", "外から見た公開サイト"},
                             {"intrusion", "不正アクセスの検知"},
                             {"antivirus", "ウイルス対策"}};
constexpr std::string_view kWeekdays[] = {"日", "月", "火", "水", "木", "金", "土"};

tmpl::List choices_of(std::span<const Choice> all, std::string_view chosen) {
    tmpl::List choices;
    for (const Choice& each : all) choices.push_back(choice(each.id, say(each.words), chosen));
    return choices;
}

std::string when_words(const Duty& duty) {
    std::string words(say(kHours[static_cast<std::size_t>(duty.hours)].words));
    std::string days;
    for (const int day : duty.days) days += (days.empty() ? "" : "・") + say(kWeekdays[static_cast<std::size_t>(day)]);
    if (!days.empty()) words += " " + days;
    if (duty.from || duty.until)
        words += fmt::format(" {}～{}", duty.from ? day_text(*duty.from) : "", duty.until ? day_text(*duty.until) : "");
    return words;
}

/// What a row says, without what a target may hold in confidence.
tmpl::Map row_of(const Duty& duty) {
    const telling::Channel* channel = telling::find_channel(duty.channel);
    return {{"name", duty.name},
            {"when", when_words(duty)},
            {"least", say(signals::severity_wording(duty.least))},
            {"after", static_cast<std::int64_t>(duty.after.count())},
            {"channel", channel == nullptr ? duty.channel : say(channel->wording)},
            {"target", duty.channel == "mail" ? duty.target : std::string()},
            {"may_change", flow::may_change_on_screen(duty)}};
}

constexpr int kShownMessages = 30;

/// "第3号・応答あり：小川 大輔".
std::string call_words(Context& context, const telling::Call& call) {
    std::string words = fmt::format("{}・{}", say(fmt::format("第{}号", call.id.value)),
                                    say(telling::call_standing_wording(call.standing)));
    if (!call.acknowledged_by.empty())
        words += "：" + context.db().read([&](sys::Reader& db) { return name_of_doer(db, call.acknowledged_by); });
    return words;
}

/// The newest first. Of a target only a mail's is shown: an address to post to may be a secret.
tmpl::List message_rows(Context& context) {
    tmpl::List rows;
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) return rows;
    std::vector<std::pair<telling::Message, std::optional<telling::Call>>> messages;
    watch->read([&](sys::Reader& db) {
        for (telling::Message& each : telling::list_messages(db, {}, kShownMessages)) {
            auto call = each.call.value == 0 ? std::nullopt : telling::find_call(db, each.call);
            messages.emplace_back(std::move(each), std::move(call));
        }
    });
    for (const auto& [message, call] : messages) {
        const telling::Channel* channel = telling::find_channel(message.channel);
        const bool is_sent = message.standing == "sent", is_waiting = message.standing == "waiting";
        rows.push_back(tmpl::Map{{"time", short_time(message.made_at, context.now())},
                                 {"kind", say(telling::message_kind_wording(message.kind))},
                                 {"call", call ? call_words(context, *call) : std::string()},
                                 {"name", message.name},
                                 {"channel", channel == nullptr ? message.channel : say(channel->wording)},
                                 {"target", message.channel == "mail" ? message.target : std::string()},
                                 {"subject", message.subject},
                                 {"standing", say(is_sent      ? "届いた"
                                                  : is_waiting ? "送信待ち"
                                                               : "届かない")},
                                 {"look", is_sent      ? "live"
                                          : is_waiting ? "scheduled"
                                                       : "returned"},
                                 {"reply", say(message.reply)},
                                 {"tries", message.attempt > 1 ? message.attempt : 0}});
    }
    return rows;
}

struct Shown {
    std::string_view problem = "";
    int status = 200;
    bool is_duty = false, is_window = false;  ///< which form was sent
};

/// The form of a row: as it was typed, as it stands in the table, or empty.
tmpl::Map form_of(Context& context, const flow::OnCallTable& table, const Shown& shown) {
    std::size_t index = table.lines.size();
    Duty duty;
    duty.channel = "mail";
    const std::string asked = shown.is_duty ? context.field("index") : query_words(context, "row");
    if (!asked.empty())
        for (std::size_t at = 0; at < table.lines.size(); ++at)
            if (asked == std::to_string(at)) index = at;
    if (index < table.lines.size() && !shown.is_duty) {
        try {
            duty = telling::parse_duty(table.lines[index]);
        } catch (const Error&) {
            index = table.lines.size();
        }
        if (!flow::may_change_on_screen(duty)) index = table.lines.size(), duty = Duty{.channel = "mail"};
    }
    const auto typed = [&](const char* name, std::string value) { return shown.is_duty ? context.field(name) : value; };
    tmpl::List severities, days;
    const std::string least = typed("least", std::string(signals::severity_id(duty.least)));
    for (const auto each : {signals::Severity::Minor, signals::Severity::Warning, signals::Severity::Serious,
                            signals::Severity::Emergency})
        severities.push_back(choice(signals::severity_id(each), say(signals::severity_wording(each)), least));
    for (int day = 0; day < 7; ++day) {
        const std::string name = fmt::format("day{}", day);
        const bool is_in = std::find(duty.days.begin(), duty.days.end(), day) != duty.days.end();
        days.push_back(tmpl::Map{{"name", name},
                                 {"words", say(kWeekdays[static_cast<std::size_t>(day)])},
                                 {"is_chosen", shown.is_duty ? context.has_field(name) : is_in}});
    }
    return {{"index", std::to_string(index)},
            {"is_new", index == table.lines.size()},
            {"name", typed("name", duty.name)},
            {"target", typed("target", duty.target == "-" ? std::string() : duty.target)},
            {"after", typed("after", std::to_string(duty.after.count()))},
            {"from", typed("from", day_input(duty.from))},
            {"until", typed("until", day_input(duty.until))},
            {"hours", choices_of(kHours, typed("hours", std::string(kHours[static_cast<std::size_t>(duty.hours)].id)))},
            {"channels", choices_of(kChannels, typed("channel", duty.channel))},
            {"severities", std::move(severities)},
            {"days", std::move(days)}};
}

std::string about_words(const signals::Window& window) {
    for (const Choice& each : kAbout)
        if (each.id == window.source && window.kind == "*" && window.subject == "*") return say(each.words);
    return say("一部");
}

/// A planned stop's spans, one for each source, are one row; they follow its plan, so they are changed there.
tmpl::List window_rows(Context& context) {
    tmpl::List rows;
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) return rows;
    constexpr std::string_view kStop = "stop:";
    const base::Instant now = context.now();
    const auto windows = watch->read([&](sys::Reader& db) { return signals::list_windows(db, now); });
    for (auto at = windows.begin(); at != windows.end(); ++at) {
        const signals::Window& window = *at;
        const bool is_of_stop = window.by.starts_with(kStop);
        const bool is_typed = window.reason_kind == "operator" && !is_of_stop;
        const auto is_same = [&](const signals::Window& other) {
            return is_of_stop && other.by == window.by && other.from_at == window.from_at &&
                   other.until_at == window.until_at;
        };
        if (std::any_of(windows.begin(), at, is_same)) continue;
        std::vector<std::string> abouts{about_words(window)};
        for (auto other = std::next(at); other != windows.end(); ++other)
            if (is_same(*other)) abouts.push_back(about_words(*other));
        rows.push_back(tmpl::Map{{"id", window.id},
                                 {"stop", is_of_stop ? "/stops/" + window.by.substr(kStop.size()) : std::string()},
                                 {"from", short_time(window.from_at, now)},
                                 {"until", short_time(window.until_at, now)},
                                 {"is_now", window.from_at <= now},
                                 {"about", base::join(abouts, say("、"))},
                                 {"is_work", window.reason_kind == "operator"},
                                 {"why", is_typed ? window.why : say(window.why)}});
    }
    return rows;
}

http::Response show(Context& context, const Shown& shown) {
    const base::Instant now = context.now();
    const flow::OnCallTable table = flow::load_on_call(context.site());
    settings::Settings settings = context.site().settings;
    settings.watch.on_call = table.lines;
    const telling::OnCall on_call = flow::calling_policy(settings).on_call;
    tmpl::List duty_now, rows;
    for (const Duty& duty : on_call.at(now, signals::Severity::Serious)) duty_now.push_back(row_of(duty));
    for (std::size_t at = 0; at < table.lines.size(); ++at) {
        tmpl::Map row{{"name", ""},    {"when", ""},   {"least", ""},        {"after", 0},
                      {"channel", ""}, {"target", ""}, {"may_change", true}, {"problem", ""}};
        try {
            row = row_of(telling::parse_duty(table.lines[at]));
            row.set("problem", "");
        } catch (const Error& error) {
            row.set("problem", error.message());
        }
        rows.push_back(row.set("index", std::to_string(at)));
    }
    const auto change = on_call.next_change(now, signals::Severity::Serious);
    tmpl::List then;
    if (change)
        for (const Duty& duty : on_call.at(*change, signals::Severity::Serious)) then.push_back(row_of(duty));
    const bool may_edit = context.may(Act::MonitorEdit);
    return context.page({"screens/on_call/show.html", "当番", {}, shown.status},
                        {{"problem", say(shown.problem)},
                         {"now", std::move(duty_now)},
                         {"change", change ? short_time(*change, now) : tmpl::Value()},
                         {"then", std::move(then)},
                         {"rows", std::move(rows)},
                         {"form", form_of(context, table, shown)},
                         {"version", shown.is_duty ? context.field("version") : table.version},
                         {"messages", message_rows(context)},
                         {"windows", window_rows(context)},
                         {"abouts", choices_of(kAbout, shown.is_window ? context.field("about") : "*")},
                         {"why", shown.is_window ? context.field("why") : std::string()},
                         {"from", shown.is_window ? context.field("from_at") : std::string()},
                         {"until", shown.is_window ? context.field("until_at") : std::string()},
                         {"may_edit", may_edit},
                         {"needs_password", may_edit && !context.is_fresh()}});
}

http::Response look(Context& context) {
    context.require(Act::MonitorRead);
    return show(context, {});
}

Duty typed_duty(Context& context) {
    Duty duty;
    const std::string hours = context.field("hours");
    duty.hours = hours == "open" ? Duty::Hours::Open : hours == "closed" ? Duty::Hours::Closed : Duty::Hours::Always;
    const auto least = signals::find_severity(context.field("least"));
    if (!least) throw Error(Kind::BadInput, "どの重大さから知らせるかを選んでください。");
    duty.least = *least;
    const std::string after(base::trim(context.field("after")));
    if (after.empty() || after.size() > 4 || after.find_first_not_of("0123456789") != std::string::npos ||
        std::stoi(after) > 1440)
        throw Error(Kind::BadInput, "何分後に知らせるかは、0から1440までの数字で入れてください。");
    duty.after = std::chrono::minutes(std::stoi(after));
    duty.channel = context.field("channel");
    duty.target = duty.channel == "screen" ? "-" : std::string(base::trim(context.field("target")));
    if (duty.channel == "mail" && duty.target.empty()) throw Error(Kind::BadInput, "メールアドレスを入れてください。");
    duty.name = base::trim(context.field("name"));
    if (duty.name.empty() || base::count_code_points(duty.name) > 60)
        throw Error(Kind::BadInput, "名前を60文字以内で入れてください。");
    for (int day = 0; day < 7; ++day)
        if (context.has_field(fmt::format("day{}", day))) duty.days.push_back(day);
    duty.from = day_field(context, "from", "開始日");
    duty.until = day_field(context, "until", "終了日");
    if (duty.from && duty.until && *duty.until < *duty.from)
        throw Error(Kind::BadInput, "終了日は、開始日より後にしてください。");
    return duty;
}

http::Response save(Context& context) {
    context.require(Act::MonitorEdit);
    return run_act(
        context,
        [&] {
            const std::string index = context.field("index");
            if (index.empty() || index.size() > 3 || index.find_first_not_of("0123456789") != std::string::npos)
                throw Error(Kind::BadInput, "当番を選んでください。");
            std::optional<Duty> wanted;
            if (context.field("do") != "remove") wanted = typed_duty(context);
            need_proof(context);
            flow::change_on_call(context.site(), static_cast<std::size_t>(std::stoi(index)), wanted,
                                 context.field("version"), {context.person.id, context.now()});
            return context.go("/on-call", Flash{Flash::Kind::Good, wanted ? "当番を保存しました。数秒後から使われます。"
                                                                          : "当番から外しました。"});
        },
        [&](std::string_view problem, int status) {
            return show(context, {problem, status, true, false});
        });
}

/// The watch sends it, as everything else; what became of it stands in the record a moment later.
http::Response test(Context& context) {
    context.require(Act::MonitorEdit);
    settings::Settings settings = context.site().settings;
    settings.watch.on_call = flow::load_on_call(context.site()).lines;
    const int queued = context.site().watch().write([&](sys::Transaction& tx) {
        return telling::queue_test(tx, flow::calling_policy(settings), context.field("to") == "all",
                                   {fmt::format("person:{}", context.person.id.value), context.now()});
    });
    if (queued == 0)
        return context.go("/on-call", Flash{Flash::Kind::Caution, "連絡する相手がいないため、送っていません。"});
    return context.go("/on-call#messages",
                      Flash{Flash::Kind::Good, "試験の連絡を送ります。数秒後に画面を開き直すと、結果が出ます。"});
}

http::Response quieten(Context& context) {
    context.require(Act::MonitorEdit);
    return run_act(
        context,
        [&] {
            signals::Window window;
            window.reason_kind = context.field("kind") == "operator" ? "operator" : "planned-stop";
            window.why = std::string(base::trim(context.field("why")));
            if (window.why.empty() || base::count_code_points(window.why) > 200)
                throw Error(Kind::BadInput, "理由を200文字以内で入れてください。");
            window.by = fmt::format("person:{}", context.person.id.value);
            window.from_at = context.time_field("from_at", "開始").value_or(context.now());
            const auto until = context.time_field("until_at", "終了");
            if (!until || *until <= window.from_at || *until <= context.now())
                throw Error(Kind::BadInput, "終了の日時を、開始より後で、これから先の日時にしてください。");
            if (*until - window.from_at > std::chrono::hours(31 * 24))
                throw Error(Kind::BadInput, "呼び出さない期間は、31日までです。");
            window.until_at = *until;
            for (const Choice& each : kAbout)
                if (context.field("about") == each.id) window.source = each.id;
            context.site().watch().write(
                [&](sys::Transaction& tx) { return signals::add_window(tx, window, context.now()); });
            return context.go("/on-call", Flash{Flash::Kind::Good, "呼び出さない期間を登録しました。"});
        },
        [&](std::string_view problem, int status) {
            return show(context, {problem, status, false, true});
        });
}

http::Response end_quiet(Context& context) {
    context.require(Act::MonitorEdit);
    return run_act(
        context,
        [&] {
            const std::int64_t id = std::strtoll(context.field("id").c_str(), nullptr, 10);
            const signals::By by{fmt::format("person:{}", context.person.id.value), context.now()};
            if (!context.site().watch().write([&](sys::Transaction& tx) { return signals::end_window(tx, id, by); }))
                throw Error(Kind::Conflict, "この期間は、もう終わっています。");
            return context.go("/on-call", Flash{Flash::Kind::Good, "呼び出さない期間を終えました。"});
        },
        [&](std::string_view problem, int status) {
            return show(context, {problem, status});
        });
}

constexpr Route kRoutes[] = {
    {"GET", "/on-call", look},
    {"POST", "/on-call", save},
    {"POST", "/on-call/test", test},
    {"POST", "/on-call/quiet", quieten},
    {"POST", "/on-call/quiet/end", end_quiet},
};

}  // namespace

extern const Screen on_call_screen{"on-call",    "当番",           "/on-call",       "people",
                                   Place::Watch, Access::SignedIn, Act::MonitorRead, kRoutes};

}  // namespace web
