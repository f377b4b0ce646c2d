// Personal data in lines of any log, replaced on request: addresses shortened to their network, login names and mail
// addresses by words that stand for them, query strings taken out. The rule stands in words in each archive that was
// masked. Where a line leaves it open what is a name, rather too much is masked than too little.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace log_archive {

struct Masked {
    std::int64_t addresses = 0, names = 0, mails = 0, queries = 0;
    void add(const Masked& other);
};

class Masker {
  public:
    /// `secret`: whoever does not know it cannot find out by trying which name a word stands for. The same secret
    /// gives the same words.
    explicit Masker(std::string secret) : secret_(std::move(secret)) {}
    /// Appends `line`, masked.
    void mask(std::string_view line, std::string& to);
    const Masked& counts() const { return counts_; }

  private:
    void put_name(std::string_view name, std::string& to);
    /// Puts it to `shown_` masked, if it holds anything of a person. `traits`: what its characters may mean.
    bool put_token(std::string_view token, std::uint8_t traits);
    bool put_mail(std::string_view token, std::string& to);
    std::string word_of(std::string_view name) const;

    std::string secret_, shown_;
    Masked counts_;
};

/// The rule, a sentence each, Japanese.
std::span<const std::string_view> mask_rule();

}  // namespace log_archive
