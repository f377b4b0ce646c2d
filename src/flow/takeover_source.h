// Where a takeover's files come from, made ready to be read: a folder as it is, an archive unpacked, a web site
// fetched. What is unpacked or fetched lies below the site's run folder, on a disk that is large enough and never in
// the document root. One takeover at a time; what a killed one left there is swept by the next.
#pragma once

#include "flow/site.h"
#include "flow/take_over_site.h"

namespace flow {

class TakeoverSource {
  public:
    /// Throws what take_over_site throws.
    TakeoverSource(Site& site, const std::string& source, const TakeoverOptions& options);
    ~TakeoverSource();
    TakeoverSource(const TakeoverSource&) = delete;
    TakeoverSource& operator=(const TakeoverSource&) = delete;

    /// Everything is in: what was fetched is not needed again.
    void discard();

    std::string name;  ///< the same for the same source, however it was typed
    intake::Survey survey;
    std::int64_t requests = 0;

  private:
    void open_files(Site& site, const std::string& source, const TakeoverOptions& options);
    void open_web(Site& site, const std::string& source, const TakeoverOptions& options);

    sys::FileLock lock_;
    std::filesystem::path unpacked_;  ///< goes in any case: unpacking again is cheap
    std::filesystem::path spool_;     ///< stays until everything is in: fetching again is not
};

}  // namespace flow
