#include "ground/sys/http_client.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace sys {
namespace {

struct CloseEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;
using Multi = std::unique_ptr<CURLM, CloseMulti>;
using List = std::unique_ptr<curl_slist, FreeList>;

constexpr std::size_t kMostKept = 16;             // idle handles, each with its own connections
constexpr std::size_t kMostHeaders = 256U << 10;  // bytes of header fields in one reply

void append(List& list, const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
}

/// One fetch under way: what libcurl's callbacks fill.
struct Transfer {
    const FetchOptions* options = nullptr;
    Fetched result;
    List headers, resolve;
    std::array<char, CURL_ERROR_SIZE> message{};
    std::size_t header_bytes = 0, body_bytes = 0;
    bool is_too_large = false;
};

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* to) {
    auto& transfer = *static_cast<Transfer*>(to);
    transfer.body_bytes += count;
    transfer.is_too_large = transfer.body_bytes > transfer.options->size_limit;
    if (!transfer.is_too_large && transfer.options->sink)
        transfer.is_too_large = !transfer.options->sink(std::string_view(bytes, count));
    else if (!transfer.is_too_large)
        transfer.result.body.append(bytes, count);
    return transfer.is_too_large ? 0 : count;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* to) {
    auto& transfer = *static_cast<Transfer*>(to);
    const std::string_view line = base::trim(std::string_view(bytes, count));
    transfer.header_bytes += count;
    if (transfer.header_bytes > kMostHeaders) {
        transfer.is_too_large = true;
        return 0;
    }
    if (line.starts_with("HTTP/")) transfer.result.headers.clear();  // a further reply: after a redirect or 100
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && !line.starts_with("HTTP/"))
        transfer.result.headers.emplace_back(base::to_lower(line.substr(0, colon)), base::trim(line.substr(colon + 1)));
    return count;
}

FetchFailure failure_of(CURLcode code, const Transfer& transfer) {
    if (transfer.is_too_large) return FetchFailure::TooLarge;
    switch (code) {
        case CURLE_OK:
            return FetchFailure::None;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return FetchFailure::BadUrl;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return FetchFailure::Name;
        case CURLE_COULDNT_CONNECT:
            return FetchFailure::Connect;
        case CURLE_OPERATION_TIMEDOUT:
            return FetchFailure::Timeout;
        case CURLE_TOO_MANY_REDIRECTS:
            return FetchFailure::TooManyRedirects;
        case CURLE_FILESIZE_EXCEEDED:
            return FetchFailure::TooLarge;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR:
            return FetchFailure::Tls;
        default:
            return FetchFailure::Broken;
    }
}

/// When the server's own certificate ends.
std::optional<std::int64_t> certificate_end(CURL* easy) {
    constexpr std::string_view kField = "Expire date:";
    curl_certinfo* chain = nullptr;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr || chain->num_of_certs < 1)
        return std::nullopt;
    for (const curl_slist* line = chain->certinfo[0]; line != nullptr; line = line->next) {
        if (!std::string_view(line->data).starts_with(kField)) continue;
        const std::time_t at = curl_getdate(line->data + kField.size(), nullptr);
        return at < 0 ? std::nullopt : std::optional<std::int64_t>(static_cast<std::int64_t>(at) * 1000);
    }
    return std::nullopt;
}

std::chrono::microseconds time_of(CURL* easy, CURLINFO which) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, which, &value);
    return std::chrono::microseconds(value);
}

std::string text_of(CURL* easy, CURLINFO which) {
    const char* value = nullptr;
    curl_easy_getinfo(easy, which, &value);
    return value ? value : "";
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
        throw base::Error(base::Kind::Bug, fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                                       curl_easy_strerror(code)));
}

