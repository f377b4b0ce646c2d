// 設定: every setting with what it means, its value and its default; those that are safe to change here, one at a time
// into yakuba.toml. The program reads the file when it starts, and the screen says so.

#include <charconv>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "flow/change_setting.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;
using settings::Key;
using settings::Settings;

constexpr std::string_view kMasked = "（設定済み）";

struct FormWords {
    settings::Form form;
    std::string_view words;
};
constexpr FormWords kForms[] = {
    {settings::Form::Name, "1行の文字"},
    {settings::Form::Identifier, "半角の英小文字、数字、ハイフン"},
    {settings::Form::Url, "アドレス（https://… など）"},
    {settings::Form::HttpUrl, "https:// で始まり / で終わるアドレス"},
    {settings::Form::Address, "「127.0.0.1:8080」のような待受アドレス"},
    {settings::Form::Network, "「10.1.0.0/16」のようなネットワーク"},
    {settings::Form::Date, "「2026-11-22」のような日付"},
    {settings::Form::DayOfYear, "「12-29」のような月日"},
    {settings::Form::TimeOfDay, "「08:45」のような時刻"},
    {settings::Form::MailAddress, "メールアドレス"},
    {settings::Form::SitePath, "「/gikai/」のようなパス"},
};

/// What a value may be, for people.
std::string limits_words(const Key& key) {
    Settings fresh;
    const settings::Slot slot = key.slot(fresh, 0);
    if (std::holds_alternative<settings::Integer*>(slot))
        return say(fmt::format("{}から{}までの数", key.limits.least, key.limits.most));
    if (std::holds_alternative<bool*>(slot)) return say("はい、いいえのどちらか");
    std::string words;
    if (!key.limits.choices.empty()) {
        std::string choices(key.limits.choices);
        const std::string comma = say("、");
        for (std::size_t at = 0; (at = choices.find(' ', at)) != std::string::npos; at += comma.size())
            choices.replace(at, 1, comma);
        words = say("次のうちから：") + choices;
    }
    for (const FormWords& each : kForms)
        if (key.limits.choices.empty() && key.limits.form == each.form) words = say(each.words);
    if (std::holds_alternative<settings::TextList*>(slot))
        return (words.empty() ? say("文字") : words) + say("。1行に1つずつ");
    if (std::holds_alternative<settings::TextMap*>(slot)) return say("「名前 = 値」の形。1行に1つずつ");
    return words;
}

/// The value as the form has it: lists and tables line by line.
std::string value_text(const settings::Slot& slot) {
    struct Writer {
        std::string operator()(const settings::Text* text) const { return *text; }
        std::string operator()(const settings::Integer* number) const { return std::to_string(*number); }
        std::string operator()(const bool* flag) const { return *flag ? "はい" : "いいえ"; }
        std::string operator()(const settings::TextList* list) const { return base::join(*list, "\n"); }
        std::string operator()(const settings::TextMap* map) const {
            std::string text;
            for (const auto& [name, value] : *map)
                text += fmt::format("{}{} = {}", text.empty() ? "" : "\n", name, value);
            return text;
        }
        std::string operator()(const settings::Rows&) const { return ""; }
    };
    return std::visit(Writer{}, slot);
}

std::string shown_value(const Key& key, Settings& settings) {
    const std::string text = value_text(key.slot(settings, 0));
    if (key.secrecy == settings::Secrecy::Secret) return text.empty() ? "" : say(kMasked);
    return std::holds_alternative<bool*>(key.slot(settings, 0)) ? say(text) : text;
}

/// A setting of the tables of a list ("others[].path") has no value of its own.
bool is_column(const Key& key) {
    return key.name.find('[') != std::string_view::npos;
}

/// What is watched, and what becomes of what was seen, is changed by who looks after the watch.
Act act_of(const Key& key) {
    for (const std::string_view section : {"monitor.", "watch.", "guard.", "outside."})
        if (key.name.starts_with(section)) return Act::MonitorEdit;
    return Act::SettingsEdit;
}

struct Values {
    Settings in_file, in_use, fresh;
};

tmpl::Map row_of(const Context& context, const Key& key, Values& values) {
    const std::string now = shown_value(key, values.in_file);
    const std::string standard = shown_value(key, values.fresh);
    auto reason = flow::find_fixed_reason(key);
    if (!reason && !context.may(act_of(key))) reason = "監視の設定のため、監視の担当者が変えます。";
    return {{"name", key.name},
            {"words", say(key.japanese)},
            {"value", now},
            {"standard", standard},
            {"is_standard", now == standard},
            {"is_waiting", now != shown_value(key, values.in_use)},
            {"path", reason ? std::string() : fmt::format("/settings/{}", key.name)},
            {"reason", say(reason.value_or(std::string_view{}))}};
}

http::Response list(Context& context) {
    context.require(Act::SettingsEdit);
    const flow::SettingsFile file = flow::load_settings_file(context.site());
    Values values{settings::parse(file.text), context.site().settings, {}};
    tmpl::List sections;
    bool is_any_waiting = false;
    for (const settings::Section& section : settings::all_sections()) {
        tmpl::List rows;
        const std::string prefix = std::string(section.name) + ".";
        for (const Key& key : settings::all_keys()) {
            if (!key.name.starts_with(prefix) || is_column(key)) continue;
            rows.push_back(row_of(context, key, values));
            is_any_waiting = is_any_waiting || shown_value(key, values.in_file) != shown_value(key, values.in_use);
        }
        if (rows.empty()) continue;
        sections.push_back(tmpl::Map{{"id", section.name}, {"name", say(section.japanese)}, {"rows", std::move(rows)}});
    }
    return context.page({"screens/settings/list.html", "設定", {}},
                        {{"sections", std::move(sections)}, {"is_any_waiting", is_any_waiting}});
}

