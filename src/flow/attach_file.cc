#include "flow/attach_file.h"

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace flow {

namespace json = boost::json;
using base::Error;
using base::Kind;

namespace {

/// Without the folders of the sender's machine, and without what could mislead in a header or on a screen.
std::string plain_name(std::string_view name) {
    const auto from = name.find_last_of("/\\");
    std::string plain;
    for (const char c : base::to_valid_utf8(from == std::string_view::npos ? name : name.substr(from + 1)))
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && c != '"') plain += c;
    return std::string(base::first_code_points(base::trim(plain), 200));
}

}  // namespace

records::NewFile keep_file(Site& site, std::string_view subject, std::string_view name, std::string_view bytes,
                           std::string_view by, Sender sender) {
    if (bytes.empty()) throw Error(Kind::BadInput, "ファイルが空です。内容のあるファイルを選んでください。");
    if (bytes.size() > kLargestAttachment)
        throw Error(Kind::BadInput,
                    fmt::format("ファイルが大きすぎます。{}MBまでにしてください。", kLargestAttachment >> 20U));
    screen_upload(site, bytes, name, by, sender);
    records::NewFile file;
    file.subject = subject;
    file.name = plain_name(name);
    file.type = base::media_type(file.name);
    file.hash = site.objects->put(bytes).hash;
    file.bytes = static_cast<std::int64_t>(bytes.size());
    file.by = by;
    file.at = site.clock.now();
    return file;
}

records::File attach_file(Site& site, std::string_view subject, std::string_view name, std::string_view bytes,
                          std::string_view by) {
    const records::NewFile kept = keep_file(site, subject, name, bytes, by);
    return site.database->write([&](sys::Transaction& tx) {
        records::File file = records::attach(tx, kept);
        ledger::append(
            tx, {kept.at, kept.by, "record.attach", kept.subject,
                 json::serialize(json::object{
                     {"file", file.id}, {"name", file.name}, {"sha256", file.hash.hex()}, {"bytes", file.bytes}})});
        return file;
    });
}

}  // namespace flow
