// The pure part of the second factor, by liboath.
#include <liboath/oath.h>

#include "ground/base/error.h"
#include "ground/people/second_factor.h"
#include "ground/sys/crypto.h"

namespace people {

namespace {
constexpr unsigned kDigits = 6;
constexpr std::int64_t kStepSeconds = 30;
constexpr std::int64_t kSteps[] = {0, -1, 1};

std::string code_of_step(std::string_view secret, std::int64_t step) {
    static const int ready = oath_init();
    char code[kDigits + 1] = {};
    if (ready != OATH_OK || oath_hotp_generate(secret.data(), secret.size(), static_cast<std::uint64_t>(step), kDigits,
                                               false, OATH_HOTP_DYNAMIC_TRUNCATION, code) != OATH_OK)
        throw base::Error(base::Kind::Bug, "a one-time code could not be made");
    return code;
}

std::int64_t step_at(base::Instant at) {
    return at.milliseconds / 1000 / kStepSeconds;
}
}  // namespace

std::string code_at(std::string_view secret, base::Instant at) {
    return code_of_step(secret, step_at(at));
}

std::optional<std::int64_t> find_step(std::string_view secret, std::string_view code, base::Instant now) {
    std::optional<std::int64_t> found;
    for (const std::int64_t offset : kSteps) {  // all of them: the time says nothing about which was right
        const std::int64_t step = step_at(now) + offset;
        if (step >= 0 && sys::is_same_secret(code_of_step(secret, step), code) && !found) found = step;
    }
    return found;
}

}  // namespace people
