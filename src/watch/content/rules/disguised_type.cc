// A file whose content is of another kind than its name says, where the difference is what attackers use: a page or an
// archive named as a picture, a page named as a PDF. A JPEG named .png harms nobody and is left alone.
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    const Format claimed = subject.claimed(), actual = subject.actual();
    const bool is_media = claimed == Format::Image || claimed == Format::Pdf || claimed == Format::Zip;
    if (!is_media || actual == Format::Other || actual == claimed) return {};
    if (actual == Format::Page || actual == Format::Svg || actual == Format::Zip || actual == Format::Pdf)
        return {{0, 80, signals::Severity::Warning}};
    return {};
}

}  // namespace

extern const Rule disguised_type{"disguised-type", "名前の拡張子と、中身の種類が違います。", run};

}  // namespace content
