#include "flow/map_metadata.h"

#include <charconv>

#include "flow/mark_changes.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/encoding.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "press/content/categories.h"
#include "press/content/store.h"
#include "press/intake/address.h"
#include "press/publish/queue.h"
#include "press/workflow/store.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLargest = 64U << 20;
constexpr std::size_t kMostLines = 200'000;
constexpr std::size_t kLongestText = 2000;  // characters

enum Column : std::size_t { kPath, kTitle, kDepartment, kTakeDown, kCategory, kDescription, kColumns };
/// The first is the one that is told; the screens' own word is known too.
constexpr std::string_view kNames[kColumns][3] = {
    {"path", "パス", "場所"},         {"title", "タイトル", "題名"},
    {"department", "担当課", "部署"}, {"take_down", "公開終了日", "公開終了"},
    {"category", "カテゴリ", "分類"}, {"description", "説明", "説明"}};

/// Ends one line; inside this file only.
struct LineFault {
    Column column;
    std::string reason;
};

std::string read_text(std::string_view csv) {
    if (csv.size() > kLargest) throw Error(Kind::BadInput, "the table is larger than 64 MB; split it");
    if (base::is_utf8(csv)) return std::string(csv);
    html::Decoded decoded = html::decode(csv, html::Encoding::ShiftJis);
    if (decoded.replaced > 0)
        throw Error(Kind::BadInput, "the table is neither UTF-8 nor CP932 (Shift_JIS); save it as \"CSV UTF-8\"");
    return std::move(decoded.utf8);
}

struct Headings {
    std::array<std::optional<std::size_t>, kColumns> places;
    std::vector<std::string> unknown;
};

Headings read_headings(const base::CsvTable& table) {
    Headings found;
    if (table.records.empty()) throw Error(Kind::BadInput, "the table is empty");
    const auto& cells = table.records.front().cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string heading = base::to_lower(base::trim(cells[i]));
        const auto* const names = std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& each) {
            return std::find(std::begin(each), std::end(each), heading) != std::end(each);
        });
        if (names == std::end(kNames)) {
            if (!heading.empty()) found.unknown.emplace_back(base::trim(cells[i]));
            continue;
        }
        auto& place = found.places[static_cast<std::size_t>(names - std::begin(kNames))];
        if (place) throw Error(Kind::BadInput, fmt::format("the column {} occurs twice", cells[i]));
        place = i;
    }
    if (!found.places[kPath]) throw Error(Kind::BadInput, "the first line has no column パス (path)");
    return found;
}

/// "2027/4/1 9:00" as parse_instant wants it.
std::string with_zeros(std::string_view text) {
    std::string kept, digits;
    const auto flush = [&] {
        kept += digits.size() == 1 ? "0" + digits : digits;
        digits.clear();
    };
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digits += c;
            continue;
        }
        flush();
        kept += c == '/' ? '-' : c;
    }
    flush();
    return kept;
}

/// Several in one cell: "くらし;手続き", full-width too.
std::vector<std::string> split_names(std::string cell) {
    for (const std::string_view wide : {"；", "、"})
        for (auto at = cell.find(wide); at != std::string::npos; at = cell.find(wide))
            cell.replace(at, wide.size(), ";");
    std::replace(cell.begin(), cell.end(), '\n', ';');
    std::vector<std::string> names;
    for (const std::string_view part : base::split(cell, ';'))
        if (const auto name = base::trim(part); !name.empty()) names.emplace_back(name);
    return names;
}

