// Sites for the benchmarks, made through the stores as the office would, and the time that one change takes.
//
//   bench_site make SITE CONTENT THEME   the pages of CONTENT (corpus.py --form html), the templates of THEME
//   bench_site grow SITE PAGES [URL]     the shipped theme and small pages in 64 sections, published; SQLite or URL
//   bench_site change SITE ROUNDS        one changed page live, with all that lists it: JSON with milliseconds
#include <ctime>
#include <fstream>
#include <iostream>
#include <numeric>

#include "flow/mark_changes.h"
#include "flow/publish_site.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/settings/settings.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "press/content/categories.h"
#include "press/content/store.h"
#include "press/publish/queue.h"

namespace {

namespace fs = std::filesystem;
using base::Instant;

constexpr std::size_t kPagesOfATransaction = 1000;

struct Source {
    std::string path, title, body, made_from = "article";
    std::vector<std::string> categories;
    Instant at;
};

std::string between(std::string_view text, std::string_view from, std::string_view to) {
    const auto begin = text.find(from);
    if (begin == std::string_view::npos) return {};
    const auto start = begin + from.size();
    return std::string(text.substr(start, text.find(to, start) - start));
}

flow::Site& made_site(const fs::path& folder, const base::Clock& clock, std::unique_ptr<flow::Site>& held,
                      const std::string& url = {}) {
    flow::NewSite made;
    made.folder = folder;
    made.database_url = url;
    if (!url.empty()) made.database_schema = "bench_" + base::to_hex(sys::random_bytes(6));
    made.name = "みほん市";
    flow::init_site(made, clock);
    held = flow::Site::open(folder, clock);
    return *held;
}

void set_section(sys::Transaction& tx, const std::string& path, const std::string& title, int list_size) {
    content::ensure_section(tx, path);
    const content::Section before = *content::find_section(tx, path);
    content::Section after = before;
    after.title = title;
    after.list_size = list_size;
    after.archive = content::Archive::ByCount;
    after.has_feed = true;
    content::change_section(tx, after);
    flow::mark_section_changed(tx, before, after, {});
}

void add_pages(flow::Site& site, const std::vector<Source>& sources) {
    for (std::size_t from = 0; from < sources.size(); from += kPagesOfATransaction)
        site.database->write([&](sys::Transaction& tx) {
            for (std::size_t i = from; i < std::min(sources.size(), from + kPagesOfATransaction); ++i) {
                const Source& source = sources[i];
                content::NewPage made;
                made.path = source.path;
                made.body.title = source.title;
                made.body.template_name = source.made_from;
                made.body.categories = source.categories;
                if (!source.body.empty()) made.body.parts["body"] = source.body;
                made.made_at = source.at;
                const content::Page page = content::add_page(tx, made);
                flow::change_live(tx, page.id, page.latest, source.at);
            }
        });
}

void make(const fs::path& folder, const fs::path& corpus, const fs::path& theme) {
    const base::SystemClock clock;
    std::unique_ptr<flow::Site> held;
    flow::Site& site = made_site(folder, clock, held);
    std::vector<Source> sources, indexes;
    std::vector<content::MenuItem> menu;
    std::map<std::string, std::string> sections;
    std::set<std::string> tags;
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(corpus))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
        const std::string text = sys::read_file(file);
        Source source;
        source.title = between(text, "title: \"", "\"\n");
        source.path = fs::relative(file, corpus).string();
        if (file.filename() == "_index.md") {
            const std::string section = source.path.substr(0, source.path.rfind('/') + 1);
            sections[section] = source.title;
            source.path = section + "index.html";
            source.made_from = "section";
            source.at = base::from_local({{2025, 1, 1}});
            indexes.push_back(std::move(source));
            continue;
        }
        source.at = base::from_local({*base::parse_day(between(text, "date: ", "\n"))});
        const std::string named = between(text, "tags: [", "]");
        for (const std::string_view tag : base::split(named, ',')) {
            // Names are ASCII: the tag's bytes in hexadecimal.
            source.categories.push_back(base::to_hex(base::trim(tag)));
            tags.emplace(base::trim(tag));
        }
        source.body = text.substr(text.find("---\n", 4) + 4);
        sources.push_back(std::move(source));
    }
    std::stable_sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.at < b.at; });
    for (const auto& [path, title] : sections) {
        const bool is_top = std::count(path.begin(), path.end(), '/') == 1;
        auto& level = is_top ? menu : menu.back().items;
        level.push_back({title, "/" + path, {}});
    }
    site.database->write([&](sys::Transaction& tx) {
        for (const std::string& tag : tags) content::add_category(tx, {base::to_hex(tag), tag, "", 0, 0});
        for (const auto& [path, title] : sections) set_section(tx, path, title, 10);
        const auto replace = [&](const std::string& name, content::TemplateKind kind, const std::string& source) {
            const auto known = content::find_template(tx, name);
            if (!known) {
                content::install_template(tx, {kind, name, name, true, source, {}, {}, {}});
                return;
            }
            const auto saved = content::save_template(tx, known->id, known->version, source, {1}, {});
            content::submit_template(tx, known->id, content::find_template(tx, name)->version, {1}, {});
            content::approve_template(tx, known->id, content::find_template(tx, name)->version, saved.hash, {2}, {});
        };
        replace("main", content::TemplateKind::Menu, content::write_menu(menu));
        for (const auto& [name, kind] :
             {std::pair("base", content::TemplateKind::Layout), std::pair("nav", content::TemplateKind::Part),
              std::pair("article", content::TemplateKind::Page), std::pair("section", content::TemplateKind::Page),
              std::pair("archive", content::TemplateKind::Page)})
            replace(name, kind, sys::read_file(theme / fmt::format("{}.html", name)));
    });
    add_pages(site, indexes);
    add_pages(site, sources);
    std::cout << fmt::format("{} pages, {} sections\n", sources.size(), sections.size());
}

