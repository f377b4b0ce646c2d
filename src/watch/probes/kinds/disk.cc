// Space and inodes of a file system, and when it will be full if it goes on like this: the median of the slopes between
// all pairs of samples (Theil and Sen), which a clean-up or a big upload does not throw off as a mean would be.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include <sys/statvfs.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "watch/probes/forecast.h"
#include "watch/probes/kinds/kind.h"

namespace probes {

namespace {

class Disk final : public Probe {
  public:
    Disk(const Plan& plan, const World& world)
        : plan_(plan),
          world_(world),
          space_(judge_of(plan)),
          inodes_(judge_of(plan)),
          forecast_(plan.number("soon_hours").value_or(0) > 0 ? read_history(recall(plan, world)) : History{}) {}

    Reading run() override {
        const std::string path = plan_.text("path");
        struct statvfs about {};
        if (::statvfs(path.c_str(), &about) != 0)
            return {State::NoData,
                    fmt::format("{} を調べられません（{}）。", path, reason_wording(std::strerror(errno))),
                    {}};
        const double block = static_cast<double>(about.f_frsize);
        const double free = block * static_cast<double>(about.f_bavail);
        const double used_bytes = block * static_cast<double>(about.f_blocks - about.f_bfree);
        const double used = used_bytes + free > 0 ? 100 * used_bytes / (used_bytes + free) : 0;
        Reading reading;
        reading.samples = {{"used", used, "percent"}, {"free_bytes", free, "bytes"}};
        add(reading, space_.judge(used),
            fmt::format("{} は{:.0f}%を使用中で、空きは{}です。", path, used, size_wording(free)));
        if (about.f_files > 0) {
            const double inodes = 100 * (1 - static_cast<double>(about.f_favail) / static_cast<double>(about.f_files));
            reading.samples.push_back({"inodes_used", inodes, "percent"});
            const State state = inodes_.judge(inodes);
            add(reading, state,
                is_well(state) ? "" : fmt::format("ファイル数の枠（inode）は{:.0f}%を使用中です。", inodes));
        }
        if ((about.f_flag & ST_RDONLY) != 0 && plan_.text("writable") == "yes")
            add(reading, State::Failed, "書き込み禁止の状態です。");
        add_forecast(reading, used_bytes, free);
        return reading;
    }

  private:
    void add_forecast(Reading& reading, double used, double free) {
        const auto soon = plan_.number("soon_hours");
        if (!soon || *soon <= 0) return;
        if (add_to_history(forecast_, {world_.clock->now(), used})) remember(plan_, world_, write_history(forecast_));
        const auto seconds = seconds_until(forecast_, free);
        if (!seconds) return;
        reading.samples.push_back({"full_in", *seconds, "seconds"});
        const bool is_soon = *seconds < *soon * 3600;
        add(reading, is_soon ? State::Warning : State::Ok,
            is_soon ? fmt::format("このまま増えると、あと{}で一杯になります。", span_wording(*seconds)) : "");
    }

    const Plan& plan_;
    const World& world_;
    Judge space_, inodes_;
    History forecast_;
};

constexpr Option kOptions[] = {
    {"path", "", Option::Form::Text, "調べるファイルシステムの中のフォルダ"},
    {"warn", "85", Option::Form::Number, "注意とする使用率（%、容量とinode）"},
    {"fail", "95", Option::Form::Number, "異常とする使用率（%、容量とinode）"},
    margin_option("2"),
    {"soon_hours", "72", Option::Form::Number,
     "一杯になるまでの見込みがこれより短いと注意とする（時間。0なら見込まない）"},
    {"writable", "yes", Option::Form::Text, "書き込み禁止を異常とする（yes か no）"},
};

}  // namespace

extern const Kind disk{"disk",
                       "ディスクの空き",
                       "容量とinodeの使用率、一杯になるまでの見込み",
                       "path",
                       {30, 5, 2, 2, signals::Severity::Serious},
                       kOptions,
                       make<Disk>};

}  // namespace probes
