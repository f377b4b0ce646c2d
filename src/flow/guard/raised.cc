#include "flow/guard/raised.h"

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

constexpr std::size_t kMost = 10'000;
constexpr std::size_t kLargest = 16U << 20;

}  // namespace

Raised::Raised(std::filesystem::path file) : file_(std::move(file)) {
    std::string text;
    try {
        text = sys::find_file(file_, kLargest).value_or("");
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "what the guard had raised cannot be read", {{"problem", error.message()}});
    }
    for (const std::string_view line : base::split(text, '\n')) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) continue;
        if (const auto subject = base::percent_decode(line.substr(space + 1)))
            all_.insert({std::string(line.substr(0, space)), *subject});
    }
}

void Raised::note(const signals::Signal& signal) {
    const Key key{signal.kind, signal.subject};
    const bool is_new = signal.state == signals::State::Raise && all_.size() < kMost && all_.insert(key).second;
    const bool is_over = signal.state == signals::State::Clear && all_.erase(key) > 0;
    if (is_new || is_over) write();
}

void Raised::write() const {
    std::string text;
    for (const auto& [kind, subject] : all_) text += kind + " " + base::percent_encode(subject) + "\n";
    try {
        sys::write_file(file_, text, sys::Durability::Later, 0640);
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "what the guard has raised cannot be noted", {{"problem", error.message()}});
    }
}

}  // namespace flow
