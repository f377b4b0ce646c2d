// A whole group gets a page type: what would change, a few pages to look at, and the request to a second administrator.

#include <boost/json.hpp>

#include "door/cli/page.h"
#include "flow/restyle_frame.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace cli {

namespace {

constexpr std::int64_t kSamples = 5;

/// Pages spread over the plan, as files that a browser opens.
boost::json::array write_samples(const Invocation& invocation, flow::Site& site, const flow::RestylePlan& plan) {
    boost::json::array files;
    const std::filesystem::path folder = invocation.text("--preview");
    const auto all = static_cast<std::int64_t>(plan.pages.size());
    const std::int64_t wanted = std::min(all, invocation.number("--samples", 1, 1000).value_or(kSamples));
    sys::make_folders(folder);
    for (std::int64_t i = 0; i < wanted; ++i) {
        const auto& one = plan.pages[static_cast<std::size_t>(i * all / wanted)];
        const std::filesystem::path file = folder / fmt::format("{}.html", one.page.id.value);
        sys::write_file(file, flow::preview_restyled(site, one));
        files.push_back({{"path", one.page.path}, {"file", file.string()}});
        invocation.say(fmt::format("{}  {}", file.string(), one.page.path));
    }
    return files;
}

/// "side=notes": the region's text goes into that field; "side=": nowhere.
frames::Mapping mapping_of(const Invocation& invocation) {
    frames::Mapping mapping;
    for (const std::string& each : invocation.list("--place")) {
        const std::size_t sign = each.rfind('=');
        if (sign == std::string::npos || sign == 0)
            throw base::Error(
                base::Kind::BadInput,
                fmt::format("--place {}: say REGION=FIELD (main=body), or REGION= to leave it out", each));
        mapping.push_back({each.substr(0, sign), each.substr(sign + 1)});
    }
    return mapping;
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const frames::GroupId group{*invocation.number("GROUP", 1, INT64_MAX)};
    const flow::RestylePlan plan = flow::plan_restyle(*site, group, invocation.text("TYPE"), mapping_of(invocation));
    boost::json::array left_out;
    for (const auto& each : plan.left_out) {
        left_out.push_back({{"path", each.path}, {"reason", each.reason}});
        invocation.say(fmt::format("left out {}: {}", each.path, each.reason));
    }
    boost::json::array places, fields;
    for (const auto& each : plan.places) {
        places.push_back({{"region", each.region}, {"pages", each.pages}, {"field", each.field}});
        if (plan.places.size() > 1)
            invocation.say(fmt::format("region {} ({} pages): {}", each.region, each.pages,
                                       each.field.empty() ? "goes nowhere" : each.field));
    }
    for (const std::string& each : plan.fields) fields.emplace_back(each);
    boost::json::object document{{"group", group.value},    {"type", plan.page_type}, {"pages", plan.pages.size()},
                                 {"hash", plan.hash.hex()}, {"regions", places},      {"fields", fields},
                                 {"left_out", left_out}};
    if (invocation.has("--preview")) document["previews"] = write_samples(invocation, *site, plan);
    std::string prose = fmt::format("{} pages would be made from {}, {} are left out; nothing is changed yet",
                                    plan.pages.size(), plan.page_type, plan.left_out.size());
    if (invocation.has("--as")) {
        const auto id = flow::ask_restyle(*site, group, plan.page_type, plan.hash, invocation.text("--reason"),
                                          sign_in_as(invocation, *site), plan.mapping());
        document["request"] = id.value;
        prose = fmt::format(
            "request {}: {} pages; a second administrator approves it:\n"
            "yakuba frame decide {} approve --opened {} --as NAME",
            id.value, plan.pages.size(), id.value, plan.hash.hex());
    }
    invocation.answer(document, prose);
    return plan.left_out.empty() ? kDone : kFound;
}

constexpr Option kOptions[] = {
    {"GROUP", "The group's number (see frame list)", Takes::One, true},
    {"TYPE", "The page type's name: article", Takes::One, true},
    {"--place", "REGION=FIELD: where a region's text goes (side=notes); REGION= leaves it out", Takes::Many},
    {"--preview", "A folder for a few pages as they would look"},
    {"--samples", "How many of them; 5"},
    {"--reason", "Why, for the second administrator; with --as"},
    {"--as", "Ask for approval as this person (login name); their password is asked for"},
};

}  // namespace

extern const Command frame_template{"frame", "template", "Make a group's pages anew from a page type, with approval",
                                    kOptions, run};

}  // namespace cli
