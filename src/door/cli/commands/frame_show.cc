// One group: its parts, a few of its pages, and those in which the region is not found.

#include "door/cli/frame.h"
#include "ground/base/text.h"
#include "press/content/store.h"

namespace cli {

namespace {

constexpr int kShown = 20;

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const frames::GroupId id{*invocation.number("GROUP", 1, INT64_MAX)};
    boost::json::object document;
    std::string prose;
    site->database->read([&](sys::Reader& db) {
        const frames::StoredGroup group = flow::load_frame(db, id);
        document = frame_json(group);
        prose = frame_line(group);
        boost::json::array parts, samples, uncovered;
        for (const frames::StoredPart& part : frames::list_parts(db, id)) {
            parts.push_back({{"part", part.id.value},
                             {"kind", part.kind},
                             {"selector", part.selector},
                             {"present", part.present},
                             {"same", part.same},
                             {"looked_at", part.looked_at}});
            prose += fmt::format("part {:>5}  {:<10}  the same in {} of {} pages looked at  {}\n", part.id.value,
                                 part.kind, part.same, part.looked_at, part.selector);
        }
        for (const frames::Member& member : frames::list_members(db, id, {}, kShown)) {
            const std::string path = content::load_page(db, member.page).path;
            samples.emplace_back(path);
            prose += fmt::format("page  {}\n", path);
        }
        for (const base::PageId page : frames::list_uncovered(db, id, kShown)) {
            const std::string path = content::load_page(db, page).path;
            uncovered.emplace_back(path);
            prose += fmt::format("without region  {}\n", path);
        }
        document["parts"] = parts;
        document["samples"] = samples;
        document["uncovered"] = uncovered;
    });
    invocation.answer(document, prose);
    return kDone;
}

constexpr Option kOptions[] = {{"GROUP", "The group's number (see frame list)", Takes::One, true}};

}  // namespace

extern const Command frame_show{"frame", "show", "Show a group: its parts and some of its pages", kOptions, run};

}  // namespace cli
