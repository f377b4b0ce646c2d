#include "flow/heal_tree.h"

#include <boost/json.hpp>

#include "flow/place_release.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/head.h"
#include "ground/sys/local_socket.h"
#include "ground/sys/step.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;
using delivery::Healed;
using delivery::Sick;

namespace {

constexpr auto kPatience = std::chrono::minutes(30);  // a placement may be under way
constexpr std::size_t kMostAtOnce = 50;               // paths of up to 12 KB each in percent form, within one line
constexpr std::size_t kMostTreeReply = sys::kLocalLineLimit / 2;

constexpr std::string_view kOutcomes[] = {"well", "put", "removed", "no-object", "left"};

json::array to_json(const Healed& one) {
    return {base::percent_encode(one.path), kOutcomes[static_cast<std::size_t>(one.outcome)], one.evidence,
            one.problem};
}

Healed healed_from(const json::value& row) {
    Healed one;
    one.path = base::percent_decode(row.at(0).as_string()).value_or("");
    const auto* outcome =
        std::find(std::begin(kOutcomes), std::end(kOutcomes), std::string_view(row.at(1).as_string()));
    if (outcome == std::end(kOutcomes)) throw Error(Kind::Unavailable, "the placer is of another version; restart it");
    one.outcome = static_cast<Healed::Outcome>(outcome - std::begin(kOutcomes));
    one.evidence = row.at(2).as_string();
    one.problem = row.at(3).as_string();
    return one;
}

/// The reply to "heal <request>"; nothing when no placer listens.
std::optional<json::object> ask(const Folders& folders, const json::object& request) {
    const auto reply = sys::ask_local(socket_of_placer(folders), "heal " + json::serialize(request), kPatience);
    if (!reply) return std::nullopt;
    json::object document = json::parse(*reply).as_object();
    if (const auto* problem = document.if_contains("error"))
        throw Error(Kind::Unavailable, fmt::format("the placer refused: {}", std::string_view(problem->as_string())));
    return document;
}

/// What an asker says of the process goes into the evidence as it is: it has to be JSON, and small.
std::string checked_writer(std::string_view text) {
    if (text.empty() || text.size() > 8192) return {};
    boost::system::error_code problem;
    const json::value parsed = json::parse(text, problem);
    return problem || !parsed.is_object() ? std::string() : json::serialize(parsed);
}

}  // namespace

void HealedTree::add(const Healed& one) {
    using Outcome = Healed::Outcome;
    put += one.outcome == Outcome::Put;
    removed += one.outcome == Outcome::Removed;
    left += one.outcome == Outcome::Left;
    without_object += one.outcome == Outcome::NoObject;
    if (told.size() < kMostTold) told.push_back(one);
}

const release::Manifest& Healer::newest(std::int64_t number) {
    if (!side_) {
        side_ = std::make_unique<PublicSide>(open_public_side(site_));
        objects_ = objects::open_folder(side_->folders.objects);
    }
    if (!follower_) follower_ = std::make_unique<release::Follower>(side_->log, side_->keys);
    using Look = release::Follower::Look;
    while (follower_->step(Look::Next)) {
    }
    const auto seen = release::find_seen(side_->folders.run / "seen");
    const std::int64_t highest = std::max(number, seen ? seen->number : 0);
    while (follower_->number() < highest && follower_->step(Look::Thorough)) {
    }
    const std::int64_t reached = follower_->number();
    if (reached < highest || (reached > 0 && !std::filesystem::exists(side_->log.record_file(reached))))
        throw Error(Kind::Conflict,
                    fmt::format("nothing is put right: the log ends before release {}, which has been public. "
                                "Restore the release log from the newest backup",
                                std::max(highest, reached)));
    return follower_->manifest();
}

delivery::DocumentRoot Healer::root() const {
    return {side_->folders.document_root, side_->folders.run / "placing", side_->folders.quarantine,
            base::SystemClock().now()};  // for the evidence, beside the file system's own times
}

std::vector<Healed> Healer::heal(std::int64_t number, std::span<const Sick> sick) {
    const release::Manifest& manifest = newest(number);
    if (sick.empty()) return {};
    auto healed = delivery::heal(sick, manifest, *objects_, root());
    YAKUBA_STEP("heal.after_heal");
    return healed;
}

HealedTree Healer::heal_tree(std::int64_t number) {
    const release::Manifest& manifest = newest(number);
    HealedTree sum;
    // Without the root nothing can be compared: it comes first.
    for (const Healed& one : delivery::heal(std::vector<Sick>{{"./", {}}}, manifest, *objects_, root()))
        if (one.outcome != Healed::Outcome::Well) sum.add(one);
    std::vector<Sick> sick;
    for (const guard::Deviation& one : guard::compare(manifest, side_->folders.document_root).deviations)
        if (sick.empty() || sick.back().path != one.path) sick.push_back({one.path, {}});
    for (const Healed& one : delivery::heal(sick, manifest, *objects_, root())) sum.add(one);
    return sum;
}

