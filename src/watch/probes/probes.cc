// The table of kinds. To add one, write its file in kinds/ and name it in these two places.
#include "watch/probes/probe.h"

namespace probes {

extern const Kind backup, boot, certificate, clock_sync, cpu, database, disk, dns, domain, ecc, heartbeat, http, jobs,
    journal, links, listeners, load, log, memory, ping, power, pressure, processes, queues, raid, requests, smart, swap,
    tcp, temperature, traffic, units;

std::span<const Kind* const> all_kinds() {
    static constexpr const Kind* kAll[] = {
        &http,        &tcp,    &dns,        &ping,     &certificate, &domain, &traffic,  &links,
        &requests,    &boot,   &processes,  &units,    &listeners,   &log,    &journal,  &cpu,
        &load,        &memory, &swap,       &pressure, &disk,        &smart,  &raid,     &ecc,
        &temperature, &power,  &clock_sync, &jobs,     &backup,      &queues, &database, &heartbeat};
    return kAll;
}

const Kind* find_kind(std::string_view id) {
    for (const Kind* kind : all_kinds())
        if (kind->id == id) return kind;
    return nullptr;
}

namespace {

struct StateWords {
    State state;
    std::string_view id, wording;
};
constexpr StateWords kStates[] = {{State::Ok, "ok", "正常"},
                                  {State::Absent, "absent", "対象なし"},
                                  {State::Provider, "provider", "提供者の責務"},
                                  {State::Warning, "warning", "注意"},
                                  {State::NoData, "no-data", "データなし"},
                                  {State::Failed, "failed", "異常"}};

}  // namespace

std::string_view state_id(State state) {
    return kStates[static_cast<std::size_t>(state)].id;
}

std::string_view state_wording(State state) {
    return kStates[static_cast<std::size_t>(state)].wording;
}

std::optional<State> find_state(std::string_view id) {
    for (const StateWords& one : kStates)
        if (one.id == id) return one.state;
    return std::nullopt;
}

}  // namespace probes
