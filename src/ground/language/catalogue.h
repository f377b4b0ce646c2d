// The second language of the screens. The program speaks Japanese in its source; a catalogue in the gettext form
// (msgid = the Japanese, msgstr = the translation) gives the other. Whole templates are translated before they are
// parsed, so that what people typed is never looked at; sentences made by code, now or when they were recorded, are
// found by their form: "{}件終了しました" matches "3件終了しました". What the catalogue lacks stays Japanese.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace language {

/// True if `text` holds a kana, a Chinese character or a full-width form.
bool has_japanese(std::string_view text);

class Catalogue {
  public:
    /// Adds the entries of a PO file (GNU gettext manual, "PO Files": comments, msgid and msgstr with continued
    /// strings; no plural forms or contexts). Throws Error(BadInput) with name and line on a mistake, on an empty
    /// translation and when a msgid already has another one.
    void add(std::string_view name, std::string_view po);
    /// How a text that is nothing but a date or a time is said in the other language; nothing for any other text.
    void say_dates(std::function<std::optional<std::string>(std::string_view text)> say) { dates_ = std::move(say); }

    /// The translation of exactly this.
    std::optional<std::string_view> find(std::string_view source) const;

    /// The translation of what the program said: an entry, a form ("あと{}"), or such ones one after another
    /// ("題：文。文。", "語、語"), each hole of a form treated alike. Of several readings that which leaves the fewest
    /// letters Japanese, then that with the most words of its own; `text` itself when none leaves fewer.
    std::string translate(std::string_view text) const;

    std::size_t size() const { return entries_.size(); }
    /// Entries whose translation has other holes than the source: "{}" or "{0}", "{{ name }}".
    std::vector<std::string> list_mistakes() const;

  private:
    struct Form {
        std::vector<std::string> literals;  ///< one more than holes
        std::string target;
        std::size_t weight = 0;   ///< bytes of the literals
        std::size_t letters = 0;  ///< Japanese ones in them
    };
    /// `budget`: how many parts may still be read, so that no text costs more than some milliseconds.
    std::optional<std::string> fill(const Form& form, std::string_view text, int depth, int& budget) const;
    std::string read(std::string_view text, int depth, int& budget) const;
    std::string read_parts(std::string_view text, std::string_view end, std::string_view joint, int depth,
                           int& budget) const;

    std::map<std::string, std::string, std::less<>> entries_;
    std::vector<Form> forms_;  ///< the heaviest first
    std::function<std::optional<std::string>(std::string_view)> dates_;
};

/// `source` of a template with each message replaced by what `translate` gives for it (nothing = as it is). A message
/// is a run of text between tags and statements, with its `{{ }}` in it, or such a run in an attribute's value or in
/// a quoted string of a statement; only runs with Japanese count, white space in them as one space.
std::string translate_template(std::string_view source,
                               const std::function<std::optional<std::string>(const std::string& message)>& translate);

}  // namespace language
