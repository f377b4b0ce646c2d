#include "watch/intrusion/sign_in_watch.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace intrusion {

namespace {
constexpr std::chrono::seconds kAgain{60};
}

void SignInWatch::see(const SignIn& attempt) {
    Source& source = sources_.get(attempt.address);
    if (attempt.is_success) {
        Account* const account = accounts_.find(attempt.account);
        if (account != nullptr && account->failures.in_span(attempt.at) >= limits_.guesses)
            tell(attempt, "sign-in.after-guessing", attempt.account, signals::Severity::Serious,
                 fmt::format(
                     "ログインの失敗が続いたあとに、{} から {} のログインが成功しました。本人か確かめてください。",
                     attempt.address, attempt.account));
        return;
    }
    source.failures.add(attempt.at);
    source.accounts.add(attempt.at, attempt.account);
    const double tries = source.failures.in_span(attempt.at);
    const bool is_spraying = source.accounts.count() >= limits_.accounts;
    if ((is_spraying || tries >= limits_.address_tries) && attempt.at - source.told >= kAgain) {
        source.told = attempt.at;
        tell(attempt, is_spraying ? "sign-in.spraying" : "sign-in.guessing", attempt.address,
             signals::Severity::Serious,
             is_spraying
                 ? fmt::format("{} から、複数の利用者名でログインが試されています（10分で{:.0f}回失敗）。",
                               attempt.address, tries)
                 : fmt::format("{} から、ログインの失敗が続いています（10分で{:.0f}回）。", attempt.address, tries));
    }
    if (attempt.account.empty()) return;
    Account& account = accounts_.get(attempt.account);
    account.failures.add(attempt.at);
    account.addresses.add(attempt.at, attempt.address);
    const double guesses = account.failures.in_span(attempt.at);
    if (guesses < limits_.guesses || attempt.at - account.told < kAgain) return;
    account.told = attempt.at;
    tell(attempt, "sign-in.guessing", attempt.account, signals::Severity::Serious,
         fmt::format("{} のパスワードが繰り返し試されています（10分で{:.0f}回、{}か所から）。", attempt.account,
                     guesses, account.addresses.count()));
}

void SignInWatch::tell(const SignIn& attempt, std::string_view kind, std::string subject, signals::Severity severity,
                       std::string text) {
    take_({.source = "intrusion",
           .kind = std::string(kind),
           .subject = std::move(subject),
           .severity = severity,
           .observed_at = attempt.at,
           .text = std::move(text),
           .payload = boost::json::serialize(
               boost::json::object{{"address", attempt.address}, {"account", attempt.account}})});
}

}  // namespace intrusion
