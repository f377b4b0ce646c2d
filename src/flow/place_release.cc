#include "flow/place_release.h"

#include <boost/json.hpp>

#include "flow/heal_tree.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/head.h"
#include "ground/sys/crypto.h"
#include "ground/sys/step.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr auto kPlacerPatience = std::chrono::minutes(30);

constexpr std::size_t kMostPathsAtOnce = 50;                  // of up to 12 KB each in percent form, within one line
constexpr std::size_t kMostReply = sys::kLocalLineLimit / 2;  // for the list of what is not placed

std::string to_line(const delivery::Placement& placed) {
    boost::json::array unplaced;
    std::size_t size = 0;
    for (const delivery::Unplaced& one : placed.unplaced) {
        const std::string path = base::percent_encode(one.path);
        size += path.size() + 8;
        if (size > kMostReply)
            throw Error(Kind::Unavailable,
                        fmt::format("{} objects are missing or damaged; restore them from a backup, then publish again",
                                    placed.unplaced.size()));
        unplaced.push_back(boost::json::array{path, one.why == delivery::Unplaced::Why::Damaged});
    }
    return boost::json::serialize(boost::json::object{{"written", placed.written},
                                                      {"deleted", placed.deleted},
                                                      {"unchanged", placed.unchanged},
                                                      {"quarantined", placed.quarantined},
                                                      {"unplaced", unplaced}});
}

delivery::Placement from_line(const std::string& line) {
    const boost::json::object document = boost::json::parse(line).as_object();
    if (const auto* problem = document.if_contains("error"))
        throw Error(Kind::Unavailable, fmt::format("the placer refused: {}", std::string_view(problem->as_string())));
    const auto count = [&](std::string_view key) { return document.at(key).to_number<std::int64_t>(); };
    delivery::Placement placed{count("written"), count("deleted"), count("unchanged"), count("quarantined"), {}};
    for (const auto& one : document.at("unplaced").as_array())
        placed.unplaced.push_back(
            {base::percent_decode(one.at(0).as_string()).value_or(""),
             one.at(1).as_bool() ? delivery::Unplaced::Why::Damaged : delivery::Unplaced::Why::Missing});
    return placed;
}

/// Whoever may ask must not be able to bring an older state back.
void refuse_older(const PublicSide& side, std::int64_t number) {
    const auto seen = release::find_seen(side.folders.run / "seen");
    if (seen && seen->number > number)
        throw Error(Kind::Conflict,
                    fmt::format("release {} is not placed: release {} is already public", number, seen->number));
}

/// The record, if it follows from the one before it in the log and the key whose turn it is has signed it.
release::Record load_verified(const PublicSide& side, std::int64_t number) {
    release::Chain chain(side.keys);
    std::int64_t before_it = number - 1;
    if (!std::filesystem::exists(side.log.record_file(before_it))) {  // a `restored` record passes numbers over
        const auto numbers = side.log.list_numbers();
        const auto at = std::lower_bound(numbers.begin(), numbers.end(), number);
        before_it = at == numbers.begin() ? 0 : *std::prev(at);
    }
    if (before_it > 0) {
        const std::string before = side.log.read(before_it);
        release::SignedRecord verified;  // when it was placed itself
        verified.record = release::parse_record_head(before);
        verified.file_hash = sys::sha256(before);
        chain.start_after(verified);
    }
    std::vector<release::Problem> problems;
    auto found = chain.add(side.log.read(number), number, problems);
    if (!found || !problems.empty())
        throw Error(Kind::Damaged, fmt::format("release {} is not placed: {}", number, problems.front().message));
    return std::move(found->record);
}

delivery::DocumentRoot root_of(const PublicSide& side) {
    return {side.folders.document_root, side.folders.run / "placing", side.folders.quarantine,
            base::SystemClock().now()};  // for the evidence, beside the file system's own times
}

}  // namespace

std::filesystem::path socket_of_placer(const Folders& folders) {
    return folders.run / "placer.sock";
}

