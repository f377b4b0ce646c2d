// What people are to be told, how they want it, and what became of it. A notice is made once, by its key; it becomes
// part of a mail at once or in the daily digest, or is dropped with the reason. Who is told what is flow/notify's
// business, sending the mail ground/mail's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/ids.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"

namespace notify {

std::span<const sys::Migration> migrations();

/// How a person wants to be told of what is not urgent.
enum class Choice {
    AtOnce,
    Digest,  ///< once a day, in the morning
    None
};
std::string_view choice_id(Choice choice);  ///< "at-once", "digest", "none"
std::optional<Choice> find_choice(std::string_view id);
/// AtOnce until the person has chosen.
Choice load_choice(sys::Reader& db, base::PersonId person);
void set_choice(sys::Transaction& tx, base::PersonId person, Choice choice);

enum class Fate {
    Held,     ///< until its publication has an outcome
    Waiting,  ///< for the next mail
    Told,     ///< in a mail
    Dropped   ///< see `reason`
};
/// Why a notice was dropped; in the database and in counts.
constexpr std::string_view kNoAddress = "no-address";  ///< the person has no mail address
constexpr std::string_view kDeclined = "declined";     ///< the person wants no mail
constexpr std::string_view kSettled = "settled";       ///< it was over before it was told
constexpr std::string_view kLeft = "left";             ///< the person has left, and nobody took over

struct Notice {
    std::int64_t id = 0;
    std::string key;   ///< "asked:12:3:0:5": a second one with it is not made
    std::string kind;  ///< "asked", "returned", "published", ...: flow/notify.h
    base::PersonId person;
    base::PageId page;         ///< 0 = about none
    std::int64_t receipt = 0;  ///< of the publication that it is about
    bool is_urgent = false;    ///< told at once whatever the person chose
    std::string title;         ///< of the mail, when it is the only one in it
    std::string text;          ///< lines
    std::string path;          ///< of the screen that it leads to: "/pages/12/review"
    base::Instant made_at;
    Fate fate = Fate::Waiting;
    std::string reason;
};

/// False when there is one with this key. `made.id` is ignored.
bool add(sys::Transaction& tx, const Notice& made);
/// Those that wait for their publication's outcome, oldest first.
std::vector<Notice> list_held(sys::Reader& db, int limit);
/// Lets a held one go on with these words, urgent or not.
void release_held(sys::Transaction& tx, std::int64_t id, std::string_view title, std::string_view text, bool is_urgent);
/// The people for whom something waits.
std::vector<base::PersonId> list_people_waiting(sys::Reader& db);
/// Oldest first, at most 500.
std::vector<Notice> list_waiting(sys::Reader& db, base::PersonId person);
void mark_told(sys::Transaction& tx, std::int64_t id, base::Instant at);
void mark_dropped(sys::Transaction& tx, std::int64_t id, std::string_view reason, base::Instant at);

/// Who was not told something since `since` because they have no mail address, with the number of notices.
struct Unreached {
    base::PersonId person;
    std::int64_t notices = 0;
};
std::vector<Unreached> list_unreached(sys::Reader& db, base::Instant since);
std::int64_t count_waiting(sys::Reader& db);

/// How far the ledger has been read for notices; nothing before the first time.
std::optional<std::int64_t> find_place(sys::Reader& db);
/// Moves it on from `from` (nothing = for the first time); false when another server was first.
bool move_place(sys::Transaction& tx, std::optional<std::int64_t> from, std::int64_t to);

/// Forgets those that were settled before `before`. Returns their number.
std::int64_t forget(sys::Transaction& tx, base::Instant before);

}  // namespace notify
