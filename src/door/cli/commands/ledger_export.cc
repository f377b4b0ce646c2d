#include <cstdio>

#include <boost/json.hpp>

#include "door/cli/command.h"
#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    constexpr std::int64_t kMost = 1LL << 60;
    const std::int64_t from = invocation.number("--from", 1, kMost).value_or(1);
    const std::int64_t to = invocation.number("--to", 1, kMost).value_or(0);
    std::int64_t lines = 0;
    const std::string stream = invocation.has("--stream") ? invocation.text("--stream") : std::string(ledger::kOffice);
    if (stream != ledger::kOffice && stream != ledger::kWatch)
        throw base::Error(base::Kind::BadInput, "--stream is office or watch");
    sys::Database* const database = stream == ledger::kWatch ? site->find_watch() : site->database.get();
    if (database == nullptr)
        throw base::Error(base::Kind::NotFound, "there is no watch.db yet; `yakuba serve` makes it");
    ledger::Chain chain{stream};
    const std::string file = invocation.text("--output");
    if (file.empty() && invocation.is_json())
        throw base::Error(base::Kind::BadInput, "with --json, name a file for the lines: --output ledger.jsonl");
    std::unique_ptr<sys::StagedFile> out;
    if (!file.empty()) {
        const auto path = std::filesystem::absolute(file);
        out = std::make_unique<sys::StagedFile>(path, path.parent_path());
    }
    database->read([&](sys::Reader& db) {
        ledger::export_lines(db, stream, from, to, [&](std::string_view line) {
            chain.add(from + lines, line.substr(0, line.size() - 1));
            ++lines;
            if (out)
                out->write(line);
            else
                std::fwrite(line.data(), 1, line.size(), stdout);
        });
    });
    if (!out && std::fflush(stdout) != 0)
        throw base::Error(base::Kind::Unavailable, "standard output takes no more; name a file with --output");
    const ledger::Report report = chain.finish(std::nullopt);
    for (const ledger::Problem& problem : report.problems) invocation.say(problem.message);
    if (out) {
        out->commit();
        invocation.answer({{"entries", lines},
                           {"first", report.first},
                           {"last", report.last},
                           {"ok", report.is_whole()},
                           {"file", file}},
                          fmt::format("{} entries are in {}{}", lines, file,
                                      report.is_whole() ? "" : "; they are not as they were written, see above"));
    }
    return report.is_whole() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"--stream", "office (default) or watch"},
    {"--from", "First entry (default: 1)"},
    {"--to", "Last entry (default: the newest)"},
    {"--output", "The file to write (default: standard output)"},
};

}  // namespace

extern const Command ledger_export{"ledger", "export", "Hand over a range of the ledger as JSON Lines", kOptions, run};

}  // namespace cli
