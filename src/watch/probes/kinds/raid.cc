// Software RAID: an array that has lost a disk, or is being rebuilt.
#include "ground/base/text.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

/// /proc/mdstat: "md0 : active raid1 sda1[0] sdb1[1](F)" and below it "... [2/1] [U_]".
class Raid final : public Probe {
  public:
    Raid(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        const std::string text = find_text(world_.proc / "mdstat").value_or("");
        Reading reading;
        std::string array;
        int arrays = 0, degraded = 0;
        for (const std::string_view line : base::split(text, '\n')) {
            const auto words = words_of(line);
            if (words.size() >= 3 && words[1] == ":" && words[0].starts_with("md")) {
                array = words[0];
                ++arrays;
                if (words[2] == "inactive") add(reading, State::Failed, fmt::format("{} は止まっています。", array));
            }
            const auto open = line.rfind('[');
            const std::string_view marks = open == std::string_view::npos ? "" : line.substr(open + 1);
            if (!array.empty() && marks.find(']') != std::string_view::npos &&
                marks.substr(0, marks.find(']')).find_first_not_of("U_") == std::string_view::npos &&
                marks.find('_') != std::string_view::npos) {
                ++degraded;
                add(reading, State::Failed,
                    fmt::format("{} のディスクが外れています（{}）。", array, base::trim(line)));
            }
            if (line.find("recovery =") != std::string_view::npos || line.find("resync =") != std::string_view::npos)
                add(reading, State::Warning, fmt::format("{} を組み直しています（{}）。", array, base::trim(line)));
        }
        if (arrays == 0) return no_hardware(plan_, world_, "ソフトウェアRAID");
        reading.samples = {{"degraded", static_cast<double>(degraded)}, {"arrays", static_cast<double>(arrays)}};
        if (reading.text.empty())
            add(reading, State::Ok, fmt::format("RAID{}組は、すべてのディスクで動いています。", arrays));
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
};

constexpr Option kOptions[] = {kNoticeOption};

}  // namespace

extern const Kind raid{"raid",
                       "RAID",
                       "ソフトウェアRAIDの縮退と組み直し（/proc/mdstat）",
                       "",
                       {60, 5, 1, 2, signals::Severity::Serious},
                       kOptions,
                       make<Raid>};

}  // namespace probes
