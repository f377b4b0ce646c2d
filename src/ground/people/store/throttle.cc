#include "ground/people/store/throttle.h"

#include <algorithm>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/store/note.h"
#include "ground/sys/crypto.h"

namespace people {

std::chrono::seconds Waits::after(int failures) const {
    if (failures < free) return std::chrono::seconds(0);
    std::chrono::seconds wait = first;
    for (int i = free; i < failures && wait < longest; ++i) wait *= 2;
    return std::min(wait, longest);
}

std::string throttle_key(std::string_view login_name) {
    return "name:" + sys::sha256(base::to_lower(login_name)).hex();
}

std::string throttle_key(const Address& address) {
    Network network{address, address.is_v4 ? 32 : 64};
    if (!address.is_v4) std::fill(network.base.bytes.begin() + 8, network.base.bytes.end(), std::uint8_t{0});
    return "address:" + network.text();
}

std::optional<base::Instant> find_waiting(sys::Reader& db, const std::string& who, const Waits& waits,
                                          std::chrono::hours forget_after, base::Instant now) {
    const auto row = db.find("SELECT failures, last_at FROM sign_in_throttle WHERE who = $1", {who});
    if (!row) return std::nullopt;
    const base::Instant last{row->integer(1)};
    const auto wait = waits.after(static_cast<int>(row->integer(0)));
    // Of many who come at once from one address, one may read the clock first and count last: `last` lies ahead then.
    if (wait.count() == 0) return std::nullopt;
    const base::Instant until = last + wait;
    if (now >= until || now >= last + forget_after) return std::nullopt;
    return until;
}

Try count_try(sys::Transaction& tx, const std::string& who, std::chrono::hours forget_after, base::Instant now) {
    tx.execute("DELETE FROM sign_in_throttle WHERE last_at <= $1", {(now - forget_after).milliseconds});
    const auto row = tx.find("SELECT last_at FROM sign_in_throttle WHERE who = $1", {who});
    Try counted{who, 0, now, row ? base::Instant{row->integer(0)} : now};
    counted.failures = static_cast<int>(tx.insert(
        "INSERT INTO sign_in_throttle (who, failures, last_at) VALUES ($1, 1, $2) ON CONFLICT (who) DO UPDATE "
        "SET failures = sign_in_throttle.failures + 1, last_at = excluded.last_at RETURNING failures",
        {who, now.milliseconds}));
    return counted;
}

void give_back(sys::Transaction& tx, const Try& one) {
    tx.execute(
        "UPDATE sign_in_throttle SET failures = failures - 1, last_at = CASE WHEN last_at = $2 THEN $3 ELSE last_at "
        "END "
        "WHERE who = $1",
        {one.who, one.at.milliseconds, one.last_before.milliseconds});
    tx.execute("DELETE FROM sign_in_throttle WHERE who = $1 AND failures <= 0", {one.who});
}

void clear_tries(sys::Transaction& tx, const std::string& who) {
    tx.execute("DELETE FROM sign_in_throttle WHERE who = $1", {who});
}

void unlock(sys::Transaction& tx, std::string_view login_name, const By& by) {
    const auto person = find_person(tx, login_name);
    if (!person) throw base::Error(base::Kind::NotFound, "この名前のアカウントはありません。");
    clear_tries(tx, throttle_key(person->login_name));
    note(tx, by, "person.unlock", subject_of(person->id));
}

void unlock(sys::Transaction& tx, const Address& address, const By& by) {
    clear_tries(tx, throttle_key(address));
    note(tx, by, "person.unlock", {}, {{"address", address.text()}});
}

std::optional<base::Instant> find_waiting(sys::Reader& db, std::string_view login_name, const SignInPolicy& policy,
                                          base::Instant now) {
    return find_waiting(db, throttle_key(login_name), policy.by_account, policy.forget_after, now);
}

}  // namespace people