/// Things that a cell may call by an identifier or by their title.
template <class Id>
class Names {
  public:
    void add(std::string name, const Id& id) {
        const auto [found, is_new] = by_name_.emplace(std::move(name), id);
        if (!is_new && !(found->second == id)) twice_.insert(found->first);
    }
    const Id& load(Column column, const std::string& name) const {
        if (twice_.contains(name))
            throw LineFault{column, fmt::format("{} is the name of several; use the code", name)};
        const auto found = by_name_.find(name);
        if (found != by_name_.end()) return found->second;
        std::vector<std::string_view> known;
        for (const auto& [one, id] : by_name_) known.push_back(one);
        const auto nearest = base::find_nearest(name, known);
        throw LineFault{column, fmt::format("there is no {}{}", name,
                                            nearest ? fmt::format("; the nearest is {}", *nearest) : std::string())};
    }

  private:
    std::map<std::string, Id> by_name_;
    std::set<std::string> twice_;
};

struct Known {
    Names<std::int64_t> departments;
    Names<std::string> categories;
};

void add_categories(sys::Reader& db, Names<std::string>& to, std::string_view parent) {
    for (const content::Category& one : content::list_categories(db, parent)) {
        to.add(one.name, one.name);
        if (one.title != one.name) to.add(one.title, one.name);
        add_categories(db, to, one.name);
    }
}

Known load_known(sys::Reader& db, base::Instant now) {
    Known known;
    for (const people::Department& one : people::list_departments(db, base::local_day(now))) {
        known.departments.add(one.code, one.id.value);
        if (one.name != one.code) known.departments.add(one.name, one.id.value);
    }
    add_categories(db, known.categories, "");
    return known;
}

/// What a line makes of its page.
struct Wish {
    content::Page page;
    content::Body body;
    bool has_new_body = false;
    std::optional<base::DepartmentId> department;
    std::optional<workflow::Standing> standing;
    bool is_change() const { return has_new_body || department || standing; }
};

class LineReader {
  public:
    LineReader(sys::Reader& db, const Headings& headings, const Known& known, base::Instant now)
        : db_(db), headings_(headings), known_(known), now_(now) {}

    Wish read(const base::CsvRecord& record) {
        record_ = &record;
        Wish wish{load_page(), {}, false, {}, {}};
        const content::Revision live = content::load_revision(db_, wish.page.live);
        wish.body = live.body;
        if (const auto text = words(kTitle)) wish.body.title = *text;
        if (const auto text = words(kDescription)) wish.body.description = *text;
        if (const auto text = cell(kCategory)) {
            wish.body.categories.clear();
            for (const std::string& name : split_names(*text)) {
                const std::string& id = known_.categories.load(kCategory, name);
                auto& all = wish.body.categories;
                if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
            }
        }
        wish.has_new_body = !(wish.body == live.body);
        if (const auto text = cell(kDepartment)) {
            const base::DepartmentId department{known_.departments.load(kDepartment, *text)};
            if (department != wish.page.department) wish.department = department;
        }
        if (const auto text = cell(kTakeDown)) {
            workflow::Standing standing = workflow::find_standing(db_, wish.page.id);
            const base::Instant until = read_end(*text);
            if (standing.live_until != until) {
                standing.live_until = until;
                wish.standing = standing;
            }
        }
        return wish;
    }

