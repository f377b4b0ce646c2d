// The kept text holds one line for each byte string, in groups of four of Crockford's 32 letters (no I, L, O, U), each
// line with a number and a checksum of its own, so that whoever types it from paper is told which line is wrong.
#include "watch/backup/recovery_key.h"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/sealed_box.h"

namespace backup {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;

namespace {

constexpr std::string_view kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kPublicMark = "yakuba-recovery-";
constexpr std::size_t kMostKeyBytes = 16U << 20;
constexpr std::size_t kBytesOfLine = 10;  // 16 letters
constexpr std::size_t kCheckBytes = 5;    // 8 letters

std::string write_letters(std::string_view bytes) {
    std::string text;
    unsigned buffer = 0;
    int bits = 0;
    for (const char each : bytes) {
        buffer = (buffer << 8U) | static_cast<unsigned char>(each);
        for (bits += 8; bits >= 5; bits -= 5) text += kLetters[(buffer >> static_cast<unsigned>(bits - 5)) & 31U];
    }
    if (bits > 0) text += kLetters[(buffer << static_cast<unsigned>(5 - bits)) & 31U];
    return text;
}

/// Nothing when a letter is none. Reads I and L as 1, O as 0, as they are meant when they are typed.
std::optional<std::string> read_letters(std::string_view text) {
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (const char each : text) {
        char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
        if (letter == 'I' || letter == 'L') letter = '1';
        if (letter == 'O') letter = '0';
        const auto value = kLetters.find(letter);
        if (value == std::string_view::npos) return std::nullopt;
        buffer = (buffer << 5U) | static_cast<unsigned>(value);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((buffer >> static_cast<unsigned>(bits)) & 255U);
        }
    }
    return bytes;
}

std::string check_of(std::size_t line, std::string_view bytes) {
    const base::Hash hash = sys::sha256(fmt::format("yakuba recovery key line {}:", line) + std::string(bytes));
    return std::string(reinterpret_cast<const char*>(hash.bytes.data()), kCheckBytes);
}

std::string grouped(std::string_view letters) {
    std::string text;
    for (std::size_t i = 0; i < letters.size(); ++i) {
        if (i != 0 && i % 4 == 0) text += '-';
        text += letters[i];
    }
    return text;
}

/// Length-prefixed texts, so that any site id and password fits.
std::string pack(const RecoveryKey& key) {
    std::string packed;
    for (const std::string& each : {key.site, key.password, key.secret}) {
        if (each.size() > 255) throw Error(base::Kind::BadInput, "a part of the recovery key is longer than 255 bytes");
        packed += static_cast<char>(each.size());
        packed += each;
    }
    return packed;
}

[[noreturn]] void refuse_text(const std::string& why) {
    throw Error(base::Kind::BadInput, "this is not the kept recovery key: " + why);
}

RecoveryKey unpack(std::string_view packed) {
    RecoveryKey key;
    for (std::string* const part : {&key.site, &key.password, &key.secret}) {
        const std::size_t length = packed.empty() ? 0 : static_cast<unsigned char>(packed.front());
        if (packed.size() < 1 + length) refuse_text("a line is missing at its end");
        *part = std::string(packed.substr(1, length));
        packed.remove_prefix(1 + length);
    }
    if (!packed.empty() || key.secret.size() != 32 || key.password.empty()) refuse_text("it has lines too many");
    return key;
}

}  // namespace

std::string RecoveryKey::public_text() const {
    return std::string(kPublicMark) + base::to_hex(sys::box_public_key(secret));
}

RecoveryKey make_recovery_key(std::string site, std::string password) {
    if (password.empty()) password = sys::random_token(24);
    return {std::move(site), std::move(password), sys::make_box_pair().secret_key};
}

std::string write_recovery_key(const RecoveryKey& key) {
    std::string text = fmt::format(
        "役場（Yakuba）バックアップ復旧キー　{}\n"
        "\n"
        "バックアップからの復元に必要です。紙に印刷するか記録媒体に写し、サーバの外の\n"
        "施錠した場所に2か所以上で保管してください。失うと、バックアップは読めません。\n"
        "このファイルはサーバから消してください。確認：yakuba backup key --check ファイル\n"
        "\n"
        "Recovery key of the backups of site {}. Keep it outside the server, in two locked\n"
        "places, and delete this file here. Without it the backups cannot be read.\n"
        "\n",
        key.site, key.site);
    const std::string packed = pack(key);
    std::size_t line = 0;
    for (std::size_t at = 0; at < packed.size(); at += kBytesOfLine) {
        const std::string_view bytes = std::string_view(packed).substr(at, kBytesOfLine);
        ++line;
        text += fmt::format("{:02}: {} = {}\n", line, grouped(write_letters(bytes)),
                            grouped(write_letters(check_of(line, bytes))));
    }
    const std::string whole = check_of(0, packed);
    return text + fmt::format("END: {}\n", grouped(write_letters(whole)));
}

