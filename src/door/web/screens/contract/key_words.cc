#include "door/web/screens/contract/key_words.h"

#include <utility>

#include "door/web/language.h"

namespace web {

std::string key_words(std::string_view key) {
    constexpr std::pair<std::string_view, std::string_view> kThings[] = {{"question", "問合せ"},
                                                                         {"incident", "障害"},
                                                                         {"anomaly", "異常"},
                                                                         {"vulnerability", "脆弱性"},
                                                                         {"stop", "計画停止"},
                                                                         {"training", "研修"},
                                                                         {"licence", "ソフトウェアと使用権"},
                                                                         {"report", "月次報告"},
                                                                         {"terminal", "運用端末"}};
    const std::size_t colon = key.find(':');
    for (const auto& [id, wording] : kThings)
        if (colon != std::string_view::npos && key.substr(0, colon) == id)
            return say(wording) + " " + std::string(key.substr(colon + 1));
    return std::string(key);
}

}  // namespace web