delivery::Placement place_release(const PublicSide& side, const objects::Store& objects, std::int64_t number) {
    const release::Record record = load_verified(side, number);
    refuse_older(side, number);
    const delivery::Placement placement = delivery::place(record.changes, objects, root_of(side));
    YAKUBA_STEP("publish.after_placement");
    sys::sync_filesystem(side.folders.document_root);
    return placement;
}

delivery::Placement repair_paths(const PublicSide& side, const objects::Store& objects, std::int64_t number,
                                 std::span<const std::string> paths) {
    refuse_older(side, number);
    const release::Manifest manifest = side.log.manifest_at(number, side.keys);
    std::vector<release::Change> changes;
    for (const std::string& path : paths) {
        if (release::find_path_fault(path)) continue;
        auto entry = manifest.find(path);
        changes.push_back(entry ? release::Change::put(*std::move(entry)) : release::Change::remove(path));
    }
    const delivery::Placement placement = delivery::place(changes, objects, root_of(side));
    sys::sync_filesystem(side.folders.document_root);
    return placement;
}

delivery::Placement place_or_ask(const PublicSide& side, const objects::Store& objects, std::int64_t number) {
    const auto reply = sys::ask_local(socket_of_placer(side.folders), fmt::format("place {}", number), kPlacerPatience);
    return reply ? from_line(*reply) : place_release(side, objects, number);
}

delivery::Placement repair_or_ask(const PublicSide& side, const objects::Store& objects, std::int64_t number,
                                  std::span<const std::string> paths) {
    delivery::Placement sum;
    for (; !paths.empty(); paths = paths.subspan(std::min(paths.size(), kMostPathsAtOnce))) {
        const auto some = paths.first(std::min(paths.size(), kMostPathsAtOnce));
        std::string line = fmt::format("repair {}", number);
        for (const std::string& path : some) line += " " + base::percent_encode(path);
        const auto reply = sys::ask_local(socket_of_placer(side.folders), line, kPlacerPatience);
        delivery::Placement one = reply ? from_line(*reply) : repair_paths(side, objects, number, some);
        sum.written += one.written;
        sum.deleted += one.deleted;
        sum.unchanged += one.unchanged;
        sum.quarantined += one.quarantined;
        sum.unplaced.insert(sum.unplaced.end(), one.unplaced.begin(), one.unplaced.end());
    }
    return sum;
}

PlacerService::PlacerService(const std::filesystem::path& site)
    : site_(site),
      objects_(objects::open_folder(folders_of(std::filesystem::absolute(site)).objects)),
      healer_(std::make_unique<Healer>(site)),
      server_(socket_of_placer(folders_of(std::filesystem::absolute(site))),
              [this](const std::string& request) { return answer(request); }) {}

PlacerService::~PlacerService() = default;

std::string PlacerService::answer(const std::string& request) {
    try {
        constexpr std::string_view kHeal = "heal ";
        if (request.starts_with(kHeal)) return healer_->answer(std::string_view(request).substr(kHeal.size()));
        const PublicSide side = open_public_side(site_);  // the keys are read anew each time: a key change adds one
        const auto words = base::split(request, ' ');
        const auto number = words.size() > 1 ? std::strtoll(std::string(words[1]).c_str(), nullptr, 10) : 0;
        if (words[0] == "place" && words.size() == 2) return to_line(place_release(side, *objects_, number));
        if (words[0] != "repair") throw Error(Kind::BadInput, fmt::format("the placer knows no \"{}\"", words[0]));
        std::vector<std::string> paths;
        for (std::size_t i = 2; i < words.size(); ++i)
            if (auto path = base::percent_decode(words[i])) paths.push_back(*std::move(path));
        return to_line(repair_paths(side, *objects_, number, paths));
    } catch (const Error& error) {
        return boost::json::serialize(boost::json::object{{"error", error.message()}});
    }
}

}  // namespace flow
