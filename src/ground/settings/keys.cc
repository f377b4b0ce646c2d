// The table of settings. To add one: a member with its default in settings.h, a row here; everything else follows.
#include "ground/settings/keys.h"

#include <fmt/format.h>

namespace settings {
namespace {

// Where a row's value is kept.
#define AT(member) [](Settings& all, std::size_t) -> Slot { return &all.member; }
#define COLUMN(list, member) [](Settings& all, std::size_t row) -> Slot { return &all.list[row].member; }
#define ROWS(list)                                                                     \
    [](Settings&, std::size_t) -> Slot {                                               \
        return Rows{[](Settings& all, std::size_t count) { all.list.resize(count); }}; \
    }

constexpr Limits of(Form form) {
    return {form};
}
constexpr Limits required(Form form) {
    return {form, 1};
}
constexpr Limits range(Integer least, Integer most) {
    return {Form::Any, least, most};
}
constexpr Limits one_of(std::string_view choices) {
    return {Form::Any, 1, 0, choices};
}

constexpr std::string_view kWeekdays = "sun mon tue wed thu fri sat";
constexpr std::string_view kSwitch = "auto on off";
constexpr std::string_view kRoles =
    "author approver site-administrator operator maintenance-manager maintenance-lead auditor";

constexpr Section kSections[] = {
    {"site", "The site itself", "サイト"},
    {"database", "Where pages, people and jobs are kept", "データベース"},
    {"storage", "Where uploads and published files are kept", "ファイルの保管先"},
    {"office", "The editors' screens, on the staff network", "職員用の画面（庁内ネットワーク）"},
    {"public", "The built-in server of the public pages", "公開ページの配信"},
    {"publish", "Rendering and publishing", "公開処理"},
    {"workflow", "Approval", "承認"},
    {"calendar", "The office's open days and hours", "開庁日と開庁時間"},
    {"helpdesk", "The helpdesk's open days and hours", "ヘルプデスクの受付日と受付時間"},
    {"mail", "Sending mail", "メール送信"},
    {"ldap", "Signing in by the city's directory", "庁内ディレクトリ（LDAP・Active Directory）での認証"},
    {"takeover", "Limits for taking an existing site in", "サイト引継ぎの上限"},
    {"guard", "Watching over the public files", "改ざんの監視"},
    {"outside", "Comparing what the public servers answer", "外からの照合"},
    {"antivirus", "Virus scanners", "ウイルス対策"},
    {"monitor", "What is watched, and where the figures may be read", "監視"},
    {"intrusion", "Attacks and floods", "侵入と過負荷攻撃の監視"},
    {"watch", "Anomalies, and who is told of them", "異常の記録と連絡"},
    {"log", "The program's own log", "プログラムのログ"},
    {"others", "Areas of the public site that another system writes", "別のシステムが書き込む公開領域"},
    {"targets", "Public servers beside this one", "このサーバ以外の公開サーバ"},
};

const Key kKeys[] = {
    {"site.id",
     AT(site.id),
     "The site's lasting name in release records; never change it after the first release",
     "公開記録に残るサイトの識別名（最初の公開後は変更しない）",
     {Form::Identifier, 0, 60}},
    {"site.name",
     AT(site.name),
     "The city's name, as it stands on pages and papers",
     "市町村名（ページと書類に出る名称）",
     {Form::Name, 1, 100}},
    {"site.url", AT(site.url), "The public address of the site", "公開サイトのアドレス", required(Form::HttpUrl)},
    {"site.language", AT(site.language), "The language of the pages and of the screens", "ページと画面の言語",
     one_of("ja en")},

    {"database.url", AT(database.url), "PostgreSQL as postgresql://...; empty: the file yakuba.db (SQLite)",
     "PostgreSQLの接続先。空ならyakuba.db（SQLite）を使う", of(Form::Url), Secrecy::Secret},
    {"database.schema",
     AT(database.schema),
     "PostgreSQL schema; empty: the server's default",
     "PostgreSQLのスキーマ名。空なら既定",
     {Form::Any, 0, 63}},
    {"database.readers", AT(database.readers), "Connections that read at the same time", "同時に読み取る接続の数",
     range(1, 64)},

    {"storage.url", AT(storage.url), "S3-compatible storage as https://host/bucket; empty: the folder objects",
     "S3互換ストレージの場所。空ならobjectsフォルダ", of(Form::Url)},
    {"storage.region",
     AT(storage.region),
     "Region of the storage",
     "ストレージのリージョン",
     {Form::Identifier, 1, 60}},
    {"storage.access_key",
     AT(storage.access_key),
     "Access key of the storage",
     "ストレージのアクセスキー",
     {},
     Secrecy::Secret},
    {"storage.secret_key",
     AT(storage.secret_key),
     "Secret key of the storage",
     "ストレージの秘密鍵",
     {},
     Secrecy::Secret},
    {"storage.largest_upload_mb", AT(storage.largest_upload_mb), "Largest file that an editor may upload, in MB",
     "アップロードできるファイルの上限（MB）", range(1, 4096)},

    {"office.address", AT(office.address), "Where the screens listen", "画面の待受アドレス", required(Form::Address)},
    {"office.base_url", AT(office.base_url), "The address that staff type; empty: http:// and office.address",
     "職員が開くアドレス。空ならoffice.addressから決まる", of(Form::HttpUrl)},
    {"office.preview_address", AT(office.preview_address), "Where previews listen; another origin than the screens",
     "プレビューの待受アドレス（画面とは別のオリジン）", required(Form::Address)},
    {"office.threads", AT(office.threads), "Requests worked on at the same time", "同時に処理する要求の数",
     range(1, 256)},
    {"office.session_minutes", AT(office.session_minutes), "A session ends after this many minutes in any case",
     "ログインの最長時間（分）", range(5, 10'080)},
    {"office.idle_minutes", AT(office.idle_minutes), "A session ends after this many minutes without a request",
     "操作がないときにログアウトするまでの時間（分）", range(1, 1440)},
    {"office.login_attempts", AT(office.login_attempts), "Failed tries before signing in has to wait",
     "待ち時間が始まるまでのログイン失敗回数", range(1, 100)},
    {"office.longest_wait_minutes", AT(office.longest_wait_minutes), "The longest wait after failed tries, in minutes",
     "ログイン失敗後の最長の待ち時間（分）", range(1, 1440)},
    {"office.password_length", AT(office.password_length), "Fewest characters of a password", "パスワードの最少文字数",
     range(8, 64)},
    {"office.town_hall_networks", AT(office.town_hall_networks),
     "Networks inside the town hall: no second factor is asked there", "庁内のネットワーク（二要素認証を求めない）",
     required(Form::Network)},
    {"office.stop_needs_two", AT(office.stop_needs_two),
     "An emergency stop from the screen takes effect when a second person agrees",
     "画面からの緊急停止に、もう一人の同意を求める"},
    {"office.second_factor_roles", AT(office.second_factor_roles),
     "Roles that need a second factor outside the town hall", "庁外で二要素認証が必要な役割", one_of(kRoles)},
    {"office.trusted_proxies", AT(office.trusted_proxies), "Proxies whose word about the client's address is believed",
     "接続元の申告を信頼するプロキシ", required(Form::Network)},
    {"office.tls_certificate", AT(office.tls_certificate), "Certificate chain (PEM file) of the screens",
     "画面の証明書（PEMファイル）", of(Form::Any)},
    {"office.tls_key", AT(office.tls_key), "Private key (PEM file) of the screens", "画面の秘密鍵（PEMファイル）",
     of(Form::Any)},

    {"public.address", AT(public_site.address), "Where the public pages are served", "公開ページの待受アドレス",
     required(Form::Address)},
    {"public.threads", AT(public_site.threads), "Threads that serve", "配信スレッドの数", range(1, 64)},
    {"public.cache_mb", AT(public_site.cache_mb), "Memory for pages asked for often, in MB; 0: none",
     "よく読まれるページを置くメモリ（MB）。0なら使わない", range(0, 4096)},
    {"public.connections", AT(public_site.connections), "Most open connections", "同時接続数の上限",
     range(16, 100'000)},
    {"public.headers", AT(public_site.headers), "Headers on every answer", "すべての応答に付けるヘッダ",
     required(Form::Name)},
    {"public.trusted_proxies", AT(public_site.trusted_proxies),
     "Proxies whose word about the client's address is believed", "接続元の申告を信頼するプロキシ",
     required(Form::Network)},
    {"public.tls_certificate", AT(public_site.tls_certificate), "Certificate chain (PEM file) of the public pages",
     "公開ページの証明書（PEMファイル）", of(Form::Any)},
    {"public.tls_key", AT(public_site.tls_key), "Private key (PEM file) of the public pages",
     "公開ページの秘密鍵（PEMファイル）", of(Form::Any)},
    {"public.nginx_config", AT(public_site.nginx_config),
     "A file that the press keeps as nginx's configuration, written anew when a release needs it; empty: none",
     "nginxの設定を書き出すファイル。公開のたびに必要なら書き直す。空なら書かない", of(Form::Any)},
    {"public.access_log", AT(public_site.access_log),
     "Access log of the built-in server (combined format, with the seconds taken); empty: none",
     "内蔵サーバのアクセスログ（combined形式に所要秒を加えたもの）。空なら書かない"},
    {"public.access_log_mb", AT(public_site.access_log_mb), "Size at which a new access log is begun, in MB",
     "アクセスログを新しくする大きさ（MB）", range(1, 10'000)},
    {"public.access_log_files", AT(public_site.access_log_files), "Older access logs that are kept",
     "残しておく古いアクセスログの数", range(1, 1000)},

    {"publish.threads", AT(publish.threads), "Threads that render; 0: one for each processor",
     "ページ生成のスレッド数。0なら自動", range(0, 256)},
    {"publish.readback", AT(publish.readback), "Read each placed file back and compare it",
     "配置したファイルを読み直して確かめる"},
    {"publish.precompress", AT(publish.precompress), "Keep compressed twins of pages for the servers",
     "圧縮済みのページを用意する"},
    {"publish.news_items", AT(publish.news_items), "Entries of the newest list and of feeds",
     "新着一覧とフィードの件数", range(1, 500)},
    {"publish.new_days", AT(publish.new_days), "Days for which an entry of a list is marked as new; 0: never",
     "一覧に「新着」と示す日数。0なら示さない", range(0, 60)},
    {"publish.sitemap", AT(publish.sitemap), "Make sitemap.xml; auto: yes, unless the site was taken over",
     "sitemap.xmlを作る。autoなら、引き継いだサイトでは作らない", one_of(kSwitch)},
    {"publish.feeds", AT(publish.feeds), "Make RSS feeds; auto: yes, unless the site was taken over",
     "RSSを作る。autoなら、引き継いだサイトでは作らない", one_of(kSwitch)},
    {"publish.error_pages", AT(publish.error_pages),
     "Make the pages for errors 403, 404 and 503; auto: yes, unless the site was taken over",
     "エラーページ（403・404・503）を作る。autoなら、引き継いだサイトでは作らない", one_of(kSwitch)},

    {"workflow.approval_steps", AT(workflow.approval_steps), "Approvals that a page needs, one after the other",
     "承認の段階数", range(1, 5)},
    {"workflow.allow_emergency", AT(workflow.allow_emergency), "Allow emergency publication with approval afterwards",
     "緊急公開（事後承認）を認める"},
    {"workflow.emergency_review_hours", AT(workflow.emergency_review_hours),
     "Hours within which an emergency publication must be approved", "緊急公開を事後承認する期限（時間）",
     range(1, 720)},
    {"workflow.review_months", AT(workflow.review_months),
     "Months after which a live page is to be looked over; 0: never", "公開中のページを見直す間隔（月）。0なら求めない",
     range(0, 120)},
    {"workflow.draft_lock_minutes", AT(workflow.draft_lock_minutes),
     "Minutes for which an open editor is shown to others", "編集中の表示を保つ時間（分）", range(1, 1440)},

    {"calendar.closed_weekdays", AT(calendar.closed_weekdays), "Closed days of the week", "閉庁の曜日",
     one_of(kWeekdays)},
    {"calendar.year_end_from", AT(calendar.year_end_from), "First closed day of the year's end; empty: none",
     "年末年始の休みの初日。空なら休みなし", of(Form::DayOfYear)},
    {"calendar.year_end_to", AT(calendar.year_end_to), "Last closed day of the year's end; empty: none",
     "年末年始の休みの最終日。空なら休みなし", of(Form::DayOfYear)},
    {"calendar.yearly_closed", AT(calendar.yearly_closed), "Days closed every year, such as 06-23 in Okinawa",
     "毎年の休み（沖縄の06-23など）", required(Form::DayOfYear)},
    {"calendar.extra_closed", AT(calendar.extra_closed), "Single closed days", "臨時の閉庁日", required(Form::Date)},
    {"calendar.extra_open", AT(calendar.extra_open), "Single open days", "臨時の開庁日", required(Form::Date)},
    {"calendar.opens", AT(calendar.opens), "Opening time", "開庁時刻", required(Form::TimeOfDay)},
    {"calendar.closes", AT(calendar.closes), "Closing time", "閉庁時刻", required(Form::TimeOfDay)},
    {"calendar.holiday_list", AT(calendar.holiday_list),
     "The Cabinet Office's list of holidays (CSV file); empty: by the law's rules",
     "内閣府の祝日一覧（CSVファイル）。空なら法律の規則で計算", of(Form::Any)},

    {"helpdesk.closed_weekdays", AT(helpdesk.closed_weekdays), "Closed days of the week", "休みの曜日",
     one_of(kWeekdays)},
    {"helpdesk.closed_at_year_end", AT(helpdesk.closed_at_year_end), "Closed at the year's end like the office",
     "年末年始は休み"},
    {"helpdesk.extra_closed", AT(helpdesk.extra_closed), "Single closed days", "臨時の休み", required(Form::Date)},
    {"helpdesk.opens", AT(helpdesk.opens), "Opening time", "受付開始", required(Form::TimeOfDay)},
    {"helpdesk.closes", AT(helpdesk.closes), "Closing time", "受付終了", required(Form::TimeOfDay)},

    {"mail.smtp_url", AT(mail.smtp_url), "The mail server as smtp://host:25 or smtps://host; empty: no mail is sent",
     "メールサーバ。空なら送信しない", of(Form::Url)},
    {"mail.user", AT(mail.user), "Name at the mail server", "メールサーバの利用者名"},
    {"mail.password",
     AT(mail.password),
     "Password at the mail server",
     "メールサーバのパスワード",
     {},
     Secrecy::Secret},
    {"mail.password_file", AT(mail.password_file),
     "A file with the password, instead of mail.password; absolute or below the site directory",
     "パスワードを書いたファイル（mail.passwordの代わり）"},
    {"mail.from", AT(mail.from), "Sender of all mail", "差出人", of(Form::MailAddress)},
    {"mail.tls", AT(mail.tls),
     "Encryption of smtp://: auto: when the server offers it, demanded when there is a password; required; none",
     "smtp://の暗号化。autoなら、サーバが対応していれば使い、パスワードがあれば必ず使う", one_of("auto required none")},
    {"mail.ca_file", AT(mail.ca_file),
     "Certificates (PEM file) that the mail server is checked with; empty: the system's",
     "メールサーバを確かめる認証局（PEMファイル）。空ならシステムの既定"},
    {"mail.timeout_seconds", AT(mail.timeout_seconds), "Patience with the mail server, in seconds",
     "メールサーバを待つ時間（秒）", range(1, 600)},
    {"mail.per_minute", AT(mail.per_minute), "Most mails a minute", "1分あたりの送信数の上限", range(1, 6000)},
    {"mail.bundle_minutes", AT(mail.bundle_minutes),
     "Notices to one person within this many minutes of a mail come together in the next; 0: a mail each",
     "同じ人へのお知らせを1通にまとめる時間（分）。0ならまとめない", range(0, 120)},
    {"mail.digest_at", AT(mail.digest_at), "When the daily digest is sent, on days on which the office is open",
     "まとめ便の時刻（開庁日）", required(Form::TimeOfDay)},
    {"mail.reminder_hours", AT(mail.reminder_hours),
     "Opening hours after which a request that nobody has answered is called to mind; 0: never",
     "承認の催促をするまでの時間（開庁時間で数える）。0なら催促しない", range(0, 400)},
    {"mail.takedown_days", AT(mail.takedown_days),
     "Days before a page comes down on which its department is told; 0: never",
     "公開終了を担当課へ予告する日数。0なら予告しない", range(0, 90)},

    {"ldap.url", AT(ldap.url), "The directory as ldaps://dc.city.example; several with blanks between; empty: not used",
     "ディレクトリサーバ。空白区切りで複数可。空なら使わない"},
    {"ldap.base_dn", AT(ldap.base_dn), "Where people are looked for", "利用者を探す場所（DN）"},
    {"ldap.user_filter", AT(ldap.user_filter), "How a person is found; {name} stands for the login name",
     "利用者の検索式。{name}がログイン名に置き換わる", required(Form::Name)},
    {"ldap.bind_dn", AT(ldap.bind_dn), "The account that looks people up; empty: anonymous",
     "検索に使うアカウント（DN）。空なら匿名"},
    {"ldap.bind_password", AT(ldap.bind_password), "Its password", "そのパスワード", {}, Secrecy::Secret},
    {"ldap.start_tls", AT(ldap.start_tls), "Encrypt ldap:// connections by StartTLS",
     "ldap://の接続をStartTLSで暗号化する"},
    {"ldap.ca_file", AT(ldap.ca_file),
     "Certificates (PEM file) that the directory is checked with; empty: the system's",
     "ディレクトリを確かめる認証局（PEMファイル）。空ならシステムの既定"},
    {"ldap.timeout_seconds", AT(ldap.timeout_seconds), "Patience with the directory, in seconds",
     "ディレクトリを待つ時間（秒）", range(1, 120)},

    {"takeover.largest_file_mb", AT(takeover.largest_file_mb), "Largest file, in MB", "1ファイルの上限（MB）",
     range(1, 65'536)},
    {"takeover.largest_total_gb", AT(takeover.largest_total_gb), "Largest sum of all files, in GB", "全体の上限（GB）",
     range(1, 100'000)},
    {"takeover.files", AT(takeover.files), "Most files", "ファイル数の上限", range(1, 50'000'000)},
    {"takeover.depth", AT(takeover.depth), "Most folders inside each other", "フォルダの深さの上限", range(1, 1000)},
    {"takeover.unpack_ratio", AT(takeover.unpack_ratio), "Most bytes that one byte of an archive may unpack to",
     "圧縮ファイルの展開倍率の上限", range(2, 10'000)},
    {"takeover.requests_per_second", AT(takeover.requests_per_second),
     "Most requests a second to a site that is read over HTTP", "HTTPで取り込むときの1秒あたりの要求数の上限",
     range(1, 1000)},
    {"takeover.parallel_requests", AT(takeover.parallel_requests), "Requests at once to a site that is read over HTTP",
     "HTTPで取り込むときの同時要求数", range(1, 16)},
    {"takeover.longest_crawl_delay_seconds", AT(takeover.longest_crawl_delay_seconds),
     "Seconds of robots.txt's Crawl-delay that are heeded at most",
     "robots.txtの待ち時間（Crawl-delay）に従う上限（秒）", range(0, 3600)},
    {"takeover.link_depth", AT(takeover.link_depth), "Most links from the start to a page that is read over HTTP",
     "HTTPで取り込むときにたどるリンクの深さの上限", range(1, 10'000)},

    {"guard.repair", AT(guard.repair),
     "What is done about changed public files: at-once, after-confirmation (by `guard heal`), report-only",
     "改ざんを見つけたときの扱い：at-once（すぐ復旧）・after-confirmation（確認後に復旧）・report-only（報告だけ）",
     one_of("at-once after-confirmation report-only")},
    {"guard.flood_per_minute", AT(guard.flood_per_minute),
     "Deviations a minute beyond which the whole tree is put right at once, with one emergency",
     "1分あたりこの件数を超える改ざんは、緊急の異常1件にまとめて全ファイルを復旧する", range(5, 100'000)},
    {"guard.verify_minutes", AT(guard.verify_minutes),
     "Minutes between full comparisons of the public files, byte by byte", "全ファイル照合の間隔（分）",
     range(1, 1440)},
    {"guard.url", AT(guard.url), "Compare also what this address answers; empty: not",
     "外から照合するアドレス。空なら照合しない", of(Form::HttpUrl)},
    {"guard.known_hosts", AT(guard.known_hosts),
     "Hosts beside the site's own whose scripts, frames and forms are no finding; \".example.jp\" means all below it",
     "プログラム・枠・フォームの送信先として認めるホスト（サイト自身を除く）。「.example.jp」はその下すべて",
     required(Form::Name)},

    {"outside.servers", AT(outside.servers),
     "Addresses of the public servers that are asked from outside and compared with the release; empty: none",
     "外から照合する公開サーバのアドレス。空なら照合しない", required(Form::HttpUrl)},
    {"outside.important", AT(outside.important), "Pages that are compared often", "短い間隔で照合するページ",
     required(Form::Name)},
    {"outside.important_minutes", AT(outside.important_minutes), "Minutes between two looks at an important page",
     "重要なページの照合の間隔（分）", range(1, 1440)},
    {"outside.all_hours", AT(outside.all_hours), "Hours in which every page is compared once", "全ページを一巡する時間",
     range(1, 720)},
    {"outside.requests_per_second", AT(outside.requests_per_second), "Most requests a second to one server",
     "1台のサーバへの1秒あたりの要求数の上限", range(1, 100)},
    {"outside.several_ways", AT(outside.several_ways),
     "Ask for important pages also as a search engine's visitor, a search robot and a phone would",
     "重要なページは、検索サイト経由・検索ロボット・スマートフォンとしても取得して比べる"},
    {"outside.random_paths", AT(outside.random_paths),
     "Addresses that do not exist, asked for in each round; the answer must be 404",
     "一巡ごとに確かめる、存在しないアドレスの数（404を期待する）", range(0, 20)},
    {"outside.ca_file", AT(outside.ca_file),
     "Certificates (PEM file) that the servers are checked with; empty: the system's",
     "サーバ証明書を確かめる認証局（PEMファイル）。空ならシステムの既定"},
    {"outside.certificate_days", AT(outside.certificate_days), "Days before a certificate's end at which to warn",
     "証明書の期限切れを知らせる日数", range(1, 365)},
    {"outside.addresses", AT(outside.addresses),
     "What names must resolve to: host name = addresses, separated by blanks",
     "名前解決の期待値：ホスト名 = アドレス（空白区切り）", required(Form::Name)},
    {"outside.timeout_seconds", AT(outside.timeout_seconds), "Patience with one answer, in seconds",
     "1回の応答を待つ時間（秒）", range(1, 300)},

    {"antivirus.clamd", AT(antivirus.clamd),
     "clamd's socket (/run/clamav/clamd.ctl) or host:port; empty: no clamd. When set, an upload that cannot be scanned "
     "is refused",
     "clamdのソケットまたは「ホスト:ポート」。空なら使わない。設定すると、検査できないファイルは受け付けない"},
    {"antivirus.timeout_seconds", AT(antivirus.timeout_seconds), "Patience with the scanner, in seconds",
     "検査を待つ時間（秒）", range(1, 600)},
    {"antivirus.signature_hours", AT(antivirus.signature_hours), "Age in hours at which signatures are too old",
     "定義ファイルを古いとみなす時間", range(1, 720)},
    {"antivirus.log_file", AT(antivirus.log_file),
     "Log of the city's own antivirus product, read for detections; empty: none",
     "庁内のウイルス対策ソフトのログ。空なら読まない"},
    {"antivirus.status_file", AT(antivirus.status_file),
     "File in which the city's own product writes its state; empty: none",
     "庁内のウイルス対策ソフトの状態ファイル。空なら読まない"},
    {"antivirus.command", AT(antivirus.command),
     "Program and arguments that print the state of the city's own product; empty: none",
     "庁内のウイルス対策ソフトの状態を表示する命令。空なら実行しない", required(Form::Name)},
    {"antivirus.detection_pattern", AT(antivirus.detection_pattern),
     "Text with * that a line about a detection looks like: \"* infected: *\"",
     "検出を示す行の形（「*」は任意の文字列）"},
    {"antivirus.date_pattern", AT(antivirus.date_pattern),
     "Text with * and {date} that tells the signatures' date: \"Signature date: {date}*\"",
     "定義ファイルの日付を示す行の形（日付の位置に{date}）"},
    {"antivirus.sweep_hours", AT(antivirus.sweep_hours),
     "Hours between two scans of every stored and public file; 0: none",
     "保管・公開中の全ファイルを検査する間隔（時間）。0なら行わない", range(0, 8760)},
    {"antivirus.sweep_mb_per_second", AT(antivirus.sweep_mb_per_second), "Most megabytes a second of such a scan",
     "全ファイルの検査の速さの上限（MB/秒）", range(1, 1000)},

    {"monitor.probes", AT(monitor.probes),
     "What is watched otherwise than by default, a line each: disk.site warn=80; raid off; tcp.x kind=tcp target=a:25",
     "既定と変える監視項目。1行に1項目（例：disk.site warn=80、raid off、tcp.x kind=tcp target=a:25）",
     required(Form::Name)},
    {"monitor.access_logs", AT(monitor.access_logs),
     "Access logs beside the built-in server's (nginx: /var/log/nginx/access.log), in the combined format",
     "内蔵サーバのほかに読むアクセスログ（combined形式）", required(Form::Name)},
    {"monitor.metrics_address", AT(monitor.metrics_address),
     "Where /metrics is served for Prometheus, such as 127.0.0.1:9480; empty: nowhere",
     "Prometheus用の/metricsを出すアドレス。空なら出さない", of(Form::Address)},
    {"monitor.metrics_token",
     AT(monitor.metrics_token),
     "What whoever reads /metrics must show (Authorization: Bearer); needed beyond this machine",
     "/metricsを読むための合言葉（Bearer）。このサーバの外から読むなら要る",
     {},
     Secrecy::Secret},

    {"intrusion.watch", AT(intrusion.watch), "Look for attacks in access logs, sign-ins and the kernel's counters",
     "アクセスログ・ログイン・カーネルの計数から攻撃を探す"},
    {"intrusion.allowed_networks", AT(intrusion.allowed_networks),
     "Addresses that are never judged, beside office.town_hall_networks", "判定しないアドレス（庁内のほか）",
     required(Form::Network)},
    {"intrusion.requests_per_minute", AT(intrusion.requests_per_minute),
     "Requests a minute from one address that count as a flood",
     "1つのアドレスから毎分この件数を超えると過負荷とみなす", range(60, 1'000'000)},
    {"intrusion.eve_log", AT(intrusion.eve_log), "Suricata's EVE log, read when it is there; empty: not",
     "SuricataのEVEログ。あれば読む。空なら読まない"},
    {"intrusion.block", AT(intrusion.block),
     "What is done about attackers: off; dry-run (only said); on (kept out by nftables for a while)",
     "攻撃元の扱い：off（何もしない）・dry-run（記録だけ）・on（nftablesで一時遮断）", one_of("off dry-run on")},
    {"intrusion.block_minutes", AT(intrusion.block_minutes), "Minutes for which an attacker is kept out",
     "遮断する時間（分）", range(1, 10'080)},

    {"watch.on_call",
     AT(watch.on_call),
     "Who is told: hours (always, open, closed of the helpdesk), least severity, minutes without an answer, channel "
     "(mail, slack, webhook, command, screen), target, then name=, days=, from=, until=; empty: the screen alone",
     "連絡先。時間帯（always・open・closed、ヘルプデスクの受付時間による）、重大度の下限、応答を待つ分数、"
     "連絡方法（mail・slack・webhook・command・screen）、宛先、続けてname=・days=・from=・until=。空なら画面だけ",
     {Form::Name, 1, 400}},
    {"watch.rules",
     AT(watch.rules),
     "When signals are an anomaly: source, kind, subject (* is any), then raise_after=, clear_after=, hold=, "
     "clear_hold=, silent_after=, ends_after=, flaps=, severity=, behind=; the first that fits holds",
     "異常と判断する条件。検知元、種類、対象（*は任意）、続けてraise_after=などの条件。先に当てはまる行を使う",
     {Form::Name, 1, 400}},
    {"watch.group_seconds", AT(watch.group_seconds),
     "Seconds that a call waits for what belongs with it; an emergency does not wait",
     "まとめて連絡するために待つ秒数（緊急は待たない）", range(0, 300)},
    {"watch.bundle_minutes", AT(watch.bundle_minutes), "Minutes between two follow-ups of one call",
     "同じ呼出しの続報の間隔（分）", range(1, 120)},
    {"watch.repeat_minutes", AT(watch.repeat_minutes),
     "Minutes after which a call without an answer is repeated; 0: never",
     "応答がないときに、もう一度連絡するまでの時間（分）。0なら繰り返さない", range(0, 1440)},
    {"watch.ca_file", AT(watch.ca_file),
     "Certificates (PEM file) that the receivers of webhooks are checked with; empty: the system's",
     "Webhookの送り先を確かめる認証局（PEMファイル）。空ならシステムの既定"},
    {"watch.timeout_seconds", AT(watch.timeout_seconds), "Patience with a receiver or a program, in seconds",
     "送り先やプログラムを待つ時間（秒）", range(1, 120)},
    {"watch.address", AT(watch.address), "Where Alertmanager's webhooks are taken in, 127.0.0.1:9095; empty: nowhere",
     "AlertmanagerのWebhookを受け付けるアドレス。空なら受け付けない", of(Form::Address)},
    {"watch.token",
     AT(watch.token),
     "What a sender of webhooks has to know (Authorization: Bearer ...)",
     "Webhookの送り手に求める合言葉（Authorization: Bearer）",
     {},
     Secrecy::Secret},
    {"watch.token_file", AT(watch.token_file),
     "A file with it, instead of watch.token; absolute or below the site directory",
     "合言葉を書いたファイル（watch.tokenの代わり）"},
    {"watch.heartbeat_url", AT(watch.heartbeat_url),
     "An address outside that is fetched while all is well, so that a dead watch is noticed there; empty: none",
     "監視が動いている間だけ呼び出す外部のアドレス（監視の停止に外から気付くため）。空なら呼び出さない", of(Form::Url)},
    {"watch.heartbeat_seconds", AT(watch.heartbeat_seconds), "Seconds between two such fetches", "その間隔（秒）",
     range(10, 3600)},
    {"watch.keep_signals_days", AT(watch.keep_signals_days), "Days for which signals of closed anomalies are kept",
     "終結した異常の知らせを残す日数", range(30, 4000)},
    {"watch.keep_anomalies_months", AT(watch.keep_anomalies_months),
     "Months for which closed anomalies are kept with their answers", "終結した異常と対応の記録を残す月数",
     range(13, 240)},
    {"watch.keep_minutes_days", AT(watch.keep_minutes_days), "Days for which figures of each minute are kept",
     "1分ごとの値を残す日数", range(1, 400)},
    {"watch.keep_hours_days", AT(watch.keep_hours_days), "Days for which figures of each hour are kept",
     "1時間ごとの値を残す日数", range(30, 4000)},

    {"log.form", AT(log.form), "prose for people, json for log collectors", "ログの形式", one_of("prose json")},
    {"log.level", AT(log.level), "The least important lines that are written", "書き出すログの下限",
     one_of("debug info warning error")},

    {"others", ROWS(others), "One entry for each area", "領域ごとに1つ", range(0, 200)},
    {"others[].path", COLUMN(others, path), "The area's public path", "公開パス", required(Form::SitePath)},
    {"others[].folder", COLUMN(others, folder), "The folder with its files, absolute or below the site directory",
     "ファイルのあるフォルダ（絶対パスかサイトフォルダからの相対パス）", required(Form::Name)},

    {"targets", ROWS(targets), "One entry for each server", "サーバごとに1つ", range(0, 50)},
    {"targets[].name", COLUMN(targets, name), "Its name in receipts", "公開結果に出る名称", {Form::Identifier, 1, 60}},
    {"targets[].url", COLUMN(targets, url), "Where files are placed", "配置先", required(Form::Url)},
};

#undef AT
#undef COLUMN
#undef ROWS

}  // namespace

std::string_view type_name(const Slot& slot) {
    constexpr std::string_view kNames[] = {"a text",          "a number",         "true or false",
                                           "a list of texts", "a table of texts", "a list of tables"};
    return kNames[slot.index()];
}

std::string limits_text(const Key& key) {
    Settings fresh;
    fresh.others.resize(1);
    fresh.targets.resize(1);
    const Limits& limits = key.limits;
    const Slot slot = key.slot(fresh, 0);
    if (std::holds_alternative<Integer*>(slot)) return fmt::format("{} to {}", limits.least, limits.most);
    if (std::holds_alternative<Rows>(slot)) return fmt::format("at most {}", limits.most);
    if (!limits.choices.empty()) {
        std::string words(limits.choices);
        for (std::size_t at = 0; (at = words.find(' ', at)) != std::string::npos; at += 4) words.replace(at, 1, " or ");
        return words;
    }
    return limits.form == Form::Any ? "" : std::string(form_name(limits.form));
}

std::span<const Key> all_keys() {
    return kKeys;
}
std::span<const Section> all_sections() {
    return kSections;
}

const Key* find_key(std::string_view name) {
    for (const Key& key : kKeys) {
        if (key.name == name) return &key;
    }
    return nullptr;
}

}  // namespace settings
