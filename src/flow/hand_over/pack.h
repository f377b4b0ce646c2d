// The folder of a handover while it is written: every file by temporary name and rename, every object once.
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "flow/hand_over_site.h"
#include "ground/objects/store.h"
#include "ground/release/manifest.h"

namespace flow::hand_over {

struct Totals {
    std::int64_t files = 0;
    std::int64_t bytes = 0;
};

class Pack {
  public:
    /// Makes `target`.partial. Throws Error(Conflict) when `target` holds something, or when something is at the
    /// .partial that no handover left.
    Pack(const std::filesystem::path& target, const objects::Store& objects, const HandOverOptions& options);
    /// Removes what is not finished.
    ~Pack();
    Pack(const Pack&) = delete;
    Pack& operator=(const Pack&) = delete;

    void put(const std::string& name, std::string_view bytes);
    std::unique_ptr<sys::StagedFile> open(const std::string& name);
    /// Copies a file of any size.
    void copy(const std::filesystem::path& from, const std::string& name);
    /// Places the release below public/ and remembers which bytes are there.
    void place(const release::Manifest& manifest);
    /// The name of the file that holds these bytes, brought in when no other file has them; "" when they are damaged or
    /// gone, which is then in `missing` with `whose`.
    std::string keep(const base::Hash& hash, std::string_view whose);

    /// Throws base::Interrupted when the work is to stop.
    void check_stopped() const;
    /// One of the expected items is done. Throws as check_stopped.
    void step();
    void expect(std::int64_t items) { total_ += items; }

    /// Writes SHA256SUMS over everything, brings all to the disk and gives the folder its name.
    Totals finish();

    std::vector<std::string> missing;

  private:
    Totals write_sums();

    std::filesystem::path target_, partial_, staging_;
    const objects::Store& objects_;
    const HandOverOptions& options_;
    std::unordered_map<std::string, std::string> public_;  ///< bytes of the hash => public path
    std::set<std::string> reported_;                       ///< hashes that are in `missing`
    std::int64_t done_ = 0, total_ = 0;
    bool is_finished_ = false;
};

}  // namespace flow::hand_over
