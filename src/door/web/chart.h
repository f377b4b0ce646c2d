// Figures over time as SVG inside the page: no script, nothing fetched, and a table of the same figures stands behind
// every large one. Colours come from the style sheet (classes of chart.css).
#pragma once

#include <string>
#include <string_view>

#include "ground/template/value.h"
#include "watch/samples/samples.h"

namespace web {

/// "1.2 GB", "85％", "0.31秒", "42℃", "12件/秒": `unit` as probes name it ("bytes", "percent", "seconds", "celsius",
/// "per_second", "bytes_per_second"; "" = a number of things).
std::string figure_text(double value, std::string_view unit);

/// What a probe's sample is called: "使用率" for "used"; the name itself when it has none.
std::string sample_words(std::string_view name);

/// The band from least to most, the mean as a line, gaps as gaps; round figures at the left, times below. `label` is
/// read out in place of the picture.
tmpl::SafeHtml chart(const samples::Chart& chart, std::string_view unit, std::string_view label);
/// The mean alone, as small as a word.
tmpl::SafeHtml sparkline(const samples::Chart& chart, std::string_view label);

}  // namespace web
