// The tables of visits, proposals and news, and what of them leaves with a handover.
#include "office/visits/store.h"

namespace visits {

namespace {

constexpr sys::Migration kMigrations[] = {{"visits/0001_visit", R"(
-- Visits to the client with their record, what was proposed, and what watched sources have said.
CREATE TABLE visit (
    id {id},
    starts_at BIGINT NOT NULL,
    place TEXT NOT NULL,
    visitors TEXT NOT NULL,
    hosts TEXT NOT NULL,
    purpose TEXT NOT NULL,
    minutes TEXT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('planned', 'done', 'cancelled')),
    done_at BIGINT,
    figures TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE proposal (
    id {id},
    visit_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    answer {key} NOT NULL CHECK (answer IN ('open', 'accepted', 'declined', 'later')),
    decided_on {key},
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE watched_source (
    id {id},
    name TEXT NOT NULL,
    url {key} NOT NULL UNIQUE,
    fetched_at BIGINT,
    tried_at BIGINT NOT NULL,
    problem TEXT NOT NULL
);
CREATE TABLE watched_item (
    source_id BIGINT NOT NULL REFERENCES watched_source (id),
    item_key {key} NOT NULL,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    published_on {key},
    found_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    is_first BIGINT NOT NULL CHECK (is_first IN (0, 1)),
    PRIMARY KEY (source_id, item_key)
);
CREATE INDEX watched_item_found ON watched_item (found_at);
)"}};

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

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace visits
