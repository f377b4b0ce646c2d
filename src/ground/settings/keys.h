// What one setting is. The rows are in keys.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "ground/settings/settings.h"

namespace settings {

/// The rows of a list of tables ([[others]]), whatever their type.
struct Rows {
    void (*resize)(Settings&, std::size_t);
};

/// Where the value is kept. It gives the type, and on a fresh Settings the default.
using Slot = std::variant<Text*, Integer*, bool*, TextList*, TextMap*, Rows>;

/// What a text, or each text of a list, must look like.
enum class Form {
    Any,
    Name,         ///< not empty, one line
    Identifier,   ///< a-z 0-9 and hyphens, as in a host name
    Url,          ///< scheme://...
    HttpUrl,      ///< http:// or https://, ends with /
    Address,      ///< host:port, [ipv6]:port
    Network,      ///< 10.1.0.0/16, 2001:db8::/32, or one address
    Date,         ///< 2026-11-22
    DayOfYear,    ///< 12-29
    TimeOfDay,    ///< 08:45, up to 24:00
    MailAddress,  ///< one @, or a name with <...>
    SitePath      ///< /gikai/
};
std::string_view form_name(Form form);
/// What is wrong with `text`; empty when nothing is.
std::string find_fault(Form form, std::string_view text);

struct Limits {
    Form form = Form::Any;
    Integer least = 0;  ///< integers, number of rows: smallest value. Texts: 1 = may not be empty
    Integer most = 0;   ///< integers, number of rows: largest value. Texts: most characters; 0 = kUsualLength
    std::string_view choices = {};  ///< "ja en": the words of which the text is one; empty = free
};
inline constexpr Integer kUsualLength = 1000;
inline constexpr std::size_t kLongestList = 1000;

enum class Secrecy { Open, Secret };

struct Key {
    std::string_view name;  ///< "office.address"; "others[].path" is a column of a list of tables
    Slot (*slot)(Settings&, std::size_t row);
    std::string_view english;   ///< one line, ends without a full stop
    std::string_view japanese;  ///< the same
    Limits limits = {};
    Secrecy secrecy = Secrecy::Open;  ///< Secret: never shown, logged or exported
};

/// "a text", "a list of texts": for messages and the handbook.
std::string_view type_name(const Slot& slot);
/// "1 to 64", "ja or en", "host:port, such as ...": what a value may be; empty = anything of its type.
std::string limits_text(const Key& key);

/// In the order of the file and of the handbook.
std::span<const Key> all_keys();
const Key* find_key(std::string_view name);

/// A section's heading: "office" and what it is about.
struct Section {
    std::string_view name;
    std::string_view english;
    std::string_view japanese;
};
std::span<const Section> all_sections();

}  // namespace settings
