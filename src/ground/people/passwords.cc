#include "ground/people/passwords.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace people {

namespace {

constexpr std::size_t kLongest = 256;        // characters of a new password
constexpr std::size_t kLongestInput = 1024;  // bytes that are hashed at all
constexpr auto kPatience = std::chrono::seconds(10);
constexpr int kPlaces = 4;

/// What people choose first, without the digits and signs that they add to please a rule.
constexpr std::string_view kCommon[] = {
    "password",   "passwd",    "pass",       "passw",    "admin",      "administrator", "root",        "user",
    "guest",      "test",      "welcome",    "letmein",  "login",      "changeme",      "secret",      "qwerty",
    "qwertyuiop", "asdfghjkl", "zxcvbnm",    "qazwsx",   "qwerasdf",   "abc",           "abcd",        "iloveyou",
    "monkey",     "dragon",    "football",   "baseball", "sunshine",   "princess",      "superman",    "pokemon",
    "doraemon",   "sakura",    "japan",      "nippon",   "nihon",      "tokyo",         "osaka",       "reiwa",
    "heisei",     "showa",     "yakuba",     "yakusho",  "shiyakusho", "kuyakusho",     "machiyakuba", "kouhou",
    "koho",       "kanri",     "kanrisha",   "homepage", "website",    "shokuin",       "temp",        "initial",
    "default",    "master",    "system",     "server",   "update",     "spring",        "summer",      "autumn",
    "winter",     "arigatou",  "konnichiwa", "tanaka",   "suzuki",     "satou",         "takahashi",
};

/// "P@ssw0rd2026!" => "password".
std::string core_of(std::string_view password) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; };
    const std::string lower = base::to_lower(password);
    const auto first = std::find_if(lower.begin(), lower.end(), is_letter);
    const auto last = std::find_if(lower.rbegin(), std::make_reverse_iterator(first), is_letter).base();
    std::string core(first, last);
    constexpr std::string_view kFrom = "@4013$5!7";
    constexpr std::string_view kTo = "aaolessit";
    for (char& c : core)
        if (const std::size_t at = kFrom.find(c); at != std::string_view::npos) c = kTo[at];
    return core;
}

/// The same few bytes again and again, or digits or letters in a row up or down.
bool is_pattern(std::string_view text) {
    for (std::size_t period = 1; period <= 4 && period * 2 < text.size(); ++period) {
        bool repeats = true;
        for (std::size_t i = period; i < text.size(); ++i) repeats = repeats && text[i] == text[i - period];
        if (repeats) return true;
    }
    for (const int step : {1, -1}) {
        bool runs = true;
        for (std::size_t i = 1; i < text.size(); ++i) {
            const int expected = text[i - 1] + step;
            const bool wraps = (step == 1 && text[i - 1] == '9' && text[i] == '0') ||
                               (step == -1 && text[i - 1] == '0' && text[i] == '9');
            runs = runs && (text[i] == expected || wraps);
        }
        if (runs) return true;
    }
    return false;
}

int count_kinds(std::string_view text) {
    std::array<bool, 4> seen{};
    for (const char c : text) {
        if (c >= 'a' && c <= 'z')
            seen[0] = true;
        else if (c >= 'A' && c <= 'Z')
            seen[1] = true;
        else if (c >= '0' && c <= '9')
            seen[2] = true;
        else
            seen[3] = true;
    }
    return static_cast<int>(std::count(seen.begin(), seen.end(), true));
}

Gate& gate() {
    static Gate of_process(kPlaces);
    return of_process;
}

}  // namespace

std::optional<PasswordFault> find_fault(std::string_view password, std::string_view login_name,
                                        const PasswordPolicy& policy) {
    if (!base::is_utf8(password) || password.find('\0') != std::string_view::npos)
        return PasswordFault{"パスワードに使えない文字があります。", "the password has characters that cannot be used"};
    const std::size_t length = base::count_code_points(password);
    if (length < static_cast<std::size_t>(std::max(policy.shortest, 1)))
        return PasswordFault{fmt::format("パスワードは{}文字以上にしてください。", policy.shortest),
                             fmt::format("the password must have at least {} characters", policy.shortest)};
    if (length > kLongest)
        return PasswordFault{fmt::format("パスワードは{}文字までです。", kLongest),
                             fmt::format("the password may have at most {} characters", kLongest)};
    if (count_kinds(password) < policy.kinds)
        return PasswordFault{
            fmt::format("英小文字、英大文字、数字、記号のうち{}種類以上を使ってください。", policy.kinds),
            fmt::format("the password must mix at least {} of lower case, upper case, digits and signs", policy.kinds)};
    const std::string lower = base::to_lower(password);
    const std::string name = base::to_lower(login_name);
    if ((name.size() >= 3 && lower.find(name) != std::string::npos) || name.find(lower) != std::string::npos)
        return PasswordFault{"パスワードにログイン名を含めないでください。",
                             "the password must not contain the login name"};
    if (is_pattern(lower))
        return PasswordFault{"同じ文字の繰り返しや連続した文字は使えません。", "the password is a run or a repetition"};
    if (std::find(std::begin(kCommon), std::end(kCommon), core_of(password)) != std::end(kCommon))
        return PasswordFault{"よく使われるパスワードです。別のものにしてください。",
                             "the password is one of the common ones; choose another"};
    return std::nullopt;
}

std::string make_password() {
    constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789";
    constexpr auto kFair = static_cast<unsigned char>(256 / kLetters.size() * kLetters.size());
    std::string password;
    int count = 0;
    while (count < 16) {
        const auto byte = static_cast<unsigned char>(sys::random_bytes(1)[0]);
        if (byte >= kFair) continue;  // else the first letters would come more often
        if (count > 0 && count % 4 == 0) password += '-';
        password += kLetters[byte % kLetters.size()];
        ++count;
    }
    return password;
}

Gate::Pass Gate::enter(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!has_room_.wait_for(lock, patience, [&] { return free_ > 0; }))
        throw base::Error(base::Kind::Unavailable, "too many people are signing in at this moment; try again shortly");
    --free_;
    return Pass(*this);
}

Gate::Pass::~Pass() {
    if (!gate_) return;
    {
        const std::lock_guard lock(gate_->mutex_);
        ++gate_->free_;
    }
    gate_->has_room_.notify_one();
}

std::string hash_new_password(std::string_view password) {
    const Gate::Pass pass = gate().enter(kPatience);
    return sys::hash_password(password);
}

bool is_right_password(std::string_view password, std::string_view stored) {
    const Gate::Pass pass = gate().enter(kPatience);
    static const std::string nobodys = sys::hash_password(sys::random_token());
    const bool matches = sys::is_password(password.substr(0, kLongestInput), stored.empty() ? nobodys : stored);
    return matches && !stored.empty() && password.size() <= kLongestInput;
}

}  // namespace people
