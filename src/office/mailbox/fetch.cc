#include "office/mailbox/fetch.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <curl/curl.h>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace mailbox {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kMostLines = 4U << 20U;  // of a list of mails

[[noreturn]] void away(std::string message) {
    throw Error(Kind::Unavailable, std::move(message));
}

bool is_local(std::string_view url) {
    const std::size_t start = url.find("://");
    const std::string_view host = start == std::string_view::npos ? url : url.substr(start + 3);
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

/// With the folder at its end, without a slash.
std::string folder_url(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    const std::size_t host = url.find("://");
    if (host == std::string::npos || url.find('/', host + 3) == std::string::npos) url += "/INBOX";
    return url;
}

}  // namespace

struct Mailbox::State {
    Server server;
    std::function<bool()> is_stopped;
    CURL* easy = nullptr;
    std::string url;
    std::string headers, body;
    std::size_t most = 0;
    bool was_too_large = false;
    std::array<char, CURL_ERROR_SIZE> message{};

    ~State() {
        if (easy != nullptr) curl_easy_cleanup(easy);
    }

    template <class Value>
    void set(CURLoption option, Value value) const {
        if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
            throw Error(Kind::Bug, fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                               curl_easy_strerror(code)));
    }

    static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* to) {
        auto& state = *static_cast<State*>(to);
        if (state.body.size() + count > state.most) {
            state.was_too_large = true;
            return 0;
        }
        state.body.append(bytes, count);
        return count;
    }
    static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* to) {
        auto& state = *static_cast<State*>(to);
        if (state.headers.size() + count <= kMostLines) state.headers.append(bytes, count);
        return count;
    }
    static int on_progress(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        const auto& state = *static_cast<State*>(of);
        return state.is_stopped && state.is_stopped() ? 1 : 0;
    }

    void start() {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        easy = started == CURLE_OK ? curl_easy_init() : nullptr;
        if (easy == nullptr) away("メールを受け取れません。メモリが足りません。");
        const auto patience = static_cast<long>(std::chrono::milliseconds(server.patience).count());
        const bool needs_tls =
            server.tls == Tls::Required || (server.tls == Tls::Auto && !server.user.empty() && !is_local(server.url));
        set(CURLOPT_PROTOCOLS_STR, "imap,imaps");
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_ERRORBUFFER, message.data());
        set(CURLOPT_TIMEOUT_MS, patience);
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(server.patience.count()));
        set(CURLOPT_CONNECTTIMEOUT_MS, std::min(patience, 15'000L));
        set(CURLOPT_USE_SSL, static_cast<long>(needs_tls                 ? CURLUSESSL_ALL
                                               : server.tls == Tls::None ? CURLUSESSL_NONE
                                                                         : CURLUSESSL_TRY));
        if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
        set(CURLOPT_USERNAME, server.user.c_str());
        set(CURLOPT_PASSWORD, server.password.c_str());
        set(CURLOPT_WRITEFUNCTION, &on_body);
        set(CURLOPT_WRITEDATA, static_cast<void*>(this));
        set(CURLOPT_HEADERFUNCTION, &on_header);
        set(CURLOPT_HEADERDATA, static_cast<void*>(this));
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &on_progress);
        set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
        url = folder_url(server.url);
    }

    void perform(const std::string& at, const char* command, std::size_t limit) {
        headers.clear();
        body.clear();
        message[0] = '\0';
        most = limit;
        was_too_large = false;
        set(CURLOPT_URL, at.c_str());
        set(CURLOPT_CUSTOMREQUEST, command);
        const CURLcode code = curl_easy_perform(easy);
        if (was_too_large) throw Error(Kind::BadInput, "メールが大きすぎるため、取り込みません。");
        switch (code) {
            case CURLE_OK:
                return;
            case CURLE_LOGIN_DENIED:
                away("メールボックスにログインできません。利用者名とパスワードを確かめてください。");
            case CURLE_COULDNT_RESOLVE_HOST:
                away("メールボックスのサーバの名前が見つかりません。");
            case CURLE_COULDNT_CONNECT:
                away("メールボックスのサーバにつながりません。");
            case CURLE_OPERATION_TIMEDOUT:
                away("メールボックスのサーバが時間内に答えません。");
            case CURLE_ABORTED_BY_CALLBACK:
                away("受信の途中でプログラムが止まりました。");
            case CURLE_USE_SSL_FAILED:
                away("メールボックスのサーバが暗号化（StartTLS）に対応していません。");
            case CURLE_SSL_CONNECT_ERROR:
            case CURLE_PEER_FAILED_VERIFICATION:
            case CURLE_SSL_CACERT_BADFILE:
                away("メールボックスのサーバの証明書を確かめられません。");
            default:
                away(fmt::format("メールを受け取れません（{}）。", curl_easy_strerror(code)));
        }
    }

    std::string lines() const { return headers + body; }
};

