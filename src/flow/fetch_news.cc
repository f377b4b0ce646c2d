#include "flow/fetch_news.h"

#include <chrono>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/http_client.h"
#include "ground/sys/log.h"
#include "office/visits/store.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kEvery = 22h;
constexpr auto kKept = 24h * 400;
constexpr std::size_t kMostFiles = 1000;

/// The newest of news/NAME.*: whoever brings the files in need not rename them.
std::string read_folder(const fs::path& folder, std::string_view name) {
    fs::path newest;
    fs::file_time_type at{};
    std::size_t seen = 0;
    std::error_code ignored;
    for (const fs::directory_entry& each : fs::directory_iterator(folder, ignored)) {
        if (++seen > kMostFiles) break;
        if (each.is_symlink(ignored) || !each.is_regular_file(ignored) || each.path().stem() != name) continue;
        const auto changed = each.last_write_time(ignored);
        if (newest.empty() || changed > at) {
            newest = each.path();
            at = changed;
        }
    }
    if (newest.empty())
        throw base::Error(base::Kind::NotFound,
                          fmt::format("サイトのフォルダの news/ に「{}」のファイルがありません。", name));
    return sys::read_file(newest, visits::kLargestNews);
}

}  // namespace

bool fetch_news(Site& site, const std::function<bool()>& is_stopped) {
    const base::Instant now = site.clock.now();
    const auto due = site.database->read([&](sys::Reader& db) { return visits::find_due_source(db, now - kEvery); });
    if (!due || (is_stopped && is_stopped())) return false;
    std::vector<visits::Item> items;
    std::string problem;
    try {
        std::string url = due->url, bytes;
        if (url.starts_with("folder:")) {
            bytes = read_folder(site.folders.site / "news", url.substr(7));
        } else {
            sys::FetchOptions options;
            options.patience = 20s;
            options.connect_patience = 10s;
            options.size_limit = visits::kLargestNews;
            options.redirects = 3;
            options.may_compress = true;
            sys::HttpClient client;
            const sys::Fetched fetched = client.try_fetch(url, options);
            if (fetched.has_failed() || fetched.status != 200)
                throw base::Error(
                    base::Kind::Unavailable,
                    fetched.has_failed() ? fetched.message : fmt::format("サーバの応答が{}でした。", fetched.status));
            bytes = fetched.body;
            url = fetched.url;
        }
        items = visits::read_news(bytes, url);
    } catch (const base::Error& error) {
        problem = error.message();
        sys::log(sys::Level::Warning, "a watched source could not be read",
                 {{"source", due->url}, {"problem", problem}});
    }
    site.database->write([&](sys::Transaction& tx) {
        visits::note_fetch(tx, due->id, items, problem, now);
        visits::forget_found(tx, now - kKept);
    });
    return true;
}

}  // namespace flow
