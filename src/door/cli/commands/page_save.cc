// Saves a draft from files. A page that is not there is made.

#include <boost/json.hpp>

#include "door/cli/act_as.h"
#include "door/cli/page.h"
#include "flow/screen_upload.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "press/content/fields.h"
#include "press/content/store.h"

namespace cli {

namespace {

/// "main=body.html" as its two halves.
std::pair<std::string, std::filesystem::path> split_pair(std::string_view option, const std::string& given) {
    const auto equals = given.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == given.size())
        throw base::Error(base::Kind::BadInput, fmt::format("{} takes NAME=FILE, not \"{}\"", option, given));
    return {given.substr(0, equals), given.substr(equals + 1)};
}

/// What is typed, over what is there.
void fill_body(const Invocation& invocation, flow::Site& site, const flow::Doer& doer, content::Body& body) {
    if (invocation.has("--title")) body.title = invocation.text("--title");
    if (invocation.has("--description")) body.description = invocation.text("--description");
    if (invocation.has("--template")) body.template_name = invocation.text("--template");
    for (const std::string& given : invocation.list("--part")) {
        const auto [name, file] = split_pair("--part", given);
        body.parts[name] = sys::read_file(file);
    }
    for (const std::string& given : invocation.list("--attach")) {
        const auto [path, file] = split_pair("--attach", given);
        const std::string bytes = sys::read_file(file);
        flow::screen_upload(site, bytes, path, fmt::format("person:{}", doer.person.value));
        const auto stored = site.objects->put(bytes);
        const std::string encoded = base::percent_encode(path);
        std::erase_if(body.attachments, [&](const auto& one) { return one.path == encoded; });
        body.attachments.push_back(
            {encoded, stored.hash, stored.size, std::string(base::media_type(path)), file.filename().string()});
    }
}

/// Of a composed page: a page type that there is, and parts that it shows. What no page shows would be approved unseen.
void check_page_type(const Invocation& invocation, flow::Site& site, const content::Body& body) {
    site.database->read([&](sys::Reader& db) {
        const auto type = content::find_live_template(db, body.template_name);
        if (!type || type->kind != content::TemplateKind::Page) {
            std::vector<std::string> names;
            for (const content::Template& one : content::list_templates(db, content::TemplateKind::Page))
                if (one.live && one.name != "archive" && one.name != "error") names.push_back(one.name);
            throw base::Error(
                base::Kind::BadInput,
                fmt::format(
                    "there is no page type \"{}\"; name one with --template: {} (or --like PAGE: the frame of a "
                    "taken-over page)",
                    body.template_name, base::join(names, ", ")));
        }
        auto shown = content::page_parts(type->source);
        // Not shown itself: it names the category whose newest pages are.
        if (type->source.find("newest.category") != std::string::npos) shown.emplace_back("category");
        for (const std::string& given : invocation.list("--part")) {
            const std::string name = split_pair("--part", given).first;
            if (std::find(shown.begin(), shown.end(), name) == shown.end())
                throw base::Error(base::Kind::BadInput,
                                  fmt::format("pages of the type {} have no part \"{}\"; they have: {}",
                                              body.template_name, name, base::join(shown, ", ")));
        }
    });
}

int run(const Invocation& invocation) {
    const auto site = flow::Site::open(invocation.site(), invocation.clock());
    const std::string name = invocation.text("PAGE");
    const auto page = site->database->read([&](sys::Reader& db) { return find_named_page(db, name); });
    const flow::Doer doer = sign_in_as(invocation, *site);
    if (!page) {
        flow::NewDraft made;
        made.path = base::percent_encode(base::percent_decode(name).value_or(name));
        fill_body(invocation, *site, doer, made.body);
        site->database->read([&](sys::Reader& db) {
            if (invocation.has("--department"))
                made.department = load_department_by_code(db, invocation.text("--department"));
            if (!invocation.has("--like")) return;
            const auto frame = find_named_page(db, invocation.text("--like"));
            if (!frame)
                throw base::Error(base::Kind::NotFound, fmt::format("there is no page {}", invocation.text("--like")));
            made.like = frame->id;
        });
        if (!made.like) check_page_type(invocation, *site, made.body);
        return answer_outcome(invocation, flow::create_page(*site, made, doer), "made");
    }
    const flow::Outcome now = flow::look_at(*site, page->id);
    flow::Save save;
    save.page = page->id;
    save.based_on = {invocation.number("--based-on", 1, INT64_MAX).value_or(now.revision.value)};
    save.version = version_seen(invocation, now);
    save.accepts_losses = invocation.has("--accept-losses");
    save.note = invocation.text("--note");
    save.body = site->database->read([&](sys::Reader& db) { return content::load_revision(db, save.based_on).body; });
    fill_body(invocation, *site, doer, save.body);
    if (page->kind == content::PageKind::Composed) check_page_type(invocation, *site, save.body);
    return answer_outcome(invocation, flow::save_draft(*site, save, doer), "saved");
}

constexpr Option kOptions[] = {
    {"PAGE", "The page's number or path; a path where no page is makes one", Takes::One, true},
    kAsOption,
    {"--title", "The title"},
    {"--description", "The description for search engines and lists"},
    {"--part", "A region or field and the file with its HTML (UTF-8): main=body.html", Takes::Many},
    {"--attach", "A file that appears with the page: kurashi/gomi.pdf=calendar.pdf", Takes::Many},
    {"--based-on", "The revision that this was made from (see page show); default: the latest"},
    kVersionOption,
    {"--accept-losses", "Save although legacy markup is lost that was there before", Takes::Flag},
    {"--note", "A remark for the history"},
    {"--department", "New pages: the code of the department in charge; default: the section's"},
    {"--like", "New pages: a taken-over page whose frame they get"},
    {"--template", "Composed pages: the page type, \"article\""},
};

}  // namespace

extern const Command page_save{"page", "save", "Save a draft of a page, or make a page", kOptions, run};

}  // namespace cli
