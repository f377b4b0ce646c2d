// See ledger/sentence.h.
#include <boost/json.hpp>

#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "flow/stop_service.h"
#include "ground/ledger/acts.h"
#include "ground/settings/keys.h"
#include "office/documents/kinds.h"
#include "office/documents/store.h"
#include "office/incidents/incident.h"
#include "office/stops/stop.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace web {

namespace {

struct Word {
    std::string_view id, ja;
};
constexpr Word kServices[] = {
    {"system:press", "公開処理"},       {"service:press", "公開処理"},
    {"system:cli", "コマンド"},         {"system:placer", "公開領域への反映"},
    {"system:sign-in", "ログイン"},     {"system:site-init", "サイトの作成"},
    {"service:watch", "監視"},          {"service:clock", "時刻による処理"},
    {"system:yakuba", "コマンド"},      {"system:desk", "ヘルプデスク"},
    {"system:form", "非常時フォーム"},  {"mail", "メール"},
    {"system:backup", "バックアップ"},  {"system:drill", "復旧訓練"},
    {"system:training", "研修"},        {"system:watch", "監視"},
    {"service:contract", "契約の期限"}, {"service:terminal", "運用端末"},
};
constexpr Word kDetails[] = {
    {"login_name", "ログイン名"},
    {"source", "認証"},
    {"changed", "変わった項目"},
    {"state", "状態"},
    {"successor", "引き継ぐ人"},
    {"role", "役割"},
    {"department", "部署"},
    {"section", "フォルダ"},
    {"from", "始まり"},
    {"until", "終わり"},
    {"reason", "理由"},
    {"comment", "コメント"},
    {"sessions", "ログインの数"},
    {"because", "きっかけ"},
    {"deputy", "代理"},
    {"to", "引き継いだ部署"},
    {"day", "新体制の日"},
    {"pages", "ページ"},
    {"sections", "フォルダ"},
    {"people", "利用者"},
    {"roles", "役割"},
    {"below", "下の部署"},
    {"routes", "承認ルート"},
    {"old", "前の値"},
    {"new", "新しい値"},
    {"name", "名前"},
    {"code", "所属コード"},
    {"entries", "件数"},
    {"address", "接続元"},
    {"revision", "版"},
    {"release", "公開記録"},
    {"must_change", "次回に変更"},
    {"path", "場所"},
    {"on_behalf_of", "代理"},
    {"publish_at", "公開日時"},
    {"problems", "見つかった問題"},
    {"number", "受付番号"},
    {"urgent", "急ぎ"},
    {"minutes", "作業時間（分）"},
    {"gaps", "空いている日"},
};
constexpr Word kValues[] = {
    {"active", "利用中"},
    {"locked", "停止中"},
    {"left", "退職・転出"},
    {"local", "このシステム"},
    {"ldap", "庁内の認証サーバ"},
    {"name", "名前"},
    {"kana", "ふりがな"},
    {"mail", "メール"},
    {"login_name", "ログイン名"},
    {"memberships", "所属"},
    {"state", "状態"},
    {"source", "認証"},
    {"phone", "電話番号"},
    {"place", "場所"},
    {"parent", "上の部署"},
    {"code", "所属コード"},
    {"valid_from", "始まりの日"},
    {"valid_until", "終わりの日"},
    {"successor", "引き継ぐ先"},
    {"title", "題名"},
    {"department", "担当課"},
    {"position", "並び順"},
    {"description", "説明"},
    {"list_size", "新着一覧の件数"},
    {"archive", "過去の一覧"},
    {"archive_size", "過去の一覧の件数"},
    {"has_feed", "新着配信"},
    {"administrator", "サイト管理者の操作"},
    {"own choice", "本人の操作"},
};

std::string_view find_word(std::span<const Word> words, std::string_view id, std::string_view otherwise) {
    for (const Word& word : words)
        if (word.id == id) return word.ja;
    return otherwise;
}

std::int64_t number_after(std::string_view subject, std::string_view prefix) {
    return subject.starts_with(prefix) ? std::strtoll(std::string(subject.substr(prefix.size())).c_str(), nullptr, 10)
                                       : 0;
}

struct Thing {
    std::string name;
    std::string path;
    std::optional<people::Act> needs;  ///< the right to open its screen, for the site as a whole
};

/// What a line is about, as it is called today.
Thing thing_of(sys::Reader& db, std::string_view subject) {
    if (const auto id = number_after(subject, "page:"))
        if (const auto page = content::find_page(db, base::PageId{id}))
            return {say(fmt::format("ページ「{}」", title_of(*page))), fmt::format("/pages/{}", id), {}};
    if (subject.starts_with("report:"))
        return {say(fmt::format("{}の月次報告", subject.substr(7))), "/reports/" + std::string(subject.substr(7)),
                people::Act::ContractRead};
    if (subject.starts_with("invoice:"))
        return {say(fmt::format("{}の請求書", subject.substr(8))), "/reports", people::Act::ContractRead};
    if (const auto id = number_after(subject, "document:"))
        if (const auto document = documents::find_document(db, id))
            return {say(fmt::format("文書「{}」", document->title)), fmt::format("/documents/{}", id),
                    people::Act::ContractRead};
    if (const auto id = number_after(subject, "person:"))
        if (const auto person = people::find_person(db, base::PersonId{id}))
            return {say(fmt::format("利用者「{}」", person->name)), fmt::format("/people/{}", id),
                    people::Act::PeopleManage};
    if (const auto id = number_after(subject, "department:"))
        if (const auto department = people::find_department(db, base::DepartmentId{id}))
            return {say(fmt::format("部署「{}」", department->name)), fmt::format("/departments/{}", id),
                    people::Act::PeopleManage};
    if (const auto id = number_after(subject, "section:"))
        if (const auto section = content::find_section(db, base::SectionId{id}))
            return {say(fmt::format("フォルダ「{}」", section->title)), fmt::format("/sections/{}", id),
                    people::Act::PeopleManage};
    if (const auto id = number_after(subject, "route:")) {
        const auto route = workflow::find_route(db, id);
        return {
            route ? say(fmt::format("承認ルート「{}」", route->name)) : say(fmt::format("承認ルート（番号{}）", id)),
            route ? fmt::format("/routes/{}", id) : std::string(), people::Act::PeopleManage};
    }
    if (const auto id = number_after(subject, "incident:"))
        if (const auto incident = incidents::find_incident(db, {id}))
            return {say(fmt::format("障害「{}」", incident->title)), fmt::format("/incidents/{}", id),
                    people::Act::ContractRead};
    if (const auto id = number_after(subject, "stop:"))
        if (const auto stop = stops::find_stop(db, {id}))
            return {say(fmt::format("計画停止「{}」", stop->plan.title)), fmt::format("/stops/{}", id),
                    people::Act::ContractRead};
    if (const auto id = number_after(subject, "question:"))
        return {say(fmt::format("問合せ（番号{}）", id)), fmt::format("/questions/{}", id), people::Act::DeskAsk};
    if (subject.starts_with("roster:"))
        return {say("当番表"), fmt::format("/roster?month={}", subject.substr(7)), people::Act::DeskAsk};
    if (const auto id = number_after(subject, "release:")) return {say(fmt::format("公開記録 第{}号", id)), "", {}};
    if (subject.starts_with("setting:"))
        if (const auto* key = settings::find_key(subject.substr(8)))
            return {say(fmt::format("設定「{}」", key->japanese)), "/settings", people::Act::SettingsEdit};
    for (const flow::Part part : {flow::Part::Public, flow::Part::Office})
        if (subject.starts_with(fmt::format("service:{}:", flow::part_id(part))))
            return {say(flow::part_name(part)), "/emergency", people::Act::EmergencyStop};
    if (subject.starts_with("template:"))
        if (const auto found = content::find_template(db, subject.substr(9)))
            return {say(fmt::format("デザイン「{}」", found->title)), fmt::format("/templates/{}", found->id.value),
                    people::Act::TemplateEdit};
    if (subject.starts_with("document-form:"))
        if (const auto* kind = documents::find_kind(subject.substr(14)))
            return {say(fmt::format("市の様式「{}」", kind->wording)), fmt::format("/documents/forms/{}", kind->id),
                    people::Act::TemplateEdit};
    if (subject.starts_with("document-template:"))
        return {say(fmt::format("文書の様式「{}」", subject.substr(18))),
                fmt::format("/documents/templates/{}", subject.substr(18)), people::Act::TemplateEdit};
    struct Numbered {
        std::string_view prefix, ja, path;
        people::Act needs;
    };
    constexpr Numbered kNumbered[] = {
        {"anomaly:", "異常（番号{}）", "/anomalies/{}", people::Act::MonitorRead},
        {"vulnerability:", "脆弱性（番号{}）", "/vulnerabilities/{}", people::Act::ContractRead},
        {"patch:", "修正（番号{}）", "/patches/{}", people::Act::ContractRead},
        {"version:", "版の更新（番号{}）", "/patches/{}", people::Act::ContractRead},
        {"inspection:", "脆弱性検査（番号{}）", "/inspections/{}", people::Act::ContractRead},
        {"training:", "研修（番号{}）", "/training/{}", people::Act::ContractRead},
        {"visit:", "訪問（番号{}）", "/visits/{}", people::Act::ContractRead},
        {"proposal:", "提案（番号{}）", "/visits/proposals/{}", people::Act::ContractRead},
        {"licence:", "使用権（番号{}）", "/registers/licence/{}", people::Act::ContractRead},
        {"support:", "サポート期限（番号{}）", "/registers/support/{}", people::Act::ContractRead},
        {"loan:", "貸与品（番号{}）", "/registers/loan/{}", people::Act::ContractRead},
        {"subcontract:", "再委託（番号{}）", "/registers/subcontract/{}", people::Act::ContractRead},
        {"contact:", "連絡先（番号{}）", "/registers/contact/{}", people::Act::ContractRead},
        {"source:", "新着情報の情報源（番号{}）", "/visits", people::Act::ContractRead},
        {"component:", "構成品（番号{}）", "/inventory", people::Act::ContractRead},
        {"frame:", "枠（番号{}）", "/frames/{}", people::Act::TemplateEdit},
    };
    for (const Numbered& one : kNumbered)
        if (const auto id = number_after(subject, one.prefix))
            return {say(fmt::format(fmt::runtime(one.ja), id)), fmt::format(fmt::runtime(one.path), id), one.needs};
    if (subject.starts_with("obligation:"))
        return {say(fmt::format("契約事項「{}」", subject.substr(11))), fmt::format("/contract/{}", subject.substr(11)),
                people::Act::ContractRead};
    if (subject.starts_with("terminal:")) return {say(fmt::format("運用端末「{}」", subject.substr(9))), "", {}};
    return {std::string(subject), "", {}};
}

/// One value of a detail for people.
std::string value_text(sys::Reader& db, std::string_view key, const boost::json::value& value) {
    if (value.is_array()) {
        std::string text;
        for (const auto& each : value.get_array()) text += (text.empty() ? "" : say("、")) + value_text(db, "", each);
        return text;
    }
    if (value.is_string()) {
        const std::string_view text(value.get_string().data(), value.get_string().size());
        if (key == "role")
            if (const auto role = people::find_role(text)) return say(people::role_name_ja(*role));
        return find_word(kValues, text, "").empty() ? std::string(text) : say(find_word(kValues, text, ""));
    }
    if (value.is_int64() && value.get_int64() != 0) {
        const std::int64_t id = value.get_int64();
        if (key == "department" || key == "to")
            if (const auto found = people::find_department(db, base::DepartmentId{id})) return found->name;
        if (key == "successor" || key == "deputy" || key == "on_behalf_of")
            if (const auto found = people::find_person(db, base::PersonId{id})) return found->name;
    }
    if (value.is_bool()) return value.get_bool() ? say("はい") : say("いいえ");
    return boost::json::serialize(value);
}

bool is_empty(const boost::json::value& value) {
    return value.is_null() || (value.is_string() && value.get_string().empty()) ||
           (value.is_int64() && value.get_int64() == 0) || (value.is_array() && value.get_array().empty());
}

}  // namespace

