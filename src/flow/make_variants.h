// Precompressed twins of public text files, so that servers send less without compressing at each request:
// variants/ab/<hash of the original>.gz and .br. Made after a publication, off the way of the visitor and of the next
// publication, in small portions; once a day a pass looks at the whole site and removes twins that no path
// needs any more; each release between costs what it changes.
#pragma once

#include <chrono>
#include <deque>
#include <set>

#include "flow/site.h"

namespace flow {

class VariantMaker {
  public:
    explicit VariantMaker(Site& site) : site_(site) {}

    /// Goes on for about `budget` at most. True when something is left to do. With publish.precompress off, it removes
    /// all twins. An original that is damaged or missing gets none, which the log says.
    bool work(std::chrono::milliseconds budget);

    std::int64_t made() const { return made_; }
    std::int64_t removed() const { return removed_; }

  private:
    void list_everything(std::int64_t newest);
    void list_changes(std::int64_t newest);
    void consider(const release::Entry& entry);
    void make(const base::Hash& original);
    void remove_stale();

    Site& site_;
    std::int64_t release_ = -1;  ///< the newest release whose files are listed; -1 = none yet
    bool is_whole_ = false;      ///< `wanted_` holds everything, and the old twins are still to be removed
    std::chrono::nanoseconds whole_at_{0};
    std::set<base::Hash> wanted_;  ///< during a pass over everything only
    std::deque<base::Hash> waiting_;
    std::int64_t made_ = 0, removed_ = 0;
};

/// The two codings of a text; "" when they could not be had.
std::string gzip(std::string_view bytes);
std::string brotli(std::string_view bytes);

}  // namespace flow
