// Plans the move from an old web server, or shows the plan. What is not given stays as the version before had it.

#include "flow/cutover_plan.h"

#include <algorithm>

#include <boost/json.hpp>

#include "door/cli/cutover.h"
#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cli {

namespace {

constexpr std::string_view kSettings[] = {"--name",     "--old",        "--new",     "--new-address", "--name-server",
                                          "--resolver", "--moment",     "--ca-file", "--old-log",     "--counter-url",
                                          "--manager",  "--applicant",  "--contact", "--urls",        "--access-log",
                                          "--crawl",    "--ask-records"};

cutover::Plan typed_plan(const Invocation& invocation, cutover::Plan plan) {
    const auto take = [&](std::string_view name, std::string& to) {
        if (invocation.has(name)) to = invocation.text(name);
    };
    const auto take_all = [&](std::string_view name, std::vector<std::string>& to) {
        if (invocation.has(name)) to = invocation.list(name);
    };
    take_all("--name", plan.names);
    for (std::string& name : plan.names) name = dns::plain_name(name).value_or(name);
    if (invocation.has("--old")) plan.old_server = cutover::read_endpoint(invocation.text("--old"));
    if (invocation.has("--new")) {
        plan.new_server = cutover::read_endpoint(invocation.text("--new"));
        plan.new_addresses = {plan.new_server.address};
    }
    take_all("--new-address", plan.new_addresses);
    take("--name-server", plan.name_server);
    take_all("--resolver", plan.resolvers);
    if (invocation.has("--moment")) plan.moment = invocation.instant("--moment");
    // The watch reads them, too, from another folder.
    const auto take_file = [&](std::string_view name, std::string& to) {
        if (invocation.has(name)) to = invocation.text(name);
        if (invocation.has(name) && !to.empty()) to = std::filesystem::absolute(to).string();
    };
    take_file("--ca-file", plan.ca_file);
    take_file("--old-log", plan.old_log);
    take("--counter-url", plan.counter_url);
    take("--manager", plan.manager);
    take("--applicant", plan.applicant);
    take("--contact", plan.contact);
    return plan;
}

std::string prose_of(const cutover::Plan& plan, const cutover::Counts& counts) {
    std::string prose =
        fmt::format("plan {} of {} by {}\n{}: {} -> {}\n", plan.version, base::format_local(plan.made_at), plan.made_by,
                    base::join(plan.names, ", "), plan.old_server.text(), plan.new_server.text());
    for (const auto& set : plan.before)
        if (!set.data.empty())
            prose += fmt::format("{:<5} {} {} (TTL {})\n", dns::type_name(set.type), set.name,
                                 base::join(set.data, ", "), set.ttl);
    return prose + as_prose(counts);
}

int run(const Invocation& invocation) {
    const auto watch = open_watch(invocation);
    auto plan = watch->read([](sys::Reader& db) { return cutover::find_plan(db); });
    const bool is_change = std::any_of(std::begin(kSettings), std::end(kSettings),
                                       [&](std::string_view name) { return invocation.has(name); });
    std::int64_t unreadable = 0, kept_out = 0;
    if (is_change) {
        if (!plan && (!invocation.has("--old") || !invocation.has("--new") || !invocation.has("--name")))
            throw base::Error(base::Kind::BadInput, "a first plan needs --name, --old and --new");
        Progress progress("reading", invocation.clock());
        flow::CutoverSources sources;
        for (const std::string& file : invocation.list("--urls")) sources.lists.emplace_back(file);
        for (const std::string& file : invocation.list("--access-log")) sources.access_logs.emplace_back(file);
        sources.crawl = invocation.text("--crawl");
        sources.plan = typed_plan(invocation, plan.value_or(cutover::Plan{}));
        sources.ignores_robots = invocation.has("--ignore-robots");
        sources.with_queries = invocation.has("--with-queries");
        sources.progress = [&](std::int64_t done, std::int64_t known) { progress.update(done, known); };
        sources.is_stopped = is_interrupted;
        const auto folders = flow::folders_of(std::filesystem::absolute(invocation.site()));
        auto gathered = flow::gather_cutover_paths(sources, folders.run);
        unreadable = gathered.unreadable;
        kept_out = gathered.kept_out;
        plan = flow::make_cutover_plan(*watch, std::move(sources.plan), std::move(gathered.paths),
                                       watch_by(invocation, people::Act::CutoverRun));
    }
    if (!plan) plan = load_plan(*watch);
    const auto counts = watch->read([](sys::Reader& db) { return cutover::load_counts(db); });
    boost::json::object document = as_json(*plan);
    document["paths"] = counts.total;
    document["unreadable"] = unreadable;
    document["kept_out"] = kept_out;
    if (kept_out > 0)
        invocation.say(
            fmt::format("{} addresses are not compared, because robots.txt asks not to read them; if the "
                        "site is yours, say --ignore-robots",
                        kept_out));
    if (unreadable > 0) invocation.say(fmt::format("{} lines were no addresses and were left out", unreadable));
    invocation.answer(document, prose_of(*plan, counts));
    return kDone;
}

constexpr Option kOptions[] = {
    {"--name", "The site's name, www.city.example; the first is the one that is compared", Takes::Many},
    {"--old", "The old server, asked by its address: 192.0.2.10, http://192.0.2.10:8080"},
    {"--new", "The new server, likewise"},
    {"--new-address", "What the names shall resolve to (default: the new server's address)", Takes::Many},
    {"--urls", "A file with one path or address a line", Takes::Many},
    {"--access-log", "The old server's access log; hits are counted", Takes::Many},
    {"--with-queries", "Keep what stands after ? in access logs", Takes::Flag},
    {"--crawl", "Read the old site from this address and take every page that is linked"},
    {"--ignore-robots", "Of a crawl: also what robots.txt asks not to read; only for the site's owner", Takes::Flag},
    {"--name-server", "The name server that is asked for the records; best the zone's own"},
    {"--resolver", "A resolver to be watched after the switch", Takes::Many},
    {"--moment", "The planned moment of the switch"},
    {"--ca-file", "Certificates to be trusted in place of the system's"},
    {"--old-log", "The old server's access log, for watching after the switch"},
    {"--counter-url", "Or an address whose text is the number of requests it has had"},
    {"--manager", "Who manages the domain"},
    {"--applicant", "Who applies: the city and its department"},
    {"--contact", "Telephone and mail of the applicant"},
    {"--ask-records", "Make a new version with the records as they are now", Takes::Flag},
};

}  // namespace

extern const Command cutover_plan{"cutover", "plan", "Plan the move from an old web server, or show the plan", kOptions,
                                  run};

}  // namespace cli