Mailbox::Mailbox(const Server& server, std::function<bool()> is_stopped) : state_(std::make_unique<State>()) {
    state_->server = server;
    state_->is_stopped = std::move(is_stopped);
    state_->start();
}

Mailbox::~Mailbox() = default;

std::int64_t Mailbox::validity() {
    const std::size_t host = state_->url.find("://");
    const std::size_t path = state_->url.find('/', host + 3);
    std::string folder;
    for (const char c : base::percent_decode(state_->url.substr(path + 1)).value_or("INBOX")) {
        if (c == '"' || c == '\\') folder += '\\';
        if (static_cast<unsigned char>(c) >= 0x20) folder += c;
    }
    state_->perform(state_->url, fmt::format("STATUS \"{}\" (UIDVALIDITY)", folder).c_str(), kMostLines);
    const std::int64_t number = number_after(state_->body, "UIDVALIDITY");
    if (number == 0) away("メールボックスのサーバの答えがわかりません。フォルダの名前を確かめてください。");
    return number;
}

std::vector<Entry> Mailbox::list_after(std::int64_t last_uid, std::size_t limit) {
    state_->perform(state_->url, fmt::format("UID SEARCH UID {}:*", last_uid + 1).c_str(), kMostLines);
    std::vector<Entry> entries;
    for (const std::int64_t uid : uids_of_search(state_->lines(), last_uid, limit)) {
        state_->perform(state_->url, fmt::format("UID FETCH {} (UID RFC822.SIZE)", uid).c_str(), kMostLines);
        entries.push_back({uid, number_after(state_->lines(), "RFC822.SIZE")});
    }
    return entries;
}

std::string Mailbox::fetch(std::int64_t uid, std::size_t most) {
    state_->perform(fmt::format("{}/;UID={}", state_->url, uid), nullptr, most);
    return std::move(state_->body);
}

std::vector<std::int64_t> uids_of_search(std::string_view lines, std::int64_t above, std::size_t limit) {
    std::vector<std::int64_t> uids;
    for (std::string_view line : base::split(lines, '\n')) {
        line = base::trim(line);
        constexpr std::string_view kSearch = "* SEARCH";
        if (!base::equals_ignoring_case(line.substr(0, kSearch.size()), kSearch)) continue;
        for (const std::string_view word : base::split(line.substr(kSearch.size()), ' ')) {
            std::int64_t uid = 0;
            const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), uid);
            // "n:*" names the last mail even when it is below n.
            if (problem == std::errc() && end == word.data() + word.size() && uid > above) uids.push_back(uid);
        }
    }
    std::sort(uids.begin(), uids.end());
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
    if (uids.size() > limit) uids.resize(limit);
    return uids;
}

std::int64_t number_after(std::string_view lines, std::string_view word) {
    const std::size_t at = lines.find(word);
    if (at == std::string_view::npos) return 0;
    const std::string_view rest = base::trim(lines.substr(at + word.size(), 24));
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    return problem == std::errc() && end != rest.data() && number > 0 ? number : 0;
}

}  // namespace mailbox
