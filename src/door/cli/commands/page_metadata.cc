// What an earlier CMS knew of its pages, from the table that it exports.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/page.h"
#include "flow/map_metadata.h"
#include "ground/base/error.h"
#include "ground/people/rights.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

constexpr std::size_t kLargest = 64U << 20;

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    flow::MetadataOptions options;
    options.is_dry_run = invocation.has("--dry-run");
    options.skips_bad = invocation.has("--skip-bad");
    options.by = by_shell(invocation).text();
    if (invocation.has("--as")) {
        options.author = sign_in_as(invocation, *site).person;
        options.by = people::By{options.author, {}, ""}.text();
        const auto allowed = site->database->read([&](sys::Reader& db) {
            return people::may(people::load_actor(db, options.author, site->clock.now()), people::Act::TakeoverRun);
        });
        if (!allowed)
            throw base::Error(base::Kind::NotAllowed, "only who may take a site over may map its metadata in");
    }
    const flow::MetadataMapped mapped =
        flow::map_metadata(*site, sys::read_file(invocation.text("FILE"), kLargest), options);
    boost::json::array faults, unknown;
    for (const std::string& column : mapped.unknown_columns) {
        unknown.push_back(column.c_str());
        invocation.say(fmt::format("the column {} is not known and was left out", column));
    }
    for (const flow::MetadataFault& fault : mapped.faults) {
        faults.push_back({{"line", fault.line}, {"column", fault.column}, {"reason", fault.reason}});
        invocation.say(fmt::format("line {}: {}: {}", fault.line, fault.column, fault.reason));
    }
    std::string prose = fmt::format("{} pages changed, {} as before, {} lines skipped. Next: yakuba site publish",
                                    mapped.changed, mapped.same, mapped.faults.size());
    if (!mapped.is_done)
        prose = "nothing was changed; put the lines above right, or take the good ones with --skip-bad";
    else if (options.is_dry_run)
        prose = fmt::format("{} pages would change, {} are as before, {} lines would be skipped", mapped.changed,
                            mapped.same, mapped.faults.size());
    invocation.answer({{"done", mapped.is_done && !options.is_dry_run},
                       {"lines", mapped.lines},
                       {"changed", mapped.changed},
                       {"same", mapped.same},
                       {"faults", faults},
                       {"unknown_columns", unknown}},
                      prose);
    return !mapped.is_done ? kFailed : mapped.faults.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"FILE", "CSV with the columns path, title, department, take_down, category, description", Takes::One, true},
    {"--dry-run", "Only say what would change", Takes::Flag},
    {"--skip-bad", "Take the good lines although others are faulty", Takes::Flag},
    {"--as", "The login name of the person who does this; their password is asked for"},
};

}  // namespace

extern const Command page_metadata{"page", "metadata", "Map titles, departments, dates and categories in from a table",
                                   kOptions, run};

}  // namespace cli
