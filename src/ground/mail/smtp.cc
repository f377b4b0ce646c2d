#include "ground/mail/smtp.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace mail {
namespace {

struct CloseEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

constexpr std::size_t kLongestReply = 4096;

/// One mail under way: what libcurl's callbacks read and fill.
struct Passage {
    std::string_view rest;
    const std::function<bool()>* is_stopped = nullptr;
    std::string last_line;  ///< of the server
    std::array<char, CURL_ERROR_SIZE> message{};
};

std::size_t on_read(char* to, std::size_t, std::size_t room, void* from) {
    auto& passage = *static_cast<Passage*>(from);
    const std::size_t count = std::min(room, passage.rest.size());
    std::memcpy(to, passage.rest.data(), count);
    passage.rest.remove_prefix(count);
    return count;
}

bool says(std::string_view line, char first_digit) {
    return line.size() >= 3 && line[0] == first_digit && std::isdigit(static_cast<unsigned char>(line[1])) != 0 &&
           std::isdigit(static_cast<unsigned char>(line[2])) != 0;
}

std::size_t on_line(char* bytes, std::size_t, std::size_t count, void* to) {
    auto& passage = *static_cast<Passage*>(to);
    // What follows a refusal is the server's farewell.
    const std::string_view line = base::trim(std::string_view(bytes, std::min(count, kLongestReply)));
    if (!says(passage.last_line, '4') && !says(passage.last_line, '5')) passage.last_line = line;
    return count;
}

int on_progress(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& passage = *static_cast<Passage*>(of);
    return passage.is_stopped != nullptr && *passage.is_stopped && (*passage.is_stopped)() ? 1 : 0;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
        throw base::Error(base::Kind::Bug, fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                                       curl_easy_strerror(code)));
}

curl_usessl tls_of(const Server& server) {
    if (server.tls == Tls::None) return CURLUSESSL_NONE;
    if (server.tls == Tls::Required || !server.user.empty()) return CURLUSESSL_ALL;
    return CURLUSESSL_TRY;
}

/// A reply line of the server, as a person can read it and a log can bear it.
std::string readable(std::string_view line) {
    std::string text = base::to_valid_utf8(line.substr(0, 300));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return text;
}

/// `was_read`: the mail's text was on its way.
Reply reply_of(CURLcode code, const Passage& passage, bool was_read) {
    const std::string said = readable(passage.last_line);
    switch (code) {
        case CURLE_OK:
            return {Fate::Accepted, false, {}};
        case CURLE_LOGIN_DENIED:
            return {Fate::Later, true, fmt::format("メールサーバにログインできません（{}）", said)};
        case CURLE_COULDNT_RESOLVE_HOST:
            return {Fate::Later, true, "メールサーバの名前が見つかりません"};
        case CURLE_COULDNT_CONNECT:
            return {Fate::Later, true, "メールサーバにつながりません"};
        case CURLE_OPERATION_TIMEDOUT:
            return {Fate::Later, true, "メールサーバが時間内に答えません"};
        case CURLE_ABORTED_BY_CALLBACK:
            return {Fate::Later, true, "送信の途中でプログラムが止まりました"};
        case CURLE_USE_SSL_FAILED:
            return {Fate::Later, true, "メールサーバが暗号化（StartTLS）に対応していません"};
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR:
            return {Fate::Later, true,
                    fmt::format("メールサーバの証明書を確かめられません（{}）", readable(passage.message.data()))};
        default:
            break;
    }
    // Sender, recipient or text was refused. A refusal in the greeting concerns us, and may pass.
    if (says(passage.last_line, '5') && (was_read || code == CURLE_SEND_ERROR))
        return {Fate::Never, false, fmt::format("メールサーバが受け取りません：{}", said)};
    // 421 is the server's farewell; the other 4xx concern this mail.
    if (says(passage.last_line, '4'))
        return {Fate::Later, passage.last_line.starts_with("421"),
                fmt::format("メールサーバがいまは受け取れません：{}", said)};
    return {Fate::Later, true,
            fmt::format("メールサーバとのやりとりが途中で切れました（{}）",
                        readable(passage.message[0] != '\0' ? passage.message.data() : curl_easy_strerror(code)))};
}

}  // namespace

Reply send(const Server& server, const std::string& from, const std::string& to, std::string_view message,
           const std::function<bool()>& is_stopped) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::unique_ptr<CURL, CloseEasy> handle(started == CURLE_OK ? curl_easy_init() : nullptr);
    CURL* easy = handle.get();
    if (easy == nullptr) throw base::Error(base::Kind::Unavailable, "libcurl cannot start a transfer: out of memory");
    Passage passage;
    passage.rest = message;
    passage.is_stopped = &is_stopped;
    const std::unique_ptr<curl_slist, FreeList> recipients(curl_slist_append(nullptr, to.c_str()));
    const auto patience = static_cast<long>(std::chrono::milliseconds(server.patience).count());

    set(easy, CURLOPT_URL, server.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_ERRORBUFFER, passage.message.data());
    set(easy, CURLOPT_TIMEOUT_MS, patience);
    set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(server.patience.count()));
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(patience, 15'000L));
    set(easy, CURLOPT_USE_SSL, static_cast<long>(tls_of(server)));
    if (!server.ca_file.empty()) set(easy, CURLOPT_CAINFO, server.ca_file.c_str());
    if (!server.user.empty()) {
        set(easy, CURLOPT_USERNAME, server.user.c_str());
        set(easy, CURLOPT_PASSWORD, server.password.c_str());
    }
    set(easy, CURLOPT_MAIL_FROM, from.c_str());
    set(easy, CURLOPT_MAIL_RCPT, recipients.get());
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_READFUNCTION, &on_read);
    set(easy, CURLOPT_READDATA, static_cast<void*>(&passage));
    set(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
    set(easy, CURLOPT_HEADERFUNCTION, &on_line);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&passage));
    set(easy, CURLOPT_WRITEFUNCTION, &on_line);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&passage));
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(easy, CURLOPT_XFERINFODATA, static_cast<void*>(&passage));

    // A kept connection is closed when the handle goes, and libcurl then waits up to two minutes for the answer to
    // QUIT, deaf to `is_stopped`. Closed here, the same bounds hold for that as for the rest.
    set(easy, CURLOPT_FORBID_REUSE, 1L);

    const CURLcode code = curl_easy_perform(easy);
    return reply_of(code, passage, passage.rest.size() < message.size());
}

}  // namespace mail
