#include "ground/http/static_files.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <list>
#include <mutex>
#include <unordered_map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/http/shelf.h"
#include "ground/sys/beneath.h"
#include "ground/sys/crypto.h"

namespace http {
namespace {

/// A file changed within this time may change again without its times showing it (the kernel's clock ticks every 4 ms
/// or so); such a file is served but not kept.
constexpr std::int64_t kRestlessNanoseconds = 50'000'000;
constexpr std::string_view kBusy = "ただいま混み合っています。しばらくしてから、もう一度お試しください。";

/// What a kept reply was made from. The change time cannot be set by a program, so it tells of every write and rename.
struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified = 0;
    std::int64_t changed = 0;
    bool operator==(const Identity&) const = default;
};

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

Identity identity_of(const struct stat& about) {
    return {about.st_dev, about.st_ino, about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
}

bool is_restless(const Identity& identity) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(now) - identity.changed < kRestlessNanoseconds;
}

/// Nanoseconds that only go forward, at the precision of the kernel's tick: nearly free.
std::int64_t coarse_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return nanoseconds(now);
}

struct OpenFile {
    sys::Descriptor file;
    Identity identity;
    bool is_folder = false;
};

/// The kernel itself refuses "..", symbolic links and whatever else would lead out of the folder.
std::optional<OpenFile> find_beneath(int root, const std::string& path) {
    OpenFile found;
    found.file = sys::open_beneath(root, path, O_RDONLY | O_NONBLOCK);
    struct stat about {};
    if (!found.file) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            throw base::Error(base::Kind::Unavailable, std::string(kBusy));
        return std::nullopt;
    }
    if (::fstat(found.file.get(), &about) != 0) return std::nullopt;
    found.is_folder = S_ISDIR(about.st_mode);
    if (!found.is_folder && !S_ISREG(about.st_mode)) return std::nullopt;
    found.identity = identity_of(about);
    return found;
}

