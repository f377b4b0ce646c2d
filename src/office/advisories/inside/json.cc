#include "office/advisories/inside/json.h"

#include "ground/base/text.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace json = boost::json;

json::value load_json(std::string_view bytes, Reading& reading) {
    std::string problem;
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (bytes.size() > kLargestFeed) {
        problem = fmt::format("大きすぎます（{}MBまで）。", kLargestFeed >> 20);
    } else if (base::trim(bytes).empty()) {
        problem = "内容がありません。";
    } else {
        json::parse_options options;
        options.allow_invalid_utf8 = true;  // the words are made valid one by one
        options.max_depth = 64;
        boost::system::error_code failure;
        json::value value = json::parse(bytes, failure, {}, options);
        if (!failure) return value;
        problem = base::trim(bytes).starts_with('<')
                      ? "JSONではなく、HTMLかXMLです。アドレスが変わっていないか確かめてください。"
                      : "JSONとして読めません。途中で切れている可能性があります。";
    }
    reading.is_feed = false;
    add_problem(reading, std::move(problem));
    return nullptr;
}

double number_at(const json::value* value, std::string_view key) {
    const auto* found = at(value, key);
    if (!found) return -1;
    if (const auto* text = found->if_string()) return find_score(*text);
    return found->is_number() ? found->to_number<double>() : -1;
}

const json::array& array_at(const json::value* value, std::string_view key) {
    static const json::array kNone;
    const auto* found = at(value, key);
    const auto* array = found ? found->if_array() : nullptr;
    return array ? *array : kNone;
}

}  // namespace advisories
