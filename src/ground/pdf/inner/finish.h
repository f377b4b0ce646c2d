// The step after printing.
#pragma once

#include <string>
#include <string_view>

#include "ground/pdf/pdf.h"

namespace pdf {

constexpr std::string_view kProducer = "Yakuba";

/// Throws Error(BadInput) when `bytes` is no PDF.
std::string finish(std::string_view bytes, const Words& words);

}  // namespace pdf