std::string who_of(Names& names, std::string_view by) {
    if (const auto id = number_after(by, "person:")) return names.of(base::PersonId{id});
    // The number of the machine's user stays in the record.
    const std::string_view service = by.starts_with("system:cli:") ? std::string_view("system:cli") : by;
    return say(fmt::format("システム（{}）", find_word(kServices, service, service)));
}

std::string sentence_of(sys::Reader& db, const ledger::Entry& entry) {
    return say(ledger::act_sentence(entry.act, thing_of(db, entry.subject).name));
}

tmpl::Map row_of(const Context& context, sys::Reader& db, Names& names, const ledger::Line& line) {
    const ledger::Entry& entry = line.entry;
    const Thing thing = thing_of(db, entry.subject);
    tmpl::List notes;
    boost::system::error_code error;
    if (const auto detail = boost::json::parse(entry.detail, error); !error && detail.is_object())
        for (const auto& [key, value] : detail.get_object()) {
            const std::string_view name(key.data(), key.size());
            const std::string_view word = find_word(kDetails, name, "");
            if (!word.empty() && !is_empty(value))
                notes.push_back(tmpl::Map{{"name", say(word)}, {"value", value_text(db, name, value)}});
        }
    return {{"sequence", line.sequence},
            {"time", long_time_text(entry.at)},
            {"iso", base::format_utc(entry.at)},
            {"who", who_of(names, entry.by)},
            {"sentence", say(ledger::act_sentence(entry.act, thing.name))},
            {"link", !thing.needs || context.may(*thing.needs) ? thing.path : std::string()},
            {"thing", thing.name},
            {"act", entry.act},
            {"by", entry.by},
            {"subject", entry.subject},
            {"notes", std::move(notes)},
            {"detail", entry.detail},
            {"previous", line.previous.hex()}};
}

std::string_view fault_words(ledger::Fault fault) {
    switch (fault) {
        case ledger::Fault::Malformed:
            return "読み取れない行です";
        case ledger::Fault::Missing:
            return "抜けている行があります";
        case ledger::Fault::Reordered:
            return "順番が違います";
        case ledger::Fault::Changed:
            return "書き換えられています";
        case ledger::Fault::CutTail:
            return "終わりの行がなくなっています";
        case ledger::Fault::WrongHead:
            return "最後の行の控えと合いません";
        case ledger::Fault::WrongIndex:
            return "検索用の控えと合いません";
        case ledger::Fault::BadWitness:
            return "公開記録による裏付けがとれません";
    }
    return "";
}

}  // namespace web
