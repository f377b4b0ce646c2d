// Serves a folder of public files. The kernel confines each look-up to the folder (openat2 with RESOLVE_BENEATH, no
// symbolic links); small files are kept in memory as ready replies, each hit checked against the file's inode, times
// and size, so that a page replaced by rename is served from the next request on. Leaves out listings of folders and
// every method but GET and HEAD.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ground/base/hash.h"
#include "ground/http/conditional.h"
#include "ground/http/message.h"

namespace http {

/// What the release says about one public path.
struct StaticEntry {
    std::string content_type;        ///< with charset: "text/html; charset=Shift_JIS"; "" = by the name's ending
    Headers headers;                 ///< further fields
    std::optional<base::Hash> hash;  ///< names the precompressed twins
    std::uint64_t size = 0;          ///< of the original; a file of another size gets no twin
    std::string redirect;            ///< when set, the path is a redirect to this and needs no file
    int redirect_status = 301;
    bool is_gone = false;  ///< was here once: 410
};

struct StaticOptions {
    std::filesystem::path root;
    /// By path as bytes, without leading slash: "news/index.html". Nothing = the release does not know it.
    std::function<std::optional<StaticEntry>(const std::string& path)> find_entry;
    enum class Unknown { Serve, Refuse } unknown = Unknown::Serve;  ///< files that find_entry does not know
    /// Opens the twin of the file with this hash; an empty descriptor when there is none.
    std::function<sys::Descriptor(const base::Hash& original, Coding coding)> open_twin;
    std::string index = "index.html";
    std::string not_found_path;  ///< "404.html"; "" = a line of text
    /// Asked each time instead, when set: the page for 404 or 410.
    std::function<std::string(int status)> find_error_page;
    std::size_t cache_bytes = 32U << 20;     ///< of replies kept, heads and keys included; 0 = none
    std::chrono::milliseconds recheck{100};  ///< how long a kept reply is trusted between looks at its file; 0 = never
    std::size_t cached_file_limit = 512U << 10;  ///< larger files are sent from disk
    Headers headers;                             ///< on every file, unless its entry sets them
};

/// Safe to use from several threads.
class StaticTree {
  public:
    /// Throws Error(NotFound) when the root is no folder.
    explicit StaticTree(StaticOptions options);
    ~StaticTree();

    /// On a cold page one openat2 and one read, so fit for a FastHandler on a local disk; large files are handed to
    /// sendfile.
    Response answer(const Request& request);
    /// What answer() says of a path that is not there; for callers who know that more paths are not.
    Response missing(const Request& request, int status = 404);
    /// Drops every kept reply; for when find_entry answers differently than before.
    void forget();

    struct Numbers {
        std::uint64_t hits, misses;
        std::size_t bytes, entries;
    };
    Numbers numbers() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace http
