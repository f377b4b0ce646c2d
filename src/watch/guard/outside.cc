#include "watch/guard/outside.h"

#include <algorithm>
#include <deque>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/files.h"

namespace guard {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatch = 200;  ///< pages of a round that are looked up at once
constexpr int kSaveEvery = 50;       ///< questions between two notes of the place
constexpr auto kAfterFailure = 30s;  ///< before a server that is away is asked again
constexpr int kFailuresToTell = 2;

}  // namespace

struct OutsideLook::Server {
    std::string url, name;
    struct Question {
        std::string url_path;  ///< percent-encoded, without the first '/'
        enum class Of { Important, Round, Nothing } of = Of::Round;
        bool is_second = false;
    };
    std::deque<Question> urgent;                                  ///< important pages and paths that do not exist
    std::map<std::string, std::pair<base::Instant, bool>> again;  ///< url_path: when to look again, important?
    std::deque<std::string> batch;                                ///< of the round
    std::string position;                                         ///< the last path of the round that was looked at
    base::Instant important_due, page_due, free_at;
    int failures = 0;
    int nothing_left = 0;  ///< of the paths that do not exist, in this look
    bool is_nothing_bad = false;
    int questions = 0;
    std::size_t site_size = 1;
};

OutsideLook::OutsideLook(OutsideOptions options, sys::HttpClient& client, const base::Clock& clock,
                         std::filesystem::path state_file)
    : options_(std::move(options)), client_(client), clock_(clock), state_file_(std::move(state_file)) {
    for (const std::string& url : options_.servers) {
        auto server = std::make_unique<Server>();
        server->url = url;
        server->name = server_name(url);
        servers_.push_back(std::move(server));
    }
    load();
}

OutsideLook::~OutsideLook() {
    try {
        save();
    } catch (const base::Error&) {
        // the next start begins a little earlier in the round
    }
}

std::chrono::milliseconds OutsideLook::step(const release::Manifest& manifest, const signals::Take& tell) {
    tell_ = &tell;
    if (!std::exchange(is_settled_, true)) settle();
    if (!options_.addresses.empty() && clock_.now() >= names_due_) check_names();
    base::Instant next = clock_.now() + 60s;
    for (const auto& server : servers_) {
        server->site_size = std::max<std::size_t>(1, manifest.size());
        if (clock_.now() >= server->free_at) {
            add_due(*server);
            do_next(*server, manifest);
        }
        base::Instant due = std::min(server->important_due, server->page_due);
        for (const auto& [path, when] : server->again) due = std::min(due, when.first);
        if (!server->urgent.empty()) due = server->free_at;
        next = std::min(next, std::max(due, server->free_at));
    }
    tell_ = nullptr;
    save_when_due();
    return std::max<std::chrono::milliseconds>(next - clock_.now(), 0ms);
}

void OutsideLook::add_due(Server& server) {
    using Of = Server::Question::Of;
    const base::Instant now = clock_.now();
    for (auto it = server.again.begin(); it != server.again.end();) {
        if (it->second.first > now) {
            ++it;
            continue;
        }
        server.urgent.push_front({it->first, it->second.second ? Of::Important : Of::Round, true});
        it = server.again.erase(it);
    }
    if (now < server.important_due) return;
    server.important_due = now + options_.important_every;
    if (!server.urgent.empty()) return;  // the last look is not through yet: slower than asked for, but polite
    for (std::string_view path : options_.important) {
        while (path.starts_with('/')) path.remove_prefix(1);
        server.urgent.push_back({std::string(path), Of::Important});
    }
    server.nothing_left = options_.random_paths;
    server.is_nothing_bad = false;
    for (int i = 0; i < options_.random_paths; ++i) server.urgent.push_back({random_path(), Of::Nothing});
}

