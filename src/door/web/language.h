// The language in which the office answers: Japanese, which stands in the source, or what english/*.po says of it. It
// belongs to the request and so to the thread that answers it; people choose it on the way in or in their account.
#pragma once

#include <string>
#include <string_view>

#include "ground/language/catalogue.h"

namespace web {

enum class Language { Japanese, English };
constexpr std::string_view language_code(Language language) {  ///< BCP 47
    return language == Language::English ? "en" : "ja";
}

/// From english/*.po, read once. Throws Error(BadInput) when one of them is wrong.
const language::Catalogue& english();

/// Of the request that this thread answers.
Language spoken();

/// From here to the end of the scope this thread answers in `language`.
class Speaking {
  public:
    explicit Speaking(Language language);
    ~Speaking();
    Speaking(const Speaking&) = delete;
    Speaking& operator=(const Speaking&) = delete;

  private:
    Language before_;
};

/// What the program says, or has recorded in its own words: labels, sentences, errors, as the person reads it. What has
/// no entry stays as it was said. Never for what people typed.
std::string say(std::string_view japanese);

/// A heading that is a word of the program or a name: only what is an entry as it stands is translated.
std::string say_title(std::string_view japanese);

/// "山田（課長）" or "山田 (課長)": both as they are.
std::string noted(std::string_view name, std::string_view note);

}  // namespace web
