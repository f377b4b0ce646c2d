// How the contract's obligations stand at the end of the report: what is late, what comes next.
#include "flow/contract_status.h"
#include "flow/report/section.h"
#include "ground/calendar/deadline.h"

namespace flow::report {

namespace {

void make(const Source& source, Section& section) {
    if (source.contract == nullptr) {
        section.sentences.push_back("契約の内容（contract.toml）がないため、履行の状況を示せません。");
        return;
    }
    const ContractStatus status = judge_contract(source.site, source.until());
    Table table{"promises", "契約事項の状況", {{"契約事項"}, {"条項"}, {"状況"}, {"期限"}, {"超過"}}, {}, ""};
    int late = 0, met = 0;
    for (const contract::Judged& one : status.obligations) {
        late += one.state == contract::State::Late;
        met += one.state == contract::State::Met;
        Row row{
            {one.obligation->title, fmt::format("{}", fmt::join(one.obligation->clauses, "、")),
             std::string(contract::state_wording(one.state)), one.due ? calendar::format_era_deadline(*one.due) : "―",
             one.lateness.count() > 0 ? span_text(one.lateness) : ""},
            {}};
        for (const contract::Evidence& evidence : one.evidence)
            row.traces.push_back({evidence.stream, evidence.sequence});
        table.rows.push_back(std::move(row));
    }
    section.sentences.push_back(fmt::format("契約事項 {}件のうち、履行済みは {}件、期限を過ぎているものは {}件です。",
                                            table.rows.size(), met, late));
    section.tables.push_back(std::move(table));
}

}  // namespace

extern const SectionKind promises{"promises", "契約事項の履行", make};

}  // namespace flow::report
