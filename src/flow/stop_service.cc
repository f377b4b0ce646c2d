#include "flow/stop_service.h"

#include <algorithm>

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"
#include "ground/sys/step.h"

namespace flow {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

constexpr auto kAskedFor = std::chrono::minutes(30);
constexpr std::size_t kLargestNote = 4 * kLargestNotice;
constexpr std::size_t kLongestReason = 500;  // characters
constexpr Part kParts[] = {Part::Public, Part::Office};

fs::path state_file(const Folders& folders, Part part) {
    return folders.stopped / (std::string(part_id(part)) + ".json");
}

fs::path asked_file(const Folders& folders, Part part) {
    return folders.stopped / (std::string(part_id(part)) + ".asked");
}

fs::path acts_folder(const Folders& folders) {
    return folders.stopped / "acts";
}

/// What was done, or asked: a stop or the end of one.
std::string format_note(const Stop& stop, bool is_resume) {
    return json::serialize(json::object{{"id", stop.id},
                                        {"part", part_id(stop.part)},
                                        {"act", is_resume ? "resume" : "stop"},
                                        {"at", stop.at.milliseconds},
                                        {"by", stop.by},
                                        {"second", stop.second},
                                        {"reason", stop.reason},
                                        {"notice", stop.notice}}) +
           "\n";
}

std::optional<StopAsked> parse_note(std::string_view bytes) {
    boost::system::error_code problem;
    const json::value parsed = json::parse(bytes, problem);
    if (problem || !parsed.is_object()) return std::nullopt;
    const auto text = [&](std::string_view name) {
        const auto* found = parsed.as_object().if_contains(name);
        return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
    };
    const auto part = find_part(text("part"));
    const auto* at = parsed.as_object().if_contains("at");
    if (!part || at == nullptr || !at->is_int64()) return std::nullopt;
    return StopAsked{
        {text("id"), *part, base::Instant{at->as_int64()}, text("by"), text("second"), text("reason"), text("notice")},
        text("act") == "resume"};
}

/// Whole paragraphs in a page of its own: no file of the site is needed, and nothing from elsewhere.
std::string notice_page(std::string_view site_name, const Stop& stop) {
    const std::string name = html::escape_text(site_name);
    std::string text;
    for (const std::string_view line : base::split(stop.notice, '\n'))
        if (!base::trim(line).empty()) text += "<p>" + html::escape_text(base::trim(line)) + "</p>\n";
    return fmt::format(R"(<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>ただいま停止しています - {0}</title>
<style>
body {{ margin: 0; color: #1a1a1c; background: #fff; font: 1.0625rem/1.9 "Noto Sans JP", "Hiragino Sans", Meiryo, sans-serif }}
main {{ max-width: 40rem; margin: 12vh auto; padding: 0 1.25rem; border-top: .5rem solid #0017c1 }}
h1 {{ font-size: 1.5rem; line-height: 1.5; margin: 1.5rem 0 }}
.city {{ color: #595959; margin: 1.5rem 0 0 }}
</style>
</head>
<body>
<main>
<p class="city">{0}</p>
<h1>ただいま、ホームページを停止しています</h1>
{1}<p lang="en">This site is temporarily out of service. Please try again later.</p>
</main>
</body>
</html>
)",
                       name, text);
}

/// Servers under other users look into the folder for the notice, by its name; the rest is nobody else's business.
void make_folder(const Folders& folders) {
    sys::make_folders(folders.stopped, 0711);
    sys::make_folders(acts_folder(folders), 0750);
}

/// Makes the files what the act says. May be repeated.
void take_effect(const Folders& folders, const StopAsked& act, std::string_view site_name) {
    const Part part = act.stop.part;
    if (act.is_resume) {
        sys::remove_file(notice_file(folders, part));
        sys::remove_file(state_file(folders, part));
    } else {
        make_folder(folders);
        sys::write_file(state_file(folders, part), format_note(act.stop, false), sys::Durability::Now, 0640);
        sys::write_file(notice_file(folders, part), notice_page(site_name, act.stop));
    }
}

void check_reason(const Stop& stop) {
    if (base::trim(stop.reason).empty())
        throw Error(Kind::BadInput, "理由を書いてください。記録に残り、報告に使います。");
    if (base::first_code_points(stop.reason, kLongestReason).size() < stop.reason.size())
        throw Error(Kind::BadInput, fmt::format("理由は{}文字までで書いてください。", kLongestReason));
    if (stop.notice.size() > kLargestNotice / 2)
        throw Error(Kind::BadInput, "お知らせの文が長すぎます。住民に必要なことだけにしてください。");
}

/// The acts that the ledger does not have yet, oldest first.
std::vector<std::pair<fs::path, StopAsked>> list_acts(const Folders& folders) {
    std::vector<fs::path> files;
    std::error_code problem;
    for (fs::directory_iterator at(acts_folder(folders), problem), end; !problem && at != end; at.increment(problem))
        if (at->path().extension() == ".json") files.push_back(at->path());
    std::sort(files.begin(), files.end());  // names begin with the time
    std::vector<std::pair<fs::path, StopAsked>> acts;
    for (const fs::path& file : files) {
        const auto bytes = sys::find_file(file, kLargestNote);
        const auto act = bytes ? parse_note(*bytes) : std::nullopt;
        if (act)
            acts.emplace_back(file, *act);
        else
            sys::log(sys::Level::Error, "a note of an emergency stop cannot be read", {{"file", file.string()}});
    }
    return acts;
}

void note_act(const Folders& folders, const StopAsked& act) {
    make_folder(folders);
    sys::write_file(acts_folder(folders) / fmt::format("{:016}-{}.json", act.stop.at.milliseconds, act.stop.id),
                    format_note(act.stop, act.is_resume), sys::Durability::Now, 0640);
    YAKUBA_STEP("stop.noted");
}

}  // namespace

std::string_view part_id(Part part) {
    return part == Part::Public ? "public" : "office";
}

std::string_view part_name(Part part) {
    return part == Part::Public ? "公開サイト" : "職員用の画面";
}

std::optional<Part> find_part(std::string_view id) {
    for (const Part part : kParts)
        if (part_id(part) == id) return part;
    return std::nullopt;
}

fs::path notice_file(const Folders& folders, Part part) {
    return folders.stopped / (std::string(part_id(part)) + ".html");
}

std::optional<Stop> find_stop(const Folders& folders, Part part) {
    std::error_code problem;
    if (!fs::exists(notice_file(folders, part), problem) && !problem) return std::nullopt;
    Stop unknown;
    unknown.part = part;
    try {
        const auto bytes = sys::find_file(state_file(folders, part), kLargestNote);
        const auto note = bytes ? parse_note(*bytes) : std::nullopt;
        return note ? note->stop : unknown;
    } catch (const Error& error) {
        sys::log(sys::Level::Error, "the note of an emergency stop cannot be read", {{"problem", error.message()}});
        return unknown;
    }
}

std::string usual_notice(Part part) {
    return part == Part::Public
               ? "緊急の点検のため、ホームページを停止しています。ご不便をおかけし、申し訳ありません。\n"
                 "お急ぎの用件は、市役所の代表電話におたずねください。災害に関する情報は、防災行政無線、テレビ、ラジオ"
                 "でも"
                 "お知らせします。"
               : "緊急の点検のため、職員用の画面を停止しています。公開しているページはそのままご覧になれます。\n"
                 "再開は、サイト管理者からお知らせします。";
}

Stop stop_service(const Folders& folders, const Stop& asked, std::string_view site_name) {
    check_reason(asked);
    if (find_stop(folders, asked.part))
        throw Error(Kind::Conflict, fmt::format("{}は、すでに停止しています。", part_name(asked.part)));
    StopAsked act{asked, false};
    act.stop.id = base::to_hex(sys::random_bytes(8));
    if (base::trim(act.stop.notice).empty()) act.stop.notice = usual_notice(asked.part);
    note_act(folders, act);
    take_effect(folders, act, site_name);
    forget_stop_asked(folders, asked.part);
    return act.stop;
}

void resume_service(const Folders& folders, const Stop& asked) {
    if (!find_stop(folders, asked.part))
        throw Error(Kind::Conflict, fmt::format("{}は、停止していません。", part_name(asked.part)));
    StopAsked act{asked, true};
    act.stop.id = base::to_hex(sys::random_bytes(8));
    act.stop.notice.clear();
    check_reason(act.stop);
    note_act(folders, act);
    take_effect(folders, act, "");
    forget_stop_asked(folders, asked.part);
}

std::optional<StopAsked> find_stop_asked(const Folders& folders, Part part, base::Instant now) {
    const auto bytes = sys::find_file(asked_file(folders, part), kLargestNote);
    const auto asked = bytes ? parse_note(*bytes) : std::nullopt;
    if (!asked || asked->stop.part != part || now - asked->stop.at > kAskedFor || asked->stop.at > now + kAskedFor)
        return std::nullopt;
    if (asked->is_resume != find_stop(folders, part).has_value()) return std::nullopt;  // it is so already
    return asked;
}

void ask_stop(Site& site, const StopAsked& asked) {
    check_reason(asked.stop);
    make_folder(site.folders);
    sys::write_file(asked_file(site.folders, asked.stop.part), format_note(asked.stop, asked.is_resume),
                    sys::Durability::Now, 0640);
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {asked.stop.at, asked.stop.by, asked.is_resume ? "service.ask-resume" : "service.ask-stop",
                            fmt::format("service:{}:asked", part_id(asked.stop.part)),
                            json::serialize(json::object{{"reason", asked.stop.reason}})});
    });
}

void forget_stop_asked(const Folders& folders, Part part) {
    sys::remove_file(asked_file(folders, part));
}

int record_stops(Site& site) {
    if (!fs::exists(acts_folder(site.folders))) return 0;
    const auto acts = list_acts(site.folders);
    for (const Part part : kParts) {  // the last word of each part may have been cut off before its effect
        const auto last =
            std::find_if(acts.rbegin(), acts.rend(), [&](const auto& each) { return each.second.stop.part == part; });
        if (last != acts.rend() && last->second.is_resume == find_stop(site.folders, part).has_value())
            take_effect(site.folders, last->second, site.settings.site.name);
    }
    int made = 0;
    for (const auto& [file, act] : acts) {
        const std::string subject = fmt::format("service:{}:{}", part_id(act.stop.part), act.stop.id);
        const std::string_view name = act.is_resume ? "service.resume" : "service.stop";
        made += site.database->write([&, &act = act](sys::Transaction& tx) {
            ledger::Search search;
            search.subject = subject;
            search.limit = 1;
            if (!ledger::find_lines(tx, search).empty()) return 0;
            json::object detail{{"reason", act.stop.reason}};
            if (!act.stop.second.empty()) detail["second"] = act.stop.second;
            if (!act.is_resume) detail["notice"] = act.stop.notice;
            ledger::append(tx, {act.stop.at, act.stop.by, std::string(name), subject, json::serialize(detail)});
            return 1;
        });
        YAKUBA_STEP("stop.recorded");
        sys::remove_file(file);
    }
    return made;
}

}  // namespace flow
