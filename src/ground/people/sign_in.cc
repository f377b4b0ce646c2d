#include "ground/people/sign_in.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/people/second_factor.h"
#include "ground/people/store/account.h"
#include "ground/people/store/note.h"
#include "ground/people/store/session_rows.h"
#include "ground/people/store/throttle.h"
#include "ground/sys/crypto.h"
#include "ground/sys/log.h"

namespace people {

namespace {

constexpr std::size_t kLongestName = 200;

Refused refused(Refused::Reason reason, std::string ja, std::string en, base::Instant again_at = {}) {
    return {reason, again_at, std::move(ja), std::move(en)};
}
Refused refused_as_wrong() {
    return refused(Refused::Reason::Wrong, "ログイン名またはパスワードが違います。", "wrong name or password");
}
Refused refused_for_now(base::Instant again_at) {
    return refused(Refused::Reason::Waiting,
                   fmt::format("失敗が続いたため、{}まで待ってください。", calendar::format_era_moment(again_at)),
                   fmt::format("too many failures; try again after {} (Japan)", base::format_local(again_at)),
                   again_at);
}
Refused refused_as_expired() {
    return refused(Refused::Reason::Expired, "時間が過ぎました。最初からログインしてください。",
                   "too much time has passed; sign in again from the start");
}
Refused refused_as_wrong_code() {
    return refused(Refused::Reason::WrongCode, "確認コードが違います。新しいコードを入力してください。",
                   "wrong code; enter the newest one");
}
Refused refused_as_unfit(const PasswordFault& fault) {
    return refused(Refused::Reason::Unfit, fault.ja, fault.en);
}

/// The two counters that a try runs against.
struct Keys {
    std::string account;
    std::string address;
};
Keys keys_of(std::string_view login_name, const Peer& peer) {
    return {throttle_key(login_name), throttle_key(peer.address)};
}

struct Tries {
    Try account;
    Try address;
};
/// Counts a try before it is judged, or says until when to wait; such a try is neither judged nor counted.
std::variant<Tries, base::Instant> start_tries(sys::Transaction& tx, const SignInPolicy& policy, const Keys& keys,
                                               base::Instant now) {
    const auto account = find_waiting(tx, keys.account, policy.by_account, policy.forget_after, now);
    const auto address = find_waiting(tx, keys.address, policy.by_address, policy.forget_after, now);
    if (account || address) return std::max(account.value_or(base::Instant{}), address.value_or(base::Instant{}));
    return Tries{count_try(tx, keys.account, policy.forget_after, now),
                 count_try(tx, keys.address, policy.forget_after, now)};
}

void give_back(sys::Transaction& tx, const Tries& tries) {
    give_back(tx, tries.account);
    give_back(tx, tries.address);
}

/// Who they are is proved in full: the account's failures are forgotten. The address keeps those of others, or a
/// guesser could clear them with an account of their own.
void forget(sys::Transaction& tx, const Tries& tries) {
    clear_tries(tx, tries.account.who);
    give_back(tx, tries.address);
}

By by_of(PersonId person, base::Instant at) {
    return {person, at};
}

/// The ledger's line of a failure, and of the waiting that it starts.
void note_failure(sys::Transaction& tx, const SignInPolicy& policy, const Tries& tries,
                  const std::optional<PersonId>& person, const Peer& peer, std::string_view what, base::Instant now) {
    const By by{{}, now, "system:sign-in"};
    const std::string subject = person ? subject_of(*person) : std::string();
    note(tx, by, "person.sign-in-refused", subject, {{"address", peer.address.text()}, {"what", std::string(what)}});
    const auto account_wait = policy.by_account.after(tries.account.failures);
    const auto address_wait = policy.by_address.after(tries.address.failures);
    if (account_wait.count() > 0 || address_wait.count() > 0)
        note(tx, by, "person.lock", subject,
             {{"address", peer.address.text()},
              {"account_seconds", std::int64_t{account_wait.count()}},
              {"address_seconds", std::int64_t{address_wait.count()}}});
}

struct Judgement {
    Proof proof = Proof::Wrong;
    std::string new_hash;  ///< when the stored one is of weaker settings
};

/// Asks the account's authenticator, outside any transaction. One argon2id is run whatever happens.
Judgement judge(SignInDesk& desk, const std::optional<Account>& account, std::string_view password) {
    const auto burn_time = [&] { is_right_password(password, {}); };
    if (!account || account->person.state != PersonState::Active || password.empty()) {
        burn_time();
        sys::log(sys::Level::Warning, "sign-in refused",
                 {{"person", account ? subject_of(account->person.id) : ""},
                  {"why", !account                                       ? "no such account"
                          : account->person.state != PersonState::Active ? "account not active"
                                                                         : "no password"}});
        return {};
    }
    const Source source = account->person.source;
    const auto asked = std::find_if(desk.authenticators.begin(), desk.authenticators.end(),
                                    [&](const auto& one) { return one->source() == source; });
    ProofResult result{Proof::Unreachable, fmt::format("no authenticator is set up for {}", source_id(source))};
    if (asked != desk.authenticators.end())
        result = (*asked)->prove(account->person.login_name, password, account->password_hash);
    if (source != Source::Local) burn_time();
    if (result.proof != Proof::Right)
        sys::log(sys::Level::Warning, "sign-in refused",
                 {{"person", subject_of(account->person.id)}, {"why", result.why}});
    Judgement judged{result.proof, {}};
    if (result.proof == Proof::Right && source == Source::Local && sys::is_password_hash_old(account->password_hash))
        judged.new_hash = hash_new_password(password);
    return judged;
}

/// What is true after a password was asked for: the account as it is now and its tries, or the refusal.
struct Proved {
    Account account;
    Tries tries;
};

/// Counts, judges, and hands what follows to `settle`, which runs in the transaction that says the password was right.
template <class Settle>
SignInResult ask_password(SignInDesk& desk, const std::string& login_name, std::string_view password, const Peer& peer,
                          const Settle& settle) {
    const base::Instant now = desk.clock.now();
    const Keys keys = keys_of(login_name, peer);
    const auto begun = desk.db.write([&](sys::Transaction& tx) {
        return std::pair(find_account(tx, login_name), start_tries(tx, desk.policy, keys, now));
    });
    if (const auto* until = std::get_if<base::Instant>(&begun.second)) return refused_for_now(*until);
    const std::optional<Account>& account = begun.first;
    const Tries& tries = std::get<Tries>(begun.second);

    Judgement judged;
    try {
        judged = judge(desk, account, password);
    } catch (...) {  // not judged, so not the person's failure
        desk.db.write([&](sys::Transaction& tx) { give_back(tx, tries); });
        throw;
    }
    return desk.db.write([&](sys::Transaction& tx) -> SignInResult {
        if (judged.proof == Proof::Unreachable) {
            give_back(tx, tries);
            return refused(Refused::Reason::Unavailable,
                           "庁内の認証サーバに接続できません。しばらくしてからもう一度試してください。",
                           "the directory cannot be reached; try again shortly");
        }
        // Between judging and now an administrator may have shut the account or changed its password.
        const auto current = account ? find_account(tx, login_name) : std::nullopt;
        const bool is_as_judged =
            current && current->person.id == account->person.id && current->person.state == PersonState::Active &&
            current->person.source == account->person.source && current->password_hash == account->password_hash;
        if (judged.proof != Proof::Right || !is_as_judged) {
            note_failure(tx, desk.policy, tries, account ? std::optional(account->person.id) : std::nullopt, peer,
                         "password", now);
            return refused_as_wrong();
        }
        if (!judged.new_hash.empty()) renew_hash(tx, current->person.id, current->password_hash, judged.new_hash);
        return settle(tx, Proved{*current, tries});
    });
}

bool demands_factor(sys::Reader& db, const SignInPolicy& policy, PersonId person, const Peer& peer, bool has_factor) {
    if (is_in(peer.address, policy.trusted)) return false;
    if (has_factor) return true;
    const auto grants = list_grants(db, person);
    return std::any_of(grants.begin(), grants.end(),
                       [&](const Grant& grant) { return policy.factor_roles.contains(grant.role); });
}

Stage stage_after_factor(const Person& person) {
    return person.must_change_password && person.source == Source::Local ? Stage::Password : Stage::Open;
}

/// The next session row under `token`, and what the person is asked for next.
SignInResult go_on(sys::Transaction& tx, SignInDesk& desk, PersonId person, Stage stage, const std::string& token,
                   const Peer& peer, base::Instant now) {
    Session session = add_session(tx, token, person, stage, now, peer.address.text(), peer.agent, desk.policy.sessions);
    switch (stage) {
        case Stage::Factor:
            return NeedSecondFactor{token};
        case Stage::Enrol:
            return NeedEnrolment{token};
        case Stage::Password:
            return NeedPasswordChange{token};
        case Stage::Open:
            break;
    }
    note(tx, by_of(person, now), "person.sign-in", subject_of(person), {{"address", peer.address.text()}});
    return SignedIn{token, std::move(session)};
}

/// The unfinished session of `token` if it is at `stage`, with its person.
struct Unfinished {
    Session session;
    Person person;
};
std::optional<Unfinished> find_unfinished(sys::Reader& db, std::string_view token, Stage stage, base::Instant now) {
    const auto session = find_unfinished_session(db, token, now);
    if (!session || session->stage != stage) return std::nullopt;
    return Unfinished{*session, load_person(db, session->person)};
}

/// What is wrong with a new password; also when it is the old one.
std::optional<PasswordFault> find_new_fault(const SignInDesk& desk, const Account& account, std::string_view password) {
    if (auto fault = find_fault(password, account.person.login_name, desk.policy.passwords)) return fault;
    if (!account.password_hash.empty() && is_right_password(password, account.password_hash))
        return PasswordFault{"今までと同じパスワードは使えません。", "the password is the same as before"};
    return std::nullopt;
}

std::optional<Account> find_account_of(SignInDesk& desk, PersonId id) {
    return desk.db.read([&](sys::Reader& db) { return find_account(db, load_person(db, id).login_name); });
}

}  // namespace

SignInResult sign_in(SignInDesk& desk, std::string_view login_name, std::string_view password, const Peer& peer) {
    std::string name = base::to_lower(base::trim(login_name.substr(0, kLongestName)));
    if (!base::is_utf8(name) || name.find('\0') != std::string::npos) name.clear();  // nobody's
    const std::string token = sys::random_token(32);
    const base::Instant now = desk.clock.now();
    return ask_password(desk, name, password, peer, [&](sys::Transaction& tx, const Proved& proved) {
        const Person& person = proved.account.person;
        const bool has_factor = has_second_factor(tx, person.id);
        Stage stage = stage_after_factor(person);
        if (demands_factor(tx, desk.policy, person.id, peer, has_factor))
            stage = has_factor ? Stage::Factor : Stage::Enrol;
        if (stage == Stage::Factor)
            give_back(tx, proved.tries);  // the failures before it stay until the code was right, too
        else
            forget(tx, proved.tries);
        return go_on(tx, desk, person.id, stage, token, peer, now);
    });
}

SignInResult give_second_factor(SignInDesk& desk, std::string_view token, std::string_view code, const Peer& peer) {
    const base::Instant now = desk.clock.now();
    const std::string next_token = sys::random_token(32);
    return desk.db.write([&](sys::Transaction& tx) -> SignInResult {
        const auto found = find_unfinished(tx, token, Stage::Factor, now);
        if (!found) return refused_as_expired();
        const PersonId person = found->person.id;
        const auto started = start_tries(tx, desk.policy, keys_of(found->person.login_name, peer), now);
        if (const auto* until = std::get_if<base::Instant>(&started)) return refused_for_now(*until);
        const Tries& tries = std::get<Tries>(started);
        if (!take_code(tx, person, code, desk.office_key, by_of(person, now))) {
            note_failure(tx, desk.policy, tries, person, peer, "second factor", now);
            return refused_as_wrong_code();
        }
        forget(tx, tries);
        remove_session(tx, found->session.id);
        return go_on(tx, desk, person, stage_after_factor(found->person), next_token, peer, now);
    });
}

SignInResult finish_enrolment(SignInDesk& desk, std::string_view token, std::string_view code, const Peer& peer,
                              std::vector<std::string>& recovery_codes) {
    const base::Instant now = desk.clock.now();
    const std::string next_token = sys::random_token(32);
    return desk.db.write([&](sys::Transaction& tx) -> SignInResult {
        recovery_codes.clear();
        const auto found = find_unfinished(tx, token, Stage::Enrol, now);
        if (!found) return refused_as_expired();
        const PersonId person = found->person.id;
        auto codes = confirm_second_factor(tx, person, code, desk.office_key, by_of(person, now), found->session.id);
        if (!codes) return refused_as_wrong_code();
        recovery_codes = *std::move(codes);
        remove_session(tx, found->session.id);
        return go_on(tx, desk, person, stage_after_factor(found->person), next_token, peer, now);
    });
}

SignInResult give_new_password(SignInDesk& desk, std::string_view token, std::string_view password, const Peer& peer) {
    const base::Instant now = desk.clock.now();
    const auto found = desk.db.read([&](sys::Reader& db) { return find_unfinished(db, token, Stage::Password, now); });
    if (!found) return refused_as_expired();
    const auto account = find_account_of(desk, found->person.id);
    if (!account) return refused_as_expired();
    if (const auto fault = find_new_fault(desk, *account, password)) return refused_as_unfit(*fault);
    const std::string hash = hash_new_password(password);
    const std::string next_token = sys::random_token(32);
    return desk.db.write([&](sys::Transaction& tx) -> SignInResult {
        const auto still = find_unfinished(tx, token, Stage::Password, now);
        if (!still) return refused_as_expired();
        const PersonId person = still->person.id;
        set_password(tx, person, hash, false, by_of(person, now));  // ends this unfinished session too
        return go_on(tx, desk, person, Stage::Open, next_token, peer, now);
    });
}

SignInResult prove_again(SignInDesk& desk, std::string_view token, std::string_view password, const Peer& peer) {
    const base::Instant now = desk.clock.now();
    const auto session = find_session(desk.db, token, now, desk.policy.sessions);
    if (!session) return refused_as_expired();
    const auto account = find_account_of(desk, session->person);
    if (!account) return refused_as_expired();
    return ask_password(desk, account->person.login_name, password, peer,
                        [&](sys::Transaction& tx, const Proved& proved) -> SignInResult {
                            forget(tx, proved.tries);
                            set_proved(tx, session->id, now);
                            note(tx, by_of(session->person, now), "person.sign-in", subject_of(session->person),
                                 {{"address", peer.address.text()}, {"again", std::int64_t{1}}});
                            Session proved_session = *session;
                            proved_session.proved_at = now;
                            return SignedIn{std::string(token), std::move(proved_session)};
                        });
}

SignInResult change_own_password(SignInDesk& desk, std::string_view token, std::string_view old_password,
                                 std::string_view new_password, const Peer& peer) {
    const base::Instant now = desk.clock.now();
    const auto session = find_session(desk.db, token, now, desk.policy.sessions);
    if (!session) return refused_as_expired();
    const auto account = find_account_of(desk, session->person);
    if (!account) return refused_as_expired();
    if (account->person.source != Source::Local)
        return refused_as_unfit({"このアカウントのパスワードは庁内の認証サーバで変更してください。",
                                 "this account's password is the directory's; change it there"});
    if (const auto fault = find_fault(new_password, account->person.login_name, desk.policy.passwords))
        return refused_as_unfit(*fault);
    if (sys::is_same_secret(old_password, new_password))
        return refused_as_unfit({"今までと同じパスワードは使えません。", "the password is the same as before"});
    const std::string hash = hash_new_password(new_password);
    return ask_password(desk, account->person.login_name, old_password, peer,
                        [&](sys::Transaction& tx, const Proved& proved) -> SignInResult {
                            forget(tx, proved.tries);
                            set_password(tx, session->person, hash, false, by_of(session->person, now), session->id);
                            set_proved(tx, session->id, now);
                            Session kept = *session;
                            kept.proved_at = now;
                            return SignedIn{std::string(token), std::move(kept)};
                        });
}

}  // namespace people
