#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/tickets/tickets.h"

namespace tickets {

namespace {

constexpr std::size_t kLongestDetail = 4U << 20;
constexpr std::size_t kLongestToken = 100;
constexpr std::string_view kByToken = "token";  // subject of those that are reached by their token's hash

constexpr sys::Migration kMigrations[] = {{"0001_tickets", R"(
CREATE TABLE ticket (
    id {id},
    purpose {key} NOT NULL,
    subject {key} NOT NULL,
    name {key} NOT NULL,
    about {key} NOT NULL,
    detail TEXT NOT NULL,
    ends_at BIGINT NOT NULL,
    UNIQUE (purpose, subject, name)
);
CREATE INDEX ticket_by_end ON ticket (ends_at);
)"}};

constexpr std::string_view kSelect = "SELECT purpose, about, name, detail, ends_at FROM ticket ";

Ticket ticket_in(const sys::Row& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), {row.integer(4)}};
}

std::string name_of(std::string_view token) {
    return sys::sha256(token).hex();
}

/// `subject` is what the ticket is found under, `about` what it is about: the same for those with a name.
void write(sys::Transaction& tx, const Ticket& ticket, std::string_view subject) {
    if (ticket.detail.size() > kLongestDetail)
        throw base::Error(base::Kind::BadInput,
                          fmt::format("内容が長すぎます（上限は{} MBです）。", kLongestDetail >> 20));
    tx.execute(
        "INSERT INTO ticket (purpose, subject, name, about, detail, ends_at) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (purpose, subject, name) DO UPDATE SET detail = $5, ends_at = $6",
        {ticket.purpose, std::string(subject), ticket.name, ticket.subject, ticket.detail,
         ticket.ends_at.milliseconds});
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::string issue(sys::Transaction& tx, std::string_view purpose, std::string_view subject, std::string_view detail,
                  base::Instant ends_at) {
    const std::string token = sys::random_token();
    write(tx, {std::string(purpose), std::string(subject), name_of(token), std::string(detail), ends_at}, kByToken);
    return token;
}

std::optional<Ticket> find(sys::Reader& db, std::string_view purpose, std::string_view token, base::Instant now) {
    if (token.empty() || token.size() > kLongestToken) return std::nullopt;
    return find_named(db, purpose, kByToken, name_of(token), now);
}

std::optional<Ticket> take(sys::Transaction& tx, std::string_view purpose, std::string_view token, base::Instant now) {
    auto found = find(tx, purpose, token, now);
    if (found) remove(tx, purpose, kByToken, found->name);
    return found;
}

void put(sys::Transaction& tx, const Ticket& ticket) {
    write(tx, ticket, ticket.subject);
}

std::optional<Ticket> find_named(sys::Reader& db, std::string_view purpose, std::string_view subject,
                                 std::string_view name, base::Instant now) {
    const auto row =
        db.find(std::string(kSelect) + "WHERE purpose = $1 AND subject = $2 AND name = $3 AND ends_at > $4",
                {std::string(purpose), std::string(subject), std::string(name), now.milliseconds});
    if (!row) return std::nullopt;
    return ticket_in(*row);
}

std::vector<Ticket> list(sys::Reader& db, std::string_view purpose, std::string_view subject, base::Instant now) {
    std::vector<Ticket> found;
    for (const sys::Row& row : db.query(
             std::string(kSelect) + "WHERE purpose = $1 AND subject = $2 AND ends_at > $3 ORDER BY name LIMIT 1000",
             {std::string(purpose), std::string(subject), now.milliseconds}))
        found.push_back(ticket_in(row));
    return found;
}

bool remove(sys::Transaction& tx, std::string_view purpose, std::string_view subject, std::string_view name) {
    return tx.execute("DELETE FROM ticket WHERE purpose = $1 AND subject = $2 AND name = $3",
                      {std::string(purpose), std::string(subject), std::string(name)}) > 0;
}

std::int64_t remove_ended(sys::Transaction& tx, base::Instant now) {
    return tx.execute("DELETE FROM ticket WHERE ends_at <= $1", {now.milliseconds});
}

}  // namespace tickets
