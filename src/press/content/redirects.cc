#include "press/content/redirects.h"

#include "ground/base/error.h"

namespace content {

using base::Error;
using base::Kind;

void put_redirect(sys::Transaction& tx, const Redirect& redirect) {
    const bool leads_somewhere = redirect.location.starts_with("/") || redirect.location.starts_with("https://") ||
                                 redirect.location.starts_with("http://");
    if (redirect.status == 410 ? !redirect.location.empty() : !leads_somewhere || redirect.location.starts_with("//"))
        throw Error(Kind::BadInput,
                    "移転先は「/」で始まるサイト内のパスか、http:// または https:// で始まるアドレスにしてください。");
    if (redirect.status != 301 && redirect.status != 302 && redirect.status != 410)
        throw Error(Kind::BadInput, fmt::format("there is no redirect with status {}", redirect.status));
    for (const char c : redirect.location)
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '"' || c == '<' || c == '>' || c == '\\')
            throw Error(Kind::BadInput, "移転先に使えない文字（空白、引用符など）があります。");
    tx.execute(
        "INSERT INTO redirect (path, status, location, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (path) DO UPDATE "
        "SET status = excluded.status, location = excluded.location, made_at = excluded.made_at",
        {redirect.path, std::int64_t{redirect.status}, redirect.location, redirect.made_at.milliseconds});
}

bool remove_redirect(sys::Transaction& tx, std::string_view path) {
    return tx.execute("DELETE FROM redirect WHERE path = $1", {std::string(path)}) > 0;
}

std::optional<Redirect> find_redirect(sys::Reader& db, std::string_view path) {
    const auto row =
        db.find("SELECT path, status, location, made_at FROM redirect WHERE path = $1", {std::string(path)});
    if (!row) return std::nullopt;
    return Redirect{row->text(0), static_cast<int>(row->integer(1)), row->text(2), {row->integer(3)}};
}

}  // namespace content
