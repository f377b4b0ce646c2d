#include "press/intake/crawl.h"

#include <charconv>
#include <condition_variable>
#include <thread>

#include "ground/base/interrupted.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/http_client.h"
#include "press/intake/inner/frontier.h"
#include "press/intake/references.h"
#include "press/intake/spool.h"

namespace intake {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLargestRead = 32U << 20;  // of a page or style sheet that is looked through for links
constexpr int kMostHops = 20;

// Pauses towards another machine are real time, whatever clock the site is judged by.
using Ticks = std::chrono::steady_clock;

std::string charset_of(std::string_view content_type) {
    const std::string lower = base::to_lower(content_type);
    const auto at = lower.find("charset=");
    if (at == std::string::npos) return {};
    std::string_view value = base::trim(content_type.substr(at + 8));
    if (value.starts_with('"')) value = value.substr(1, value.find('"', 1) - 1);
    return std::string(value.substr(0, value.find_first_of("; ,")));
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" in nanoseconds; 0 when it is none.
std::int64_t read_http_date(std::string_view text) {
    constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto fields = base::split(base::trim(text), ' ');
    if (fields.size() != 6 || fields[1].size() != 2 || fields[3].size() != 4 || fields[4].size() != 8) return 0;
    const auto month = std::find(std::begin(kMonths), std::end(kMonths), fields[2]);
    if (month == std::end(kMonths)) return 0;
    const auto at = base::parse_utc(
        fmt::format("{}-{:02}-{}T{}.000Z", fields[3], month - std::begin(kMonths) + 1, fields[1], fields[4]));
    return at ? at->milliseconds * 1'000'000 : 0;
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// A page whose name does not say so: "about" is published as the folder "about/"; nothing for the answers of programs.
std::optional<std::string> page_path(const std::string& path) {
    if (base::is_page_path(path)) return path;
    if (path.find('.', path.rfind('/') == std::string::npos ? 0 : path.rfind('/')) != std::string::npos)
        return std::nullopt;
    return path + "/index.html";
}

class Crawler {
  public:
    Crawler(Address start, const std::filesystem::path& spool, const CrawlOptions& options)
        : start_(std::move(start)), options_(options), spool_(spool, start_.text()) {}

    Crawled run() {
        const Robots asked = read_robots();
        interval_ = std::max(options_.interval, std::min(options_.longest_delay, asked.delay()));
        frontier_ = std::make_unique<Frontier>(start_, options_.bounds, options_.link_depth,
                                               options_.ignores_robots ? Robots() : asked);
        frontier_->see(start_, "", 0, Seen::Link);
        const auto guess = [&](std::string_view name, Seen how) {
            if (const auto address = resolve(start_, name)) frontier_->see(*address, "", 0, how);
        };
        for (const std::string_view name : {"/robots.txt", "/favicon.ico"}) guess(name, Seen::Guess);
        if (const auto map = resolve(start_, "sitemap.xml")) frontier_->see(*map, "", 0, Seen::Guess);
        sitemap_guess_ = public_path(*resolve(start_, "sitemap.xml")).value_or("");
        for (const std::string& map : asked.sitemaps()) guess(map, Seen::Sitemap);

        std::vector<std::thread> workers;
        for (int i = 0; i < options_.parallel; ++i) workers.emplace_back([this] { work(); });
        watch();
        for (std::thread& worker : workers) worker.join();
        if (failure_) std::rethrow_exception(failure_);
        if (is_stopped_) throw base::Interrupted("the takeover was interrupted while the old site was read");
        return {conclude(), requests_};
    }

  private:
    /// Tells of progress and hears of Ctrl+C while the workers work.
    void watch() {
        std::unique_lock lock(mutex_);
        while (!is_over()) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            const std::int64_t done = frontier_->finished(), known = frontier_->known();
            lock.unlock();
            if (options_.progress) options_.progress(done, known);
            const bool stops = options_.is_stopped && options_.is_stopped();
            lock.lock();
            if (stops) is_stopped_ = true;
        }
        changed_.notify_all();
    }

    bool is_over() const { return is_stopped_ || failure_ || frontier_->finished() == frontier_->known(); }

    void work() {
        std::unique_lock lock(mutex_);
        while (!is_over()) {
            Goal* goal = frontier_->take();
            if (goal == nullptr) {
                changed_.wait(lock);
                continue;
            }
            const Goal copy = *goal;  // others may add addresses and referrers meanwhile
            lock.unlock();
            try {
                visit(*goal, copy);
            } catch (...) {
                lock.lock();
                if (!failure_) failure_ = std::current_exception();
                lock.unlock();
            }
            lock.lock();
            changed_.notify_all();
        }
        changed_.notify_all();
    }

    void visit(Goal& goal, const Goal& copy) {
        std::optional<Spooled> finished = copy.tried == 0 ? spool_.find(copy.path) : std::nullopt;
        if (!finished) {
            auto [fetched, reason] = fetch(copy);
            if (is_stopped_) return;
            if (!fetched) {
                const std::lock_guard lock(mutex_);
                frontier_->fail(goal, reason);
                return;
            }
            finished = std::move(fetched);
        }
        switch (finished->what) {
            case Spooled::What::File:
                return take_file(goal, copy, *finished);
            case Spooled::What::Redirect:
                return take_redirect(goal, copy, *finished);
            case Spooled::What::Missing: {
                const std::lock_guard lock(mutex_);
                frontier_->fail(goal, fmt::format("the server answers {}", finished->status));
                return;
            }
        }
    }

    void take_file(Goal& goal, const Goal& copy, const Spooled& file) {
        const Form form = form_of(file.content_type, copy.path, copy.is_sitemap || copy.path == sitemap_guess_);
        const auto path = form == Form::Html ? page_path(copy.path) : copy.path;
        References found;
        if (form != Form::Other && static_cast<std::size_t>(file.size) <= kLargestRead && path)
            found = find_references(sys::read_file(spool_.file(file.number)), form, charset_of(file.content_type));
        Address base = parse_address(file.address).value_or(copy.address());
        if (!found.base_href.empty()) base = resolve(base, found.base_href).value_or(base);

        const std::lock_guard lock(mutex_);
        if (!path) return frontier_->fail(goal, "a page that a program makes: its name is not a page's (.html)");
        total_ += file.size;
        if (total_ > options_.bounds.largest_total)
            throw Error(
                Kind::BadInput,
                fmt::format("{} holds more bytes than takeover.largest_total_gb allows; raise it in yakuba.toml",
                            start_.text()));
        for (const std::string& reference : found.pages)
            if (auto address = resolve(base, reference))
                frontier_->see(std::move(*address), copy.path, copy.distance + 1, Seen::Link);
        for (const std::string& reference : found.sitemaps)
            if (auto address = resolve(base, reference))
                frontier_->see(std::move(*address), copy.path, copy.distance + 1, Seen::Sitemap);
        items_.push_back(
            {*path, spool_.file(file.number), file.size, 0644, file.changed_at, charset_of(file.content_type), {}});
        frontier_->finish(goal);
    }

    void take_redirect(Goal& goal, const Goal& copy, const Spooled& redirect) {
        const Address base = parse_address(redirect.address).value_or(copy.address());
        const auto to = resolve(base, redirect.location);
        const std::lock_guard lock(mutex_);
        if (!to) return frontier_->fail(goal, fmt::format("leads to {}, which is no web address", redirect.location));
        const auto path = to->origin() == start_.origin() ? public_path(*to) : std::nullopt;
        if (path == copy.path) {
            // "/" that leads to "/index.html", or the other way round: one file on the new site.
            if (!frontier_->go_on_at(goal, *to)) frontier_->fail(goal, "a redirect that leads to itself");
            return;
        }
        if (frontier_->is_inside(*to)) frontier_->see(*to, copy.path, copy.distance + 1, Seen::Link);
        // A folder without its slash: the new server adds the slash by itself.
        if (path != copy.path + "/index.html")
            redirects_[copy.path] = {redirect.status == 301 || redirect.status == 308 ? 301 : 302, *to};
        frontier_->finish(goal);
    }

    struct Got {
        std::optional<Spooled> finished;
        std::string reason;
    };

    Got fetch(const Goal& goal) {
        auto wait = options_.first_wait;
        for (int attempt = 1;; ++attempt, wait *= 2) {
            if (!await_turn()) return {};
            Spooled one;
            one.path = goal.path;
            one.address = goal.address().text();
            one.number = spool_.next_number();
            sys::make_folders(spool_.file(one.number).parent_path(), 0750);
            sys::StagedFile file(spool_.file(one.number), spool_.staging(), 0640);
            sys::Hasher hasher;
            sys::FetchOptions request = request_options();
            request.sink = [&](std::string_view piece) {
                file.write(piece);
                hasher.add(piece);
                one.size += static_cast<std::int64_t>(piece.size());
                return !is_stopped_.load();
            };
            const sys::Fetched got = client_.try_fetch(one.address, request);
            if (is_stopped_) return {};
            one.status = got.status;
            one.hash = hasher.finish();
            const bool is_busy = got.status == 429 || got.status == 503;
            if (!got.has_failed() && !is_busy) return keep(std::move(one), got, file);
            if (got.failure == sys::FetchFailure::TooLarge)
                return {{}, fmt::format("more bytes than takeover.largest_file_mb allows")};
            if (attempt >= options_.attempts) return give_up(goal, got);
            pause(is_busy ? retry_after(got).value_or(wait) : wait);
        }
    }

    Got keep(Spooled one, const sys::Fetched& got, sys::StagedFile& file) {
        one.content_type = std::string(got.find_header("content-type").value_or(""));
        if (got.status == 200) {
            const auto coding = got.find_header("content-encoding");
            if (coding && !base::equals_ignoring_case(*coding, "identity"))
                return {{}, fmt::format("the server sends it packed ({}) although it was not asked to", *coding)};
            one.what = Spooled::What::File;
            one.changed_at = read_http_date(got.find_header("last-modified").value_or(""));
            file.commit(sys::Durability::Later);
        } else if (is_redirect(got.status) && got.find_header("location")) {
            one.what = Spooled::What::Redirect;
            one.location = base::to_valid_utf8(*got.find_header("location"));
        } else if (got.status >= 500) {
            return {{}, fmt::format("the server answers {}", got.status)};  // asked again by the next call
        }
        spool_.add(one);
        return {std::move(one), {}};
    }

    /// A server that is away is no reason to take half a site over; a single answer that does not come is.
    Got give_up(const Goal& goal, const sys::Fetched& got) {
        using sys::FetchFailure;
        if (got.failure == FetchFailure::Connect || got.failure == FetchFailure::Name ||
            got.failure == FetchFailure::Tls)
            throw Error(Kind::Unavailable, fmt::format("{}; the same command goes on from here", got.message));
        if (!got.has_failed()) return {{}, fmt::format("the server answers {}", got.status)};
        if (got.failure == FetchFailure::Timeout) return {{}, "no whole answer in time"};
        return {{}, fmt::format("the answer breaks off ({})", goal.address().text())};
    }

    std::optional<std::chrono::milliseconds> retry_after(const sys::Fetched& got) const {
        const auto said = got.find_header("retry-after");
        std::int64_t seconds = 0;
        if (!said || std::from_chars(said->data(), said->data() + said->size(), seconds).ec != std::errc() ||
            seconds < 0)
            return std::nullopt;
        return std::min<std::chrono::milliseconds>(options_.longest_wait,
                                                   std::chrono::seconds(std::min<std::int64_t>(seconds, 1 << 20)));
    }

    /// Until this worker may send the next request; false when the crawl ends before.
    bool await_turn() {
        std::unique_lock lock(mutex_);
        const auto turn = std::max(Ticks::now(), next_turn_);
        next_turn_ = turn + interval_;
        while (Ticks::now() < turn && !is_stopped_ && !failure_)
            changed_.wait_until(lock, std::min(turn, Ticks::now() + std::chrono::milliseconds(100)));
        ++requests_;
        return !is_stopped_ && !failure_;
    }

    void pause(std::chrono::milliseconds how_long) {
        const std::lock_guard lock(mutex_);
        next_turn_ = std::max(next_turn_, Ticks::now() + std::min(how_long, options_.longest_wait));
    }

    sys::FetchOptions request_options() const {
        sys::FetchOptions request;
        request.patience = options_.patience;
        request.size_limit = static_cast<std::size_t>(options_.bounds.largest_file);
        request.resolve = options_.resolve;
        request.ca_file = options_.ca_file;
        request.user_agent = options_.agent + " (takeover of a site by its owner)";
        return request;
    }

    Robots read_robots() {
        const auto address = resolve(start_, "/robots.txt");
        sys::FetchOptions request = request_options();
        request.redirects = 5;
        request.size_limit = 16U << 20;
        request.patience = std::min<std::chrono::milliseconds>(options_.patience, std::chrono::seconds(60));
        const sys::Fetched got = client_.try_fetch(address->text(), request);
        ++requests_;
        if (got.has_failed())
            throw Error(Kind::Unavailable,
                        fmt::format("{}; look whether the address is right and the server is up", got.message));
        // RFC 9309 section 2.3.1: missing means that everything is allowed, a faulty server that nothing is.
        if (got.status >= 500 && !options_.ignores_robots)
            throw Error(Kind::Unavailable,
                        fmt::format("{} answers {}, so it is not known what may be read; try later, or say "
                                    "--ignore-robots if the site is yours",
                                    address->text(), got.status));
        return got.status == 200 ? Robots(got.body, base::to_lower(options_.agent)) : Robots();
    }

    Survey conclude() {
        Survey survey;
        survey.items = std::move(items_);
        frontier_->append_skipped(survey.skipped);
        if (survey.items.empty()) {
            const auto led = redirects_.begin();
            if (led != redirects_.end())
                throw Error(Kind::BadInput,
                            fmt::format("{} leads to {}; name that address", start_.text(), led->second.to.text()));
            const Goal* first = frontier_->find(public_path(start_).value_or(""));
            std::string why = first != nullptr ? first->failure : "";
            if (why.empty() && !survey.skipped.empty()) why = survey.skipped.front().reason;
            throw Error(Kind::NotFound, fmt::format("nothing can be taken from {}: {}", start_.text(), why));
        }
        drop_doubles(survey);
        drop_collisions(survey);
        add_redirects(survey);
        std::sort(survey.skipped.begin(), survey.skipped.end(), [](const Skipped& a, const Skipped& b) {
            return std::tie(a.path, a.address) < std::tie(b.path, b.address);
        });
        return survey;
    }

    /// "/about" and "/about/" may both be pages, and are one file.
    static void drop_doubles(Survey& survey) {
        std::sort(survey.items.begin(), survey.items.end(),
                  [](const Item& a, const Item& b) { return std::tie(a.path, a.file) < std::tie(b.path, b.file); });
        const auto end = std::unique(survey.items.begin(), survey.items.end(),
                                     [](const Item& a, const Item& b) { return a.path == b.path; });
        survey.items.erase(end, survey.items.end());
    }

    void add_redirects(Survey& survey) {
        std::set<std::string> taken;
        for (const Item& item : survey.items)
            for (auto slash = item.path.find('/');; slash = item.path.find('/', slash + 1)) {
                taken.insert(item.path.substr(0, slash));
                if (slash == std::string::npos) break;
            }
        for (const auto& [path, redirect] : redirects_) {
            const Goal* goal = frontier_->find(path);
            const auto skip = [&survey, &path = path, goal](std::string reason) {
                survey.skipped.push_back({path, std::move(reason), goal->address().text(), goal->linked_from});
            };
            if (taken.contains(path)) {
                skip(fmt::format("leads to {}, but is a file or folder too", redirect.to.text()));
            } else if (const auto fault = find_chain_fault(path)) {
                skip(*fault);
            } else {
                const bool is_ours = redirect.to.origin() == start_.origin();
                const std::string location = redirect.to.path + (redirect.to.has_query ? "?" + redirect.to.query : "");
                survey.redirects.push_back({path, redirect.status, is_ours ? location : redirect.to.text()});
            }
        }
    }

    /// A redirect is worth keeping when it arrives somewhere.
    std::optional<std::string> find_chain_fault(const std::string& from) const {
        std::string path = from;
        for (int hop = 0; hop < kMostHops; ++hop) {
            const auto found = redirects_.find(path);
            if (found == redirects_.end()) {
                const Goal* goal = frontier_->find(path);
                if (goal != nullptr && goal->failure.empty()) return std::nullopt;
                return fmt::format("leads to /{}, which could not be taken", path);
            }
            if (!frontier_->is_inside(found->second.to)) return std::nullopt;
            path = public_path(found->second.to).value_or("");
        }
        return "a redirect that never arrives";
    }

    struct Led {
        int status = 301;
        Address to;
    };

    Address start_;
    const CrawlOptions& options_;
    Spool spool_;
    sys::HttpClient client_;
    std::chrono::milliseconds interval_{0};
    std::string sitemap_guess_;
    std::atomic<bool> is_stopped_{false};

    std::mutex mutex_;  ///< guards what follows
    std::condition_variable changed_;
    std::unique_ptr<Frontier> frontier_;
    std::vector<Item> items_;
    std::map<std::string, Led> redirects_;
    std::exception_ptr failure_;
    Ticks::time_point next_turn_{};
    std::int64_t total_ = 0;
    std::int64_t requests_ = 0;
};

}  // namespace

bool is_web_address(std::string_view source) {
    const std::string lower = base::to_lower(source.substr(0, 8));
    return lower.starts_with("http://") || lower.starts_with("https://");
}

Crawled crawl(std::string_view source, const std::filesystem::path& spool, const CrawlOptions& options) {
    const auto start = parse_address(source);
    if (!start)
        throw Error(Kind::BadInput, fmt::format("{} is no web address such as https://www.city.example.jp/", source));
    if (start->has_query) throw Error(Kind::BadInput, fmt::format("{} has a query; name a page or a folder", source));
    return Crawler(*start, spool, options).run();
}

}  // namespace intake
