// Whatever comes in, in whatever pieces: the reader ends in the same state, and a head that it takes has exactly one
// reading.
#include <cstdlib>

#include "ground/http/engine/request_reader.h"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    http::RequestReader::Need need = http::RequestReader::Need::More;
    std::string method, target, body;
    std::size_t rest = 0;
};

Outcome read(std::string_view bytes, std::size_t piece) {
    static const http::ReaderSettings settings{
        4096, {}, [](const http::Request&) { return std::size_t{2048}; }, [](http::Request&) {}};
    http::RequestReader reader(settings, "peer");
    std::string inbox;
    Outcome outcome;
    for (std::size_t at = 0; at < bytes.size() && outcome.need == http::RequestReader::Need::More; at += piece) {
        inbox.append(bytes.substr(at, piece));
        std::size_t used = 0;
        outcome.need = reader.take(inbox, used);
        require(used <= inbox.size());
        inbox.erase(0, used);
        outcome.rest = inbox.size() + bytes.size() - std::min(bytes.size(), at + piece);
    }
    outcome.method = reader.request().method;
    outcome.target = reader.request().target;
    outcome.body = reader.request().body;
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Outcome whole = read(bytes, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
        const Outcome cut = read(bytes, piece);
        require((whole.need == http::RequestReader::Need::Nothing) == (cut.need == http::RequestReader::Need::Nothing));
        if (whole.need != http::RequestReader::Need::Nothing) continue;
        require(whole.method == cut.method && whole.target == cut.target && whole.body == cut.body &&
                whole.rest == cut.rest);
    }
    if (whole.need == http::RequestReader::Need::Nothing) {
        require(whole.target.starts_with('/') && whole.body.size() <= 2048);
        const auto target = http::parse_target(whole.target);
        require(target.has_value());
        for (const std::string& segment : target->segments)
            require(segment != ".." && segment.find('\0') == std::string::npos);
    }
    return 0;
}
