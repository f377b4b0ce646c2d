// A file whose content is of another kind than its name says, where the difference is what attackers use: a page or an
// archive named as a picture, a page named as a PDF. A JPEG named .png harms nobody and is left alone.
#include "watch/content/rules.h"

namespace content {

namespace {

std::vector<Finding> run(const Subject& subject) {
    const FileKind claimed = subject.claimed(), actual = subject.actual();
    const bool is_media = claimed == FileKind::Image || claimed == FileKind::Pdf || claimed == FileKind::Zip;
    if (!is_media || actual == FileKind::Other || actual == claimed) return {};
    if (actual == FileKind::Page || actual == FileKind::Svg || actual == FileKind::Zip || actual == FileKind::Pdf)
        return {{0, 80, signals::Severity::Warning}};
    return {};
}

}  // namespace

extern const Rule disguised_type{"disguised-type", "名前の拡張子と、中身の種類が違います。", run};

}  // namespace content
