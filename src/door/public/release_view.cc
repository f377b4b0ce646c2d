#include "door/public/release_view.h"

#include <mutex>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace door {

namespace {

http::StaticEntry to_static(const release::Entry& entry) {
    http::StaticEntry answer;
    answer.content_type = entry.type;
    if (!entry.charset.empty()) answer.content_type += "; charset=" + entry.charset;
    for (const auto& [name, value] : entry.headers) answer.headers.add(name, value);
    if (entry.has_body()) answer.hash = entry.hash;
    answer.size = static_cast<std::uint64_t>(entry.size);
    answer.redirect = entry.location;
    answer.redirect_status = entry.status;
    answer.is_gone = entry.status == 410 && !entry.has_body();
    return answer;
}

}  // namespace

ReleaseView::ReleaseView(release::Log log, release::PublicKeys keys) : log_(std::move(log)), keys_(std::move(keys)) {
    number_ = log_.newest();
    if (number_ == 0) return;
    manifest_ = log_.manifest_at(number_, keys_);
    const std::string bytes = log_.read(number_);
    record_hash_ = sys::sha256(bytes);
    const release::Record record = release::parse_record(bytes).record;
    if (!record.new_key.empty()) keys_.add(record.new_key);
}

std::optional<http::StaticEntry> ReleaseView::find(const std::string& path) {
    for (const bool may_refresh : {true, false}) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto entry = manifest_.find(path)) return to_static(*entry);
        }
        // A page can be in place before this view has heard of its release: the record is written first.
        if (!may_refresh || !follow(Look::Next)) break;
    }
    return std::nullopt;
}

std::int64_t ReleaseView::next_number(Look look) const {
    if (std::filesystem::exists(log_.record_file(number_ + 1))) return number_ + 1;
    if (look == Look::Next) return 0;
    const auto numbers = log_.list_numbers();
    const auto next = std::upper_bound(numbers.begin(), numbers.end(), number_);
    return next == numbers.end() ? 0 : *next;
}

bool ReleaseView::follow(Look look) {
    const std::unique_lock lock(mutex_);
    bool has_changed = false;
    while (const std::int64_t number = next_number(look)) {
        const auto complain = [&](const std::string& problem) {
            sys::log(sys::Level::Error, "release record is not followed",
                     {{"release", std::to_string(number)}, {"problem", problem}});
        };
        bool is_half_applied = false;
        try {
            const std::string bytes = log_.read(number);
            const release::SignedRecord record = release::parse_record(bytes);
            auto fault = release::find_signature_fault(bytes, record, keys_);
            // An old record under a new number is signed, too.
            if (!fault && (record.record.number != number || record.record.previous != record_hash_))
                fault = "it does not follow from the record before it";
            if (fault) {
                complain(*fault);
                break;
            }
            is_half_applied = true;
            manifest_.apply(record.record.changes);
            is_half_applied = false;
            if (!record.record.new_key.empty()) keys_.add(record.record.new_key);
            number_ = number;
            record_hash_ = record.file_hash;
            has_changed = true;
        } catch (const base::Error& error) {
            complain(error.message());
            if (is_half_applied) manifest_ = number_ == 0 ? release::Manifest() : log_.manifest_at(number_, keys_);
            break;
        }
    }
    return has_changed;
}

std::int64_t ReleaseView::release() const {
    const std::shared_lock lock(mutex_);
    return number_;
}

std::string ReleaseView::not_found_path() const {
    const std::shared_lock lock(mutex_);
    std::string path;
    manifest_.each([&](const release::Entry& entry) {
        if (entry.status == 404 && entry.has_body()) path = entry.path;
        return path.empty();
    });
    return path;
}

}  // namespace door