void OutsideLook::refill(Server& server, const release::Manifest& manifest) {
    const auto add = [&](const release::Entry& entry) {
        const bool is_answered = !release::is_hidden(entry.path) && (entry.status == 200 || !entry.has_body());
        if (entry.path > server.position && is_answered) server.batch.push_back(entry.path);
        return server.batch.size() < kBatch;
    };
    manifest.each(add);
    if (server.batch.empty() && !server.position.empty()) {  // the round is through
        server.position.clear();
        if (options_.round) options_.round({"outside", clock_.now(), 1, 0, 0});
        manifest.each(add);
    }
}

void OutsideLook::do_next(Server& server, const release::Manifest& manifest) {
    using Of = Server::Question::Of;
    Server::Question question;
    if (!server.urgent.empty()) {
        question = server.urgent.front();
        server.urgent.pop_front();
    } else if (clock_.now() >= server.page_due) {
        if (server.batch.empty()) refill(server, manifest);
        // Spread over the time that a round may take.
        server.page_due =
            clock_.now() + std::chrono::milliseconds(std::chrono::milliseconds(options_.all_within).count() /
                                                     static_cast<std::int64_t>(server.site_size));
        if (server.batch.empty()) return;
        question.url_path = base::percent_encode(server.batch.front());
        server.position = server.batch.front();
        server.batch.pop_front();
    } else {
        return;
    }
    const bool is_important = question.of == Of::Important && options_.several_ways;
    const std::span<const Way> ways = std::span(kAllWays).first(is_important ? std::size(kAllWays) : 1);
    server.free_at = clock_.now() + std::chrono::milliseconds(1000 * static_cast<std::int64_t>(ways.size()) /
                                                              std::max(1, options_.requests_per_second));
    if (question.of == Of::Nothing) {
        auto found = look_at_nothing(client_, server.url, question.url_path, options_);
        if (take_server_faults(server, found))
            server.urgent.push_front(std::move(question));  // asked again once the server is there
        else
            take_nothing(server, std::move(found));
    } else if (const auto entry = manifest.find(entry_path(question.url_path))) {
        PageLook look = look_at_page(client_, server.url, question.url_path, *entry, ways, options_);
        std::vector<OutsideFinding>& found = look.findings;
        if (look.certificate_until) {
            if (const auto soon =
                    judge_certificate(*look.certificate_until, server.url, options_.certificate_days, clock_.now()))
                raise(*soon);
            else if (found.empty() || found.front().subject != server.name)
                clear("outside.certificate", server.name);
        }
        if (take_server_faults(server, found)) {
            server.urgent.push_front(std::move(question));
            ++server.questions;
            return;
        }
        if (options_.round) options_.round({"outside", clock_.now(), 0, 1, entry->size});
        if (!found.empty() && !question.is_second)
            server.again[question.url_path] = {clock_.now() + options_.second_look, is_important};
        else
            take(server, question.url_path, std::move(found), question.is_second);
    } else {
        clear("", server.url + question.url_path);  // it is no longer published: nothing to compare with
    }
    ++server.questions;
}

void OutsideLook::take(Server& server, const std::string& url_path, std::vector<OutsideFinding> found, bool is_second) {
    if (found.empty()) clear("", server.url + url_path);
    if (is_second)
        for (const OutsideFinding& one : found) raise(one);
}

/// The round of missing paths is well only when all of it is.
void OutsideLook::take_nothing(Server& server, std::vector<OutsideFinding> found) {
    --server.nothing_left;
    for (const OutsideFinding& one : found) raise(one);
    server.is_nothing_bad = server.is_nothing_bad || !found.empty();
    if (server.nothing_left == 0 && !server.is_nothing_bad) clear("outside.soft404", server.name);
}

/// True when the server itself could not be asked: nothing can be said of the page then.
bool OutsideLook::take_server_faults(Server& server, const std::vector<OutsideFinding>& found) {
    const bool is_away = !found.empty() && found.front().kind == "outside.unreachable";
    const bool is_distrusted = !found.empty() && found.front().kind == "outside.certificate";
    if (!is_away) {
        server.failures = 0;
        clear("outside.unreachable", server.name);
    }
    if (!is_away && !is_distrusted) return false;
    server.free_at = clock_.now() + kAfterFailure;
    // Once may be a restart.
    if (is_distrusted || ++server.failures >= kFailuresToTell) raise(found.front());
    return true;
}

