// Memory with error correction: what was corrected, and what could not be.
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Ecc final : public Probe {
  public:
    Ecc(const Plan& plan, const World& world) : plan_(plan), world_(world) {}

    Reading run() override {
        const auto controllers = list_folder(world_.sys / "devices/system/edac/mc", "mc");
        if (controllers.empty()) return no_hardware(plan_, world_, "メモリの誤り訂正の記録");
        double corrected = 0, uncorrected = 0;
        for (const auto& controller : controllers) {
            corrected += static_cast<double>(find_number(controller / "ce_count").value_or(0));
            uncorrected += static_cast<double>(find_number(controller / "ue_count").value_or(0));
        }
        Reading reading;
        reading.samples = {{"corrected", corrected}, {"uncorrected", uncorrected}};
        if (uncorrected > 0)
            add(reading, State::Failed,
                fmt::format("訂正できないメモリの誤りが{:.0f}件あります。部品の交換を手配してください。", uncorrected));
        else if (last_ >= 0 && corrected > last_)
            add(reading, State::Warning,
                fmt::format("メモリの誤りが{:.0f}件増えました（訂正済み）。", corrected - last_));
        else
            add(reading, State::Ok,
                fmt::format("訂正できないメモリの誤りはありません（訂正済み{:.0f}件）。", corrected));
        last_ = corrected;
        return reading;
    }

  private:
    const Plan& plan_;
    const World& world_;
    double last_ = -1;
};

constexpr Option kOptions[] = {kNoticeOption};

}  // namespace

extern const Kind ecc{
    "ecc",    "メモリの誤り", "誤り訂正メモリの訂正と訂正不能（EDAC）", "", {60, 5, 1, 2, signals::Severity::Serious},
    kOptions, make<Ecc>};

}  // namespace probes
