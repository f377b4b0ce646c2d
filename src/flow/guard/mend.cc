// Having it put right: by the placer, as the settings say. Each path is looked at again afterwards, and only that look
// closes the case.
#include <boost/json.hpp>

#include "flow/guard/engine.h"
#include "flow/scan_content.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/log.h"

namespace flow {

namespace json = boost::json;
using namespace std::chrono_literals;
using delivery::Healed;
using signals::Severity;

namespace {

constexpr std::size_t kAtOnce = 50;
/// The thread that mends waits meanwhile: pages of a shop or a shell are small, and a few tell what it is about.
constexpr std::size_t kLargestInspected = 1U << 20, kMostInspectedAtOnce = 20;

std::vector<std::string> paths_of(const std::vector<Healed>& healed) {
    std::vector<std::string> paths;
    for (const Healed& one : healed) paths.push_back(one.path);
    return paths;
}

}  // namespace

/// What stood there, through the content rules: whoever reads the anomaly sees what it was for.
void GuardEngine::inspect_evidence(const std::vector<Healed>& healed) {
    settings::Settings settings;
    try {
        settings = settings::load(site_ / "yakuba.toml");
    } catch (const base::Error&) {
        // Then only the rules count that need not know the site's own hosts.
    }
    const content::SiteHosts hosts = site_hosts(settings);
    std::vector<signals::Signal> said;
    std::size_t looked = 0;
    for (const Healed& one : healed) {
        const auto thing = folders_.quarantine / one.evidence / "thing";
        std::error_code problem;
        if (looked == kMostInspectedAtOnce) break;
        if (one.evidence.empty() || !std::filesystem::is_regular_file(std::filesystem::symlink_status(thing, problem)))
            continue;
        ++looked;
        try {
            const auto scanned = content::scan(sys::read_file(thing, kLargestInspected), one.path, hosts);
            for (auto& found : content::to_signals(scanned, "/" + base::percent_encode(one.path), clock_.now())) {
                json::object payload = json::parse(found.payload.empty() ? "{}" : found.payload).as_object();
                payload["quarantine"] = one.evidence;
                found.payload = json::serialize(payload);
                signals::Signal over = found;  // it is in quarantine already: nobody meets it any more
                over.state = signals::State::Clear;
                over.text = "隔離しました：" + found.text;
                said.push_back(std::move(found));
                said.push_back(std::move(over));
            }
        } catch (const std::exception& error) {
            sys::log(sys::Level::Warning, "evidence is not inspected", {{"problem", error.what()}});
        }
    }
    if (!said.empty()) say(std::move(said));
}

/// Where the file cannot be read, what was known of it holds: that stops no repair, and no look.
std::optional<GuardPause> GuardEngine::look_for_pause() {
    std::optional<GuardPause> pause;
    std::string problem;
    {
        const std::lock_guard lock(pause_mutex_);
        const base::Instant now = clock_.now();
        try {
            pause_ = find_pause(site_, now);
        } catch (const base::Error& error) {
            problem = error.message();
            if (pause_ && pause_->until <= now) pause_.reset();
        }
        pause = pause_;
    }
    if (!problem.empty()) note_fault(problem);
    return pause;
}

/// From the very moment on: whoever has announced work begins at once.
bool GuardEngine::is_pausing() {
    return is_paused_ || look_for_pause();
}

bool GuardEngine::may_mend() {
    return options_.settings.repair == "at-once" && !is_pausing();
}

void GuardEngine::mend() {
    try {
        const std::lock_guard lock(desk_mutex_);
        desk_.prepare();  // so that the first repair need not wait for the manifest
    } catch (const std::exception& error) {
        sys::log(sys::Level::Warning, "the placer is not ready yet", {{"problem", error.what()}});
    }
    while (!is_stopping_) {
        {
            std::unique_lock lock(queue_mutex_);
            mend_wanted_.wait_for(lock, 500ms, [&] { return is_stopping_ || wants_mend_; });
            wants_mend_ = false;
        }
        if (is_stopping_ || !may_mend()) continue;
        bool is_tree_turn = false, is_flood = false;
        std::vector<delivery::Sick> sick;
        {
            const std::lock_guard lock(case_mutex_);
            is_flood = cases_.is_flood();
            is_tree_turn = cases_.take_tree_turn(clock_.monotonic());
            if (!is_flood) sick = cases_.take_sick(kAtOnce, clock_.monotonic());
        }
        if (is_tree_turn) mend_tree();
        if (sick.empty()) continue;
        const bool is_more = sick.size() == kAtOnce;
        mend_some(std::move(sick));
        if (is_more) {
            const std::lock_guard lock(queue_mutex_);
            wants_mend_ = true;
        }
    }
}

void GuardEngine::mend_some(std::vector<delivery::Sick> sick) {
    if (!may_mend()) return;
    std::int64_t release = 0;
    {
        const std::lock_guard lock(view_mutex_);
        if (!view_ || view_->number() == 0) return;
        release = view_->number();
    }
    std::vector<Healed> healed;
    try {
        const std::lock_guard lock(desk_mutex_);
        healed = desk_.heal(release, sick);
        set_condition("guard.repair", Severity::Emergency, "改ざんされたファイルの復旧", "");
    } catch (const std::exception& error) {
        {
            const std::lock_guard lock(case_mutex_);
            cases_.let_go(sick);
        }
        set_condition("guard.repair", Severity::Emergency, "改ざんされたファイルを復旧できません", error.what());
        return;
    }
    note_healed(healed);
    {
        const std::lock_guard lock(case_mutex_);
        cases_.let_go(sick);
    }
    say_cases();
    look_again(paths_of(healed));
    inspect_evidence(healed);
}

/// What lacks its object is told of when no other copy has it either.
void GuardEngine::note_healed(const std::vector<Healed>& healed) {
    for (const Healed& one : healed) {
        const bool is_lost = one.outcome == Healed::Outcome::NoObject;
        {
            const std::lock_guard lock(case_mutex_);
            if (is_lost)
                cases_.await_object(one, clock_.monotonic());
            else
                cases_.note(one, clock_.now(), clock_.monotonic());
        }
        if (is_lost) want_object(one.path, true);
    }
}

void GuardEngine::mend_tree() {
    std::int64_t release = 0;
    std::vector<Healed> told;
    {
        const std::lock_guard lock(view_mutex_);
        if (!view_ || view_->number() == 0) return;
        release = view_->number();
    }
    try {
        const std::lock_guard lock(desk_mutex_);
        HealedTree tree = desk_.heal_tree(release);
        sys::log(sys::Level::Warning, "the whole tree was put right",
                 {{"put", std::to_string(tree.put)},
                  {"removed", std::to_string(tree.removed)},
                  {"left", std::to_string(tree.left + tree.without_object)}});
        told = std::move(tree.told);
        set_condition("guard.repair", Severity::Emergency, "改ざんされたファイルの復旧", "");
    } catch (const std::exception& error) {
        set_condition("guard.repair", Severity::Emergency, "改ざんされたファイルを復旧できません", error.what());
        return;
    }
    note_healed(told);
    look_again({});
    inspect_evidence(told);
}

}  // namespace flow
