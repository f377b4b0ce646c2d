// 公開結果: what a publication changed where, and when it was in place. The screen waits for it; so does every screen
// that asks for /receipts/{id}/state.

#include "door/web/language.h"
#include "door/web/subject.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/publish/receipt.h"

namespace web {

namespace {

constexpr int kRows = 50;
constexpr int kMostLooked = 2000;  // receipts of others that one screen may pass over

publish::Receipt load_receipt(Context& context) {
    const std::int64_t id = context.request.number("id");
    auto receipt = context.db().read([&](sys::Reader& db) { return publish::find_receipt(db, id); });
    if (!receipt) throw base::Error(base::Kind::NotFound, "この公開結果は見つかりません。");
    return *std::move(receipt);
}

std::string_view kind_words(std::string_view kind) {
    if (kind == "withdraw") return "公開終了";
    if (kind == "restore") return "復元";
    if (kind == "emergency") return "緊急公開";
    if (kind == "template") return "テンプレートの変更";
    return "公開";
}

std::string seconds_text(std::chrono::milliseconds time) {
    if (time.count() < 100) return say("0.1秒以内");
    return time.count() < 60'000 ? say(fmt::format("{}.{}秒", time.count() / 1000, time.count() / 100 % 10))
                                 : say(fmt::format("{}分", time.count() / 60'000));
}

constexpr std::string_view kFurther = "further ";

/// Changes beyond those that are listed; the last line then says how many.
std::int64_t count_further(const publish::Receipt& receipt) {
    if (receipt.changes.empty() || !receipt.changes.back().starts_with(kFurther)) return 0;
    return std::strtoll(receipt.changes.back().c_str() + kFurther.size(), nullptr, 10);
}

/// How it stands, in a sentence.
std::string sentence_of(const publish::Receipt& receipt) {
    const std::string_view what = kind_words(receipt.kind);
    switch (receipt.state) {
        case publish::ReceiptState::Waiting:
            return receipt.due_at > receipt.made_at
                       ? say(fmt::format("{} に{}する予定です。", long_time_text(receipt.due_at), what))
                       : say(fmt::format("{}の処理をしています。", what));
        case publish::ReceiptState::Failed:
            return say(fmt::format("{}できませんでした。{}", what, say(receipt.problem)));
        default:
            break;
    }
    const base::Instant start = std::max(receipt.due_at, receipt.made_at);
    const std::string time = receipt.placed_at ? noted("", seconds_text(*receipt.placed_at - start)) : "";
    if (receipt.kind == "withdraw") return say(fmt::format("公開を終了しました{}。", time));
    if (receipt.changes.empty()) return say("公開しました。公開ページの内容は前と同じです。");
    const auto listed = static_cast<std::int64_t>(receipt.changes.size());
    const std::int64_t further = count_further(receipt);
    return say(fmt::format("公開しました。{}個のファイルが新しくなりました{}。",
                           further == 0 ? listed : listed - 1 + further, time));
}

/// May the person see the page that it is about? Those about no page are everybody's who may see releases.
void need_right(Context& context, const publish::Receipt& receipt) {
    if (receipt.person == context.person.id || !receipt.page) return;
    context.db().read([&](sys::Reader& db) {
        if (const auto page = content::find_page(db, receipt.page)) Sight(context, db).need(*page);
    });
}

http::Response show(Context& context) {
    const publish::Receipt receipt = load_receipt(context);
    need_right(context, receipt);
    Names names(context.db());
    std::string name, page_path, address;
    std::vector<Crumb> crumbs{{say("公開結果"), "/receipts"}};
    tmpl::List approvals;
    context.db().read([&](sys::Reader& db) {
        const auto page = content::find_page(db, receipt.page);
        if (!page) return;
        name = title_of(*page);
        page_path = fmt::format("/pages/{}", page->id.value);
        if (page->live) address = context.office.public_url + "/" + page->path;
        for (const workflow::Approval& each : workflow::list_approvals(db, page->id, kRows))
            if (each.revision == receipt.revision && each.said != workflow::Said::Returned)
                approvals.emplace_back(names.of(each.person));
    });
    tmpl::List changes;
    for (const std::string& change : receipt.changes) {
        if (change.starts_with(kFurther)) continue;
        const bool is_put = change.starts_with("put ");
        changes.push_back(tmpl::Map{{"what", is_put ? say("新しくした") : say("取り除いた")},
                                    {"path", readable_path(std::string_view(change).substr(4))}});
    }
    const bool is_open = receipt.state == publish::ReceiptState::Waiting;
    const bool is_planned = is_open && receipt.due_at > context.now();
    return context.page({"screens/receipts/show.html", say("公開結果：") + name, crumbs},
                        {{"name", name},
                         {"page_path", page_path},
                         {"address", address},
                         {"kind", say(kind_words(receipt.kind))},
                         {"sentence", sentence_of(receipt)},
                         {"notice", receipt.state == publish::ReceiptState::Failed ? "danger"
                                    : is_open                                      ? "info"
                                                                                   : "good"},
                         {"waits", is_open && !is_planned},
                         {"state_path", fmt::format("/receipts/{}/state", receipt.id)},
                         {"who", names.of(receipt.person)},
                         {"approvals", std::move(approvals)},
                         {"reason", receipt.reason},
                         {"made", long_time(receipt.made_at)},
                         {"due", receipt.due_at > receipt.made_at ? long_time(receipt.due_at) : tmpl::Value()},
                         {"placed", receipt.placed_at ? long_time(*receipt.placed_at) : tmpl::Value()},
                         {"checked", receipt.checked_at ? long_time(*receipt.checked_at) : tmpl::Value()},
                         {"release", receipt.release},
                         {"changes", std::move(changes)},
                         {"further", count_further(receipt)}});
}

/// {state, message, html_url}: what live-wait asks for.
http::Response state(Context& context) {
    const publish::Receipt receipt = load_receipt(context);
    need_right(context, receipt);
    std::string address;
    const auto page = context.db().read([&](sys::Reader& db) { return content::find_page(db, receipt.page); });
    if (page && page->live) address = context.office.public_url + "/" + page->path;
    const std::string_view state = receipt.state == publish::ReceiptState::Waiting  ? "waiting"
                                   : receipt.state == publish::ReceiptState::Failed ? "failed"
                                                                                    : "placed";
    return json_reply({{"state", std::string(state)}, {"message", sentence_of(receipt)}, {"html_url", address}});
}

tmpl::List rows_of(Context& context, const std::vector<publish::Receipt>& receipts) {
    Names names(context.db());
    tmpl::List rows;
    for (const publish::Receipt& each : receipts) {
        const auto page = context.db().read([&](sys::Reader& db) { return content::find_page(db, each.page); });
        rows.push_back(tmpl::Map{{"path", fmt::format("/receipts/{}", each.id)},
                                 {"name", page ? title_of(*page) : say(kind_words(each.kind))},
                                 {"kind", say(kind_words(each.kind))},
                                 {"who", names.of(each.person)},
                                 {"time", short_time(each.placed_at.value_or(each.made_at), context.now())},
                                 {"sentence", sentence_of(each)},
                                 {"is_failed", each.state == publish::ReceiptState::Failed},
                                 {"release", each.release}});
    }
    return rows;
}

http::Response of_page(Context& context) {
    const Subject subject = load_subject(context);
    const auto receipts =
        context.db().read([&](sys::Reader& db) { return publish::list_receipts(db, subject.page.id, kRows); });
    return context.page({"screens/receipts/page.html", say("公開結果：") + title_of(subject.page),
                         crumbs_of(context, subject.page, false)},
                        {{"head", heading_of(subject, "receipts")}, {"rows", rows_of(context, receipts)}});
}

/// A screenful of those that open for the person, newest first, and where the next one starts (0 = that was all).
std::pair<std::vector<publish::Receipt>, std::int64_t> find_mine(sys::Reader& db, const Context& context,
                                                                 std::int64_t before) {
    std::vector<publish::Receipt> shown;
    Sight sight(context, db);
    for (int looked = 0; looked < kMostLooked;) {
        const auto recent = publish::list_recent(db, before, kRows);
        for (const publish::Receipt& each : recent) {
            const auto page =
                each.page && each.person != context.person.id ? content::find_page(db, each.page) : std::nullopt;
            if (page && !sight.may_open(*page)) continue;
            if (shown.size() == kRows) return {std::move(shown), before};
            shown.push_back(each);
            before = each.id;
        }
        if (recent.size() < kRows) return {std::move(shown), 0};
        before = recent.back().id;
        looked += kRows;
    }
    return {std::move(shown), before};
}

http::Response list(Context& context) {
    const std::string before(context.request.query.get("before"));
    const auto [shown, next] = context.db().read(
        [&](sys::Reader& db) { return find_mine(db, context, std::strtoll(before.c_str(), nullptr, 10)); });
    return context.page({"screens/receipts/list.html", "公開結果", {}},
                        {{"rows", rows_of(context, shown)},
                         {"is_first", before.empty()},
                         {"next", next != 0 ? fmt::format("/receipts?before={}", next) : ""}});
}

constexpr Route kRoutes[] = {
    {"GET", "/receipts", list},
    {"GET", "/receipts/{id}", show},
    {"GET", "/receipts/{id}/state", state},
    {"GET", "/pages/{id}/receipts", of_page},
};

}  // namespace

extern const Screen receipts{
    "receipts", "公開結果", "/receipts", "release", Place::Work, Access::SignedIn, people::Act::ReleaseRead, kRoutes};

}  // namespace web
