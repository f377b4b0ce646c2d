// See sample.h. Releases 1 (takeover), 2 (publication), 3 (rekey) and 5 (restored: 4 was lost), a checkpoint of 2, and
// the head.
#include "ground/release/testing/sample.h"

#include <map>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace release::testing {

namespace {

constexpr std::string_view kSite = "sakura-city";

base::Instant at(std::string_view text) {
    return base::parse_utc(text).value();
}

Entry redirect(std::string path, std::string to) {
    Entry entry;
    entry.path = std::move(path);
    entry.status = 301;
    entry.location = std::move(to);
    return entry;
}

/// Makes records one after another, as store.h does in the database.
class Maker {
  public:
    Sample sample;

    void put(Record record, const sys::SigningKey& key, const sys::SigningKey* next = nullptr) {
        manifest_.apply(record.changes);
        const auto sum = manifest_.summary();
        record.site = kSite;
        record.previous = hash_;
        record.root = sum.root;
        record.files = sum.files;
        record.bytes = sum.bytes;
        const std::string bytes = write_record(std::move(record), key, next);
        newest_ = parse_record(bytes).record;
        hash_ = sys::sha256(bytes);
        sample.releases.emplace_back(fmt::format("log/{:08}.release", newest_.number), bytes);
    }
    void checkpoint(base::Instant when, const sys::SigningKey& key) {
        sample.releases.emplace_back(fmt::format("checkpoints/{:08}.checkpoint", newest_.number),
                                     write_checkpoint(newest_, hash_, manifest_, when, key));
    }
    void head(base::Instant when, const sys::SigningKey& key) {
        sample.releases.emplace_back("head", write_head({std::string(kSite), newest_.number, hash_, when, {}}, key));
    }
    Change body(Entry entry, std::string bytes) {
        entry.hash = sys::sha256(bytes);
        entry.size = static_cast<std::int64_t>(bytes.size());
        bodies_[entry.path] = std::move(bytes);
        return Change::put(std::move(entry));
    }
    void finish() {
        manifest_.each([&](const Entry& entry) {
            if (entry.has_body()) sample.public_files.emplace_back(entry.path, bodies_.at(entry.path));
            return true;
        });
    }

  private:
    Manifest manifest_;
    Record newest_;
    base::Hash hash_;
    std::map<std::string, std::string> bodies_;
};

Entry typed(std::string path, std::string type, std::string charset, std::string source) {
    Entry entry;
    entry.path = std::move(path);
    entry.type = std::move(type);
    entry.charset = std::move(charset);
    entry.source = std::move(source);
    return entry;
}

}  // namespace

sys::SigningKey first_key() {
    return sys::SigningKey::from_seed(std::string(32, '\1'));
}
sys::SigningKey second_key() {
    return sys::SigningKey::from_seed(std::string(32, '\2'));
}

PublicKeys trusted() {
    PublicKeys keys;
    keys.add(first_key().public_key());
    return keys;
}

Entry page(std::string path, std::string_view body, std::string source) {
    Entry entry = typed(std::move(path), "text/html", "utf-8", std::move(source));
    entry.hash = sys::sha256(body);
    entry.size = static_cast<std::int64_t>(body.size());
    return entry;
}

Sample make_sample() {
    const auto first = first_key();
    const auto second = second_key();
    Maker make;

    Record takeover;
    takeover.number = 1;
    takeover.kind = RecordKind::Takeover;
    takeover.at = at("2026-11-20T00:00:00.000Z");
    takeover.note = "既存サイトの引継ぎ";
    takeover.changes = {
        make.body(typed("index.html", "text/html", "utf-8", "revision:1"), "<!doctype html><p>さくら市\n"),
        // A name in Shift_JIS, which is no UTF-8, and "-", which must not read as "nothing".
        make.body(typed("old/\x8D\x4C\x95\xF1.html", "text/html", "shift_jis", "asset:7"), "\x8D\x4C\x95\xF1\n"),
        make.body(typed("old/-", "application/octet-stream", "", "-"), ""),
        make.body(typed("css/site.css", "text/css", "utf-8", "asset:2"), "body { color: #000 }\n")};
    make.put(takeover, first);

    Record publish;
    publish.number = 2;
    publish.at = at("2026-11-21T09:30:00.250Z");
    publish.office = {3, sys::sha256("the third line of the office's ledger")};
    publish.watch = {1, sys::sha256("the first line of the watch's ledger")};
    Entry with_headers = typed("kosodate/index.html", "text/html", "utf-8", "revision:12");
    with_headers.headers = {{"cache-control", "max-age=60"}, {"content-language", "ja"}};
    Entry not_found = typed("404.html", "text/html", "utf-8", "template:4");
    not_found.status = 404;
    Entry gone;
    gone.path = "event/2019.html";
    gone.status = 410;
    Entry script = typed("kosodate/cgi.sh", "text/plain", "us-ascii", "asset:9");
    script.mode = 0755;
    publish.changes = {
        make.body(with_headers, "<!doctype html><p>子育て\n"),
        make.body(not_found, "<!doctype html><p>ページが見つかりません\n"),
        make.body(script, "#!/bin/sh\n"),
        Change::put(gone),
        Change::put(redirect("kodomo.html", "/kosodate/index.html?from=kodomo&x=1")),
        make.body(typed("index.html", "text/html", "utf-8", "revision:13"), "<!doctype html><p>さくら市 新しい\n")};
    make.put(publish, first);
    make.checkpoint(at("2026-11-21T09:31:00.000Z"), first);

    Record rekey;
    rekey.number = 3;
    rekey.kind = RecordKind::Rekey;
    rekey.at = at("2026-11-21T10:00:00.000Z");
    rekey.office = {4, sys::sha256("the fourth line of the office's ledger")};
    rekey.watch = publish.watch;
    rekey.note = "annual key change";
    make.put(rekey, first, &second);

    Record restored;
    restored.number = 5;
    restored.kind = RecordKind::Restored;
    restored.at = at("2026-11-22T00:53:13.123Z");
    restored.office = {9, sys::sha256("the ninth line of the office's ledger")};
    restored.watch = {2, sys::sha256("the second line of the watch's ledger")};
    restored.note = "-";
    restored.changes = {
        Change::remove("old/-"), Change::remove("old/\x8D\x4C\x95\xF1.html"),
        make.body(typed("old.html", "text/html", "utf-8", "revision:20"), "<!doctype html><p>移転しました\n")};
    make.put(restored, second);
    make.head(at("2026-11-22T00:54:00.000Z"), second);
    make.finish();
    return make.sample;
}

void place_sample(const std::filesystem::path& folder) {
    for (const auto& [name, bytes] : make_sample().releases) {
        sys::make_folders((folder / name).parent_path());
        sys::write_file(folder / name, bytes, sys::Durability::Later);
    }
}

}  // namespace release::testing
