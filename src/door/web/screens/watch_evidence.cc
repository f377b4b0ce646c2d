// 隔離した証拠: what the guard took out of the document root: where it stood, in which ways it deviated, whose it was
// and who wrote it, and a look at its bytes. They are an attacker's: text is shown as text and never as a page, a
// download is a file of no type, and nothing of it is opened by the name it had.

#include <pwd.h>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "press/delivery/evidence.h"
#include "press/delivery/quarantine.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using delivery::Evidence;
using people::Act;

constexpr std::size_t kRows = 50, kMostFiles = 200;
constexpr std::size_t kShown = 64U << 10;     ///< bytes of text
constexpr std::size_t kShownRaw = 512;        ///< bytes of what is no text
constexpr std::size_t kLargest = 256U << 20;  ///< of a download
constexpr std::size_t kRawRow = 16;

constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
    {"changed", "内容が違う"}, {"extra", "承認していない"},        {"mode", "権限が違う"},
    {"owner", "所有者が違う"}, {"link", "シンボリックリンク"},     {"hardlink", "別の名前がある"},
    {"type", "種類が違う"},    {"held", "書込み用に開かれたまま"},
};
constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {"file", "ファイル"}, {"folder", "フォルダ"}, {"link", "シンボリックリンク"}, {"special", "特別なファイル"}};

std::string kinds_text(const Evidence& one) {
    std::string text;
    for (const auto& [id, words] : kKinds)
        if (std::find(one.kinds.begin(), one.kinds.end(), id) != one.kinds.end())
            text += (text.empty() ? "" : say("、")) + say(words);
    return text.empty() ? say("記録なし") : text;
}

std::string type_text(const Evidence& one) {
    for (const auto& [id, words] : kTypes)
        if (id == one.type) return say(words);
    return one.type;
}

/// "33 (www-data)", or the number alone.
std::string user_text(std::int64_t user) {
    if (user < 0) return {};
    passwd about{};
    passwd* found = nullptr;
    char room[4096];
    const bool is_known =
        ::getpwuid_r(static_cast<uid_t>(user), &about, room, sizeof room, &found) == 0 && found != nullptr;
    return is_known ? fmt::format("{} ({})", user, about.pw_name) : std::to_string(user);
}

/// As `hexdump -C` shows them.
std::string raw_text(std::string_view bytes) {
    std::string text;
    for (std::size_t row = 0; row < bytes.size(); row += kRawRow) {
        const std::string_view part = bytes.substr(row, kRawRow);
        std::string numbers, letters;
        for (const char c : part) {
            const auto byte = static_cast<unsigned char>(c);
            numbers += fmt::format("{:02x} ", byte);
            letters += byte >= 0x20 && byte < 0x7f ? c : '.';
        }
        text += fmt::format("{:08x}  {:<48} {}\n", row, numbers, letters);
    }
    return text;
}

struct Shown {
    std::string text;
    bool is_raw = false;
};
/// In whichever encoding its bytes are; what is none, or has control characters, as numbers.
Shown show_bytes(std::string_view bytes) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && !std::strchr("\t\n\r\f\x1b", c);
    };
    const auto decoded = html::decode(bytes, html::detect_encoding(bytes).encoding);
    if (std::none_of(bytes.begin(), bytes.end(), is_control) && decoded.replaced <= bytes.size() / 50 + 1)
        return {decoded.utf8};
    return {raw_text(bytes.substr(0, kShownRaw)), true};
}

tmpl::Map values_of(const Evidence& one, base::Instant now) {
    return {{"path", "/evidence/" + one.name},
            {"place", base::to_valid_utf8(readable_path(base::percent_encode(one.path)))},
            {"kinds", kinds_text(one)},
            {"type", type_text(one)},
            {"found", exact_time(one.found_at, now)},
            {"owner", user_text(one.uid)},
            {"size", size_text(one.size)},
            {"writer", !one.writer                   ? std::string()
                       : one.writer->program.empty() ? fmt::format("{}", one.writer->number)
                                                     : one.writer->program}};
}

void show_thing(const std::filesystem::path& folder, const Evidence& one, tmpl::Map& values) {
    if (one.type == "file" && one.is_kept)
        if (const auto bytes = delivery::find_thing(folder, one.name, kShown)) {
            const Shown shown = show_bytes(*bytes);
            values.set("has_bytes", true).set("text", shown.text).set("is_raw", shown.is_raw);
            values.set("is_cut", one.size > static_cast<std::int64_t>(shown.is_raw ? kShownRaw : kShown));
        }
    if (one.type == "folder") {
        const auto kept = delivery::list_kept_files(folder, one.name, kMostFiles);
        tmpl::List files;
        for (const auto& file : kept.files)
            files.push_back(tmpl::Map{{"name", base::to_valid_utf8(file.path)}, {"size", size_text(file.size)}});
        values.set("has_files", !files.empty()).set("is_more", kept.is_more);
        values.set("files", std::move(files));
    }
}

