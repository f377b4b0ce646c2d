#include "flow/make_variants.h"

#include <brotli/encode.h>
#include <zlib.h>

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/release/store.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSmallest = 1024;       // below, the header fields weigh more than what is saved
constexpr std::int64_t kLargest = 16LL << 20;  // held in memory three times while it is compressed
constexpr int kGzipLevel = 9;
constexpr int kBrotliQuality = 9;  // 10 and 11 take ten times as long for some percent

constexpr auto kBetweenPasses = std::chrono::hours(24);

fs::path twin_of(const Folders& folders, const base::Hash& original, std::string_view ending) {
    const std::string name = original.hex();
    return folders.variants / name.substr(0, 2) / (name + std::string(ending));
}

}  // namespace

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    constexpr int kGzipWindow = 15 + 16;  // zlib.h: add 16 for a gzip header
    if (::deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string packed(::deflateBound(&stream, bytes.size()), '\0');
    std::string input(bytes);  // zlib asks for bytes that it could change
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int outcome = ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    return outcome == Z_STREAM_END ? packed : std::string();
}

std::string brotli(std::string_view bytes) {
    std::size_t size = ::BrotliEncoderMaxCompressedSize(bytes.size());
    std::string packed(size, '\0');
    if (::BrotliEncoderCompress(kBrotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, bytes.size(),
                                reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                                reinterpret_cast<std::uint8_t*>(packed.data())) == BROTLI_FALSE)
        return {};
    packed.resize(size);
    return packed;
}

bool VariantMaker::work(std::chrono::milliseconds budget) {
    const auto end = site_.clock.monotonic() + budget;
    if (waiting_.empty() && !is_whole_) {
        const auto newest = site_.database->read([](sys::Reader& db) { return release::find_newest_placed(db); });
        const std::int64_t number = newest ? newest->number : 0;
        const bool is_whole_due =
            release_ < 0 || site_.clock.monotonic() - whole_at_ > std::chrono::nanoseconds(kBetweenPasses);
        if (number == release_ && !is_whole_due) return false;
        if (is_whole_due)
            list_everything(number);
        else
            list_changes(number);
        release_ = number;
    }
    while (!waiting_.empty()) {
        make(waiting_.front());
        waiting_.pop_front();
        if (site_.clock.monotonic() >= end) return true;
    }
    if (is_whole_) remove_stale();
    return false;
}

void VariantMaker::list_everything(std::int64_t newest) {
    is_whole_ = true;
    whole_at_ = site_.clock.monotonic();
    if (!site_.settings.publish.precompress || newest == 0) return;
    site_.database->read([&](sys::Reader& db) {
        release::each_entry(db, "", [&](const release::Entry& entry) {
            consider(entry);
            return true;
        });
    });
}

void VariantMaker::list_changes(std::int64_t newest) {
    if (!site_.settings.publish.precompress) return;
    for (std::int64_t number = release_ + 1; number <= newest; ++number) {
        const bool is_there =
            site_.database->read([&](sys::Reader& db) { return release::find_release(db, number).has_value(); });
        if (!is_there) continue;  // a `restored` record passes numbers over
        const auto bytes = site_.database->read([&](sys::Reader& db) { return release::load_record(db, number); });
        for (const release::Change& change : release::parse_record(bytes).record.changes)
            if (change.what == release::Change::What::Put) consider(change.entry);
    }
}

void VariantMaker::consider(const release::Entry& entry) {
    if (!entry.has_body() || entry.size < kSmallest || entry.size > kLargest || !base::is_text_type(entry.type)) return;
    if (is_whole_ && !wanted_.insert(entry.hash).second) return;
    waiting_.push_back(entry.hash);
}

void VariantMaker::make(const base::Hash& original) {
    const fs::path gz = twin_of(site_.folders, original, ".gz");
    const fs::path br = twin_of(site_.folders, original, ".br");
    if (fs::exists(gz) && fs::exists(br)) return;
    std::string bytes;
    try {
        bytes = site_.objects->load(original);
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged && error.kind() != base::Kind::NotFound) throw;
        sys::log(sys::Level::Error, "no compressed twin", {{"problem", error.message()}});
        return;
    }
    const fs::path staging = site_.folders.variants / "staging";
    sys::make_folders(staging, 0750);
    sys::make_folders(gz.parent_path());
    const auto keep = [&](const fs::path& path, const std::string& packed) {
        if (packed.empty() || packed.size() >= bytes.size()) return;  // it would save nothing
        sys::write_file(path, packed, staging);
        ++made_;
    };
    keep(gz, gzip(bytes));
    keep(br, brotli(bytes));
}

void VariantMaker::remove_stale() {
    std::vector<fs::path> stale;
    std::error_code problem;
    for (const auto& item : fs::recursive_directory_iterator(site_.folders.variants, problem)) {
        if (item.is_directory()) continue;
        const auto original = base::Hash::find_hex(item.path().stem().string());
        if (!original || !wanted_.contains(*original)) stale.push_back(item.path());
    }
    for (const fs::path& path : stale)
        if (sys::remove_file(path, sys::Durability::Later)) ++removed_;
    wanted_.clear();
    is_whole_ = false;
}

}  // namespace flow
