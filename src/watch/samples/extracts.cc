#include "watch/samples/samples.h"

namespace samples {

namespace {

constexpr sys::ExtractColumn kSeries[] = {
    {"id", "番号"},
    {"name", "項目名"},
    {"subject", "監視対象"},
    {"newest_at", "最後の値の日時", sys::ColumnForm::Time},
};
constexpr sys::ExtractColumn kHours[] = {
    {"series_id", "項目の番号"},
    {"hour", "1970年1月1日0時（UTC）からの時間数"},
    {"least", "最小"},
    {"most", "最大"},
    {"mean", "平均"},
    {"count", "値の数"},
};
constexpr sys::Extract kExtracts[] = {
    {"sample_series", "監視の項目", "Monitored figures", "id", kSeries},
    {"sample_hours", "監視の値（1時間ごと）", "Monitored figures by the hour", "series_id, hour", kHours},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace samples
