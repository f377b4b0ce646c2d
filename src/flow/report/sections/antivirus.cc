// Virus scanners and how old their signatures are: of the servers as they say when the report is made, of the
// operators' terminals as they last reported in the month; and how often a scanner was found wrong.
#include "flow/report/section.h"
#include "ground/calendar/era.h"
#include "office/registers/store.h"
#include "watch/antivirus/clamd.h"
#include "watch/antivirus/product.h"

namespace flow::report {

namespace {

std::string day_text(const std::optional<base::Instant>& at) {
    return at ? calendar::format_era_moment(*at) : std::string("わかりません");
}

void add_engine(const ::antivirus::EngineState& state, std::string name, Table& table) {
    table.rows.push_back({{std::move(name), state.version.empty() ? "―" : state.version,
                           state.is_running ? "動作中" : "動作していません", day_text(state.signatures_at)},
                          {}});
}

void make(const Source& source, Section& section) {
    const settings::Settings& settings = source.site.settings;
    Table servers{"antivirus",
                  "サーバのウイルス対策（作成した時点）",
                  {{"対象"}, {"製品"}, {"状態"}, {"定義ファイルの日時"}},
                  {},
                  "サーバのウイルス対策ソフトは、監視の対象に設定されていません。"};
    if (!settings.antivirus.clamd.empty())
        add_engine(::antivirus::Clamd(settings.antivirus.clamd, std::chrono::seconds(5)).state(),
                   "登録するファイルの検査", servers);
    if (const auto product = ::antivirus::product_files(settings); ::antivirus::is_configured(product))
        add_engine(::antivirus::product_state(product), "庁内のウイルス対策ソフト", servers);

    std::map<std::string, const contract::Line*> last;
    const Lines reports = source.month_lines("terminal.report");
    for (const contract::Line& line : reports) last[text_of(line, "terminal")] = &line;
    const auto registered =
        source.site.database->read([](sys::Reader& db) { return registers::list_entries(db, "terminal"); });
    for (const registers::Entry& one : registered) last.try_emplace(one.name, nullptr);
    Table terminals{"terminals",
                    "運用端末のウイルス対策（月の最後の報告）",
                    {{"端末"}, {"製品"}, {"状態"}, {"定義ファイルの日時"}, {"報告"}},
                    {},
                    "運用端末は登録されていません。"};
    int silent = 0, stale = 0;
    for (const auto& [name, line] : last) {
        if (line == nullptr) {
            ++silent;
            terminals.rows.push_back({{name, "―", "報告がありません", "―", "―"}, {}});
            continue;
        }
        const bool is_fresh = text_of(*line, "state") == "fresh";
        stale += !is_fresh;
        terminals.rows.push_back({{name, text_of(*line, "product"), is_fresh ? "正常" : "古い、または停止中",
                                   day_text(base::parse_utc(text_of(*line, "signatures_at"))), time_text(line->at)},
                                  {trace_of(*line)}});
    }
    std::size_t wrong = 0;
    for (const contract::Line& line : source.month_lines("anomaly.open")) {
        const std::string kind = text_of(line, "kind");
        wrong += kind == "antivirus.engine" || kind == "antivirus.signatures";
    }
    section.sentences.push_back(
        wrong == 0 ? "ウイルス対策ソフトの停止や、定義ファイルの更新の遅れは、検知していません。"
                   : fmt::format("ウイルス対策ソフトの停止や、定義ファイルの更新の遅れを {}回検知しました。", wrong));
    if (!terminals.rows.empty())
        section.sentences.push_back(
            fmt::format("運用端末 {}台のうち、月の最後の報告が正常なものは {}台、報告のないものは {}台です。",
                        terminals.rows.size(), static_cast<int>(terminals.rows.size()) - silent - stale, silent));
    section.tables.push_back(std::move(servers));
    section.tables.push_back(std::move(terminals));
}

}  // namespace

extern const SectionKind antivirus{"antivirus", "ウイルス対策の状態", make};

}  // namespace flow::report
