#include "flow/takeover_source.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "press/intake/crawl.h"
#include "press/intake/unpack.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

namespace {

intake::Bounds bounds_of(const settings::Settings::Takeover& limits) {
    return {limits.largest_file_mb << 20, limits.largest_total_gb << 30, limits.files, static_cast<int>(limits.depth)};
}

sys::FileLock lock_takeover(const Site& site) {
    auto lock = sys::FileLock::find(site.folders.run / "takeover.lock");
    if (!lock) throw Error(Kind::Conflict, "another takeover of this site is under way; wait until it has ended");
    return std::move(*lock);
}

}  // namespace

TakeoverSource::TakeoverSource(Site& site, const std::string& source, const TakeoverOptions& options)
    : lock_(lock_takeover(site)), unpacked_(site.folders.run / "unpacked") {
    fs::remove_all(unpacked_);
    if (intake::is_web_address(source))
        open_web(site, source, options);
    else
        open_files(site, source, options);
}

TakeoverSource::~TakeoverSource() {
    std::error_code ignored;  // the next takeover sweeps it
    fs::remove_all(unpacked_, ignored);
}

void TakeoverSource::discard() {
    std::error_code ignored;
    if (!spool_.empty()) fs::remove_all(spool_, ignored);
}

void TakeoverSource::open_files(Site& site, const std::string& source, const TakeoverOptions& options) {
    const intake::Bounds bounds = bounds_of(site.settings.takeover);
    if (!fs::is_regular_file(source)) {
        survey = intake::survey_folder(source, bounds);
    } else {
        if (!intake::is_archive_name(source))
            throw Error(Kind::BadInput, fmt::format("{} is neither a folder nor an archive (.zip, .tar.gz)", source));
        sys::make_folders(unpacked_, 0750);
        auto skipped =
            intake::unpack(source, unpacked_, {bounds, site.settings.takeover.unpack_ratio}, options.is_stopped);
        survey = intake::survey_folder(unpacked_, bounds);
        survey.skipped.insert(survey.skipped.begin(), skipped.begin(), skipped.end());
    }
    name = base::to_valid_utf8(fs::canonical(source).string());
}

void TakeoverSource::open_web(Site& site, const std::string& source, const TakeoverOptions& options) {
    const auto address = intake::parse_address(source);
    name = address ? address->text() : source;
    const settings::Settings::Takeover& limits = site.settings.takeover;
    intake::CrawlOptions crawl;
    crawl.bounds = bounds_of(limits);
    crawl.parallel = static_cast<int>(limits.parallel_requests);
    crawl.interval = options.delay.value_or(std::chrono::milliseconds(1000 / limits.requests_per_second));
    crawl.longest_delay = std::chrono::seconds(limits.longest_crawl_delay_seconds);
    crawl.link_depth = static_cast<int>(limits.link_depth);
    crawl.ignores_robots = options.ignores_robots;
    crawl.progress = options.fetch_progress;
    crawl.is_stopped = options.is_stopped;
    spool_ = site.folders.run / ("crawl-" + sys::sha256(name).hex().substr(0, 16));
    intake::Crawled crawled = intake::crawl(source, spool_, crawl);
    survey = std::move(crawled.survey);
    requests = crawled.requests;
}

}  // namespace flow
