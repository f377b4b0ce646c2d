// The append-only record of who did what and when. The room that changes a thing appends the line in the same
// transaction; nothing here changes or deletes one. Each stream ("office", "watch") is a hash chain of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/ledger/line.h"
#include "ground/sys/database.h"

namespace ledger {

constexpr std::string_view kOffice = "office";
constexpr std::string_view kWatch = "watch";

/// The tables; sys::migrate wants them together with those of the other rooms of the same database.
std::span<const sys::Migration> migrations();

/// Appends to the stream; its head stays locked until the transaction ends. Returns the new head.
/// Throws Error(BadInput) as write_line does.
Head append(sys::Transaction& tx, const Entry& entry, std::string_view stream = kOffice);

/// The end of the stream, for the next release record to sign.
Head load_head(sys::Reader& db, std::string_view stream = kOffice);

/// Follows the whole stream and compares it with its head, with the columns that searches use, and with `witnesses`.
Report verify(sys::Reader& db, std::string_view stream, std::vector<Witness> witnesses = {});

/// Gives the lines of `from` to `to` (sequences, inclusive; 0 = to the end) one by one, each with its newline.
void export_lines(sys::Reader& db, std::string_view stream, std::int64_t from, std::int64_t to,
                  const std::function<void(std::string_view)>& take);

/// What a search asks for; what is empty does not restrict.
struct Search {
    std::string stream{kOffice};
    std::string by;
    std::string subject;
    std::string act;                     ///< "page.approve", or "page" for every act on pages
    std::optional<base::Instant> from;   ///< inclusive
    std::optional<base::Instant> until;  ///< exclusive
    std::int64_t before = 0;             ///< the last page's smallest sequence; 0 = from the newest
    int limit = 50;                      ///< 1 to 1,000
};

/// Newest first.
std::vector<Line> find_lines(sys::Reader& db, const Search& search);

}  // namespace ledger
