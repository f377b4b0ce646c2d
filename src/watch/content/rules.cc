// The table of content rules. To add one in C++: write rules/ID.cc and name it in these two places; one in YARA: write
// rules/ID.yar and name it in the second list. Then give it examples in rules/samples/ID, and a line in
// docs/handbook/content-rules.md.
#include "watch/content/rules.h"

namespace content {

extern const Rule card_field, data_script, disguised_type, executable_type, foreign_base, foreign_form, foreign_frame,
    foreign_location, foreign_refresh, foreign_script, foreign_sitemap, handler_code, hidden_frame, hidden_links,
    packed_payload, phishing, raw_address, scam_shop, svg_script;

std::span<const Rule* const> all_rules() {
    static constexpr const Rule* kAll[] = {
        &foreign_script,   &foreign_frame,  &hidden_frame,    &hidden_links,    &foreign_refresh,
        &foreign_location, &foreign_form,   &foreign_base,    &raw_address,     &data_script,
        &handler_code,     &packed_payload, &executable_type, &disguised_type,  &svg_script,
        &scam_shop,        &phishing,       &card_field,      &foreign_sitemap,
    };
    return kAll;
}

std::span<const std::string_view> all_patterns() {
    static constexpr std::string_view kAll[] = {
        "php-code", "webshell",   "packed-script", "script-loader",  "card-skimmer", "miner",        "referrer-cloak",
        "ssi-exec", "defacement", "paste-attack",  "polyglot-media", "pdf-action",   "office-macro",
    };
    return kAll;
}

}  // namespace content
