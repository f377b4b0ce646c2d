// The table of kinds: one row a kind, its template is templates/<id>.html.
#include "office/documents/kinds.h"

#include <fmt/format.h>

#include "ground/base/error.h"

namespace documents {

namespace {

constexpr DocumentKind kKinds[] = {
    {"completion", "業務完了通知書", true},
    {"monthly", "月次運用報告書", true},
    {"invoice", "請求書", false},
    {"incident-first", "障害報告書（速報）", true},
    {"incident-interim", "障害報告書（中間）", true},
    {"incident-final", "障害報告書（最終）", true},
    {"stop-report", "緊急停止報告書", true},
    {"anomalies", "異常報告書", true, true},
    {"training", "研修報告書", true},
    {"contacts", "体制図・連絡網", true},
    {"visit-dossier", "訪問資料", false},
    {"vulnerability-report", "脆弱性対応票", true},
    {"notice", "お知らせ文書", false},
};

}  // namespace

std::span<const DocumentKind> all_kinds() {
    return kKinds;
}

const DocumentKind* find_kind(std::string_view id) {
    for (const DocumentKind& kind : kKinds)
        if (kind.id == id) return &kind;
    return nullptr;
}

const DocumentKind& load_kind(std::string_view id) {
    if (const DocumentKind* kind = find_kind(id)) return *kind;
    std::string known;
    for (const DocumentKind& kind : kKinds) known += fmt::format("{}{}", known.empty() ? "" : ", ", kind.id);
    throw base::Error(base::Kind::BadInput,
                      fmt::format("there is no kind of document \"{}\"; there are: {}", id, known));
}

}  // namespace documents
