#include "door/web/screens/contract/key_words.h"

#include "door/web/language.h"
#include "office/contract/due.h"

namespace web {

std::string key_words(std::string_view key) {
    const std::string words = contract::key_wording(key);
    const std::size_t space = words.find(' ');
    if (space == std::string::npos) return say(words);
    return say(words.substr(0, space)) + " " + say(words.substr(space + 1));
}

}  // namespace web
