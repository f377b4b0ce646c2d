// A line of the ledger as a city employee reads it: names in place of numbers, a sentence in place of an act's id.
#pragma once

#include <string>
#include <string_view>

#include "door/web/subject.h"
#include "ground/ledger/line.h"

namespace web {

/// "佐藤 美咲" for "person:12"; "システム（公開処理）" for a service.
std::string who_of(Names& names, std::string_view by);
/// "ページ「転入届の手続き」を承認しました".
std::string sentence_of(sys::Reader& db, const ledger::Entry& entry);
/// {sequence, time, iso, who, sentence, link, act, by, subject, notes[{name, value}], detail} for list.html; a link
/// only to a screen that its reader may open.
tmpl::Map row_of(const Context& context, sys::Reader& db, Names& names, const ledger::Line& line);
/// "書き換えられています".
std::string_view fault_words(ledger::Fault fault);

}  // namespace web
