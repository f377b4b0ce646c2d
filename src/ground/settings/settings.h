// The one settings file of a site, yakuba.toml, as plain values. What each setting means, its default and its limits
// stand in keys.cc, the one table from which parsing, checking, docs/settings.md and the file that `site init` writes
// are made. To add a setting: a member here, a row there. A default is written once: here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace settings {

using Text = std::string;
using Integer = std::int64_t;
using TextList = std::vector<std::string>;
using TextMap = std::map<std::string, std::string>;

/// An area of the public tree that another system writes: served, watched and backed up, never written.
struct OtherArea {
    Text path;    ///< "/gikai/"
    Text folder;  ///< relative to the site directory
};

/// A public server beside the local document root.
struct TargetServer {
    Text name;
    Text url;  ///< "file:///srv/www", "sftp://host/path", "https://edge.example/"
};

struct Settings {
    std::filesystem::path folder;  ///< the site directory: where relative paths start; empty when parsed from text

    struct Site {
        Text id;
        Text name = "サンプル市";
        Text url = "http://127.0.0.1:8081/";
        Text language = "ja";
    } site;

    struct Database {
        Text url;
        Text schema;
        Integer readers = 4;
    } database;

    struct Storage {
        Integer largest_upload_mb = 200;
    } storage;

    struct Office {
        Text address = "127.0.0.1:8080";
        Text base_url;
        Text preview_address = "127.0.0.1:8082";
        Integer threads = 8;
        Integer session_minutes = 720;
        Integer idle_minutes = 60;
        Integer login_attempts = 5;
        Integer longest_wait_minutes = 60;
        Integer password_length = 10;
        TextList town_hall_networks;
        bool stop_needs_two = false;
        TextList second_factor_roles{"site-administrator", "operator", "maintenance-manager", "maintenance-lead"};
        TextList trusted_proxies;
        Text tls_certificate;
        Text tls_key;
    } office;

    struct Public {
        Text address = "127.0.0.1:8081";
        Integer threads = 2;
        Integer cache_mb = 32;
        Integer connections = 4096;
        TextMap headers{{"Referrer-Policy", "strict-origin-when-cross-origin"}, {"X-Content-Type-Options", "nosniff"}};
        TextList trusted_proxies;
        Text tls_certificate;
        Text tls_key;
        Text nginx_config;
        Text access_log = "logs/access.log";
        Integer access_log_mb = 100;
        Integer access_log_files = 10;
    } public_site;

    struct Publish {
        Integer threads = 0;
        bool readback = true;
        bool precompress = true;
        Integer news_items = 20;
        Integer new_days = 7;
        Text sitemap = "auto";
        Text feeds = "auto";
        Text error_pages = "auto";
    } publish;

    struct Workflow {
        Integer approval_steps = 1;
        bool allow_emergency = true;
        Integer emergency_review_hours = 24;
        Integer review_months = 12;
    } workflow;

    struct Calendar {
        TextList closed_weekdays{"sat", "sun"};
        Text year_end_from = "12-29";
        Text year_end_to = "01-03";
        TextList yearly_closed;
        TextList extra_closed;
        TextList extra_open;
        Text opens = "08:45";
        Text closes = "17:30";
        Text holiday_list;
    } calendar;

    struct Helpdesk {
        TextList closed_weekdays{"sat", "sun"};
        bool closed_at_year_end = true;
        TextList extra_closed;
        Text opens = "08:30";
        Text closes = "17:30";
        Integer first_answer_hours = 8;
        Integer solution_hours = 40;
        Text emergency_phone;
        Text address;
        Text imap_url;
        Text imap_user;
        Text imap_password;
        Text imap_password_file;
        Text imap_tls = "auto";
        Text imap_ca_file;
        Integer fetch_seconds = 120;
        Integer largest_mail_mb = 25;
        Text form_address;
        TextList form_proxies;
        Integer form_per_hour = 20;
    } helpdesk;

    struct Mail {
        Text smtp_url;
        Text user;
        Text password;
        Text password_file;
        Text from;
        Text tls = "auto";
        Text ca_file;
        Integer timeout_seconds = 30;
        Integer per_minute = 60;
        Integer bundle_minutes = 5;
        Text digest_at = "08:30";
        Integer reminder_hours = 8;
        Integer takedown_days = 7;
    } mail;

    struct Training {
        Text address = "127.0.0.1:8090";
        Text preview_address = "127.0.0.1:8092";
        Text public_address = "127.0.0.1:8091";
        Text url;
        Text public_url;
    } training;

    struct Ldap {
        Text url;
        Text base_dn;
        Text user_filter = "(&(objectClass=person)(uid={name}))";
        Text bind_dn;
        Text bind_password;
        bool start_tls = true;
        Text ca_file;
        Integer timeout_seconds = 10;
    } ldap;

    struct Takeover {
        Integer largest_file_mb = 500;
        Integer largest_total_gb = 100;
        Integer files = 500'000;
        Integer depth = 64;
        Integer unpack_ratio = 200;
        Integer requests_per_second = 5;
        Integer parallel_requests = 2;
        Integer longest_crawl_delay_seconds = 10;
        Integer link_depth = 100;
    } takeover;

