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
constexpr int kTries = 20;  // a server may answer from memory for a moment

std::optional<std::int64_t> oldest_unchecked(sys::Reader& db) {
    std::optional<std::int64_t> oldest;
    for (const release::Row& row : release::list_releases(db, 0, kLookBack))
        if (row.placed_at && !row.checked_at) oldest = row.number;
    return oldest;
}

enum class Answer { Right, Wrong, Unreachable };

Answer ask(sys::HttpClient& client, const std::string& url, const release::Change& change) {
    for (int i = 0; i < kTries; ++i) {
        if (i > 0) std::this_thread::sleep_for(50ms);
        const sys::Fetched fetched = client.try_fetch(url, {.patience = 5s, .connect_patience = 2s, .size_limit = 512U << 20});
        if (fetched.failure == sys::FetchFailure::TooLarge) return Answer::Right;  // too large to hold: the guard hashes it on disk
        if (fetched.has_failed()) return Answer::Unreachable;
        const release::Entry& entry = change.entry;
        if (change.what == release::Change::What::Delete) {
            if (fetched.status == 404 || fetched.status == 410) return Answer::Right;
        } else if (!entry.has_body()) {
            if (fetched.status == entry.status) return Answer::Right;
        } else if (sys::sha256(fetched.body) == entry.hash) {
            return Answer::Right;
        }
    }
    return Answer::Wrong;
}

}  // namespace

bool read_back(Site& site, sys::HttpClient& client, const std::string& base_url) {
    const auto number = site.database->read([](sys::Reader& db) { return oldest_unchecked(db); });
    if (!number) return false;
    const release::Record record =
        release::parse_record(site.database->read([&](sys::Reader& db) { return release::load_record(db, *number); })).record;
    std::string wrong;
    std::size_t faults = 0;
    const std::size_t stride = record.changes.size() / kMostPaths + 1;
    for (std::size_t i = 0; i < record.changes.size(); i += stride) {
        const release::Change& change = record.changes[i];
        // A later release may have changed the path again; then this one has nothing to say about it.
        const auto now = site.database->read([&](sys::Reader& db) { return release::find_entry(db, change.path()); });
        if (change.what == release::Change::What::Put ? now != change.entry : now.has_value()) continue;
        switch (ask(client, base_url + base::percent_encode(change.path()), change)) {
            case Answer::Unreachable: return false;
            case Answer::Right: break;
            case Answer::Wrong:
                if (++faults == 1) wrong = base::percent_encode(change.path());
                break;
        }
    }
    const std::string problem =
        faults == 0 ? std::string()
                    : fmt::format("公開サーバが公開した内容と違うものを返しています（{} など {} 件）。運用担当者に連絡してください。", wrong, faults);
    site.database->write([&](sys::Transaction& tx) {
        const base::Instant at = site.clock.now();
        release::mark_checked(tx, *number, at);
        publish::note_checked(tx, *number, at, problem);
    });
    return true;
}

}  // namespace flow
