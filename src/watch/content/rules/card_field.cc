// A field for card numbers or security codes: a static municipal page never asks for one.
#include "ground/base/text.h"
#include "watch/content/rules.h"

namespace content {

namespace {

/// "card_number", "cardNo", "cc-number": letters alone.
std::string letters_of(std::string_view name) {
    std::string letters;
    for (const char c : base::to_lower(name))
        if (c >= 'a' && c <= 'z') letters += c;
    return letters;
}

bool is_card_name(std::string_view name) {
    const std::string letters = letters_of(name);
    for (const auto word : {"cardnumber", "cardno", "cardnum", "creditcard", "ccnumber", "ccnum", "cardcvv", "cardcvc"})
        if (letters.find(word) != std::string::npos) return true;
    return letters == "cvv" || letters == "cvc" || letters == "cvv2" || letters == "cccsc" || letters == "ccexp";
}

std::vector<Finding> run(const Subject& subject) {
    std::vector<Finding> found;
    for (const Tag& tag : subject.tags()) {
        if (tag.name != "input" || base::equals_ignoring_case(tag.attribute("type"), "hidden")) continue;
        const std::string hint(tag.attribute("placeholder"));
        // カード番号 alone is also the library's card; with credit, or the code on the back, it is not.
        const bool asks =
            hint.find("クレジットカード") != std::string::npos || hint.find("セキュリティコード") != std::string::npos;
        if (asks || is_card_name(tag.attribute("name")) || is_card_name(tag.attribute("autocomplete")) ||
            is_card_name(tag.attribute("id")))
            found.push_back({tag.span.begin, tag.span.size(), signals::Severity::Serious});
    }
    return found;
}

}  // namespace

extern const Rule card_field{"card-field", "クレジットカードの情報を入力させる欄があります。", run};

}  // namespace content