Evidence load(Context& context) {
    const std::string name = context.request.parameter("name");
    std::optional<Evidence> found;
    try {
        found = delivery::find_evidence(context.site().folders.quarantine, name);
    } catch (const Error& error) {
        if (error.kind() != Kind::NotAllowed) throw;
        throw Error(
            Kind::NotAllowed,
            fmt::format("この証拠は、この画面の利用者では読み取れません。サーバの quarantine/{} を見てください。",
                        name));
    }
    if (!found) throw Error(Kind::NotFound, "この証拠はありません。サーバで片付けられた可能性があります。");
    return *std::move(found);
}

http::Response list(Context& context) {
    context.require(Act::MonitorRead);
    const auto& folder = context.site().folders.quarantine;
    const std::string before = query_words(context, "before");
    std::vector<Evidence> found;
    std::size_t count = 0;
    bool is_refused = false;
    try {
        count = delivery::count_evidence(folder);
        found = delivery::list_evidence(folder, before, kRows + 1);
    } catch (const Error&) {
        is_refused = true;
    }
    is_refused |= found.empty() && before.empty() && count > 0;
    const bool has_more = found.size() > kRows;
    if (has_more) found.resize(kRows);
    tmpl::List rows;
    for (const Evidence& one : found) rows.push_back(values_of(one, context.now()));
    http::Fields next;
    if (has_more) next.add("before", found.back().name);
    return context.page({"screens/watch_evidence/list.html", "隔離した証拠", {{say("監視"), "/watch"}}},
                        {{"rows", std::move(rows)},
                         {"count", count},
                         {"is_refused", is_refused},
                         {"full", say(delivery::find_lack_of_room(folder))},
                         {"is_first", before.empty()},
                         {"folder", folder.string()},
                         {"next", has_more ? address_of("/evidence", next) : std::string()}});
}

http::Response show(Context& context) {
    context.require(Act::MonitorRead);
    const base::Instant now = context.now();
    const auto& folder = context.site().folders.quarantine;
    const Evidence one = load(context);
    tmpl::Map values = values_of(one, now);
    const auto time = [&](const std::optional<base::Instant>& at) { return at ? exact_time(*at, now) : tmpl::Value(); };
    values.set("name", one.name);
    values.set("modified", time(one.modified_at)).set("changed", time(one.changed_at));
    values.set("mode", one.mode).set("group", one.gid).set("links", one.links).set("sha256", one.sha256);
    values.set("leads_to", one.leads_to).set("is_kept", one.is_kept);
    values.set("bytes", fmt::format("{}", one.size));
    values.set("anomalies", "/anomalies?state=all&q=" + base::percent_encode("/" + base::percent_encode(one.path)));
    if (one.writer)
        values.set("by", tmpl::Map{{"number", one.writer->number},
                                   {"user", user_text(one.writer->user)},
                                   {"program", one.writer->program},
                                   {"command", one.writer->command}});
    const bool may_look = context.may(Act::GuardHeal);
    values.set("may_look", may_look).set("has_bytes", false).set("text", "").set("is_raw", false);
    values.set("is_cut", false).set("has_files", false).set("is_more", false).set("is_refused", false);
    values.set("files", tmpl::List());
    try {
        if (may_look) show_thing(folder, one, values);
    } catch (const Error&) {
        values.set("is_refused", true);
    }
    return context.page({"screens/watch_evidence/show.html",
                         "隔離した証拠",
                         {{say("監視"), "/watch"}, {say("隔離した証拠"), "/evidence"}}},
                        std::move(values));
}

/// By a name and a type that no program opens by itself.
http::Response fetch(Context& context) {
    context.require(Act::GuardHeal);
    const Evidence one = load(context);
    if (one.size > static_cast<std::int64_t>(kLargest))
        throw Error(Kind::BadInput,
                    "大きすぎるため、ここでは受け取れません。サーバの quarantine/ から取り出してください。");
    std::optional<std::string> bytes;
    try {
        bytes = delivery::find_thing(context.site().folders.quarantine, one.name, kLargest);
    } catch (const Error&) {
        // Its own screen says why.
    }
    if (!bytes) throw Error(Kind::NotFound, "この証拠の中身は残っていないか、読み取れません。");
    return http::download(*std::move(bytes), fmt::format("evidence-{}.bin", one.name), "application/octet-stream");
}

constexpr Route kRoutes[] = {
    {"GET", "/evidence", list}, {"GET", "/evidence/{name}", show}, {"GET", "/evidence/{name}/file", fetch}};

}  // namespace

extern const Screen watch_evidence{"evidence",  "隔離した証拠",   "/evidence",      "danger",
                                   Place::None, Access::SignedIn, Act::MonitorRead, kRoutes};

}  // namespace web
