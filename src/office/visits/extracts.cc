// What of visits, proposals and news leaves with a handover.
#include "office/visits/store.h"

namespace visits {

namespace {

constexpr sys::ExtractColumn kVisit[] = {
    {"id", "番号"},
    {"starts_at", "日時", sys::ColumnForm::Time},
    {"place", "場所"},
    {"visitors", "訪問した人"},
    {"hosts", "相手"},
    {"purpose", "目的"},
    {"minutes", "記録"},
    {"state", "状態（planned 予定、done 実施済み、cancelled 取りやめ）"},
    {"figures", "資料の数値（JSON）"},
};
constexpr sys::ExtractColumn kProposal[] = {
    {"id", "番号"},
    {"visit_id", "訪問の番号（0はなし）"},
    {"title", "題名"},
    {"body", "内容"},
    {"made_at", "登録", sys::ColumnForm::Time},
    {"answer", "結論（open 検討中、accepted 採用、declined 見送り、later 時期を改めて検討）"},
    {"decided_on", "結論の日"},
    {"decided_by", "決めた人"},
    {"reason", "理由"},
};
constexpr sys::ExtractColumn kSource[] = {
    {"id", "番号"},
    {"name", "名前"},
    {"url", "アドレス"},
    {"fetched_at", "取得", sys::ColumnForm::Time},
};
constexpr sys::ExtractColumn kItem[] = {
    {"source_id", "情報源の番号"},
    {"title", "題名"},
    {"url", "アドレス"},
    {"found_at", "見つけた日時", sys::ColumnForm::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"visit", "訪問", "Visits", "id", kVisit},
    {"proposal", "提案", "Proposals", "id", kProposal},
    {"watched_source", "情報源", "Watched sources", "id", kSource},
    {"watched_item", "新着情報", "News", "found_at, source_id, item_key", kItem},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace visits
