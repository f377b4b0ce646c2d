#include "flow/set_absence.h"

#include "ground/base/error.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

void need_right(sys::Reader& db, base::PersonId whose, const Doer& doer, base::Instant now) {
    if (whose == doer.person) return;
    const auto decision = people::may(people::load_actor(db, doer.person, now), people::Act::PeopleManage);
    if (!decision)
        throw Error(Kind::NotAllowed, "ほかの人の不在を登録したり取り消したりできるのは、利用者を管理する人だけです。");
}

}  // namespace

people::AbsenceId set_absence(Site& site, const people::Absence& made, const Doer& doer) {
    const base::Instant now = site.clock.now();
    const base::Day today = base::local_day(now);
    const people::AbsenceId id = site.database->write([&](sys::Transaction& tx) {
        need_right(tx, made.person, doer, now);
        if (made.until < today)
            throw Error(Kind::BadInput, "終わりの日が過ぎています。今日からあとの日を入れてください。");
        for (const people::Absence& other : people::list_absences(tx, made.from, made.person))
            if (other.person == made.person && other.deputy == made.deputy && other.from <= made.until)
                throw Error(Kind::Conflict,
                            "同じ代理の人で、期間の重なる不在がすでにあります。先に取り消すか、期間を変えてください。");
        return people::add_absence(tx, made, {doer.person, now});
    });
    refresh_requests(site);
    return id;
}

void end_absence(Site& site, people::AbsenceId id, const Doer& doer) {
    const base::Instant now = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        for (const people::Absence& each : people::list_absences(tx, base::local_day(now)))
            if (each.id == id) {
                need_right(tx, each.person, doer, now);
                return people::remove_absence(tx, id, {doer.person, now});
            }
        throw Error(Kind::NotFound, "この不在は、すでに終わったか、取り消されています。");
    });
    refresh_requests(site);
}

}  // namespace flow
