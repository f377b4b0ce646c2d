#include "door/public/release_view.h"

#include <mutex>

#include "ground/base/error.h"
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

ReleaseView::ReleaseView(release::Log log, release::PublicKeys keys) : follower_(std::move(log), keys) {
    look_for_not_found();
}

std::optional<http::StaticEntry> ReleaseView::find(const std::string& path) {
    for (const bool may_refresh : {true, false}) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto entry = follower_.manifest().find(path)) return to_static(*entry);
        }
        // A page can be in place before this view has heard of its release: the record is written first.
        if (!may_refresh || !follow(release::Follower::Look::Next)) break;
    }
    return std::nullopt;
}

bool ReleaseView::follow(release::Follower::Look look) {
    const std::unique_lock lock(mutex_);
    bool has_changed = false;
    try {
        while (const auto record = follower_.step(look)) {
            has_changed = true;
            for (const release::Change& change : record->changes)
                if (change.path() == not_found_ || (change.entry.status == 404 && change.entry.has_body()))
                    not_found_.clear();
        }
    } catch (const base::Error& error) {
        if (error.message() != complaint_)
            sys::log(sys::Level::Error, "release record is not followed",
                     {{"after", std::to_string(follower_.number())}, {"problem", error.message()}});
        complaint_ = error.message();
    }
    if (has_changed && not_found_.empty()) look_for_not_found();
    return has_changed;
}

/// A release in which nothing of status 404 changes leaves it as it is, so this is rare.
void ReleaseView::look_for_not_found() {
    not_found_.clear();
    follower_.manifest().each([&](const release::Entry& entry) {
        if (entry.status == 404 && entry.has_body()) not_found_ = entry.path;
        return not_found_.empty();
    });
}

std::int64_t ReleaseView::release() const {
    const std::shared_lock lock(mutex_);
    return follower_.number();
}

std::string ReleaseView::not_found_path() const {
    const std::shared_lock lock(mutex_);
    return not_found_;
}

}  // namespace door