void set_method(CURL* easy, const FetchOptions& options) {
    if (options.method == "HEAD") {
        set(easy, CURLOPT_NOBODY, 1L);
    } else if (options.method != "GET" || !options.body.empty()) {
        // POST's machinery carries any body; the method's name is then set over it. An empty POST says Content-Length:
        // 0.
        const bool may_have_body =
            !options.body.empty() || options.method == "POST" || options.method == "PUT" || options.method == "PATCH";
        if (may_have_body) {
            set(easy, CURLOPT_POST, 1L);
            set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(options.body.size()));
            set(easy, CURLOPT_POSTFIELDS, options.body.data());
        }
        set(easy, CURLOPT_CUSTOMREQUEST, options.method.c_str());
    }
}

void prepare(CURL* easy, const std::string& url, const FetchOptions& options, Transfer& transfer) {
    curl_easy_reset(easy);
    transfer.options = &options;
    for (const auto& [name, value] : options.headers) {
        if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            throw base::Error(base::Kind::Bug,
                              "a header field to be sent has a line end in it: " + base::percent_encode(name));
        append(transfer.headers, value.empty() ? name + ";" : name + ": " + value);
    }
    append(transfer.headers, "Expect:");  // waiting for 100 Continue costs a second where servers do not know it
    if (!options.body.empty() && std::none_of(options.headers.begin(), options.headers.end(), [](const auto& field) {
            return base::equals_ignoring_case(field.first, "content-type");
        }))
        append(transfer.headers, "Content-Type:");  // libcurl would claim a form
    for (const std::string& line : options.resolve) append(transfer.resolve, line);

    set(easy, CURLOPT_URL, url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_ERRORBUFFER, transfer.message.data());
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.patience.count()));
    set(easy, CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::min(options.connect_patience, options.patience).count()));
    set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.size_limit));
    set(easy, CURLOPT_FOLLOWLOCATION, options.redirects > 0 ? 1L : 0L);
    set(easy, CURLOPT_MAXREDIRS, static_cast<long>(options.redirects));
    set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
    set(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    set(easy, CURLOPT_PROXY, options.proxy.c_str());  // "" keeps the environment's out
    set(easy, CURLOPT_WRITEFUNCTION, &on_body);
    set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(easy, CURLOPT_HEADERFUNCTION, &on_header);
    set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    if (options.may_compress) set(easy, CURLOPT_ACCEPT_ENCODING, "gzip, br");
    if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    if (options.wants_certificate) set(easy, CURLOPT_CERTINFO, 1L);
    if (transfer.resolve) set(easy, CURLOPT_RESOLVE, transfer.resolve.get());
    set_method(easy, options);
}

Fetched conclude(CURL* easy, CURLcode code, Transfer& transfer, const std::string& url) {
    Fetched& result = transfer.result;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    result.status = static_cast<int>(status);
    result.url = text_of(easy, CURLINFO_EFFECTIVE_URL);
    result.address = text_of(easy, CURLINFO_PRIMARY_IP);
    if (transfer.options->wants_certificate) result.certificate_until = certificate_end(easy);
    result.timing = {time_of(easy, CURLINFO_NAMELOOKUP_TIME_T), time_of(easy, CURLINFO_CONNECT_TIME_T),
                     time_of(easy, CURLINFO_APPCONNECT_TIME_T), time_of(easy, CURLINFO_STARTTRANSFER_TIME_T),
                     time_of(easy, CURLINFO_TOTAL_TIME_T)};
    result.failure = failure_of(code, transfer);
    if (result.failure == FetchFailure::TooLarge)
        result.message = fmt::format("{} answers with more than {} bytes", url, transfer.options->size_limit);
    else if (result.has_failed())
        result.message = fmt::format("{} cannot be fetched: {}", url,
                                     transfer.message[0] != '\0' ? transfer.message.data() : curl_easy_strerror(code));
    return std::move(result);
}

Easy make_easy() {
    Easy easy(curl_easy_init());
    if (!easy) throw base::Error(base::Kind::Unavailable, "libcurl cannot start a transfer: out of memory");
    return easy;
}

void start_library() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw base::Error(base::Kind::Unavailable, "libcurl cannot be started");
}

}  // namespace

