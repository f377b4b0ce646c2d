#include "flow/cutover_plan.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <unordered_map>

#include "ground/base/error.h"
#include "ground/base/interrupted.h"
#include "ground/base/text.h"
#include "ground/dns/ask.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "press/intake/crawl.h"
#include "watch/logs/access_line.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLongestLine = 16U << 10;
constexpr std::chrono::milliseconds kDnsPatience{3'000};
constexpr std::chrono::seconds kDnsWhole{60};  // for all questions of one plan

class Gathering {
  public:
    explicit Gathering(const CutoverSources& sources) : sources_(sources) {}

    void read_list(const std::filesystem::path& file) {
        each_line(file, [&](std::string_view line) {
            line = base::trim(line);
            if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
            if (line.empty() || line.starts_with('#')) return;
            add(line, 0);
        });
    }

    void read_log(const std::filesystem::path& file) {
        each_line(file, [&](std::string_view line) {
            const auto access = logs::read_access_line(line);
            if (!access) {
                ++found_.unreadable;
                return;
            }
            // What the old server did not have is no page of it.
            if ((access->method != "GET" && access->method != "HEAD") || access->status < 200 || access->status >= 400)
                return;
            add(sources_.with_queries ? access->target : access->target.substr(0, access->target.find('?')), 1);
        });
    }

    void crawl(const std::filesystem::path& spools) {
        if (!intake::is_web_address(sources_.crawl))
            throw Error(Kind::BadInput, "--crawl は http:// か https:// で始まるアドレスにしてください。");
        intake::CrawlOptions options;
        options.progress = sources_.progress;
        options.is_stopped = sources_.is_stopped;
        options.ignores_robots = sources_.ignores_robots;
        const std::string start = start_of_crawl(options);
        // Of its own for each start: what a crawl of another one has left is not in the way.
        const std::filesystem::path spool =
            spools / ("cutover-crawl-" + sys::sha256(start + base::join(options.resolve, " ")).hex().substr(0, 16));
        const intake::Crawled crawled = intake::crawl(start, spool, options);
        for (const auto& skipped : crawled.survey.skipped)
            if (skipped.reason.starts_with("robots.txt")) ++found_.kept_out;
        const auto take = [&](const std::string& path) {
            std::string_view shown = path;
            if (shown == "index.html" || shown.ends_with("/index.html")) shown.remove_suffix(10);
            add("/" + base::percent_encode(shown), 0);
        };
        for (const auto& item : crawled.survey.items) take(item.path);
        for (const auto& redirect : crawled.survey.redirects) take(redirect.path);
        std::filesystem::remove_all(spool);
    }

    CutoverPaths finish() {
        found_.paths.reserve(hits_.size());
        for (auto& [path, hits] : hits_) found_.paths.push_back({path, hits});
        std::sort(found_.paths.begin(), found_.paths.end(),
                  [](const auto& a, const auto& b) { return a.hits != b.hits ? a.hits > b.hits : a.path < b.path; });
        return std::move(found_);
    }

  private:
    /// The old server's own address for a name of the plan's; any other address as it is.
    std::string start_of_crawl(intake::CrawlOptions& options) const {
        const cutover::Plan& plan = sources_.plan;
        const auto address = intake::parse_address(sources_.crawl);
        if (!address || std::find(plan.names.begin(), plan.names.end(), address->host) == plan.names.end())
            return sources_.crawl;
        for (const std::string& name : plan.names) options.resolve.push_back(plan.old_server.resolve(name));
        options.ca_file = plan.ca_file;
        return plan.old_server.url(address->host, address->path);
    }

    void add(std::string_view text, std::int64_t hits) {
        const auto path = cutover::plain_listed(text);
        if (!path) {
            ++found_.unreadable;
            return;
        }
        hits_[*path] += hits;
        if (hits_.size() > cutover::kMostPaths)
            throw Error(
                Kind::BadInput,
                fmt::format("ページが{}件を超えています。一覧を分けるか、問合せ文字列（?以降）を除いてください。",
                            cutover::kMostPaths));
    }

    void each_line(const std::filesystem::path& file, const std::function<void(std::string_view)>& take) {
        std::ifstream in(file, std::ios::binary);
        if (!in) throw Error(Kind::NotFound, fmt::format("{} を開けません。", file.string()));
        std::string line(kLongestLine, '\0');
        for (;;) {
            in.getline(line.data(), static_cast<std::streamsize>(line.size()));
            const auto got = static_cast<std::size_t>(in.gcount());
            if (got == 0 && !in) break;
            const bool is_too_long = in.fail() && !in.eof();
            if (is_too_long) {
                in.clear();
                in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
                ++found_.unreadable;
            } else {
                std::string_view text(line.data(), got - (in.eof() ? 0 : 1));
                if (text.ends_with('\r')) text.remove_suffix(1);
                take(text);
            }
            ++found_.lines;
            if (found_.lines % 4096 == 0) {
                if (sources_.is_stopped && sources_.is_stopped())
                    throw base::Interrupted("reading the old server's paths was interrupted");
                if (sources_.progress) sources_.progress(found_.lines, 0);
            }
        }
    }

    const CutoverSources& sources_;
    CutoverPaths found_;
    std::unordered_map<std::string, std::int64_t> hits_;
};

}  // namespace

