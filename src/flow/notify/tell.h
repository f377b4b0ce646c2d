// How notices are worded and to whom they go: shared by the files of this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/edit_page/turn.h"
#include "office/notify/store.h"

namespace flow {

/// Any text as one line of a mail: without control characters, at most 100 characters.
std::string one_line(std::string_view text);
/// The page's title, or its path.
std::string name_of(const content::Page& page);
/// "名前 花子", or words for nobody.
std::string name_of(sys::Reader& db, base::PersonId person);
/// "2027年4月1日 10:00"
std::string time_text(base::Instant at);
/// "label：value" with a line end; nothing for an empty value.
std::string line_of(std::string_view label, std::string_view value);
/// The lines that every notice about a page begins with.
std::string about(const content::Page& page);

/// Adds the notice for the person, or for who took over when they have left. False when it was made before, or nobody
/// is there.
bool tell(sys::Transaction& tx, notify::Notice notice);

/// "asked:12:3:0:": the start of the keys of what is asked for the page now; a notice of another is settled.
std::string asked_key(const workflow::Standing& standing);
/// Tells those whom the page's step asks and who were not told yet.
int tell_asked(sys::Transaction& tx, Site& site, base::PageId page);

/// False when what the notice says is over: the request was answered, the emergency approved.
bool still_holds(sys::Reader& db, const notify::Notice& notice);

}  // namespace flow