std::string Healer::answer(std::string_view document) {
    const json::object request = json::parse(document).as_object();
    const std::int64_t number = request.at("release").to_number<std::int64_t>();
    json::array rows;
    if (request.contains("tree")) {
        const HealedTree tree = heal_tree(number);
        std::size_t size = 0;
        for (const Healed& one : tree.told) {
            size += one.path.size() * 3 + one.problem.size() + 64;
            if (size < kMostTreeReply) rows.push_back(to_json(one));
        }
        return json::serialize(json::object{{"put", tree.put},
                                            {"removed", tree.removed},
                                            {"left", tree.left},
                                            {"without_object", tree.without_object},
                                            {"healed", rows}});
    }
    std::vector<Sick> sick;
    for (const json::value& row : request.at("sick").as_array())
        if (auto path = base::percent_decode(row.at(0).as_string()))
            sick.push_back({*std::move(path), checked_writer(row.at(1).as_string())});
    for (const Healed& one : heal(number, sick)) rows.push_back(to_json(one));
    return json::serialize(json::object{{"healed", rows}});
}

std::vector<Healed> HealDesk::heal(std::int64_t number, std::span<const Sick> sick) {
    std::vector<Healed> all;
    heal(number, sick, all);
    return all;
}

void HealDesk::heal(std::int64_t number, std::span<const Sick> sick, std::vector<Healed>& all) {
    for (; !sick.empty(); sick = sick.subspan(std::min(sick.size(), kMostAtOnce))) {
        const auto some = sick.first(std::min(sick.size(), kMostAtOnce));
        json::array rows;
        for (const Sick& one : some) rows.push_back(json::array{base::percent_encode(one.path), one.writer});
        if (const auto reply = ask(folders_, {{"release", number}, {"sick", rows}})) {
            for (const json::value& row : reply->at("healed").as_array()) all.push_back(healed_from(row));
        } else {
            for (Healed& one : here_.heal(number, some)) all.push_back(std::move(one));
        }
    }
}

HealedTree HealDesk::heal_tree(std::int64_t number) {
    const auto reply = ask(folders_, {{"release", number}, {"tree", true}});
    if (!reply) return here_.heal_tree(number);
    HealedTree tree;
    for (const json::value& row : reply->at("healed").as_array()) tree.told.push_back(healed_from(row));
    const auto count = [&](std::string_view key) { return reply->at(key).to_number<std::int64_t>(); };
    tree.put = count("put");
    tree.removed = count("removed");
    tree.left = count("left");
    tree.without_object = count("without_object");
    return tree;
}

bool HealDesk::prepare() {
    return ask(folders_, {{"release", 0}, {"sick", json::array()}}).has_value();
}

void heal_site(const std::filesystem::path& folder, const guard::CompareOptions& options, const base::Clock& clock,
               Cure& cure) {
    HealDesk desk(folder);
    const Folders folders = folders_of(std::filesystem::absolute(folder));
    // A root that is no folder, or none, cannot be compared: it is made anew first.
    if (!std::filesystem::is_directory(std::filesystem::symlink_status(folders.document_root)))
        desk.heal(0, std::vector<Sick>{{"./", {}}}, cure.healed);
    cure.before = verify_site(folder, options, clock);
    std::vector<Sick> sick;
    for (const guard::Deviation& one : cure.before.tree.deviations)
        if (sick.empty() || sick.back().path != one.path) sick.push_back({one.path, {}});
    desk.heal(cure.before.release, sick, cure.healed);
    cure.after = cure.healed.empty() ? cure.before : verify_site(folder, options, clock);
}

HealCounts count(const Cure& cure) {
    using Outcome = Healed::Outcome;
    HealCounts counts;
    for (const Healed& one : cure.healed) {
        counts.healed += one.outcome == Outcome::Put || one.outcome == Outcome::Removed;
        counts.left += one.outcome == Outcome::Left || one.outcome == Outcome::NoObject;
        counts.quarantined += !one.evidence.empty();
    }
    return counts;
}

void record_heal(Site& site, const Cure& cure, std::string_view why, const people::By& by) {
    const HealCounts counts = count(cure);
    json::object detail{{"healed", counts.healed}, {"quarantined", counts.quarantined}, {"left", counts.left}};
    if (!why.empty()) detail["why"] = why;
    site.database->write([&](sys::Transaction& tx) {
        ledger::append(tx, {by.at, by.text(), "guard.heal", "site:" + site.settings.site.id, json::serialize(detail)});
    });
}

}  // namespace flow