    struct Guard {
        Text repair = "at-once";
        Integer flood_per_minute = 100;
        Integer verify_minutes = 1440;
        Text url;
        TextList known_hosts{
            "www.googletagmanager.com", "www.google-analytics.com", "www.google.com",       "maps.google.com",
            "maps.google.co.jp",        "maps.googleapis.com",      "translate.google.com", "cse.google.com",
            "fonts.googleapis.com",     "ajax.googleapis.com",      "code.jquery.com",      "www.youtube.com",
            "www.youtube-nocookie.com", "platform.twitter.com",     "www.facebook.com",     "connect.facebook.net"};
    } guard;

    struct Outside {
        TextList servers;
        TextList important{"/"};
        Integer important_minutes = 5;
        Integer all_hours = 24;
        Integer requests_per_second = 2;
        bool several_ways = true;
        Integer random_paths = 3;
        Text ca_file;
        Integer certificate_days = 21;
        TextMap addresses;
        Integer timeout_seconds = 20;
    } outside;

    struct Antivirus {
        Text clamd;
        Integer timeout_seconds = 60;
        Integer signature_hours = 48;
        Text log_file;
        Text status_file;
        TextList command;
        Text detection_pattern;
        Text date_pattern;
        Integer sweep_hours = 0;
        Integer sweep_mb_per_second = 5;
    } antivirus;

    struct Monitor {
        TextList probes;
        TextList access_logs;
        Text metrics_address;
        Text metrics_token;
    } monitor;

    struct Intrusion {
        bool watch = true;
        TextList allowed_networks;
        Integer requests_per_minute = 1200;
        Text eve_log = "/var/log/suricata/eve.json";
        Text block = "off";
        Integer block_minutes = 60;
    } intrusion;

    struct Watch {
        TextList on_call;
        TextList rules;
        Integer group_seconds = 3;
        Integer bundle_minutes = 5;
        Integer repeat_minutes = 30;
        Text ca_file;
        Integer timeout_seconds = 15;
        Text address;
        Text token;
        Text token_file;
        Text heartbeat_url;
        Integer heartbeat_seconds = 60;
        Integer keep_signals_days = 400;
        Integer keep_anomalies_months = 84;
        Integer keep_minutes_days = 30;
        Integer keep_hours_days = 400;
    } watch;

    struct Backup {
        TextList repositories{"backups"};
        Text password_file = "keys/backup.password";
        Text environment_file;
        Text recovery_key;
        TextList also;
        Integer generations = 5;
        Integer system_generations = 3;
        Text daily_at = "21:30";
        Text window_from = "21:30";
        Text window_to = "04:45";
        Integer extra_minutes = 0;
        Integer longest_minutes = 240;
        Integer verify_parts = 7;
        Integer drill_day = 1;
        Integer upload_kilobytes = 0;
    } backup;

    struct Advisories {
        TextMap feeds;
        Integer hours = 6;
        Text folder;
        Text debian_release;
        TextList lock_files;
        Text proxy;
        Text ca_file;
    } advisories;

    struct LogArchive {
        TextMap files;
        Integer keep_days = 400;
        Integer compress_days = 1;
    } log_archive;

    struct Log {
        Text form = "prose";
        Text level = "info";
    } log;

    std::vector<OtherArea> others;
    std::vector<TargetServer> targets;

    /// `path` as it is when absolute, else below the site directory.
    std::filesystem::path resolve(std::string_view path) const;
};

/// What is wrong with a settings file, and where. Lines and columns count from 1 (columns in characters).
struct Problem {
    int line = 0;
    int column = 0;
    std::string key;      ///< "office.adress"; empty when the file is no TOML
    std::string message;  ///< "there is no setting office.adress; did you mean office.address?"
};

/// Everything that is wrong with `toml`, in order of line; empty when parse would accept it.
std::vector<Problem> find_problems(std::string_view toml);
/// Throws Error(BadInput) that lists every problem with line and column. Values of secret keys are never in the
/// message.
Settings parse(std::string_view toml);
/// Reads <file> and takes its folder as the site directory.
/// Throws Error(NotFound), Error(BadInput) as parse, or when the file is above 1 MB.
Settings load(const std::filesystem::path& file);

/// A value as the settings screen sends it.
using Value = std::variant<Text, Integer, bool, TextList, TextMap>;

/// `toml` with one setting changed and every other byte kept: comments, order and spacing. A setting that is not in the
/// file yet takes the place of its commented default, else it goes to the end of its section.
/// Throws Error(BadInput): `toml` has problems already, there is no such key, the value is outside its limits, or the
/// setting stands inside an inline table where it cannot be changed alone.
std::string edited(std::string_view toml, std::string_view key, const Value& value);

/// The commented file that `site init` writes: every key with its summaries and its default, those of `values` set.
std::string initial_file(std::span<const std::pair<std::string_view, Value>> values);

/// docs/settings.md. `UPDATE_GOLDEN=1 build/bin/ground_settings_test` writes it; the test fails while it is out of
/// date.
std::string documentation();

}  // namespace settings
