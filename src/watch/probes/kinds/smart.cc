// What disks say of themselves, by smartctl (smartmontools 7 and later, JSON). Its exit status is a set of bits, of
// which only "could not be asked" is a failure of the look.
#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/sys/process.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

namespace json = boost::json;

/// A member that may be missing.
const json::value* find_member(const json::value& in, std::initializer_list<std::string_view> steps) {
    const json::value* at = &in;
    for (const std::string_view step : steps) {
        const json::object* object = at->if_object();
        at = object ? object->if_contains(step) : nullptr;
        if (at == nullptr) return nullptr;
    }
    return at;
}

double number_in(const json::value& in, std::initializer_list<std::string_view> steps) {
    const json::value* at = find_member(in, steps);
    return at != nullptr && at->is_number() ? at->to_number<double>() : 0;
}

class Smart final : public Probe {
  public:
    Smart(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        if (is_virtual_machine(world_) && plan_.text("devices").empty())
            return no_hardware(plan_, world_, "ディスク装置");
        std::vector<std::string> devices = plan_.list("devices");
        try {
            if (devices.empty()) {
                const json::value scan = ask({"--scan", "-j"});
                if (const json::value* list = find_member(scan, {"devices"}); list && list->is_array())
                    for (const json::value& one : list->get_array())
                        if (const json::value* name = find_member(one, {"name"}); name && name->is_string())
                            devices.emplace_back(name->get_string());
            }
        } catch (const base::Error& error) {
            if (error.kind() != base::Kind::NotFound) throw;
            return {
                State::NoData,
                "smartctl（smartmontools）がないため、ディスクの診断を読めません。入れるか、この項目を止めてください。",
                {}};
        }
        if (devices.empty()) return no_hardware(plan_, world_, "診断できるディスク");
        Reading reading;
        double worn = 0, reallocated = 0;
        for (const std::string& device : devices)
            judge(device, ask({"-j", "-H", "-A", device}), reading, worn, reallocated);
        reading.samples = {{"reallocated", reallocated}, {"worn", worn, "percent"}};
        if (reading.text.empty())
            add(reading, State::Ok, fmt::format("ディスク{}台の自己診断は正常です。", devices.size()));
        return reading;
    }

  private:
    json::value ask(std::vector<std::string> arguments) const {
        sys::Command command;
        command.arguments = {world_.smartctl};
        command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
        command.patience = plan_.patience();
        command.output_limit = 1U << 20;
        sys::Outcome outcome;
        try {
            outcome = sys::run(command);
        } catch (const base::Error& error) {
            throw base::Error(base::Kind::NotFound, error.message());
        }
        boost::system::error_code problem;
        json::value answer = json::parse(outcome.output, problem);
        if (problem || outcome.timed_out) throw base::Error(base::Kind::Unavailable, "smartctl の答えを読めません");
        return answer;
    }

    void judge(const std::string& device, const json::value& answer, Reading& reading, double& worn,
               double& reallocated) const {
        const json::value* passed = find_member(answer, {"smart_status", "passed"});
        if (passed == nullptr || !passed->is_bool()) {
            add(reading, State::NoData, fmt::format("{} は自己診断に答えません。", device));
            return;
        }
        if (!passed->get_bool())
            add(reading, State::Failed, fmt::format("{} は、まもなく壊れると自ら診断しました。", device));
        double bad = number_in(answer, {"nvme_smart_health_information_log", "media_errors"});
        worn = std::max(worn, number_in(answer, {"nvme_smart_health_information_log", "percentage_used"}));
        if (const json::value* table = find_member(answer, {"ata_smart_attributes", "table"});
            table && table->is_array())
            for (const json::value& row : table->get_array()) {
                const double id = number_in(row, {"id"});
                if (id == 5 || id == 197 || id == 198) bad += number_in(row, {"raw", "value"});
            }
        reallocated += bad;
        if (bad >= plan_.number("warn").value_or(1))
            add(reading, State::Warning,
                fmt::format("{} に、読めない・置き換えた領域が{:.0f}か所あります。", device, bad));
        if (worn >= 90) add(reading, State::Warning, fmt::format("{} の寿命は{:.0f}%を使いました。", device, worn));
    }

    const Plan& plan_;
    const World& world_;
};

constexpr Option kOptions[] = {
    {"devices", "", Option::Form::Text, "調べる装置（コンマ区切り）。空なら見つかったすべて"},
    {"warn", "1", Option::Form::Number, "注意とする不良領域の数"},
    kNoticeOption};

}  // namespace

extern const Kind smart{
    "smart",  "ディスクの自己診断", "ディスク装置の自己診断（SMART）", "", {3600, 60, 1, 1, signals::Severity::Serious},
    kOptions, make<Smart>};

}  // namespace probes
