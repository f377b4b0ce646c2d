// What the screens of weaknesses, patches and inspections share.
#pragma once

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/ledger/sentence.h"
#include "door/web/words.h"
#include "ground/base/error.h"
#include "office/vulnerabilities/patches.h"
#include "office/vulnerabilities/store.h"

namespace web {

inline vulnerabilities::By vulnerability_by(const Context& context) {
    return {fmt::format("person:{}", context.person.id.value), context.now()};
}

/// "あと12日", "3日超過".
std::string days_left(base::Instant due, base::Instant now);
tmpl::Map severity_chip(advisories::Severity severity);
tmpl::Map patch_row(const calendar::OfficeCalendar& office, const vulnerabilities::Patch& patch, base::Instant now);
tmpl::Map day_value(const std::optional<base::Day>& day);

}  // namespace web