CutoverPaths gather_cutover_paths(const CutoverSources& sources, const std::filesystem::path& spools) {
    Gathering gathering(sources);
    for (const auto& file : sources.lists) gathering.read_list(file);
    for (const auto& file : sources.access_logs) gathering.read_log(file);
    if (!sources.crawl.empty()) gathering.crawl(spools);
    return gathering.finish();
}

std::string name_server_of(const cutover::Plan& plan) {
    return plan.name_server.empty() ? dns::first_server(sys::find_file("/etc/resolv.conf", 1 << 20).value_or(""))
                                    : plan.name_server;
}

AskedRecords ask_records(const std::vector<std::string>& names, const std::string& name_server) {
    AskedRecords asked;
    const auto until = std::chrono::steady_clock::now() + kDnsWhole;
    const auto ask = [&](const std::string& name, dns::Type type) {
        if (asked.is_cut) return;
        const auto left = std::chrono::floor<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            asked.is_cut = true;
            asked.problems.push_back(fmt::format("{}の答えが遅いため、レコードを確かめきれません。", name_server));
            return;
        }
        const auto got = dns::ask(name_server, name, type, std::min(left, kDnsPatience));
        if (!got.answer || (got.answer->code != 0 && got.answer->code != 3)) {
            asked.problems.push_back(fmt::format("{}の{}を{}に尋ねられません（{}）。", name, dns::type_name(type),
                                                 name_server,
                                                 got.answer ? dns::code_wording(got.answer->code) : got.problem));
            return;
        }
        cutover::RecordSet set{name, type, {}, 0};
        for (const dns::Record& record : got.answer->records)
            // Of a CNAME's target are the addresses; they are not the name's own.
            if (record.type == type && record.name == name) {
                set.data.push_back(record.data);
                set.ttl = std::max(set.ttl, record.ttl);
            }
        if (cutover::is_changed_by_switch(type) && !set.data.empty() && !got.answer->is_authoritative)
            asked.is_cached = true;
        std::sort(set.data.begin(), set.data.end());
        asked.sets.push_back(std::move(set));
    };
    std::set<std::string> zones;
    for (const std::string& name : names) {
        for (const dns::Type type : {dns::Type::A, dns::Type::Aaaa, dns::Type::Cname}) {
            ask(name, type);
            if (asked.problems.size() >= 3 && asked.sets.empty()) return asked;  // nobody is there
        }
        zones.insert({name, cutover::parent_name(name)});
    }
    for (const std::string& zone : zones)
        for (const dns::Type type : {dns::Type::Mx, dns::Type::Txt, dns::Type::Caa, dns::Type::Ns}) ask(zone, type);
    return asked;
}

cutover::Plan make_cutover_plan(sys::Database& watch, cutover::Plan plan, std::vector<cutover::Listed> paths,
                                const cutover::By& by) {
    cutover::check_plan(plan);
    const std::string server = name_server_of(plan);
    AskedRecords asked = ask_records(plan.names, server);
    if (asked.sets.empty() || asked.is_cut)
        throw Error(Kind::Unavailable, "名前のレコードを確かめられません。ネームサーバを指定してください。" +
                                           (asked.problems.empty() ? "" : asked.problems.front()));
    plan.before = std::move(asked.sets);
    plan.are_ttls_cached = asked.is_cached;
    if (paths.empty()) paths = watch.read([](sys::Reader& db) { return cutover::list_paths(db); });
    if (paths.empty())
        throw Error(Kind::BadInput,
                    "旧サーバのページの一覧がありません。一覧かアクセス記録を渡すか、巡回してください。");
    plan.version = watch.write([&](sys::Transaction& tx) {
        const std::int64_t version = cutover::add_plan(tx, plan, paths, by);
        for (const cutover::RecordSet& set : plan.before)
            if (cutover::is_changed_by_switch(set.type) && !plan.are_ttls_cached) cutover::note_ttl(tx, set, by.at);
        return version;
    });
    plan.made_at = by.at;
    plan.made_by = by.who;
    return plan;
}

}  // namespace flow
