// The virus scanners that are set answer, and their signatures are as new as the watch wants them. What is said of them
// is what the watch says, so that both agree.
#include <fmt/format.h>

#include "flow/doctor.h"
#include "watch/antivirus/clamd.h"
#include "watch/antivirus/product.h"

namespace flow::doctor {

namespace {

constexpr std::chrono::seconds kPatience{10};

Answer answer_of(const signals::Signal& told, std::string_view version) {
    if (told.state == signals::State::Clear)
        return {Verdict::Ok, version.empty() ? told.text : fmt::format("{}（{}）", told.text, version)};
    if (told.kind == "antivirus.engine")
        return {Verdict::Failed, told.text,
                "動いているか、設定 antivirus のアドレスや読取り先が正しいか、確かめてください。"};
    return {Verdict::Warning, told.text, "定義ファイルの更新（ClamAVではfreshclam）が動いているか、確かめてください。"};
}

std::vector<Answer> run(const Subject& subject) {
    const auto& given = subject.settings->antivirus;
    std::vector<Answer> answers;
    const auto add = [&](const antivirus::EngineState& state, const std::string& name) {
        for (const signals::Signal& told :
             antivirus::judge(state, name, std::chrono::hours(given.signature_hours), subject.clock.now()))
            answers.push_back(answer_of(told, told.kind == "antivirus.engine" ? state.version : ""));
    };
    if (!given.clamd.empty()) add(antivirus::Clamd(given.clamd, kPatience).state(), "clamd");
    antivirus::ProductFiles product = antivirus::product_files(*subject.settings);
    product.patience = std::min<std::chrono::milliseconds>(product.patience, kPatience);
    if (antivirus::is_configured(product)) add(antivirus::product_state(product), "庁内のウイルス対策ソフト");
    if (answers.empty())
        answers.push_back({Verdict::Warning,
                           "ウイルス対策が設定されていません。添付ファイルは、内容の規則でだけ調べます。",
                           "設定 antivirus.clamd か、庁内のウイルス対策ソフトの読取り先を決めてください。"});
    return answers;
}

}  // namespace

extern const Check antivirus_engines{"antivirus", "ウイルス対策", run};

}  // namespace flow::doctor