void grow(const fs::path& folder, std::int64_t pages, const std::string& url) {
    const base::SystemClock clock;
    std::unique_ptr<flow::Site> held;
    flow::Site& site = made_site(folder, clock, held, url);
    std::vector<Source> sources{{"index.html", "みほん市", "<p>入口</p>", "home", {}, {}}};
    site.database->write([&](sys::Transaction& tx) {
        for (int i = 0; i < 64; ++i) set_section(tx, fmt::format("s{}/t{}/", i / 8, i), fmt::format("分野{}", i), 20);
    });
    for (int i = 0; i < 64; ++i)
        sources.push_back(
            {fmt::format("s{}/t{}/index.html", i / 8, i), fmt::format("分野{}", i), "", "section", {}, {}});
    const Instant start = base::from_local({{2024, 1, 1}});
    for (std::int64_t i = 0; i < pages; ++i) {
        Source source;
        source.path = fmt::format("s{}/t{}/p{}.html", i % 64 / 8, i % 64, i);
        source.title = fmt::format("手続きの案内 第{}号", i);
        source.body = fmt::format(
            "<h2>対象</h2><p>第{}号の対象となる方への案内です。</p><h2>方法</h2><p>窓口で受け付けます。</p><p><a "
            "href=\"p{}.html\">前の号</a> <a href=\"/s0/t0/p0.html\">はじめに</a></p>",
            i, std::max<std::int64_t>(i - 64, i % 64));
        source.at = start + std::chrono::minutes(i);
        sources.push_back(std::move(source));
    }
    add_pages(site, sources);
    const flow::Published published = flow::publish_site(site, {});
    std::cout << fmt::format("{} pages, {:.1f} s\n", published.pages, published.seconds);
}

double processor_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void change(const fs::path& folder, int rounds) {
    const base::SystemClock clock;
    const auto site = flow::Site::open(folder, clock);
    const auto press = flow::Press::find(*site);
    if (!press) throw base::Error(base::Kind::Conflict, "another press works on this site");
    press->publish({});
    std::vector<double> wall, processor;
    std::int64_t written = 0;
    const std::int64_t count = site->database->read([](sys::Reader& db) { return content::count_pages(db); });
    for (int round = 0; round < rounds; ++round) {
        // One of the newest, so that every list shows it: the dearest kind of change.
        const content::Page page = site->database->read([&](sys::Reader& db) {
            return content::load_page(db, content::list_newest(db, "tree:", 8)[static_cast<std::size_t>(round % 8)].id);
        });
        content::Body body =
            site->database->read([&](sys::Reader& db) { return content::load_revision(db, page.latest).body; });
        body.title = fmt::format("変更 {} の案内", round);
        const auto revision = site->database->write([&](sys::Transaction& tx) {
            return content::add_revision(tx, {page.id, body, {1}, clock.now(), page.latest, {}}).id;
        });
        const auto from = clock.monotonic();
        const double from_processor = processor_ms();
        site->database->write([&](sys::Transaction& tx) { flow::change_live(tx, page.id, revision, clock.now()); });
        const flow::Published published = press->publish({});
        wall.push_back(std::chrono::duration<double, std::milli>(clock.monotonic() - from).count());
        processor.push_back(processor_ms() - from_processor);
        written = published.written;
    }
    std::cout << fmt::format(
                     R"({{"pages":{},"files_changed":{},"wall_ms":{:.2f},"cpu_ms":{:.2f},"worst_wall_ms":{:.2f}}})",
                     count, written, median(wall), median(processor), *std::max_element(wall.begin(), wall.end()))
              << "\n";
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> asked(words + 1, words + count);
    try {
        if (asked.size() == 4 && asked[0] == "make")
            make(asked[1], asked[2], asked[3]);
        else if ((asked.size() == 3 || asked.size() == 4) && asked[0] == "grow")
            grow(asked[1], std::stoll(asked[2]), asked.size() == 4 ? asked[3] : std::string());
        else if (asked.size() == 3 && asked[0] == "change")
            change(asked[1], std::stoi(asked[2]));
        else {
            std::cerr << "usage: bench_site make SITE CONTENT THEME | grow SITE PAGES [URL] | change SITE ROUNDS\n";
            return 2;
        }
    } catch (const std::exception& problem) {
        std::cerr << problem.what() << "\n";
        return 2;
    }
    return 0;
}
