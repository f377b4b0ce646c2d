#include "flow/verify_site.h"

#include "flow/site.h"
#include "ground/base/error.h"
#include "ground/release/head.h"

namespace flow {

Verified verify_site(const std::filesystem::path& folder, const guard::CompareOptions& options,
                     const base::Clock& clock) {
    const auto start = clock.monotonic();
    const PublicSide side = open_public_side(folder);
    Verified result;
    const release::Report report = side.log.verify(side.keys, release::VerifyFrom::NewestCheckpoint,
                                                   release::find_seen(side.folders.run / "seen"));
    result.log_problems = report.problems;
    result.release = report.newest;
    if (report.newest == 0 && report.problems.empty())
        throw base::Error(base::Kind::NotFound, "nothing has been published yet; run `yakuba site publish` first");
    const release::Manifest manifest = side.log.manifest_at(report.newest, side.keys);
    result.tree = guard::compare(manifest, side.folders.document_root, options);
    result.seconds = std::chrono::duration<double>(clock.monotonic() - start).count();
    return result;
}

}  // namespace flow
