// A head or a highest-seen file that is accepted is written again as the same bytes.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto key = sys::SigningKey::from_seed(std::string(32, '\1'));
    static const auto keys = [] {
        release::PublicKeys known;
        known.add(key.public_key());
        return known;
    }();
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // Signed for the fuzzer, so that it gets past the signature.
    const std::string text(bytes.substr(0, bytes.find("signature ")));
    const std::string signed_text =
        text + "signature " + release::key_id(key.public_key()) + " " + base::to_base64(key.sign(text)) + "\n";
    try {
        const auto head = release::parse_head(signed_text, keys);
        if (release::write_head(head, key) != signed_text) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged) std::abort();
    }
    try {
        if (release::write_seen(release::parse_seen(bytes)) != bytes) std::abort();
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Damaged) std::abort();
    }
    return 0;
}
