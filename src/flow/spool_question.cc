#include "flow/spool_question.h"

#include <algorithm>

#include "flow/take_question.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/mail.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "office/helpdesk/store.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using base::Error;

constexpr std::string_view kEnding = ".question";

fs::path folder_of(const Folders& folders) {
    return folders.site / "desk-spool";
}

std::string need(std::string_view text, std::string_view label, std::size_t longest, bool may_be_empty = false) {
    const std::string_view kept = base::trim(text);
    const bool is_line = label != "内容";
    if (kept.empty() && !may_be_empty) throw Error(base::Kind::BadInput, fmt::format("{}を入れてください。", label));
    if (!base::is_utf8(kept) || base::count_code_points(kept) > longest ||
        std::any_of(kept.begin(), kept.end(),
                    [&](char c) { return c == '\0' || (is_line && static_cast<unsigned char>(c) < 0x20); }))
        throw Error(base::Kind::BadInput,
                    fmt::format("{}は{}文字までで、改行などを入れずに書いてください。", label, longest));
    return std::string(kept);
}

struct Listing {
    std::vector<fs::path> files;
    bool is_unreadable = false;  ///< a folder that nobody has needed yet is empty, not unreadable
};
Listing list_files(const Folders& folders, std::string_view ending) {
    Listing found;
    std::error_code problem;
    for (fs::directory_iterator at(folder_of(folders), problem), end; !problem && at != end; at.increment(problem))
        if (at->path().filename().string().ends_with(ending)) found.files.push_back(at->path());
    found.is_unreadable = problem && problem != std::errc::no_such_file_or_directory;
    std::sort(found.files.begin(), found.files.end());  // the names begin with the time
    return found;
}

/// Nothing when it cannot be read now, which the log has; the watch tells when that lasts.
std::optional<std::string> find_bytes(const fs::path& file) {
    try {
        return sys::find_file(file, helpdesk::kLargestSpooled);
    } catch (const Error& error) {
        if (error.kind() == base::Kind::BadInput) return std::string();  // too large: no question
        sys::log(sys::Level::Warning, "a question of the form cannot be opened",
                 {{"file", file.filename().string()}, {"problem", error.message()}});
        return std::nullopt;
    }
}

}  // namespace

std::string spool_question(const Folders& folders, const helpdesk::SpooledQuestion& asked) {
    helpdesk::SpooledQuestion kept = asked;
    kept.name = need(asked.name, "お名前", 100);
    kept.address = need(asked.address, "メールアドレス", 254);
    if (!mail::is_address(kept.address)) throw Error(base::Kind::BadInput, "メールアドレスを確かめてください。");
    kept.phone = need(asked.phone, "電話番号", 60, true);
    kept.title = need(asked.title, "件名", helpdesk::kLongestTitle);
    kept.text = need(asked.text, "内容", helpdesk::kLongestText);
    if (const Listing there = list_files(folders, kEnding); there.is_unreadable || there.files.size() >= kMostSpooled)
        throw Error(base::Kind::Unavailable, "いまは受け取れません。お急ぎのときは電話でお知らせください。");
    // The watch writes, the office takes away: what they have in common is the group.
    sys::make_folders(folder_of(folders), 0770);
    const std::string name = fmt::format("{:015}-{}", kept.at.milliseconds, base::to_hex(sys::random_bytes(4)));
    sys::write_file(folder_of(folders) / (name + std::string(kEnding)), helpdesk::write_spooled(kept),
                    sys::Durability::Now, 0660);
    return name;
}

int take_spooled(Site& site) {
    int taken = 0;
    for (const fs::path& file : list_files(site.folders, kEnding).files) {
        std::error_code ignored;
        const auto bytes = find_bytes(file);
        if (!bytes) continue;
        const auto asked = helpdesk::read_spooled(*bytes);
        try {
            if (!asked) throw Error(base::Kind::BadInput, "it is no question");
            const FromMail from{"spool:" + file.filename().string(), true};
            helpdesk::MailRow row;
            row.key = from.key;
            row.at = asked->at;
            row.sender = asked->address;
            row.subject = asked->title;
            const auto claim =
                site.database->write([&](sys::Transaction& tx) { return helpdesk::claim_mail(tx, row); });
            if (claim == helpdesk::Claim::Deadly) throw Error(base::Kind::BadInput, "it ended the process twice");
            if (claim == helpdesk::Claim::Take) {
                helpdesk::NewQuestion made;
                made.kind = asked->is_fault ? helpdesk::Kind::Fault : helpdesk::Kind::Question;
                made.is_urgent = asked->is_urgent;
                made.channel = helpdesk::Channel::Form;
                made.title = asked->title;
                made.text = asked->text;
                made.asker = {{}, asked->name, asked->address, asked->phone};
                if (const auto person =
                        site.database->read([&](sys::Reader& db) { return find_person_by_mail(db, asked->address); }))
                    made.asker.person = person->id;
                // A clock that was wrong then must not date a question in the future.
                take_question(site, made, {}, {"system:form", asked->name, std::min(asked->at, site.clock.now())},
                              &from);
                ++taken;
            }
            fs::remove(file, ignored);
        } catch (const Error& error) {
            if (error.kind() == base::Kind::Unavailable || error.kind() == base::Kind::Conflict) {
                const std::string key = "spool:" + file.filename().string();
                site.database->write([&](sys::Transaction& tx) { helpdesk::unclaim_mail(tx, key); });
                throw;
            }
            sys::log(sys::Level::Error, "a question of the form cannot be read",
                     {{"file", file.filename().string()}, {"problem", error.message()}});
            fs::rename(file, file.string() + ".bad", ignored);
        }
    }
    return taken;
}

SpoolState look_at_spool(const Folders& folders) {
    SpoolState state;
    const Listing found = list_files(folders, kEnding);
    state.is_unreadable = found.is_unreadable;
    state.waiting = found.files.size();
    state.bad = list_files(folders, ".bad").files.size();
    if (!found.files.empty())
        state.oldest =
            base::Instant{std::strtoll(found.files.front().filename().string().substr(0, 15).c_str(), nullptr, 10)};
    return state;
}

}  // namespace flow
