#include "flow/deliver_contacts.h"

#include <fmt/format.h>

#include "flow/contract_status.h"
#include "flow/make_document.h"
#include "ground/base/error.h"
#include "ground/calendar/era.h"
#include "office/registers/store.h"

namespace flow {

std::string make_contacts_document(Site& site, std::string_view by) {
    const auto contacts = site.database->read([](sys::Reader& db) { return registers::list_entries(db, "contact"); });
    const auto read = find_contract(site.folders, site.settings);
    if (contacts.empty() && !(read && read->is_usable()))
        throw base::Error(base::Kind::BadInput, "連絡先がありません。連絡網に登録するか、契約の役割を入れてください。");
    tmpl::List roles, people;
    if (read && read->is_usable())
        for (const contract::Role& role : read->contract.roles) {
            const contract::Role* next = read->contract.find_role(role.escalates_to);
            roles.push_back(tmpl::Map{{"title", role.title},
                                      {"person", role.person},
                                      {"deputy", role.deputy},
                                      {"phone", role.phone},
                                      {"mail", role.mail},
                                      {"next", next ? next->title : std::string()}});
        }
    for (const registers::Entry& one : contacts) {
        const auto field = [&](const char* id) {
            const auto found = one.fields.find(id);
            return found == one.fields.end() ? std::string() : found->second;
        };
        people.push_back(tmpl::Map{{"name", one.name},
                                   {"role", field("role")},
                                   {"company", field("company")},
                                   {"deputy", field("deputy")},
                                   {"phone", field("phone")},
                                   {"night_phone", field("night_phone")},
                                   {"mail", field("mail")},
                                   {"hours", field("hours")},
                                   {"next", field("next")}});
    }
    const int year = calendar::fiscal_year(base::local_day(site.clock.now()));
    NewDocument made;
    made.kind = "contacts";
    made.subject = fmt::format("contacts:{}", year);
    made.title = "体制図・連絡網";
    made.data = {{"year", year}, {"roles", std::move(roles)}, {"people", std::move(people)}};
    return fmt::format("/documents/{}", make_document(site, made, by).document);
}

}  // namespace flow
