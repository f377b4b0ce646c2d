#include "press/content/templates.h"

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "press/content/inner/names.h"

namespace content {

namespace {

using base::Error;
using base::Kind;

struct KindWords {
    std::string_view id, name;
};
constexpr KindWords kKinds[] = {{"layout", "レイアウト"}, {"page", "ページの型"}, {"part", "部品"},
                                {"menu", "メニュー"},     {"list", "一覧"},       {"style", "スタイル"}};
constexpr KindWords kStates[] = {{"draft", "下書き"},
                                 {"submitted", "承認待ち"},
                                 {"returned", "差戻し"},
                                 {"live", "使用中"},
                                 {"replaced", "過去の版"}};
constexpr std::size_t kLargestSource = 1U << 20U;

template <class Words>
std::size_t index_of(const Words& words, std::string_view id) {
    for (std::size_t i = 0; i < std::size(words); ++i)
        if (words[i].id == id) return i;
    throw Error(Kind::Damaged, fmt::format("the database holds the unknown word {}; run `yakuba doctor`", id));
}

Template read_template(const sys::Row& row) {
    return {{row.integer(0)},
            static_cast<TemplateKind>(index_of(kKinds, row.text(1))),
            row.text(2),
            row.text(3),
            row.flag(4),
            {row.maybe_integer(5).value_or(0)},
            {row.maybe_integer(6).value_or(0)},
            row.integer(7)};
}
constexpr std::string_view kTemplate =
    "SELECT id, kind, name, title, is_listed, live_id, latest_id, version FROM template ";

TemplateRevision read_revision(const sys::Row& row) {
    TemplateRevision revision;
    revision.id = {row.integer(0)};
    revision.of = {row.integer(1)};
    revision.number = row.integer(2);
    revision.source = row.text(3);
    revision.hash = base::Hash::find_hex(row.text(4)).value_or(base::Hash{});
    revision.state = static_cast<TemplateState>(index_of(kStates, row.text(5)));
    revision.author = {row.integer(6)};
    revision.made_at = {row.integer(7)};
    revision.submitted_by = {row.integer(8)};
    revision.submitted_at = {row.integer(9)};
    revision.approved_by = {row.integer(10)};
    revision.approved_at = {row.integer(11)};
    revision.note = row.text(12);
    return revision;
}
constexpr std::string_view kRevision =
    "SELECT id, template_id, number, source, hash, state, author_id, made_at, submitted_by, submitted_at, approved_by, "
    "approved_at, note FROM template_revision ";

Template load(sys::Reader& db, TemplateId id) {
    auto found = find_template(db, id);
    if (!found) throw Error(Kind::NotFound, fmt::format("テンプレート（番号 {}）は見つかりません。", id.value));
    return std::move(*found);
}

/// The template, in the version that the person saw.
Template load(sys::Reader& db, TemplateId id, std::int64_t version) {
    Template found = load(db, id);
    if (found.version != version)
        throw Error(Kind::Conflict,
                    fmt::format("「{}」は、ほかの人が先に変更しました。開き直してください。", found.title));
    return found;
}

void set_state(sys::Transaction& tx, TemplateRevisionId id, TemplateState state) {
    tx.execute("UPDATE template_revision SET state = $1 WHERE id = $2",
               {std::string(template_state_id(state)), id.value});
}

void bump(sys::Transaction& tx, TemplateId id) {
    tx.execute("UPDATE template SET version = version + 1 WHERE id = $1", {id.value});
}

TemplateRevisionId insert_revision(sys::Transaction& tx, const Template& of, std::string_view source,
                                   base::PersonId author, base::Instant at, std::string_view note) {
    if (source.size() > kLargestSource) throw Error(Kind::BadInput, "テンプレートは1MBまでです。");
    const auto newest = tx.find("SELECT max(number) FROM template_revision WHERE template_id = $1", {of.id.value});
    const base::Hash hash =
        sys::sha256(fmt::format("yakuba-template 1\n{}\n{}\n{}", template_kind_id(of.kind), of.name, source));
    const std::int64_t id = tx.insert(
        "INSERT INTO template_revision (template_id, number, source, hash, state, author_id, made_at, note) "
        "VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7) RETURNING id",
        {of.id.value, newest->maybe_integer(0).value_or(0) + 1, std::string(source), hash.hex(), author.value,
         at.milliseconds, std::string(note)});
    tx.execute("UPDATE template SET latest_id = $1, version = version + 1 WHERE id = $2", {id, of.id.value});
    return {id};
}

}  // namespace

std::string_view template_kind_id(TemplateKind kind) {
    return kKinds[static_cast<std::size_t>(kind)].id;
}
std::string_view template_kind_name(TemplateKind kind) {
    return kKinds[static_cast<std::size_t>(kind)].name;
}
std::optional<TemplateKind> find_template_kind(std::string_view id) {
    for (std::size_t i = 0; i < std::size(kKinds); ++i)
        if (kKinds[i].id == id) return static_cast<TemplateKind>(i);
    return std::nullopt;
}
std::string_view template_state_id(TemplateState state) {
    return kStates[static_cast<std::size_t>(state)].id;
}
std::string_view template_state_name(TemplateState state) {
    return kStates[static_cast<std::size_t>(state)].name;
}

std::string template_key(TemplateKind kind, std::string_view name) {
    return fmt::format("{}:{}", kind == TemplateKind::Layout || kind == TemplateKind::Page ? "template" : "part", name);
}

Template add_template(sys::Transaction& tx, const NewTemplate& made) {
    require_name(made.name, "テンプレートの記号");
    if (made.title.empty()) throw Error(Kind::BadInput, "テンプレートの名前を入力してください。");
    if (find_template(tx, made.name))
        throw Error(Kind::Conflict, fmt::format("記号「{}」は使われています。別の記号にしてください。", made.name));
    const std::int64_t id =
        tx.insert("INSERT INTO template (kind, name, title, is_listed) VALUES ($1, $2, $3, $4) RETURNING id",
                  {std::string(template_kind_id(made.kind)), made.name, made.title, std::int64_t{made.is_listed}});
    insert_revision(tx, load(tx, {id}), made.source, made.author, made.made_at, made.note);
    return load(tx, {id});
}

Template install_template(sys::Transaction& tx, const NewTemplate& made) {
    const Template added = add_template(tx, made);
    set_state(tx, added.latest, TemplateState::Live);
    tx.execute("UPDATE template SET live_id = latest_id WHERE id = $1", {added.id.value});
    return load(tx, added.id);
}

TemplateRevision save_template(sys::Transaction& tx, TemplateId id, std::int64_t version, std::string_view source,
                               base::PersonId author, base::Instant at, std::string_view note) {
    const Template of = load(tx, id, version);
    const auto latest = find_template_revision(tx, of.latest);
    if (latest && latest->state == TemplateState::Submitted) set_state(tx, of.latest, TemplateState::Draft);
    return *find_template_revision(tx, insert_revision(tx, of, source, author, at, note));
}

void submit_template(sys::Transaction& tx, TemplateId id, std::int64_t version, base::PersonId by, base::Instant at) {
    const Template of = load(tx, id, version);
    const auto latest = find_template_revision(tx, of.latest);
    if (!latest || (latest->state != TemplateState::Draft && latest->state != TemplateState::Returned))
        throw Error(Kind::Conflict, fmt::format("「{}」に、承認を依頼できる下書きがありません。", of.title));
    tx.execute("UPDATE template_revision SET state = 'submitted', submitted_by = $1, submitted_at = $2 WHERE id = $3",
               {by.value, at.milliseconds, of.latest.value});
    bump(tx, id);
}

void approve_template(sys::Transaction& tx, TemplateId id, std::int64_t version, const base::Hash& opened,
                      base::PersonId by, base::Instant at) {
    const Template of = load(tx, id, version);
    const auto asked = find_template_revision(tx, of.latest);
    if (!asked || asked->state != TemplateState::Submitted || asked->hash != opened)
        throw Error(Kind::Conflict,
                    fmt::format("「{}」の承認依頼は変わっています。内容を開き直してください。", of.title));
    const auto requesters = list_template_requesters(tx, id);
    if (std::find(requesters.begin(), requesters.end(), by) != requesters.end())
        throw Error(Kind::NotAllowed,
                    "自分が変更または承認依頼したテンプレートは承認できません。別のサイト管理者が承認します。");
    if (of.live) set_state(tx, of.live, TemplateState::Replaced);
    tx.execute("UPDATE template_revision SET state = 'live', approved_by = $1, approved_at = $2 WHERE id = $3",
               {by.value, at.milliseconds, of.latest.value});
    tx.execute("UPDATE template SET live_id = latest_id, version = version + 1 WHERE id = $1", {id.value});
}

void return_template(sys::Transaction& tx, TemplateId id, std::int64_t version, base::PersonId by,
                     std::string_view reason, base::Instant at) {
    const Template of = load(tx, id, version);
    const auto asked = find_template_revision(tx, of.latest);
    if (!asked || asked->state != TemplateState::Submitted)
        throw Error(Kind::Conflict, fmt::format("「{}」は承認待ちではありません。", of.title));
    tx.execute(
        "UPDATE template_revision SET state = 'returned', approved_by = $1, approved_at = $2, note = $3 WHERE id = $4",
        {by.value, at.milliseconds, std::string(reason), of.latest.value});
    bump(tx, id);
}

std::optional<Template> find_template(sys::Reader& db, std::string_view name) {
    const auto row = db.find(std::string(kTemplate) + "WHERE name = $1", {std::string(name)});
    if (!row) return std::nullopt;
    return read_template(*row);
}

std::optional<Template> find_template(sys::Reader& db, TemplateId id) {
    const auto row = db.find(std::string(kTemplate) + "WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read_template(*row);
}

std::vector<Template> list_templates(sys::Reader& db, std::optional<TemplateKind> kind) {
    std::vector<Template> all;
    for (const sys::Row& row : db.query(std::string(kTemplate) + "ORDER BY name"))
        if (Template one = read_template(row); !kind || one.kind == *kind) all.push_back(std::move(one));
    std::stable_sort(all.begin(), all.end(), [](const Template& a, const Template& b) { return a.kind < b.kind; });
    return all;
}

std::vector<Template> list_submitted_templates(sys::Reader& db) {
    std::vector<Template> all;
    for (const sys::Row& row :
         db.query("SELECT template_id FROM template_revision WHERE state = 'submitted' ORDER BY id"))
        all.push_back(load(db, {row.integer(0)}));
    return all;
}

std::optional<TemplateRevision> find_template_revision(sys::Reader& db, TemplateRevisionId id) {
    const auto row = db.find(std::string(kRevision) + "WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read_revision(*row);
}

std::vector<TemplateRevision> list_template_revisions(sys::Reader& db, TemplateId id, int limit) {
    std::vector<TemplateRevision> all;
    for (const sys::Row& row : db.query(std::string(kRevision) + "WHERE template_id = $1 ORDER BY number DESC LIMIT $2",
                                        {id.value, std::int64_t{limit}}))
        all.push_back(read_revision(row));
    return all;
}

std::optional<LiveTemplate> find_live_template(sys::Reader& db, std::string_view name) {
    const auto row = db.find(
        "SELECT template.kind, template_revision.id, template_revision.source FROM template "
        "JOIN template_revision ON template_revision.id = template.live_id WHERE template.name = $1",
        {std::string(name)});
    if (!row) return std::nullopt;
    return LiveTemplate{static_cast<TemplateKind>(index_of(kKinds, row->text(0))), {row->integer(1)}, row->text(2)};
}

std::vector<base::PersonId> list_template_requesters(sys::Reader& db, TemplateId id) {
    const Template of = load(db, id);
    std::set<base::PersonId> people;
    for (const sys::Row& row :
         db.query("SELECT author_id, submitted_by FROM template_revision WHERE template_id = $1 AND id > $2",
                  {id.value, of.live.value}))
        for (const std::size_t column : {0U, 1U})
            if (row.integer(column) != 0) people.insert({row.integer(column)});
    return {people.begin(), people.end()};
}

}  // namespace content