/// Nothing when the file changed its length while it was read.
std::optional<std::string> read_whole(const sys::Descriptor& file, off_t size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got = ::pread(file.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

/// For files of which the release says nothing.
std::string guess_type(std::string_view path) {
    std::string type(base::media_type(path));
    if (type.starts_with("text/")) type += "; charset=utf-8";
    return type;
}

/// The request's path below the root, decoded. Nothing when a segment could not be a file's name.
std::optional<std::string> find_path(const Request& request) {
    std::string path;
    for (std::size_t i = 0; i < request.segments.size(); ++i) {
        const std::string& segment = request.segments[i];
        const bool is_last = i + 1 == request.segments.size();
        if ((segment.empty() && !is_last) || segment.find('/') != std::string::npos) return std::nullopt;
        if (i > 0) path += '/';
        path += segment;
    }
    return path;
}

}  // namespace

/// One public file as it stands now: what both kept and streamed replies are made from.
struct Variant {
    Coding coding = Coding::Identity;
    Validators validators;
    Headers headers;
    std::uint64_t size = 0;
    std::shared_ptr<const std::string> bytes;     ///< small files; shared by the replies kept of it
    std::shared_ptr<const sys::Descriptor> file;  ///< large ones; shared by the downloads under way
};

struct StaticTree::State {
    struct Kept {
        std::string key;
        Identity identity;
        Validators validators;
        std::shared_ptr<const Prepared> whole;      ///< shared by the replies under way
        std::shared_ptr<const Prepared> unchanged;  ///< the 304
        std::size_t bytes = 0;
        std::int64_t checked = 0;  ///< when its file was last looked at, on coarse_now's clock
    };
    using Order = std::list<Kept>;

    StaticOptions options;
    sys::Descriptor root;
    Shelf shelf;
    std::mutex mutex;  // guards all below
    Order order;       ///< most recently used first
    std::unordered_map<std::string_view, Order::iterator> by_key;
    std::size_t bytes = 0;
    std::int64_t recheck = 0;  ///< nanoseconds
    std::uint64_t generation = 0;
    std::uint64_t hits = 0, misses = 0;

    std::optional<Response> find_kept(const Request& request, const std::string& key, const std::string& path);
    void keep(Kept kept, std::uint64_t made_in);
    void drop(Order::iterator at);
    Response make(const Request& request, const std::string& path, const std::string& key,
                  const CodingWeights& weights);
    Response missing(const Request& request, int status = 404);
    std::optional<Variant> find_variant(const OpenFile& found, const std::optional<StaticEntry>& entry,
                                        const std::string& path, const CodingWeights& weights);
};

namespace {

Response reply(const Variant& variant, const Request& request, int status) {
    Response made;
    made.status = status;
    made.headers = variant.headers;
    RangeAnswer range{RangeAnswer::What::Whole, 0, variant.size};
    if (status == 200) {
        switch (judge_conditions(request.headers, variant.validators)) {
            case Condition::NotModified:
                made.status = 304;
                return made;
            case Condition::Failed:
                return text("ページの内容が変わりました。読み込み直してください。\n", 412);
            case Condition::Proceed:
                break;
        }
        if (request.method == "GET") range = judge_range(request.headers, variant.validators, variant.size);
        if (range.what != RangeAnswer::What::Whole)
            made.headers.set("Content-Range", format_content_range(range, variant.size));
        if (range.what == RangeAnswer::What::Part) made.status = 206;
        if (range.what == RangeAnswer::What::Unsatisfiable) {
            made.status = 416;
            made.headers.remove("Content-Encoding");
            return made;
        }
    }
    if (variant.bytes)
        made.body =
            variant.bytes->substr(static_cast<std::size_t>(range.offset), static_cast<std::size_t>(range.length));
    else
        made.file = {variant.file, range.offset, range.length};
    return made;
}

std::shared_ptr<const Prepared> prepare(const Response& response, bool has_length, Shelf& shelf) {
    auto made = std::make_shared<Prepared>();
    made->status = response.status;
    made->head = format_head(response, has_length ? std::optional<std::uint64_t>(response.body.size()) : std::nullopt);
    made->file = shelf.put(response.body);
    if (!made->file.file) made->body = response.body;
    return made;
}

bool is_plain_get(const Request& request) {
    return !request.headers.find("Range") && !request.headers.find("If-Match") &&
           !request.headers.find("If-Unmodified-Since");
}

}  // namespace

StaticTree::StaticTree(StaticOptions options) : state_(std::make_unique<State>()) {
    state_->root = sys::Descriptor(::open(options.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!state_->root)
        throw base::Error(base::Kind::NotFound, "there is no folder " + options.root.string() + " to serve");
    sys::open_beneath(state_->root.get(), "", O_RDONLY);  // where the kernel cannot, the service does not start
    state_->recheck = std::chrono::nanoseconds(options.recheck).count();
    state_->options = std::move(options);
}
StaticTree::~StaticTree() = default;

Response StaticTree::answer(const Request& request) {
    if (request.method != "GET" && request.method != "HEAD") {
        Response refused = text("このアドレスでは、ページを見ることだけができます（GET、HEAD）。\n", 405);
        refused.headers.add("Allow", "GET, HEAD");
        return refused;
    }
    auto path = find_path(request);
    if (!path) return state_->missing(request);
    if (path->empty() || path->back() == '/') *path += state_->options.index;
    const CodingWeights weights = parse_accept_encoding(request.headers.find("Accept-Encoding"));
    // Replies differ by which codings are taken and in what order, and by nothing else of the weights.
    std::string key;
    key.reserve(path->size() + 2);
    key += static_cast<char>('0' + static_cast<int>(choose_coding(weights, true, true)));
    key += static_cast<char>('0' + static_cast<int>(choose_coding(weights, true, false)));
    key += *path;
    if (auto kept = state_->find_kept(request, key, *path)) return std::move(*kept);
    return state_->make(request, *path, key, weights);
}

std::optional<Response> StaticTree::State::find_kept(const Request& request, const std::string& key,
                                                     const std::string& path) {
    if (!is_plain_get(request)) return std::nullopt;
    const std::int64_t now = coarse_now();
    Response made;
    Identity trusted;
    {
        const std::lock_guard lock(mutex);
        const auto found = by_key.find(key);
        if (found == by_key.end()) return std::nullopt;
        Kept& kept = *found->second;
        order.splice(order.begin(), order, found->second);
        made.prepared =
            judge_conditions(request.headers, kept.validators) == Condition::NotModified ? kept.unchanged : kept.whole;
        if (now - kept.checked < recheck) {
            ++hits;
            return made;
        }
        trusted = kept.identity;
    }
    // Same device, inode and change time: the very file that the confined look-up once found, whatever the path now
    // crosses.
    struct stat about {};
    const bool is_same =
        ::fstatat(root.get(), path.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 && identity_of(about) == trusted;
    const std::lock_guard lock(mutex);
    const auto found = by_key.find(key);
    if (found != by_key.end() && found->second->identity == trusted) {
        if (is_same)
            found->second->checked = now;
        else
            drop(found->second);
    }
    if (!is_same) return std::nullopt;
    ++hits;
    return made;
}

void StaticTree::State::drop(Order::iterator at) {
    bytes -= at->bytes;
    by_key.erase(at->key);
    order.erase(at);
}

void StaticTree::State::keep(Kept kept, std::uint64_t made_in) {
    kept.bytes = 2 * kept.key.size() + kept.whole->head.size() + kept.whole->body.size() + kept.unchanged->head.size() +
                 512 + (kept.whole->file.length + 4095) / 4096 * 4096;
    const std::lock_guard lock(mutex);
    if (kept.bytes > options.cache_bytes || made_in != generation) return;
    if (const auto known = by_key.find(kept.key); known != by_key.end()) drop(known->second);
    while (bytes + kept.bytes > options.cache_bytes) drop(std::prev(order.end()));
    bytes += kept.bytes;
    order.push_front(std::move(kept));
    by_key.emplace(order.front().key, order.begin());
}

std::optional<Variant> StaticTree::State::find_variant(const OpenFile& found, const std::optional<StaticEntry>& entry,
                                                       const std::string& path, const CodingWeights& weights) {
    Variant made;
    const bool is_small = found.identity.size <= static_cast<off_t>(options.cached_file_limit);
    std::optional<base::Hash> content;
    made.size = static_cast<std::uint64_t>(found.identity.size);
    if (is_small) {
        auto read = read_whole(found.file, found.identity.size);
        if (!read) return std::nullopt;
        content = sys::sha256(*read);
        made.bytes = std::make_shared<const std::string>(std::move(*read));
        // The tag names the bytes that are sent, not those that the release promises: a tampered page must not keep its
        // tag, or browsers would keep the tampered copy after the repair.
        made.validators.etag = fmt::format("\"{}\"", content->hex().substr(0, 32));
    } else {
        made.file = std::make_shared<const sys::Descriptor>(::fcntl(found.file.get(), F_DUPFD_CLOEXEC, 0));
        if (!*made.file) throw base::Error(base::Kind::Unavailable, std::string(kBusy));
        made.validators.etag =
            fmt::format("\"{:x}-{:x}-{:x}\"", found.identity.inode, found.identity.size, found.identity.changed);
    }
    made.validators.modified = {found.identity.modified / 1'000'000};

    // A twin is of the release's bytes; it stands for this file only while the file has these bytes.
    const bool may_have_twin =
        entry && entry->hash && options.open_twin && (content ? *content == *entry->hash : entry->size == made.size);
    if (may_have_twin) {
        sys::Descriptor gzip, brotli;
        if (weights.gzip > 0) gzip = options.open_twin(*entry->hash, Coding::Gzip);
        if (weights.brotli > 0) brotli = options.open_twin(*entry->hash, Coding::Brotli);
        made.coding = choose_coding(weights, static_cast<bool>(gzip), static_cast<bool>(brotli));
        sys::Descriptor& twin = made.coding == Coding::Gzip ? gzip : brotli;
        struct stat about {};
        if (made.coding != Coding::Identity && ::fstat(twin.get(), &about) == 0 && S_ISREG(about.st_mode)) {
            made.size = static_cast<std::uint64_t>(about.st_size);
            made.validators.etag.insert(made.validators.etag.size() - 1, made.coding == Coding::Gzip ? "-gz" : "-br");
            made.bytes = nullptr;
            made.file = nullptr;
            if (about.st_size <= static_cast<off_t>(options.cached_file_limit)) {
                auto read = read_whole(twin, about.st_size);
                if (!read) return std::nullopt;
                made.bytes = std::make_shared<const std::string>(std::move(*read));
            } else {
                made.file = std::make_shared<const sys::Descriptor>(std::move(twin));
            }
        } else {
            made.coding = Coding::Identity;
        }
    }

    made.headers = entry ? entry->headers : Headers{};
    for (const auto& [name, value] : options.headers)
        if (!made.headers.find(name)) made.headers.add(name, value);
    made.headers.set("Content-Type", entry && !entry->content_type.empty() ? entry->content_type : guess_type(path));
    if (made.coding != Coding::Identity) made.headers.set("Content-Encoding", std::string(coding_name(made.coding)));
    if (entry && entry->hash && options.open_twin) made.headers.add("Vary", "Accept-Encoding");
    made.headers.set("ETag", made.validators.etag);
    made.headers.set("Last-Modified", format_http_date(made.validators.modified));
    made.headers.set("Accept-Ranges", "bytes");
    return made;
}

Response StaticTree::State::make(const Request& request, const std::string& path, const std::string& key,
                                 const CodingWeights& weights) {
    std::uint64_t made_in = 0;
    {
        const std::lock_guard lock(mutex);
        ++misses;
        made_in = generation;
    }
    std::optional<StaticEntry> entry;
    if (options.find_entry) entry = options.find_entry(path);
    if (entry && !entry->redirect.empty()) return redirect(entry->redirect_status, entry->redirect);
    if (entry && entry->is_gone) return missing(request, 410);
    const auto found = find_beneath(root.get(), path);
    if (!found) return missing(request);
    if (found->is_folder) {
        // "/news" is the folder of "/news/"; without the slash the page's relative links would miss.
        if (request.path.starts_with("//") || request.path.ends_with('/')) return missing(request);
        return redirect(301, request.path + "/" + request.target.substr(request.path.size()));
    }
    if (!entry && options.find_entry && options.unknown == StaticOptions::Unknown::Refuse) return missing(request);
    const auto variant = find_variant(*found, entry, path, weights);
    if (!variant) throw base::Error(base::Kind::Unavailable, "ページを入れ替えています。もう一度お試しください。");
    if (variant->bytes && options.cache_bytes > 0 && !is_restless(found->identity)) {
        Response whole;
        whole.headers = variant->headers;
        whole.body = *variant->bytes;
        Response unchanged;
        unchanged.status = 304;
        unchanged.headers = variant->headers;
        keep({key, found->identity, variant->validators, prepare(whole, true, shelf), prepare(unchanged, false, shelf),
              0, coarse_now()},
             made_in);
    }
    return reply(*variant, request, 200);
}

Response StaticTree::State::missing(const Request& request, int status) {
    const auto plain = [status] {
        return text(status == 410
                        ? "このページは掲載を終了しました。トップページからおさがしください。\n"
                        : "お探しのページは見つかりません。アドレスを確かめるか、トップページからおさがしください。\n",
                    status);
    };
    const std::string path = options.find_error_page ? options.find_error_page(status) : options.not_found_path;
    if (path.empty()) return plain();
    const auto found = find_beneath(root.get(), path);
    if (!found || found->is_folder) return plain();
    std::optional<StaticEntry> entry;
    if (options.find_entry) entry = options.find_entry(path);
    auto variant = find_variant(*found, entry, path, CodingWeights{});
    if (!variant) return plain();
    for (const char* name : {"ETag", "Last-Modified", "Accept-Ranges", "Vary"}) variant->headers.remove(name);
    return reply(*variant, request, status);
}

Response StaticTree::missing(const Request& request, int status) {
    return state_->missing(request, status);
}

void StaticTree::forget() {
    const std::lock_guard lock(state_->mutex);
    state_->by_key.clear();
    state_->order.clear();
    state_->bytes = 0;
    ++state_->generation;
}

StaticTree::Numbers StaticTree::numbers() const {
    const std::lock_guard lock(state_->mutex);
    return {state_->hits, state_->misses, state_->bytes, state_->order.size()};
}

}  // namespace http
