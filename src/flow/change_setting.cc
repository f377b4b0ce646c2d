#include "flow/change_setting.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLargest = 1U << 20;

struct Fixed {
    std::string_view key;  ///< a whole key, "section." or ".leaf"
    std::string_view reason;
};
constexpr Fixed kFixed[] = {
    {"site.id", "公開記録に残る識別名のため、変えられません。"},
    {"database.", "データの保管先のため、運用担当者がサーバで変えます。"},
    {"storage.", "データの保管先のため、運用担当者がサーバで変えます。"},
    {"ldap.", "ログインできなくなるおそれがあるため、運用担当者がサーバで変えます。"},
    {"public.", "公開サーバの設定のため、運用担当者がサーバで変えます。"},
    {"targets", "公開サーバの設定のため、運用担当者がサーバで変えます。"},
    {"others", "公開サーバの設定のため、運用担当者がサーバで変えます。"},
    {"office.address", "この画面を開けなくなるおそれがあるため、運用担当者がサーバで変えます。"},
    {"office.base_url", "この画面を開けなくなるおそれがあるため、運用担当者がサーバで変えます。"},
    {"office.preview_address", "この画面を開けなくなるおそれがあるため、運用担当者がサーバで変えます。"},
    {"office.threads", "サーバの性能に合わせて、運用担当者がサーバで変えます。"},
    {"backup.", "バックアップの保存先、鍵と世代の設定のため、運用担当者がサーバで変えます。"},
    {"antivirus.", "サーバのプログラムを動かし、ファイルを読む設定のため、運用担当者がサーバで変えます。"},
    {"intrusion.", "サーバの通信を止め、ファイルを読む設定のため、運用担当者がサーバで変えます。"},
    {"monitor.access_logs", "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。"},
    {"monitor.metrics_address", "外からの受付けを開く設定のため、運用担当者がサーバで変えます。"},
    {"watch.token_file", "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。"},
    {"watch.ca_file", "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。"},
    {"outside.ca_file", "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。"},
    {"watch.on_call", "サーバのプログラムを動かせる設定のため、運用担当者がサーバで変えます。"},
    {"watch.address", "外からの受付けを開く設定のため、運用担当者がサーバで変えます。"},
    // With another server the mailbox's password would go there, and with another file that file's content.
    {"helpdesk.imap_url", "なりすましを防ぐ設定のため、運用担当者がサーバで変えます。"},
    {"helpdesk.imap_tls", "通信の暗号化の設定のため、運用担当者がサーバで変えます。"},
    {"helpdesk.imap_password_file", "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。"},
    {"helpdesk.imap_ca_file", "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。"},
    {"helpdesk.form_address", "外からの受付けを開く設定のため、運用担当者がサーバで変えます。"},
    {"helpdesk.form_proxies", "なりすましを防ぐ設定のため、運用担当者がサーバで変えます。"},
    {"training.address", "待ち受けるアドレスの設定のため、運用担当者がサーバで変えます。"},
    {"training.preview_address", "待ち受けるアドレスの設定のため、運用担当者がサーバで変えます。"},
    {"training.public_address", "待ち受けるアドレスの設定のため、運用担当者がサーバで変えます。"},
    {".trusted_proxies", "なりすましを防ぐ設定のため、運用担当者がサーバで変えます。"},
    {".tls_certificate", "通信の暗号化の設定のため、運用担当者がサーバで変えます。"},
    {".tls_key", "通信の暗号化の設定のため、運用担当者がサーバで変えます。"},
};

bool covers(std::string_view fixed, std::string_view key) {
    if (fixed.ends_with('.')) return key.starts_with(fixed);
    if (fixed.starts_with('.')) return key.ends_with(fixed);
    return key == fixed || key.starts_with(std::string(fixed) + "[");
}

boost::json::value json_of(const settings::Value& value) {
    return std::visit([](const auto& plain) { return boost::json::value_from(plain); }, value);
}

settings::Value value_in(const settings::Key& key, settings::Settings& settings) {
    return std::visit(
        [](auto at) -> settings::Value {
            if constexpr (std::is_same_v<decltype(at), settings::Rows>)
                throw Error(Kind::BadInput, "この設定は、サーバの設定ファイルで変えます。");
            else
                return *at;
        },
        key.slot(settings, 0));
}

}  // namespace

std::optional<std::string_view> find_fixed_reason(const settings::Key& key) {
    if (key.secrecy == settings::Secrecy::Secret)
        return "秘密の値のため、画面には表示しません。運用担当者がサーバで変えます。";
    for (const Fixed& fixed : kFixed)
        if (covers(fixed.key, key.name)) return fixed.reason;
    if (key.name.ends_with("_file") || key.name.ends_with("_list") || key.name.find('[') != std::string_view::npos)
        return "サーバにあるファイルの設定のため、運用担当者がサーバで変えます。";
    settings::Settings fresh;
    if (std::holds_alternative<settings::Rows>(key.slot(fresh, 0)))
        return "複数の項目からなる設定のため、運用担当者がサーバで変えます。";
    return std::nullopt;
}

SettingsFile load_settings_file(const Site& site) {
    SettingsFile file;
    file.text = sys::read_file(site.folders.site / "yakuba.toml", kLargest);
    file.version = sys::sha256(file.text).hex().substr(0, 16);
    return file;
}

void change_setting(Site& site, std::string_view name, const settings::Value& value, std::string_view version,
                    const people::By& by) {
    const settings::Key* key = settings::find_key(name);
    if (key == nullptr) throw Error(Kind::NotFound, fmt::format("設定 {} はありません。", name));
    if (const auto reason = find_fixed_reason(*key)) throw Error(Kind::BadInput, std::string(*reason));
    write_setting(site, name, value, version, by);
}

void write_setting(Site& site, std::string_view name, const settings::Value& value, std::string_view version,
                   const people::By& by) {
    const settings::Key* key = settings::find_key(name);
    if (key == nullptr) throw Error(Kind::NotFound, fmt::format("設定 {} はありません。", name));
    const auto lock = sys::FileLock::find(site.folders.run / "settings.lock");
    if (!lock) throw Error(Kind::Conflict, "ほかの人が設定を保存しています。少し待って、もう一度保存してください。");
    const SettingsFile before = load_settings_file(site);
    if (before.version != version)
        throw Error(Kind::Conflict, "設定は、ほかの人が先に変えました。いまの値を確かめて、もう一度保存してください。");
    settings::Settings old = settings::parse(before.text);
    const std::string text = settings::edited(before.text, name, value);
    const boost::json::object detail{
        {"key", std::string(name)}, {"old", json_of(value_in(*key, old))}, {"new", json_of(value)}};
    const auto path = site.folders.site / "yakuba.toml";
    struct stat status {};
    const bool is_known = ::stat(path.c_str(), &status) == 0;
    const auto write = [&](std::string_view bytes) {
        sys::write_file(path, bytes, sys::Durability::Now, is_known ? status.st_mode & 0777 : mode_t{0640});
        // The other roles read it through its group, and a new file has its folder's. Who may not change that runs all
        // roles as one user.
        if (is_known && ::chown(path.c_str(), static_cast<uid_t>(-1), status.st_gid) != 0)
            sys::log(sys::Level::Info, "the settings file has the group of its folder", {{"file", path.string()}});
    };
    write(text);
    try {
        site.database->write([&](sys::Transaction& tx) {
            ledger::append(tx, {by.at, by.text(), "site.settings", fmt::format("setting:{}", name),
                                boost::json::serialize(detail)});
        });
    } catch (...) {
        write(before.text);
        throw;
    }
}

}  // namespace flow
