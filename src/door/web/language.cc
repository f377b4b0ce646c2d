#include "door/web/language.h"

#include "door/web/resources.h"

namespace web {

namespace {

thread_local Language now_spoken = Language::Japanese;

language::Catalogue read_catalogue() {
    language::Catalogue catalogue;
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

std::string say_record(std::string_view japanese) {
    constexpr std::string_view kEnd = "。", kColon = "：";
    std::string text;
    for (std::size_t at = 0, end = 0; spoken() == Language::English && at < japanese.size(); at = end) {
        const std::size_t stop = japanese.find(kEnd, at);
        end = stop == std::string_view::npos ? japanese.size() : stop + kEnd.size();
        const std::string_view sentence = japanese.substr(at, end - at);
        const std::size_t colon = sentence.find(kColon);
        const bool has_title = colon != std::string_view::npos;
        const auto in_two = [&] {
            return fmt::format("{}: {}", english().translate(sentence.substr(0, colon)),
                               english().translate(sentence.substr(colon + kColon.size())));
        };
        // A form would else take a title for the beginning of its first hole.
        std::string said =
            has_title && english().find(sentence.substr(0, colon)) ? in_two() : english().translate(sentence);
        if (said == sentence && has_title) said = in_two();
        text += (text.empty() ? "" : " ") + said;
    }
    return spoken() == Language::English ? text : std::string(japanese);
}

std::string say_title(std::string_view japanese) {
    return std::string(now_spoken == Language::English ? english().find(japanese).value_or(japanese) : japanese);
}

std::string noted(std::string_view name, std::string_view note) {
    return now_spoken == Language::English ? fmt::format("{} ({})", name, note) : fmt::format("{}（{}）", name, note);
}

}  // namespace web