RecoveryKey parse_recovery_key(std::string_view text) {
    if (text.size() > (64U << 10)) refuse_text("it is longer than 64 KB");
    std::string packed;
    std::size_t line = 0;
    for (const std::string_view each : base::split(text, '\n')) {
        std::string typed;
        for (const char c : each)
            if (c != '-' && std::isspace(static_cast<unsigned char>(c)) == 0)
                typed += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        const auto colon = typed.find(':');
        if (typed.starts_with("END:")) {
            if (read_letters(std::string_view(typed).substr(4)) != check_of(0, packed))
                refuse_text("the lines do not belong together; compare their number and order");
            return unpack(packed);
        }
        const auto equals = typed.find('=');
        if (colon != 2 || equals == std::string::npos || std::isdigit(static_cast<unsigned char>(typed[0])) == 0 ||
            std::isdigit(static_cast<unsigned char>(typed[1])) == 0)
            continue;
        ++line;
        const auto bytes = read_letters(std::string_view(typed).substr(3, equals - 3));
        const auto check = read_letters(std::string_view(typed).substr(equals + 1));
        if ((typed[0] - '0') * 10 + (typed[1] - '0') != static_cast<int>(line) || !bytes || !check ||
            check_of(line, *bytes) != *check)
            refuse_text(fmt::format("line {} has a mistake", line));
        packed += *bytes;
    }
    refuse_text(line == 0 ? "it has no lines like \"01: XXXX-XXXX = XXXX-XXXX\"" : "its last line (END) is missing");
}

std::string parse_public_key(std::string_view text) {
    const auto bytes = text.starts_with(kPublicMark) ? base::from_hex(text.substr(kPublicMark.size())) : std::nullopt;
    if (!bytes || bytes->size() != 32)
        throw Error(base::Kind::BadInput,
                    "settings: backup.recovery_key is not of the form that `yakuba backup key` writes; run it again");
    return *bytes;
}

std::vector<KeyFile> read_keys(const fs::path& folder, const fs::path& excepted) {
    std::vector<KeyFile> keys;
    std::size_t bytes = 0;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder)) {
        if (!each.is_regular_file() || each.is_symlink() ||
            each.path().lexically_normal() == excepted.lexically_normal())
            continue;
        struct stat status {};
        if (::stat(each.path().c_str(), &status) != 0) continue;
        KeyFile key{each.path().lexically_relative(folder).string(), static_cast<int>(status.st_mode & 0777),
                    sys::read_file(each.path(), kMostKeyBytes)};
        bytes += key.bytes.size();
        if (bytes > kMostKeyBytes)
            throw Error(base::Kind::BadInput,
                        fmt::format("{} holds more than 16 MB; only keys belong there", folder.string()));
        keys.push_back(std::move(key));
    }
    std::sort(keys.begin(), keys.end(), [](const KeyFile& a, const KeyFile& b) { return a.path < b.path; });
    return keys;
}

std::string seal_keys(const std::vector<KeyFile>& keys, std::string_view public_key) {
    json::array files;
    for (const KeyFile& each : keys)
        files.push_back({{"path", each.path}, {"mode", each.mode}, {"bytes", base::to_base64(each.bytes)}});
    return sys::seal(json::serialize(json::object{{"version", 1}, {"files", std::move(files)}}), public_key);
}

std::vector<KeyFile> open_keys(std::string_view sealed, const RecoveryKey& key) {
    const auto plain = sys::open_sealed(sealed, key.secret);
    if (!plain)
        throw Error(base::Kind::NotAllowed,
                    "the keys in this backup do not open with this recovery key: it is that of another site or of "
                    "another time, or the file is damaged");
    std::vector<KeyFile> keys;
    try {
        const json::value root = json::parse(*plain);
        for (const json::value& each : root.at("files").as_array()) {
            const auto bytes = base::from_base64(std::string_view(each.at("bytes").as_string()));
            if (!bytes) throw Error(base::Kind::Damaged, "a key in the backup is damaged");
            keys.push_back({std::string(std::string_view(each.at("path").as_string())),
                            static_cast<int>(each.at("mode").as_int64()), *bytes});
        }
    } catch (const Error&) {
        throw;
    } catch (const std::exception&) {
        throw Error(base::Kind::Damaged, "the keys in this backup are of a form that this program does not know");
    }
    return keys;
}

void write_keys(const std::vector<KeyFile>& keys, const fs::path& folder) {
    for (const KeyFile& each : keys) {
        const fs::path path = fs::path(each.path).lexically_normal();
        if (path.empty() || path.is_absolute() || *path.begin() == ".." || path.filename().empty())
            throw Error(base::Kind::Damaged, "the keys in this backup name a file outside their folder");
    }
    for (const KeyFile& each : keys) {
        const fs::path file = folder / fs::path(each.path).lexically_normal();
        sys::make_folders(file.parent_path(), 0750);
        sys::write_file(file, each.bytes, sys::Durability::Now, static_cast<mode_t>(each.mode & 0777));
    }
}

}  // namespace backup
