#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/command.h"
#include "flow/contract_status.h"
#include "ground/base/error.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    flow::ContractRecord record;
    record.obligation = invocation.text("OBLIGATION");
    record.what = invocation.has("--what") ? invocation.text("--what") : "done";
    record.subject = invocation.text("--subject");
    record.note = invocation.text("--note");
    for (const std::string& field : invocation.list("--field")) {
        const std::size_t equals = field.find('=');
        if (equals == std::string::npos)
            throw base::Error(base::Kind::BadInput, "--field must be name=value, such as starts_at=2027-10-13");
        record.fields.emplace_back(field.substr(0, equals), field.substr(equals + 1));
    }
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const std::string by = by_shell(invocation).text();
    flow::record_for_contract(*site, record, by);
    invocation.answer({{"obligation", record.obligation}, {"what", record.what}, {"by", by}},
                      fmt::format("recorded for {}: {}", record.obligation, record.what));
    return kDone;
}

constexpr Option kOptions[] = {
    {"OBLIGATION", "The obligation's id in contract.toml", Takes::One, true},
    {"--note", "What it is, and where the paper or mail is kept", Takes::One, true},
    {"--what", "done (without the option), event (what asks for something) or cancelled"},
    {"--subject", "What it is about, such as incident:9; the same for the event and what answers it"},
    {"--field", "A field that the obligation asks for: starts_at=2027-10-13, month=2027-04", Takes::Many},
};

}  // namespace

extern const Command contract_record{
    "contract", "record", "Enter by hand what no part of the program records: a paper, a call, a visit", kOptions, run};

}  // namespace cli