  private:
    std::optional<std::string> cell(Column column) const {
        const auto place = headings_.places[column];
        if (!place || *place >= record_->cells.size()) return std::nullopt;
        const std::string_view text = base::trim(record_->cells[*place]);
        if (text.empty()) return std::nullopt;
        return std::string(text);
    }
    std::optional<std::string> words(Column column) const {
        auto text = cell(column);
        if (!text) return text;
        if (base::count_code_points(*text) > kLongestText)
            throw LineFault{column, fmt::format("has more than {} characters", kLongestText)};
        for (char& c : *text)
            if (static_cast<unsigned char>(c) < ' ') c = ' ';
        return text;
    }
    content::Page load_page() {
        const auto given = cell(kPath);
        if (!given) throw LineFault{kPath, "is empty"};
        static const intake::Address kRoot = *intake::parse_address("http://site/");
        const auto address = intake::resolve(kRoot, *given);
        const auto path = address ? intake::public_path(*address) : std::optional<std::string>();
        const auto page = path ? content::find_page(db_, base::percent_encode(*path)) : std::optional<content::Page>();
        if (!page) throw LineFault{kPath, fmt::format("there is no page {}", *given)};
        if (!seen_.insert(page->id.value).second) throw LineFault{kPath, fmt::format("{} has a line already", *given)};
        if (page->kind != content::PageKind::TakenOver)
            throw LineFault{kPath, fmt::format("{} was made here; change it in the office", *given)};
        const auto standing = workflow::find_standing(db_, page->id);
        if (!page->live || page->live != page->latest || standing.state != workflow::State::None)
            throw LineFault{kPath, fmt::format("{} is being changed in the office; finish that first", *given)};
        return *page;
    }
    /// A day without a time is the last one on which the page is public.
    base::Instant read_end(const std::string& text) const {
        const std::string form = with_zeros(text);
        auto until = base::parse_instant(form);
        if (!until)
            throw LineFault{kTakeDown, fmt::format("{} is no date such as 2027-03-31 or 2027-03-31 17:00", text)};
        if (base::parse_day(form)) until = *until + std::chrono::hours(24);
        if (*until <= now_) throw LineFault{kTakeDown, fmt::format("{} is past; withdraw the page instead", text)};
        return *until;
    }

    sys::Reader& db_;
    const Headings& headings_;
    const Known& known_;
    base::Instant now_;
    const base::CsvRecord* record_ = nullptr;
    std::set<std::int64_t> seen_;
};

void apply(sys::Transaction& tx, const Wish& wish, const MetadataOptions& options, base::Instant now) {
    if (wish.department) content::set_department(tx, wish.page.id, *wish.department);
    if (wish.standing) workflow::set_standing(tx, *wish.standing, now);
    if (wish.has_new_body) {
        const content::Revision made = content::add_revision(
            tx, {wish.page.id, wish.body, options.author, now, wish.page.latest, "ページ情報の一括登録"});
        change_live(tx, wish.page.id, made.id, now);
    } else if (wish.department) {
        publish::mark_dirty(tx, fmt::format("page:{}", wish.page.id.value), now);
    }
}

}  // namespace

MetadataMapped map_metadata(Site& site, std::string_view csv, const MetadataOptions& options) {
    const base::CsvTable table = base::parse_csv(read_text(csv));
    Headings headings = read_headings(table);
    if (table.records.size() > kMostLines)
        throw Error(Kind::BadInput, fmt::format("the table has more than {} lines; split it", kMostLines));
    if (table.broken_line)
        throw Error(Kind::BadInput, fmt::format("line {}: a quoted cell does not end", *table.broken_line));
    const base::Instant now = site.clock.now();
    return site.database->write([&](sys::Transaction& tx) {
        MetadataMapped mapped;
        mapped.unknown_columns = headings.unknown;
        const Known known = load_known(tx, now);
        LineReader reader(tx, headings, known, now);
        std::vector<Wish> wishes;
        for (const base::CsvRecord& record : std::span(table.records).subspan(1)) {
            ++mapped.lines;
            try {
                Wish wish = reader.read(record);
                ++(wish.is_change() ? mapped.changed : mapped.same);
                if (wish.is_change()) wishes.push_back(std::move(wish));
            } catch (const LineFault& fault) {
                mapped.faults.push_back({record.line, std::string(kNames[fault.column][0]), fault.reason});
            }
        }
        mapped.is_done = mapped.faults.empty() || options.skips_bad;
        if (!mapped.is_done || options.is_dry_run || wishes.empty()) return mapped;
        for (const Wish& wish : wishes) apply(tx, wish, options, now);
        ledger::append(tx, {now, options.by, "page.metadata", "",
                            fmt::format(R"({{"lines":{},"changed":{},"same":{},"skipped":{}}})", mapped.lines,
                                        mapped.changed, mapped.same, mapped.faults.size())});
        return mapped;
    });
}

}  // namespace flow