std::string_view fetch_failure_name(FetchFailure failure) {
    switch (failure) {
        case FetchFailure::None:
            return "";
        case FetchFailure::BadUrl:
            return "bad-url";
        case FetchFailure::Name:
            return "name";
        case FetchFailure::Connect:
            return "connect";
        case FetchFailure::Tls:
            return "tls";
        case FetchFailure::Timeout:
            return "timeout";
        case FetchFailure::TooLarge:
            return "too-large";
        case FetchFailure::TooManyRedirects:
            return "too-many-redirects";
        case FetchFailure::Broken:
            break;
    }
    return "broken";
}

std::optional<std::string_view> Fetched::find_header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers)
        if (name == lower_case_name) return value;
    return std::nullopt;
}

struct HttpClient::State {
    std::mutex mutex;  // guards the two below
    std::vector<Easy> kept;
    Multi multi;

    Easy take() {
        const std::lock_guard lock(mutex);
        if (kept.empty()) return make_easy();
        Easy easy = std::move(kept.back());
        kept.pop_back();
        return easy;
    }
    void give_back(Easy easy) {
        const std::lock_guard lock(mutex);
        if (kept.size() < kMostKept) kept.push_back(std::move(easy));
    }
};

HttpClient::HttpClient() : state_(std::make_unique<State>()) {
    start_library();
}
HttpClient::~HttpClient() = default;

Fetched HttpClient::try_fetch(const std::string& url, const FetchOptions& options) {
    Easy easy = state_->take();
    Transfer transfer;
    prepare(easy.get(), url, options, transfer);
    const CURLcode code = curl_easy_perform(easy.get());
    Fetched result = conclude(easy.get(), code, transfer, url);
    curl_easy_reset(easy.get());  // forget the pointers into `transfer`; connections stay
    state_->give_back(std::move(easy));
    return result;
}

Fetched HttpClient::fetch(const std::string& url, const FetchOptions& options) {
    Fetched result = try_fetch(url, options);
    if (result.failure == FetchFailure::BadUrl) throw base::Error(base::Kind::BadInput, result.message);
    if (result.has_failed()) throw base::Error(base::Kind::Unavailable, result.message);
    return result;
}

std::vector<Fetched> HttpClient::fetch_all(const std::vector<Wanted>& wanted, std::size_t parallel) {
    struct Running {
        Easy easy;
        std::unique_ptr<Transfer> transfer;
        std::size_t index = 0;
    };
    Multi multi;
    {
        const std::lock_guard lock(state_->mutex);
        multi = std::move(state_->multi);  // its connections are warm; a second caller at the same time makes its own
    }
    if (!multi) multi.reset(curl_multi_init());
    if (!multi) throw base::Error(base::Kind::Unavailable, "libcurl cannot start transfers: out of memory");
    std::vector<Fetched> results(wanted.size());
    std::deque<Running> running;
    std::size_t next = 0;
    while (next < wanted.size() || !running.empty()) {
        while (next < wanted.size() && running.size() < std::max<std::size_t>(parallel, 1)) {
            Running one{make_easy(), std::make_unique<Transfer>(), next};
            prepare(one.easy.get(), wanted[next].url, wanted[next].options, *one.transfer);
            curl_multi_add_handle(multi.get(), one.easy.get());
            running.push_back(std::move(one));
            ++next;
        }
        int active = 0;
        curl_multi_perform(multi.get(), &active);
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
            const auto done = std::find_if(running.begin(), running.end(),
                                           [&](const Running& one) { return one.easy.get() == message->easy_handle; });
            const CURLcode code = message->data.result;
            curl_multi_remove_handle(multi.get(), done->easy.get());
            results[done->index] = conclude(done->easy.get(), code, *done->transfer, wanted[done->index].url);
            running.erase(done);
        }
        if (active > 0) curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
    }
    const std::lock_guard lock(state_->mutex);
    state_->multi = std::move(multi);
    return results;
}

}  // namespace sys
