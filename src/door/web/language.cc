#include "door/web/language.h"

#include "door/web/resources.h"
#include "door/web/words.h"

namespace web {

namespace {

thread_local Language now_spoken = Language::Japanese;

language::Catalogue read_catalogue() {
    language::Catalogue catalogue;
    catalogue.say_dates(english_date);
    for (const base::Resource& resource : all_resources())
        if (resource.name.ends_with(".po")) catalogue.add(resource.name, resource.bytes);
    return catalogue;
}

}  // namespace

const language::Catalogue& english() {
    static const language::Catalogue catalogue = read_catalogue();
    return catalogue;
}

Language spoken() {
    return now_spoken;
}

Speaking::Speaking(Language language) : before_(now_spoken) {
    now_spoken = language;
}

Speaking::~Speaking() {
    now_spoken = before_;
}

std::string say(std::string_view japanese) {
    return now_spoken == Language::English ? english().translate(japanese) : std::string(japanese);
}

std::string say_title(std::string_view japanese) {
    return std::string(now_spoken == Language::English ? english().find(japanese).value_or(japanese) : japanese);
}

std::string noted(std::string_view name, std::string_view note) {
    return now_spoken == Language::English ? fmt::format("{} ({})", name, note) : fmt::format("{}（{}）", name, note);
}

}  // namespace web