void OutsideLook::check_names() {
    names_due_ = clock_.now() + options_.important_every;
    for (const auto& [host, wanted] : options_.addresses) {
        const std::vector<std::string> got = options_.resolve(host);
        std::string strange;
        for (const std::string& address : got) {
            const auto known = base::split(wanted, ' ');
            if (std::find(known.begin(), known.end(), address) == known.end()) strange += " " + address;
        }
        if (!got.empty() && strange.empty()) {
            clear("outside.dns", host);
            continue;
        }
        OutsideFinding finding;
        finding.kind = "outside.dns";
        finding.subject = host;
        finding.text = got.empty() ? fmt::format("{}の名前解決ができません。", host)
                                   : fmt::format("{}が、知らないアドレス{}を指しています。正しくは{}です。", host,
                                                 strange, wanted);
        raise(finding);
    }
}

void OutsideLook::raise(const OutsideFinding& finding) {
    has_news_ |= raised_.insert({finding.kind, finding.subject}).second;
    (*tell_)({.source = "outside",
              .kind = finding.kind,
              .subject = finding.subject,
              .severity = finding.severity,
              .observed_at = clock_.now(),
              .text = finding.text,
              .payload = finding.payload});
}

void OutsideLook::clear(std::string_view kind, const std::string& subject, std::string_view wording) {
    for (auto it = raised_.begin(); it != raised_.end();) {
        if (it->second != subject || (!kind.empty() && it->first != kind)) {
            ++it;
            continue;
        }
        (*tell_)({.source = "outside",
                  .kind = it->first,
                  .subject = subject,
                  .state = signals::State::Clear,
                  .observed_at = clock_.now(),
                  .text = fmt::format("{}は、{}。", subject, wording)});
        it = raised_.erase(it);
        has_news_ = true;
    }
}

/// What an earlier run raised about a server or a name that nobody asks any more: it would stay open for ever.
void OutsideLook::settle() {
    const auto is_asked = [&](const std::string& kind, const std::string& subject) {
        if (kind == "outside.dns") return options_.addresses.contains(subject);
        return std::any_of(servers_.begin(), servers_.end(), [&](const auto& server) {
            return subject == server->name || subject.starts_with(server->url);
        });
    };
    const auto raised = raised_;
    for (const auto& [kind, subject] : raised)
        if (!is_asked(kind, subject)) clear(kind, subject, "確認しない設定になりました");
}

/// What was raised is kept at once, for who forgets it can never clear it; the place in the round now and then.
void OutsideLook::save_when_due() {
    int questions = 0;
    for (const auto& server : servers_) questions += server->questions;
    if (!has_news_ && questions - saved_at_ < kSaveEvery) return;
    save();
    has_news_ = false;
    saved_at_ = questions;
}

/// A line each: "server URL PATH" (percent-encoded), "raised KIND SUBJECT".
void OutsideLook::load() {
    const auto text = sys::find_file(state_file_, 16U << 20);
    if (!text) return;
    for (const std::string_view line : base::split(*text, '\n')) {
        const auto words = base::split(line, ' ');
        if (words.size() != 3) continue;
        const auto first = base::percent_decode(words[1]), second = base::percent_decode(words[2]);
        if (!first || !second) continue;
        if (words[0] == "raised") raised_.insert({*first, *second});
        for (const auto& server : servers_)
            if (words[0] == "server" && server->url == *first) server->position = *second;
    }
}

void OutsideLook::save() const {
    std::string text;
    for (const auto& server : servers_)
        text +=
            fmt::format("server {} {}\n", base::percent_encode(server->url), base::percent_encode(server->position));
    for (const auto& [kind, subject] : raised_)
        text += fmt::format("raised {} {}\n", base::percent_encode(kind), base::percent_encode(subject));
    sys::write_file(state_file_, text, sys::Durability::Later);
}

}  // namespace guard
