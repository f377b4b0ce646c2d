// What the detectors keep of addresses: counts over a sliding minute or so, and a table that never grows beyond its
// size, however many addresses a flood brings: the one not seen for longest goes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ground/base/time.h"

namespace intrusion {

/// Events of the last `span`, by two buckets: exact at the bucket's edge, a good guess between (error below a bucket).
class Rate {
  public:
    explicit Rate(std::chrono::milliseconds span) : span_(span) {}
    void add(base::Instant at, double count = 1) {
        turn(at);
        // What comes late belongs to the bucket before.
        (at.milliseconds >= begin_ ? now_ : before_) += count;
    }
    double in_span(base::Instant at) {
        turn(at);
        const double part = static_cast<double>(at.milliseconds - begin_) / static_cast<double>(span_.count());
        return now_ + before_ * (1 - (part < 0 ? 0 : part > 1 ? 1 : part));
    }

  private:
    void turn(base::Instant at) {
        const std::int64_t gone = at.milliseconds - begin_;
        if (gone < span_.count()) return;
        before_ = gone < 2 * span_.count() ? now_ : 0;
        now_ = 0;
        begin_ = at.milliseconds - at.milliseconds % span_.count();
    }

    std::chrono::milliseconds span_;
    std::int64_t begin_ = 0;
    double now_ = 0, before_ = 0;
};

/// Up to `kMost` different things within a span; more are as many.
class Distinct {
  public:
    static constexpr std::size_t kMost = 64;
    explicit Distinct(std::chrono::milliseconds span) : span_(span) {}
    void add(base::Instant at, std::string_view thing) {
        if (at - begin_ >= span_) {
            begin_ = at;
            count_ = 0;
        }
        const std::uint64_t hash = std::hash<std::string_view>{}(thing);
        for (std::size_t known = 0; known < count_; ++known)
            if (hashes_[known] == hash) return;
        if (count_ < kMost) hashes_[count_++] = hash;
    }
    std::size_t count() const { return count_; }
    void clear() { count_ = 0; }

  private:
    std::chrono::milliseconds span_;
    base::Instant begin_;
    std::array<std::uint64_t, kMost> hashes_{};
    std::size_t count_ = 0;
};

/// At most `most` entries by name.
template <class Entry>
class Bounded {
  public:
    explicit Bounded(std::size_t most) : most_(most) {}
    /// The entry of this name, made when there is none; it is now the newest.
    Entry& get(std::string_view name) {
        if (const auto at = where_.find(name); at != where_.end()) {
            order_.splice(order_.begin(), order_, at->second);
            return at->second->second;
        }
        if (order_.size() >= most_) {
            where_.erase(order_.back().first);
            order_.pop_back();
        }
        order_.emplace_front(std::string(name), Entry());
        where_.emplace(order_.front().first, order_.begin());
        return order_.front().second;
    }
    /// Nothing when there is none; its age stays.
    Entry* find(std::string_view name) {
        const auto at = where_.find(name);
        return at == where_.end() ? nullptr : &at->second->second;
    }
    std::size_t size() const { return order_.size(); }

  private:
    using Order = std::list<std::pair<std::string, Entry>>;
    std::size_t most_;
    Order order_;                                                           ///< newest first
    std::unordered_map<std::string_view, typename Order::iterator> where_;  ///< names point into order_
};

}  // namespace intrusion
