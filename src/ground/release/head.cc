// See head.h.
#include "ground/release/head.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/release/inside/lines.h"
#include "ground/sys/files.h"

namespace release {

using base::Error;
using base::Kind;

std::string write_head(Head head, const sys::SigningKey& key) {
    if (!inside::is_site_id(head.site) || head.number < 1 || head.number > kHighestNumber)
        throw Error(Kind::BadInput, "a release head needs a site id and a release number");
    const std::string text = fmt::format("yakuba-head 1\nsite {}\nnumber {}\nrecord {}\ntime {}\n", head.site,
                                         head.number, head.record.hex(), base::format_utc(head.at));
    return text + inside::signature_line(key, text);
}

Head parse_head(std::string_view bytes, const PublicKeys& keys) {
    inside::Lines lines("release head", bytes);
    Head head;
    lines.need_line("yakuba-head 1");
    head.site = lines.take("site");
    if (!inside::is_site_id(head.site)) lines.fail("the site id is not well formed");
    head.number = lines.take_number("number");
    if (head.number < 1 || head.number > kHighestNumber) lines.fail("the number is not between 1 and 99999999");
    head.record = lines.take_hash("record");
    head.at = lines.take_time("time");
    const auto signed_size = lines.position();
    const auto signature = lines.take_signature();
    if (!lines.at_end()) lines.fail("something stands after the signature");
    head.key_id = signature.key_id;
    const std::string* key = keys.find(head.key_id);
    if (key == nullptr) lines.fail(fmt::format("the key {} is not known", head.key_id));
    if (!sys::is_signed(bytes.substr(0, signed_size), signature.bytes, *key))
        lines.fail(fmt::format("the signature is not by the key {}", head.key_id));
    return head;
}

std::string write_seen(const Seen& seen) {
    return fmt::format("yakuba-seen 1\nnumber {}\nrecord {}\n", seen.number, seen.record.hex());
}

Seen parse_seen(std::string_view bytes) {
    inside::Lines lines("highest release seen", bytes);
    Seen seen;
    lines.need_line("yakuba-seen 1");
    seen.number = lines.take_number("number");
    seen.record = lines.take_hash("record");
    if (!lines.at_end()) lines.fail("something stands after the record");
    return seen;
}

std::optional<Seen> find_seen(const std::filesystem::path& file) {
    const auto bytes = sys::find_file(file, 4096);
    if (!bytes) return std::nullopt;
    return parse_seen(*bytes);
}

void note_seen(const std::filesystem::path& file, const Seen& seen) {
    const auto before = find_seen(file);
    if (before && before->number >= seen.number) return;
    sys::write_file(file, write_seen(seen));
}

}  // namespace release
