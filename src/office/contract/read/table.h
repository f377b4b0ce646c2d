// One table of the contract file while it is read: each value is asked for by name, with its form and limits; what was
// not asked for is an unknown key, and is named with the nearest one that there is.
#pragma once

#include "ground/settings/document.h"
#include "office/contract/contract.h"

namespace contract {

class Problems {
  public:
    explicit Problems(std::vector<Problem>& all) : all_(all) {}
    void add(settings::Place place, std::string message, bool is_warning = false);

  private:
    std::vector<Problem>& all_;
};

enum class Need { Required, Optional };

class Table {
  public:
    /// `what` names it in messages: "[price]", "[[obligations]] backup-daily". `node` null: an empty table at `place`.
    Table(const settings::Node* node, settings::Place place, std::string what, Problems& problems)
        : node_(node), place_(node ? node->place : place), what_(std::move(what)), problems_(problems) {}

    std::string text(std::string_view key, Need need = Need::Required, std::size_t longest = 200);
    /// Small letters, digits and hyphens, of use in keys and subjects; clauses may have capitals and dots.
    std::string id(std::string_view key, Need need = Need::Required);
    std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most, std::optional<std::int64_t> usual);
    bool flag(std::string_view key, bool usual);
    std::optional<base::Day> day(std::string_view key, Need need = Need::Required);
    /// A span such as 30d, 3w, 60m, 4h.
    Span span(std::string_view key, Need need);
    /// Minutes since midnight of "17:30"; up to 24:00.
    int minute(std::string_view key, int usual);
    std::vector<std::string> texts(std::string_view key, Need need = Need::Optional);
    std::vector<Pattern> patterns(std::string_view key, Need need = Need::Optional);
    /// The place in `words` of what stands there.
    std::size_t choice(std::string_view key, std::span<const std::string_view> words, std::optional<std::size_t> usual);

    const settings::Node* find(std::string_view key);
    /// A table in this one; not there: an empty one.
    Table table(std::string_view key);
    /// The rows of [[key]].
    std::vector<Table> rows(std::string_view key, std::size_t most);
    bool has(std::string_view key) const { return node_ && node_->find(key); }
    void note(std::string_view key, std::string message, bool is_warning = false);
    void rename(std::string what) { what_ = std::move(what); }
    int line() const { return place_.line; }
    /// The last word: what was never asked for is unknown.
    void finish();

  private:
    const settings::Node* need(std::string_view key, Need need, settings::Node::Type type, std::string_view form);
    bool is_text(const settings::Node& node, std::string_view key, std::size_t longest);

    const settings::Node* node_;
    settings::Place place_;
    std::string what_;
    Problems& problems_;
    std::vector<std::string> asked_;
};

/// Nothing unless it is a span: 1 to 9999 of d, w, h or m.
std::optional<Span> find_span(std::string_view text);
/// "22:15" as minutes; 24:00 is allowed.
std::optional<int> find_minute(std::string_view text);

}  // namespace contract
