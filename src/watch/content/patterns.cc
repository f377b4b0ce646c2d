#include "watch/content/patterns.h"

#include <algorithm>
#include <memory>
#include <span>

#include <yara.h>

#include "ground/base/error.h"
#include "ground/base/resource.h"

namespace content {

using base::Error;
using base::Kind;

std::span<const base::Resource> pattern_resources();

namespace {

struct DestroyRules {
    void operator()(YR_RULES* rules) const { yr_rules_destroy(rules); }
};
struct DestroyScanner {
    void operator()(YR_SCANNER* scanner) const { yr_scanner_destroy(scanner); }
};
struct DestroyCompiler {
    void operator()(YR_COMPILER* compiler) const { yr_compiler_destroy(compiler); }
};

void keep_message(int level, const char*, int line, const YR_RULE*, const char* message, void* to) {
    if (level == YARA_ERROR_LEVEL_ERROR) *static_cast<std::string*>(to) = fmt::format("line {}: {}", line, message);
}

/// libyara 4.2 lays its rules out without regard for alignment, and its macros read them in our code. x86-64 and ARMv8
/// do not mind. To be deleted when libyara keeps its arenas aligned.
#define READS_LIBYARA_ARENAS __attribute__((no_sanitize("alignment")))

READS_LIBYARA_ARENAS std::string id_of(const YR_RULE* rule) {
    std::string id = rule->identifier;
    std::replace(id.begin(), id.end(), '_', '-');
    return id;
}

class Patterns {
  public:
    READS_LIBYARA_ARENAS Patterns() {
        if (yr_initialize() != ERROR_SUCCESS) throw Error(Kind::Unavailable, "libyara could not be started");
        YR_COMPILER* made = nullptr;
        if (yr_compiler_create(&made) != ERROR_SUCCESS) throw Error(Kind::Unavailable, "libyara has no memory");
        const std::unique_ptr<YR_COMPILER, DestroyCompiler> compiler(made);
        std::string problem;
        yr_compiler_set_callback(made, keep_message, &problem);
        // Every text is ours and inside the program: an include would look for a file.
        yr_compiler_set_include_callback(made, nullptr, nullptr, nullptr);
        for (const base::Resource& file : pattern_resources())
            if (yr_compiler_add_string(made, std::string(file.bytes).c_str(), nullptr) != 0)
                throw Error(Kind::Bug, fmt::format("content rule {}: {}", file.name, problem));
        YR_RULES* rules = nullptr;
        if (yr_compiler_get_rules(made, &rules) != ERROR_SUCCESS)
            throw Error(Kind::Unavailable, "libyara has no memory for the content rules");
        rules_.reset(rules);
        YR_RULE* rule = nullptr;
        yr_rules_foreach(rules, rule) describe(rule);
    }
    YR_RULES* rules() const { return rules_.get(); }
    const std::map<std::string, PatternRule, std::less<>>& list() const { return list_; }
    const PatternRule& find(const YR_RULE* rule) const { return list_.find(id_of(rule))->second; }

  private:
    READS_LIBYARA_ARENAS void describe(const YR_RULE* rule) {
        PatternRule known;
        known.id = id_of(rule);
        bool has_severity = false;
        const YR_META* meta = nullptr;
        yr_rule_metas_foreach(rule, meta) {
            if (meta->type != META_TYPE_STRING) continue;
            if (std::string_view(meta->identifier) == "message") known.message = meta->string;
            if (std::string_view(meta->identifier) != "severity") continue;
            const auto severity = signals::find_severity(meta->string);
            has_severity = severity.has_value();
            known.severity = severity.value_or(signals::Severity::Warning);
        }
        if (!has_severity || known.message.empty())
            throw Error(Kind::Bug, fmt::format("content rule {} needs meta: severity and message", known.id));
        list_[known.id] = known;
    }

    std::unique_ptr<YR_RULES, DestroyRules> rules_;
    std::map<std::string, PatternRule, std::less<>> list_;
};

/// Never destroyed: scanners of other threads may still hold on to the rules when the program ends.
const Patterns& patterns() {
    static const auto* const kAll = new Patterns;
    return *kAll;
}

READS_LIBYARA_ARENAS int take_match(YR_SCAN_CONTEXT* context, int message, void* data, void* user) {
    if (message != CALLBACK_MSG_RULE_MATCHING) return CALLBACK_CONTINUE;
    const auto* const rule = static_cast<const YR_RULE*>(data);
    PatternHit hit{&patterns().find(rule)};
    bool is_first = true;
    const YR_STRING* string = nullptr;
    yr_rule_strings_foreach(rule, string) {
        const YR_MATCH* match = nullptr;
        yr_string_matches_foreach(context, string, match) {
            const auto at = static_cast<std::size_t>(match->base + match->offset);
            if (!is_first && at >= hit.at) continue;
            is_first = false;
            hit.at = at;
            hit.length = static_cast<std::size_t>(match->match_length);
        }
    }
    (*static_cast<const std::function<void(PatternHit)>*>(user))(hit);
    return CALLBACK_CONTINUE;
}

}  // namespace

const std::map<std::string, PatternRule, std::less<>>& pattern_rules() {
    return patterns().list();
}

bool find_patterns(std::string_view bytes, std::chrono::seconds patience, const std::function<void(PatternHit)>& take) {
    const Patterns& all = patterns();
    thread_local const std::unique_ptr<YR_SCANNER, DestroyScanner> kScanner = [&] {
        YR_SCANNER* made = nullptr;
        if (yr_scanner_create(all.rules(), &made) != ERROR_SUCCESS)
            throw Error(Kind::Unavailable, "libyara has no memory for a scanner");
        yr_scanner_set_flags(made, SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
        return std::unique_ptr<YR_SCANNER, DestroyScanner>(made);
    }();
    yr_scanner_set_timeout(kScanner.get(), static_cast<int>(patience.count()));
    yr_scanner_set_callback(kScanner.get(), take_match,
                            const_cast<void*>(static_cast<const void*>(&take)));  // the C interface has no const
    return yr_scanner_scan_mem(kScanner.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) ==
           ERROR_SUCCESS;
}

}  // namespace content
