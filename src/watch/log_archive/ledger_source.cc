#include <charconv>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "watch/log_archive/source.h"

namespace log_archive {

namespace {

constexpr std::int64_t kAtOnce = 1000;

std::int64_t number_of(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// A line that is damaged is for whoever reads the log to see, too.
bool is_wanted_line(const std::function<bool(const ledger::Line&)>& is_wanted, std::string_view line) {
    try {
        return is_wanted(ledger::parse_line(line));
    } catch (const base::Error&) {
        return true;
    }
}

}  // namespace

Source ledger_source(sys::Database& database, std::string stream, std::function<bool(const ledger::Line&)> is_wanted) {
    return [&database, stream = std::move(stream), is_wanted = std::move(is_wanted)](
               const std::string& position, const TakeLine& take, std::size_t most) {
        std::int64_t last = number_of(position);
        std::size_t bytes = 0;
        bool is_more = true;
        database.read([&](sys::Reader& db) {
            while (is_more && bytes < most) {
                std::int64_t lines = 0;
                ledger::export_lines(db, stream, last + 1, last + kAtOnce, [&](std::string_view line) {
                    line.remove_suffix(1);
                    ++lines;
                    bytes += line.size();
                    if (!is_wanted || is_wanted_line(is_wanted, line)) take(line);
                });
                last += lines;
                is_more = lines == kAtOnce;
            }
        });
        return Taken{.position = std::to_string(last), .is_missing = false, .is_more = is_more, .problem = {}};
    };
}

Source both(Source first, Source second) {
    return [first = std::move(first), second = std::move(second)](const std::string& position, const TakeLine& take,
                                                                  std::size_t most) {
        const auto middle = position.find('|');
        const std::string of_second = middle == position.npos ? "" : position.substr(middle + 1);
        Taken one = first(position.substr(0, middle), take, most);
        Taken two = second(of_second, take, most);
        one.position += "|" + two.position;
        one.is_more = one.is_more || two.is_more;
        one.is_missing = one.is_missing && two.is_missing;
        if (one.problem.empty()) one.problem = two.problem;
        return one;
    };
}

}  // namespace log_archive
