#include "flow/place_release.h"

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/release/head.h"
#include "ground/sys/step.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr auto kPlacerPatience = std::chrono::minutes(30);

std::filesystem::path socket_of(const Folders& folders) {
    return folders.run / "placer.sock";
}

std::string answer(const PublicSide& side, const objects::Store& objects, const std::string& request) {
    try {
        if (!request.starts_with("place "))
            throw Error(Kind::BadInput, fmt::format("the placer knows no \"{}\"", request));
        const auto placed = place_release(side, objects, std::strtoll(request.c_str() + 6, nullptr, 10));
        return boost::json::serialize(boost::json::object{
            {"written", placed.written}, {"deleted", placed.deleted}, {"unchanged", placed.unchanged}});
    } catch (const Error& error) {
        return boost::json::serialize(boost::json::object{{"error", error.message()}});
    }
}

}  // namespace

delivery::Placement place_release(const PublicSide& side, const objects::Store& objects, std::int64_t number) {
    const std::string bytes = side.log.read(number);
    const release::SignedRecord record = release::parse_record(bytes);
    if (const auto fault = release::find_signature_fault(bytes, record, side.keys))
        throw Error(Kind::Damaged, fmt::format("release {} is not placed: {}", number, *fault));
    if (record.record.number != number)
        throw Error(Kind::Damaged,
                    fmt::format("release {} is not placed: its file holds release {}", number, record.record.number));
    // Whoever may ask must not be able to bring an older state back.
    const auto seen = release::find_seen(side.folders.run / "seen");
    if (seen && seen->number > number)
        throw Error(Kind::Conflict,
                    fmt::format("release {} is not placed: release {} is already public", number, seen->number));
    const delivery::Placement placement =
        delivery::place(record.record.changes, objects, {side.folders.document_root, side.folders.run / "placing"});
    YAKUBA_STEP("publish.after_placement");
    sys::sync_filesystem(side.folders.document_root);
    return placement;
}

delivery::Placement place_or_ask(const PublicSide& side, const objects::Store& objects, std::int64_t number) {
    const auto reply = sys::ask_local(socket_of(side.folders), fmt::format("place {}", number), kPlacerPatience);
    if (!reply) return place_release(side, objects, number);
    const boost::json::object document = boost::json::parse(*reply).as_object();
    if (const auto* problem = document.if_contains("error"))
        throw Error(Kind::Unavailable, fmt::format("the placer refused: {}", std::string_view(problem->as_string())));
    const auto count = [&](std::string_view key) { return document.at(key).to_number<std::int64_t>(); };
    return {count("written"), count("deleted"), count("unchanged")};
}

PlacerService::PlacerService(const std::filesystem::path& site)
    : site_(site),
      objects_(objects::open_folder(folders_of(std::filesystem::absolute(site)).objects)),
      // The public keys are read anew for each request: a key change adds one.
      server_(socket_of(folders_of(std::filesystem::absolute(site))),
              [this](const std::string& request) { return answer(open_public_side(site_), *objects_, request); }) {}

}  // namespace flow
