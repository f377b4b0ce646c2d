#include "flow/read_back.h"

#include <thread>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/store.h"
#include "ground/sys/crypto.h"
#include "press/publish/receipt.h"

namespace flow {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostPaths = 200;  // of a larger release every n-th
constexpr int kLookBack = 20;
constexpr auto kSettling = 2s;   // for a server that answers from memory for a moment
constexpr auto kPatience = 30s;  // for all paths together

std::optional<std::int64_t> oldest_unchecked(sys::Reader& db) {
    std::optional<std::int64_t> oldest;
    for (const release::Row& row : release::list_releases(db, 0, kLookBack))
        if (row.placed_at && !row.checked_at) oldest = row.number;
    return oldest;
}

enum class Answer { Right, Wrong, Unreachable };

Answer ask(sys::HttpClient& client, const std::string& url, const release::Change& change) {
    const release::Entry& entry = change.entry;
    sys::Hasher hasher;
    std::int64_t size = 0;
    sys::FetchOptions options{
        .patience = 5s, .connect_patience = 2s, .size_limit = static_cast<std::size_t>(entry.size) + (1U << 20)};
    options.sink = [&](std::string_view piece) {
        hasher.add(piece);
        size += static_cast<std::int64_t>(piece.size());
        return true;
    };
    const sys::Fetched fetched = client.try_fetch(url, options);
    if (fetched.failure == sys::FetchFailure::TooLarge) return Answer::Wrong;
    if (fetched.has_failed()) return Answer::Unreachable;
    bool is_right = false;
    if (change.what == release::Change::What::Delete || release::is_hidden(change.path()))
        is_right = fetched.status == 404 || fetched.status == 410;
    else if (!entry.has_body())
        is_right =
            fetched.status == entry.status && fetched.find_header("location").value_or("").ends_with(entry.location);
    else
        is_right = size == entry.size && hasher.finish() == entry.hash;
    return is_right ? Answer::Right : Answer::Wrong;
}

}  // namespace

bool read_back(Site& site, sys::HttpClient& client, const std::string& base_url,
               const std::function<bool()>& is_stopped) {
    const auto start = site.clock.monotonic();
    const auto number = site.database->read([](sys::Reader& db) { return oldest_unchecked(db); });
    if (!number) return false;
    const release::Record record = release::parse_record(site.database->read([&](sys::Reader& db) {
                                       return release::load_record(db, *number);
                                   })).record;
    std::string wrong;
    std::size_t faults = 0;
    const std::size_t stride = record.changes.size() / kMostPaths + 1;
    for (std::size_t i = 0; i < record.changes.size(); i += stride) {
        const release::Change& change = record.changes[i];
        // A later release may have changed the path again; then this one has nothing to say about it.
        const auto now = site.database->read([&](sys::Reader& db) { return release::find_entry(db, change.path()); });
        if (change.what == release::Change::What::Put ? now != change.entry : now.has_value()) continue;
        if (is_stopped() || site.clock.monotonic() - start > kPatience) return false;
        Answer answer = ask(client, base_url + base::percent_encode(change.path()), change);
        while (answer == Answer::Wrong && faults == 0 && site.clock.monotonic() - start < kSettling && !is_stopped()) {
            std::this_thread::sleep_for(100ms);
            answer = ask(client, base_url + base::percent_encode(change.path()), change);
        }
        if (answer == Answer::Unreachable) return false;
        if (answer == Answer::Wrong && ++faults == 1) wrong = base::percent_encode(change.path());
    }
    const std::string problem =
        faults == 0
            ? std::string()
            : fmt::format(
                  "公開サーバが公開した内容と違うものを返しています（{} など {} 件）。運用担当者に連絡してください。",
                  wrong, faults);
    site.database->write([&](sys::Transaction& tx) {
        const base::Instant at = site.clock.now();
        release::mark_checked(tx, *number, at);
        publish::note_checked(tx, *number, at, problem);
    });
    return true;
}

}  // namespace flow
