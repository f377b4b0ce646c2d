#include "ground/people/second_factor.h"

#include <cstdlib>

#include <fmt/format.h>
#include <liboath/oath.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/sessions.h"
#include "ground/people/store/note.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace people {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSecretBytes = 20;  // RFC 4226 section 4, R6
constexpr std::size_t kRecoveryBytes = 10;
constexpr int kRecoveryCodes = 10;

std::string to_base32(std::string_view bytes) {
    char* text = nullptr;
    std::size_t length = 0;
    if (oath_base32_encode(bytes.data(), bytes.size(), &text, &length) != OATH_OK)
        throw base::Error(base::Kind::Unavailable, "not enough memory to make a second factor; try again");
    std::string result(text, length);
    std::free(text);
    return result.substr(0, result.find('='));
}

/// The person's number is sealed with the secret, so that a row copied to another person does not open.
std::string seal(PersonId person, std::string_view secret, std::string_view key) {
    return sys::encrypt(fmt::format("{}:{}", person.value, secret), key);
}

std::string open(PersonId person, std::string_view sealed, std::string_view key) {
    const std::string plain = sys::decrypt(sealed, key);
    const std::string prefix = fmt::format("{}:", person.value);
    if (!plain.starts_with(prefix))
        throw base::Error(base::Kind::Damaged, "a stored second factor belongs to another person");
    return plain.substr(prefix.size());
}

/// As people type it: blanks, hyphens, small letters, full-width digits.
std::string normalise(std::string_view code) {
    std::string text;
    if (code.size() > 100) return text;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = code[i];
        if (code.substr(i).starts_with("\xEF\xBC") && i + 2 < code.size() && code[i + 2] >= '\x90' &&
            code[i + 2] <= '\x99') {  // U+FF10 to U+FF19
            text += static_cast<char>('0' + (code[i + 2] - '\x90'));
            i += 2;
        } else if (c >= 'a' && c <= 'z') {
            text += static_cast<char>(c - 'a' + 'A');
        } else if (c != ' ' && c != '-') {
            text += c;
        }
    }
    return text;
}

std::string hash_of(PersonId person, std::string_view recovery_code) {
    return sys::sha256(fmt::format("{}:{}", person.value, recovery_code)).hex();
}

/// "ABCD-EFGH-JKLM-NPQR": 80 bits, so a plain hash will do.
std::vector<std::string> renew_recovery_codes(sys::Transaction& tx, PersonId person) {
    tx.execute("DELETE FROM recovery_code WHERE person_id = $1", {person.value});
    std::vector<std::string> codes;
    for (int i = 0; i < kRecoveryCodes; ++i) {
        const std::string letters = to_base32(sys::random_bytes(kRecoveryBytes));
        tx.execute("INSERT INTO recovery_code (person_id, hash) VALUES ($1, $2)",
                   {person.value, hash_of(person, letters)});
        codes.push_back(fmt::format("{}-{}-{}-{}", letters.substr(0, 4), letters.substr(4, 4), letters.substr(8, 4),
                                    letters.substr(12, 4)));
    }
    return codes;
}

}  // namespace

std::string load_office_key(const std::filesystem::path& file) {
    auto key = sys::find_file(file, 4096);
    if (!key) {
        key = sys::random_bytes(kKeyBytes);
        sys::make_folders(file.parent_path(), 0700);
        sys::write_file(file, *key, sys::Durability::Now, 0600);
    }
    if (key->size() != kKeyBytes)
        throw base::Error(base::Kind::Damaged,
                          fmt::format("{} does not hold 32 bytes; restore it from the backup of the keys, or remove it "
                                      "and let everybody set up their second factor again",
                                      file.filename().string()));
    return *key;
}

Enrolment begin_second_factor(sys::Transaction& tx, PersonId person, std::string_view issuer,
                              std::string_view office_key, const By& by) {
    const Person known = load_person(tx, person);
    const std::string secret = sys::random_bytes(kSecretBytes);
    tx.execute(
        "INSERT INTO second_factor (person_id, pending, last_step) VALUES ($1, $2, 0) "
        "ON CONFLICT (person_id) DO UPDATE SET pending = excluded.pending",
        {person.value, sys::Blob{seal(person, secret, office_key)}});
    note(tx, by, "person.second-factor-offer", subject_of(person), {});
    Enrolment made;
    made.secret = to_base32(secret);
    const std::string label = base::percent_encode(issuer);
    made.uri = fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits=6&period=30", label,
                           base::percent_encode(known.login_name), made.secret);
    return made;
}

std::optional<std::vector<std::string>> confirm_second_factor(sys::Transaction& tx, PersonId person,
                                                              std::string_view code, std::string_view office_key,
                                                              const By& by, std::string_view keep_session) {
    const auto row =
        tx.find("SELECT pending FROM second_factor WHERE person_id = $1 AND pending IS NOT NULL", {person.value});
    if (!row) return std::nullopt;
    const auto step = find_step(open(person, row->blob(0), office_key), normalise(code), by.at);
    if (!step) return std::nullopt;
    tx.execute("UPDATE second_factor SET secret = pending, pending = NULL, last_step = $2 WHERE person_id = $1",
               {person.value, *step});
    note(tx, by, "person.second-factor", subject_of(person), {});
    end_sessions(tx, person, keep_session, "person.second-factor", by);
    return renew_recovery_codes(tx, person);
}

bool has_second_factor(sys::Reader& db, PersonId person) {
    return db.find("SELECT 1 FROM second_factor WHERE person_id = $1 AND secret IS NOT NULL", {person.value})
        .has_value();
}

void remove_second_factor(sys::Transaction& tx, PersonId person, const By& by) {
    const auto rows = tx.execute("DELETE FROM second_factor WHERE person_id = $1", {person.value});
    tx.execute("DELETE FROM recovery_code WHERE person_id = $1", {person.value});
    if (rows == 0) return;
    note(tx, by, "person.second-factor-remove", subject_of(person), {});
    end_sessions(tx, person, {}, "person.second-factor", by);
}

int count_recovery_codes(sys::Reader& db, PersonId person) {
    const auto row = db.find("SELECT COUNT(*) FROM recovery_code WHERE person_id = $1", {person.value});
    return static_cast<int>(row.value().integer(0));
}

bool take_code(sys::Transaction& tx, PersonId person, std::string_view code, std::string_view office_key,
               const By& by) {
    const auto row =
        tx.find("SELECT secret FROM second_factor WHERE person_id = $1 AND secret IS NOT NULL", {person.value});
    if (!row) return false;
    const std::string typed = normalise(code);
    if (const auto step = find_step(open(person, row->blob(0), office_key), typed, by.at))
        return tx.execute("UPDATE second_factor SET last_step = $2 WHERE person_id = $1 AND last_step < $2",
                          {person.value, *step}) == 1;
    const auto used = tx.execute("DELETE FROM recovery_code WHERE person_id = $1 AND hash = $2",
                                 {person.value, hash_of(person, typed)});
    if (used == 0) return false;
    note(tx, by, "person.recovery-code", subject_of(person),
         {{"left", std::int64_t{count_recovery_codes(tx, person)}}});
    return true;
}

}  // namespace people
