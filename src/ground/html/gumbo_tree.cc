#include "ground/html/inner/gumbo_tree.h"

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "ground/base/error.h"

namespace html {

struct GumboTree::Arena {
    std::jmp_buf way_out;  ///< Gumbo is C and has no way to report a failed allocation
    std::vector<void*> chunks;
    char* free = nullptr;
    std::size_t left = 0;
    std::size_t used = 0;
    std::size_t limit = 0;
    std::uint32_t calls = 0;
    std::chrono::steady_clock::time_point deadline;
    bool is_late = false;

    ~Arena() {
        for (void* chunk : chunks) std::free(chunk);
    }
};

namespace {

constexpr std::size_t kChunk = 1 << 18;
constexpr std::size_t kMemoryAtLeast = 16U << 20;
constexpr std::size_t kMemoryPerByte = 256;  // real pages need 10-40 times their size
constexpr std::size_t kMemoryAtMost = std::size_t{1} << 30;

void* allocate(void* userdata, std::size_t size) {
    auto& arena = *static_cast<GumboTree::Arena*>(userdata);
    size = (size + 15) & ~std::size_t{15};
    if ((++arena.calls & 1023) == 0 && std::chrono::steady_clock::now() > arena.deadline) {
        arena.is_late = true;
        std::longjmp(arena.way_out, 1);
    }
    if (size > arena.left) {
        const std::size_t want = std::max(size, std::min(kChunk + arena.used / 4, std::size_t{8} << 20));
        void* const chunk = arena.used + want > arena.limit ? nullptr : std::malloc(want);
        if (chunk == nullptr) std::longjmp(arena.way_out, 1);
        arena.chunks.push_back(chunk);
        arena.used += want;
        arena.free = static_cast<char*>(chunk);
        arena.left = want;
    }
    char* const place = arena.free;
    arena.free += size;
    arena.left -= size;
    return place;
}

void keep(void*, void*) {}

/// Null when the arena's limit was hit. Nothing with a destructor may live in here: longjmp leaves without running any.
GumboOutput* parse_in(GumboTree::Arena* arena, const GumboOptions* options, const char* data, std::size_t size) {
    if (setjmp(arena->way_out) != 0) return nullptr;
    return gumbo_parse_with_options(options, data, size);
}

}  // namespace

GumboTree::GumboTree(std::string_view utf8, std::string_view context, const Limits& limits) {
    if (utf8.size() > limits.bytes) {
        throw base::Error(base::Kind::BadInput,
                          fmt::format("the page has {} bytes; at most {} are read as HTML", utf8.size(), limits.bytes));
    }
    check_nesting(utf8, limits);
    arena_ = std::make_unique<Arena>();
    arena_->chunks.reserve(4096);
    arena_->limit = std::min(kMemoryAtLeast + kMemoryPerByte * utf8.size(), kMemoryAtMost);
    arena_->deadline = std::chrono::steady_clock::now() + limits.time;
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = allocate;
    options.deallocator = keep;
    options.userdata = arena_.get();
    options.tab_stop = 1;
    options.max_errors = 0;  // a recorded error copies the whole stack of open elements
    if (!context.empty()) {
        const GumboTag tag = gumbo_tagn_enum(context.data(), static_cast<unsigned>(context.size()));
        options.fragment_context = tag == GUMBO_TAG_UNKNOWN ? GUMBO_TAG_DIV : tag;
    }
    output_ = parse_in(arena_.get(), &options, utf8.empty() ? "" : utf8.data(), utf8.size());
    if (output_ == nullptr) {
        throw base::Error(
            base::Kind::BadInput,
            arena_->is_late
                ? fmt::format("the page's HTML is nested so that reading it takes over {} s",
                              limits.time.count() / 1000)
                : std::string("the page's HTML is nested so that reading it takes too much memory: look for formatting "
                              "tags (font, b, a) that are opened again and again and never closed"));
    }
}

GumboTree::~GumboTree() = default;

}  // namespace html
