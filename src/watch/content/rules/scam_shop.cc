// A fake shop, or the links that feed one. Cities warn of such shops in the same words, so words alone prove nothing:
// it is one when the title sells, or when links to foreign hosts are named after goods.
#include <algorithm>
#include <map>

#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

constexpr std::string_view kGoods[] = {
    "スーパーコピー", "ブランドコピー", "コピー時計", "N級品",    "ロレックス",    "ルイヴィトン",     "エルメス",
    "シャネル",       "モンクレール",   "バイアグラ", "シアリス", "レビトラ",      "オンラインカジノ", "パチスロ",
    "出会い系",       "viagra",         "cialis",     "levitra",  "online casino", "replica watches",  "バカラ"};
constexpr std::string_view kSelling[] = {"激安",     "最安値",   "送料無料", "通販",       "公式ストア",
                                         "正規品",   "セール",   "OFF",      "販売専門店", "代引き",
                                         "在庫あり", "即日発送", "入金不要", "ボーナス",   "個人輸入"};
constexpr std::string_view kWarning[] = {"注意", "被害",     "詐欺", "偽サイト", "違法",
                                         "犯罪", "消費生活", "相談", "摘発"};

template <class Words>
int count(std::string_view text, const Words& words) {
    int found = 0;
    for (const std::string_view word : words)
        if (text.find(word) != std::string_view::npos) ++found;
    return found;
}

/// The words between a tag and its end tag.
std::string_view words_after(const Subject& subject, const Tag& tag) {
    const std::string_view rest = subject.text().substr(tag.span.end, 400);
    return rest.substr(0, rest.find("</"));
}

std::vector<Finding> run(const Subject& subject) {
    if (!subject.is_page()) return {};
    std::size_t first = 0, links = 0;
    for (const Tag& tag : subject.tags()) {
        if (tag.name == "title" || tag.name == "meta") {
            const std::string_view content = tag.attribute("content");
            const std::string words = base::to_lower(tag.name == "title" ? words_after(subject, tag) : content);
            if (count(words, kGoods) >= 1 && count(words, kSelling) >= 1 && count(words, kWarning) == 0)
                return {{tag.span.begin, 160, signals::Severity::Serious}};
        }
        if (tag.name != "a" || !subject.is_foreign(tag.attribute("href"))) continue;
        const std::string words = base::to_lower(words_after(subject, tag));
        if (count(words, kGoods) == 0 || count(words, kWarning) > 0) continue;
        if (links++ == 0) first = tag.span.begin;
    }
    if (links < 2) return {};
    return {{first, 160, signals::Severity::Serious}};
}

}  // namespace

extern const Rule scam_shop{"scam-shop", "偽の通販サイトや違法な広告、またはそこへ誘導するリンクです。", run};

}  // namespace content
