// See follow.h.
#include "ground/release/follow.h"

#include <algorithm>
#include <filesystem>

#include "ground/base/error.h"

namespace release {

Follower::Follower(Log log, const PublicKeys& trusted, std::int64_t number)
    : log_(std::move(log)), trusted_(trusted), chain_(trusted), number_(number) {
    if (number_ == 0) return;
    manifest_ = log_.manifest_at(number_, trusted_);
    chain_.start_after(parse_record(log_.read(number_)));
}

std::int64_t Follower::next_number(Look look) const {
    if (std::filesystem::exists(log_.record_file(number_ + 1))) return number_ + 1;
    if (look == Look::Next) return 0;
    const auto numbers = log_.list_numbers();
    const auto next = std::upper_bound(numbers.begin(), numbers.end(), number_);
    return next == numbers.end() ? 0 : *next;
}

std::optional<Record> Follower::step(Look look) {
    const std::int64_t number = next_number(look);
    if (number == 0) return std::nullopt;
    Chain chain = chain_;
    std::vector<Problem> problems;
    auto found = chain.add(log_.read(number), number, problems);
    if (!found || !problems.empty()) throw base::Error(base::Kind::Damaged, problems.front().message);
    try {
        manifest_.apply(found->record.changes);
    } catch (const base::Error& error) {
        manifest_ = number_ == 0 ? Manifest() : log_.manifest_at(number_, trusted_);  // half of it may be in
        throw base::Error(base::Kind::Damaged, error.message());
    }
    chain_ = std::move(chain);
    number_ = number;
    return std::move(found->record);
}

}  // namespace release
