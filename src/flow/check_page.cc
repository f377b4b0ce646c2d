#include "flow/check_page.h"

#include "flow/preview_page.h"
#include "flow/scan_content.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/select.h"
#include "ground/sys/log.h"
#include "press/content/kind.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace flow {

namespace {

using base::Finding;

struct Check {
    std::string_view rule, sc;
    std::string_view selector;  ///< of what is wrong
    std::string_view message;   ///< {}: how many
};
constexpr Check kChecks[] = {
    {"image-alt", "1.1.1", "img:not([alt]), input[type=image]:not([alt]), area[href]:not([alt])",
     "代替テキストのない画像が{}か所あります。"},
    {"page-language", "3.1.1", "html:not([lang])", "ページの言語（lang）が書かれていません（{}か所）。"},
    {"link-text", "2.4.4", "a[href]:empty:not([aria-label]):not([aria-labelledby])",
     "文字のないリンクが{}か所あります。"},
    {"heading-text", "1.3.1", "h1:empty, h2:empty, h3:empty, h4:empty, h5:empty, h6:empty",
     "文字のない見出しが{}か所あります。"},
    {"frame-title", "4.1.2", "iframe:not([title])", "題名のない埋込み（iframe）が{}か所あります。"},
};

void check_document(const html::Document& document, std::vector<Finding>& findings) {
    const html::Selector title("title:not(:empty)");
    if (title.first(document) == html::kNoNode)
        findings.push_back({"page-title", "2.4.2", base::Severity::Error, 0, 0, "ページの題名（title）がありません。"});
    for (const Check& check : kChecks)
        if (const auto found = html::Selector(check.selector).all(document); !found.empty())
            findings.push_back({std::string(check.rule), std::string(check.sc), base::Severity::Error, 0, 0,
                                fmt::format(fmt::runtime(check.message), found.size())});
}

void check_threats(const content::Scanned& scanned, std::vector<Finding>& findings) {
    for (const content::Threat& threat : scanned.threats) {
        const bool is_told =
            std::any_of(findings.begin(), findings.end(), [&](const Finding& one) { return one.rule == threat.rule; });
        if (is_told) continue;
        findings.push_back(
            {std::string(threat.rule), "",
             threat.severity >= signals::Severity::Serious ? base::Severity::Error : base::Severity::Warning,
             threat.line, 0, threat.message});
    }
    if (!scanned.problem.empty()) findings.push_back({"unread", "", base::Severity::Warning, 0, 0, scanned.problem});
}

/// A page of a kind that people read for its words (a notice, a procedure) without any. Entrances and lists have none
/// of their own.
void check_words(sys::Reader& db, const content::Page& page, const content::Body& body,
                 std::vector<Finding>& findings) {
    if (content::kind_of(page, body) != content::PageKind::Composed) return;
    const auto of = content::find_template(db, body.template_name);
    if (!of || !of->is_listed) return;
    static const html::Selector kShows("img, iframe, table");
    for (const auto& [name, text] : body.parts) {
        const html::Document part = html::Document::parse_fragment(text);
        if (!base::trim(part.plain_text_of(0)).empty() || kShows.first(part) != html::kNoNode) return;
    }
    findings.push_back({"empty-body", "", base::Severity::Warning, 0, 0, "本文がありません。"});
}

}  // namespace

std::vector<Finding> check_page(Site& site, base::PageId id, base::RevisionId revision) {
    std::vector<Finding> findings;
    try {
        const Preview preview = preview_revision(site, id, revision);
        const content::Page page = site.database->read([&](sys::Reader& db) {
            content::Page read = content::load_page(db, id);
            check_words(db, read, content::load_revision(db, revision).body, findings);
            return read;
        });
        check_threats(content::scan(preview.bytes, base::percent_decode(page.path).value_or(page.path),
                                    site_hosts(site.settings)),
                      findings);
        check_document(html::Document::parse(
                           preview.bytes, page.encoding.empty()
                                              ? html::Encoding::Utf8
                                              : html::find_encoding(page.encoding).value_or(html::Encoding::Unknown)),
                       findings);
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "a page could not be checked",
                 {{"page", std::to_string(id.value)}, {"problem", error.message()}});
        findings.push_back({"unread", "", base::Severity::Warning, 0, 0, "公開前のチェックができませんでした。"});
    }
    return findings;
}

}  // namespace flow
