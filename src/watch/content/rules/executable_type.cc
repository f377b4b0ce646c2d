// Files that a server or a visitor's machine would run, in a tree that holds none: by name (also behind a second
// ending, "photo.php.jpg", which some servers run), and by content under a harmless name.
#include <algorithm>

#include "watch/content/rules.h"

namespace content {

namespace {

constexpr std::string_view kServerRun[] = {"php",  "php3", "php4", "php5", "php7", "php8", "phtml", "pht",
                                           "phar", "phps", "cgi",  "fcgi", "asp",  "aspx", "ashx",  "asmx",
                                           "cer",  "asa",  "jsp",  "jspx", "jspf", "cfm",  "war"};
constexpr std::string_view kConfiguration[] = {".htaccess", ".htpasswd", ".user.ini", "web.config", ".env"};

bool is_server_run(std::string_view ending) {
    return std::find(std::begin(kServerRun), std::end(kServerRun), ending) != std::end(kServerRun);
}

std::vector<Finding> run(const Subject& subject) {
    const std::string_view name = subject.name();
    if (std::find(std::begin(kConfiguration), std::end(kConfiguration), name) != std::end(kConfiguration))
        return {{0, 0, signals::Severity::Serious}};
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
        const std::string_view rest = name.substr(dot + 1);
        std::string_view part = rest.substr(0, rest.find('.'));
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (is_server_run(part)) return {{0, 0, signals::Severity::Serious}};
    }
    // A program under its own name is a download, and some cities offer them; under another's it is none.
    if (subject.actual() == Format::Program && subject.claimed() != Format::Program) {
        const bool is_script = subject.bytes().starts_with("#!");
        return {{0, 40, is_script ? signals::Severity::Warning : signals::Severity::Serious}};
    }
    return {};
}

}  // namespace

extern const Rule executable_type{"executable-type", "静的なサイトには置かない、実行される種類のファイルです。", run};

}  // namespace content
