// A record that is accepted is written again as the same bytes, and its head can be read alone.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/release/manifest.h"
#include "ground/release/record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// What stands in front of the first signature, as write_record would have it.
std::string rewritten(const release::Record& record) {
    const auto key = sys::SigningKey::from_seed(std::string(32, '\1'));
    const auto next = sys::SigningKey::from_seed(std::string(32, '\2'));
    const std::string text =
        release::write_record(record, key, record.kind == release::RecordKind::Rekey ? &next : nullptr);
    return text.substr(0, text.find("\nsignature ") + 1);
}

/// The signer's lines are the writer's own; the fuzzer cannot sign.
std::string without_keys(std::string text) {
    for (const char* word : {"\nkey ", "\nnewkey "}) {
        const auto at = text.find(word);
        if (at != std::string::npos) text.erase(at, text.find('\n', at + 1) - at);
    }
    return text;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    release::SignedRecord read;
    try {
        read = release::parse_record(bytes);
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged) std::abort();
        return 0;
    }
    if (without_keys(rewritten(read.record)) != without_keys(std::string(bytes.substr(0, read.signed_size))))
        std::abort();
    release::Record head = release::parse_record_head(bytes);
    if (head.number != read.record.number || head.root != read.record.root) std::abort();
    try {
        release::Manifest manifest;
        manifest.apply(read.record.changes);
        release::MemoryTree tree;
        if (release::update_tree(tree, release::empty_tree(), read.record.changes) != manifest.summary()) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Conflict) std::abort();
    }
    return 0;
}