// --- one setting

const Key& key_of(const Context& context) {
    context.require(Act::SettingsEdit);
    const Key* key = settings::find_key(context.request.parameter("key"));
    if (key == nullptr || is_column(*key)) throw Error(Kind::NotFound, "この設定はありません。");
    if (const auto reason = flow::find_fixed_reason(*key)) throw Error(Kind::NotAllowed, std::string(*reason));
    context.require(act_of(*key));
    return *key;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (const std::string_view line : base::split(text, '\n'))
        if (const auto trimmed = base::trim(line); !trimmed.empty()) lines.emplace_back(trimmed);
    return lines;
}

/// The value that the form sent, in the type of the setting. Throws Error(BadInput).
settings::Value value_field(const Context& context, const Key& key) {
    Settings fresh;
    const settings::Slot slot = key.slot(fresh, 0);
    const std::string text(base::trim(context.field("value")));
    if (std::holds_alternative<bool*>(slot)) return text == "はい";
    if (std::holds_alternative<settings::Integer*>(slot)) {
        settings::Integer number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size())
            throw Error(Kind::BadInput, fmt::format("{}を、半角の数字で入れてください。", limits_words(key)));
        return number;
    }
    if (std::holds_alternative<settings::TextList*>(slot)) return lines_of(context.field("value"));
    if (std::holds_alternative<settings::TextMap*>(slot)) {
        settings::TextMap map;
        for (const std::string& line : lines_of(context.field("value"))) {
            const std::size_t equals = line.find('=');
            if (equals == std::string::npos)
                throw Error(Kind::BadInput, "「名前 = 値」の形で、1行に1つずつ書いてください。");
            map[std::string(base::trim(std::string_view(line).substr(0, equals)))] =
                base::trim(std::string_view(line).substr(equals + 1));
        }
        return map;
    }
    return text;
}

http::Response show_form(Context& context, const Key& key, bool is_typed, std::string_view problem, int status) {
    const flow::SettingsFile file = flow::load_settings_file(context.site());
    Values values{settings::parse(file.text), context.site().settings, {}};
    const settings::Slot slot = key.slot(values.fresh, 0);
    const std::string now = shown_value(key, values.in_file);
    const std::string value = is_typed ? context.field("value") : now;
    tmpl::List choices;
    if (std::holds_alternative<bool*>(slot))
        choices = {choice("はい", say("はい"), value), choice("いいえ", say("いいえ"), value)};
    if (std::holds_alternative<settings::Text*>(slot) && !key.limits.choices.empty())
        for (const std::string_view each : base::split(key.limits.choices, ' '))
            choices.push_back(choice(each, each, value));
    const bool is_long =
        std::holds_alternative<settings::TextList*>(slot) || std::holds_alternative<settings::TextMap*>(slot);
    return context.page({"screens/settings/form.html", std::string(key.japanese), {{say("設定"), "/settings"}}, status},
                        {{"problem", say(problem)},
                         {"name", key.name},
                         {"words", say(key.japanese)},
                         {"limits", limits_words(key)},
                         {"standard", shown_value(key, values.fresh)},
                         {"in_use", shown_value(key, values.in_use)},
                         {"action", fmt::format("/settings/{}", key.name)},
                         {"version", is_typed ? context.field("version") : file.version},
                         {"value", value},
                         {"choices", std::move(choices)},
                         {"is_number", std::holds_alternative<settings::Integer*>(slot)},
                         {"least", key.limits.least},
                         {"most", key.limits.most},
                         {"is_long", is_long},
                         {"needs_password", !context.is_fresh()}});
}

http::Response look(Context& context) {
    return show_form(context, key_of(context), false, "", 200);
}

http::Response change(Context& context) {
    const Key& key = key_of(context);
    return run_act(
        context,
        [&] {
            const settings::Value value = value_field(context, key);
            need_proof(context);
            try {
                flow::change_setting(context.site(), key.name, value, context.field("version"),
                                     {context.person.id, context.now()});
            } catch (const Error& error) {
                const std::string limits = limits_words(key);
                if (error.kind() != Kind::BadInput || limits.empty()) throw;
                throw Error(Kind::BadInput,
                            fmt::format("この値は使えません。使えるのは、{}です。（{}）", limits, error.message()));
            }
            return context.go(
                "/settings",
                Flash{Flash::Kind::Good, fmt::format("「{}」を保存しました。使われるのは、次にシステムを起動し直した"
                                                     "ときからです。運用担当者に再起動を依頼してください。",
                                                     key.japanese)});
        },
        [&](std::string_view problem, int status) { return show_form(context, key, true, problem, status); });
}

constexpr Route kRoutes[] = {
    {"GET", "/settings", list},
    {"GET", "/settings/{key}", look},
    {"POST", "/settings/{key}", change},
};

}  // namespace

extern const Screen settings_screen{
    "settings", "設定", "/settings", "settings", Place::Administration, Access::SignedIn, Act::SettingsEdit, kRoutes};

}  // namespace web
