#include "press/content/template_history.h"

#include "ground/base/error.h"

namespace content {

using base::Error;
using base::Kind;

std::optional<TemplateRevision> find_revision_before(sys::Reader& db, TemplateId id) {
    const auto of = find_template(db, id);
    const auto live = of ? find_template_revision(db, of->live) : std::nullopt;
    if (!live) return std::nullopt;
    const auto before = db.find(
        "SELECT id FROM template_revision WHERE template_id = $1 AND state = 'replaced' AND number < $2 "
        "ORDER BY number DESC LIMIT 1",
        {id.value, live->number});
    if (!before) return std::nullopt;
    return find_template_revision(db, {before->integer(0)});
}

TemplateRevision put_back_template(sys::Transaction& tx, TemplateId id, std::int64_t version) {
    const auto of = find_template(tx, id);
    if (!of || of->version != version)
        throw Error(Kind::Conflict, "ほかの人が先に変更しました。画面を開き直してください。");
    const auto before = find_revision_before(tx, id);
    if (!before) throw Error(Kind::Conflict, fmt::format("「{}」には、戻せる前の版がありません。", of->title));
    const std::int64_t back = before->id.value;
    tx.execute("UPDATE template_revision SET state = 'replaced' WHERE id = $1", {of->live.value});
    tx.execute("UPDATE template_revision SET state = 'live' WHERE id = $1", {back});
    tx.execute("UPDATE template SET live_id = $1, latest_id = $2, version = version + 1 WHERE id = $3",
               {back, of->latest == of->live ? back : of->latest.value, id.value});
    return *find_template_revision(tx, {back});
}

}  // namespace content
