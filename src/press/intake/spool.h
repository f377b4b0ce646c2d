// What a crawl has fetched so far, on the disk: numbered files and a journal with a line for each finished address, so
// that an interrupted crawl asks the old server for nothing twice. A line counts only with its file whole: after a
// power cut a file that does not hash to its line is fetched again.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "ground/base/hash.h"
#include "ground/sys/files.h"

namespace intake {

struct Spooled {
    enum class What { File, Redirect, Missing } what = What::Missing;
    std::string path;     ///< public path's bytes
    std::string address;  ///< that was asked; what relative links start from
    int status = 0;
    std::int64_t number = 0;  ///< File: which one
    std::int64_t size = 0;
    base::Hash hash;
    std::int64_t changed_at = 0;  ///< nanoseconds, by Last-Modified; 0 = not said
    std::string content_type;     ///< as sent
    std::string location;         ///< Redirect: as sent
};

class Spool {
  public:
    /// Makes the folder, or goes on with what is there. Throws Error(Conflict) when it belongs to another `source`.
    Spool(std::filesystem::path folder, std::string_view source);

    /// Nothing when it is not finished, or its file is damaged.
    std::optional<Spooled> find(const std::string& path);
    std::int64_t next_number();
    std::filesystem::path file(std::int64_t number) const;
    std::filesystem::path staging() const { return folder_ / "staging"; }
    void add(const Spooled& finished);

  private:
    void read_journal(std::string_view source);

    std::filesystem::path folder_;
    std::mutex mutex_;  ///< guards what follows
    sys::Descriptor journal_;
    std::unordered_map<std::string, Spooled> finished_;
    std::int64_t number_ = 0;
};

}  // namespace intake
