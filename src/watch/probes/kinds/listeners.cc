// Ports that take connections and should not: what listened when this first looked, and what the settings allow, is
// expected; anything else is told, with the program that holds it.
#include <charconv>
#include <map>
#include <set>

#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

struct Listener {
    int port = 0;
    bool is_loopback = false;
    std::string inode;
    bool operator<(const Listener& other) const {
        return std::pair(port, is_loopback) < std::pair(other.port, other.is_loopback);
    }
};

void read_listeners(const std::string& text, std::set<Listener>& found) {
    for (const machine::Connection& one : machine::read_connections(text))
        if (one.state == machine::kListening)
            found.insert({one.local_port, machine::is_loopback(one.local), one.inode});
}

class Listeners final : public Probe {
  public:
    Listeners(const Plan& plan, const World& world) : plan_(plan), world_(world) {
        const std::string known = recall(plan, world);
        has_baseline_ = !known.empty();
        for (const std::string_view word : words_of(known))
            baseline_.insert(static_cast<int>(leading_number(word).value_or(-1)));
        for (const char* option : {"own", "allow"})
            for (const std::string& word : plan.list(option))
                allowed_.insert(static_cast<int>(leading_number(word).value_or(-1)));
    }

    Reading run() override {
        std::set<Listener> found;
        read_listeners(load_text(world_.proc / "net/tcp"), found);
        read_listeners(find_text(world_.proc / "net/tcp6").value_or(""), found);
        const bool with_loopback = plan_.text("loopback") == "yes";
        std::set<int> ports;
        for (const Listener& one : found)
            if (with_loopback || !one.is_loopback) ports.insert(one.port);
        if (!has_baseline_) {
            baseline_ = ports;
            std::string text = "0";
            for (const int port : ports) text += fmt::format(" {}", port);
            remember(plan_, world_, text);
            has_baseline_ = true;
        }
        std::string unexpected;
        int count = 0;
        for (const Listener& one : found) {
            if ((one.is_loopback && !with_loopback) || baseline_.contains(one.port) || allowed_.contains(one.port))
                continue;
            ++count;
            unexpected += fmt::format("{}{}番（{}）", unexpected.empty() ? "" : "、", one.port, owner_of(one.inode));
        }
        Reading reading;
        reading.samples = {{"unexpected", static_cast<double>(count)},
                           {"listening", static_cast<double>(ports.size())}};
        add(reading, count > 0 ? State::Failed : State::Ok,
            count > 0 ? fmt::format("予定のないポートが外からの接続を待っています：{}。", unexpected)
                      : fmt::format("接続を待つポートは、予定どおり{}個です。", ports.size()));
        return reading;
    }

  private:
    /// The program that holds the socket; looked for only when there is something to tell.
    std::string owner_of(const std::string& inode) const {
        const auto owners = machine::list_owners({inode}, world_.proc);
        return owners.empty() ? "プログラム不明" : owners.front().name;
    }

    const Plan& plan_;
    const World& world_;
    bool has_baseline_ = false;
    std::set<int> baseline_, allowed_;
};

constexpr Option kOptions[] = {
    {"allow", "", Option::Form::Text, "接続を待ってよいポート（コンマ区切り）。初回に待っていたものは含めなくてよい"},
    {"own", "", Option::Form::Text, "このシステムが使うポート（コンマ区切り）"},
    {"loopback", "no", Option::Form::Text, "このサーバの中だけの待ち受けも調べる（yes か no）"}};

}  // namespace

extern const Kind listeners{
    "listeners", "待ち受けポート", "予定のないポートの待ち受け（TCP）", "", {10, 5, 2, 1, signals::Severity::Serious},
    kOptions,    make<Listeners>};

}  // namespace probes
