// From the file to Settings, with every fault named at its place. What a key is stands in keys.cc; here is only how any
// key is read.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/settings/document.h"
#include "ground/settings/keys.h"
#include "ground/settings/settings.h"
#include "ground/sys/files.h"

namespace settings {
namespace {

constexpr std::size_t kMostProblems = 50;
constexpr std::size_t kLongestShown = 80;

// What the file says, fit to be shown in a message.
std::string shown(std::string_view text) {
    std::string cut(base::first_code_points(text, kLongestShown));
    for (char& c : cut) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    }
    if (cut.size() < text.size()) cut += "...";
    return cut;
}

std::string_view leaf_of(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

std::string_view found_type(Node::Type type) {
    constexpr std::string_view kNames[] = {
        "a text", "a number", "true or false", "a number with a point", "a date or time without quotes",
        "a list", "a table"};
    return kNames[static_cast<std::size_t>(type)];
}

// " Did you mean office.address?": the nearest name, else one of the same last word in another section.
std::string suggestion(std::string_view name) {
    if (name.size() > kLongestShown) return {};
    std::vector<std::string_view> known;
    for (const Section& section : all_sections()) known.push_back(section.name);
    for (const Key& key : all_keys()) known.push_back(key.name);
    auto nearest = base::find_nearest(name, known);
    for (const Key& key : all_keys()) {
        if (!nearest && leaf_of(key.name) == leaf_of(name)) nearest = key.name;
    }
    return nearest ? fmt::format("; did you mean {}?", *nearest) : "";
}

/// Never had an effect. A file that names them, also one out of an old backup, is read all the same.
constexpr std::string_view kRetired[] = {"storage.url", "storage.region", "storage.access_key", "storage.secret_key",
                                         "workflow.draft_lock_minutes"};

class Reading {
  public:
    Reading(Settings& settings, std::vector<Problem>& problems) : settings_(settings), problems_(problems) {}

    void read_table(const Node& table, const std::string& prefix) {
        for (const Node& node : table.nodes) {
            const std::string name = prefix + node.name;
            if (const Key* key = find_key(name); key && name.find('[') == std::string::npos) {
                read_key(*key, node);
            } else if (is_section(name)) {
                if (node.type == Node::Type::Table) {
                    read_table(node, name + ".");
                } else {
                    note(node, name, fmt::format("{} is a section: write [{}] and its settings below", name, name));
                }
            } else if (std::find(std::begin(kRetired), std::end(kRetired), name) == std::end(kRetired)) {
                note(node, name, fmt::format("there is no setting {}{}", shown(name), suggestion(name)));
            }
        }
    }

  private:
    static bool is_section(const std::string& name) {
        const auto keys = all_keys();
        return std::any_of(keys.begin(), keys.end(), [&](const Key& key) { return key.name.starts_with(name + "."); });
    }

    void note(const Node& node, std::string_view key, std::string message) {
        if (problems_.size() >= kMostProblems) return;
        problems_.push_back({node.key_place.line, node.key_place.column, shown(key), std::move(message)});
    }

    void note_type(const Key& key, const Node& node, std::string_view wanted) {
        note(node, key.name, fmt::format("{} must be {}, not {}", key.name, wanted, found_type(node.type)));
    }

    void read_key(const Key& key, const Node& node, std::size_t row = 0) {
        const Slot slot = key.slot(settings_, row);
        if (const auto* rows = std::get_if<Rows>(&slot)) return read_rows(key, *rows, node);
        std::visit(
            [&](auto to) {
                if constexpr (!std::is_same_v<decltype(to), Rows>) read_value(key, node, *to, slot);
            },
            slot);
    }

    void read_value(const Key& key, const Node& node, Text& to, const Slot& slot) {
        const bool is_date = node.type == Node::Type::Moment && key.limits.form == Form::Date;
        if (node.type != Node::Type::String && !is_date) return note_type(key, node, type_name(slot));
        if (is_fit(key, node, node.text)) to = node.text;
    }

    void read_value(const Key& key, const Node& node, Integer& to, const Slot& slot) {
        if (node.type != Node::Type::Whole) return note_type(key, node, type_name(slot));
        if (node.integer < key.limits.least || node.integer > key.limits.most) {
            return note(node, key.name, fmt::format("{} must be {}, not {}", key.name, limits_text(key), node.integer));
        }
        to = node.integer;
    }

    void read_value(const Key& key, const Node& node, bool& to, const Slot& slot) {
        if (node.type != Node::Type::Boolean) return note_type(key, node, type_name(slot));
        to = node.boolean;
    }

    void read_value(const Key& key, const Node& node, TextList& to, const Slot& slot) {
        if (node.type != Node::Type::List) return note_type(key, node, type_name(slot));
        if (!is_short_enough(key, node)) return;
        to.clear();
        for (const Node& item : node.nodes) read_value(key, item, to.emplace_back(), slot);
    }

    void read_value(const Key& key, const Node& node, TextMap& to, const Slot& slot) {
        if (node.type != Node::Type::Table) return note_type(key, node, type_name(slot));
        if (!is_short_enough(key, node)) return;
        to.clear();
        for (const Node& item : node.nodes) {
            const bool is_token = !item.name.empty() && item.name.size() <= kLongestShown &&
                                  std::all_of(item.name.begin(), item.name.end(), [](char c) {
                                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                             (c >= '0' && c <= '9') || c == '-' || c == '_';
                                  });
            if (!is_token) {
                note(item, key.name,
                     fmt::format("{}: \"{}\" must be letters, digits, - and _", key.name, shown(item.name)));
            } else {
                read_value(key, item, to[item.name], slot);
            }
        }
    }

    void read_rows(const Key& key, const Rows& rows, const Node& list) {
        const bool is_of_tables = std::all_of(list.nodes.begin(), list.nodes.end(),
                                              [](const Node& item) { return item.type == Node::Type::Table; });
        if (list.type != Node::Type::List || !is_of_tables) {
            return note(list, key.name,
                        fmt::format("{} is a list of tables: write [[{}]] above each entry", key.name, key.name));
        }
        if (static_cast<Integer>(list.nodes.size()) > key.limits.most) {
            return note(list, key.name,
                        fmt::format("{}: {} entries, {}", key.name, list.nodes.size(), limits_text(key)));
        }
        rows.resize(settings_, list.nodes.size());
        const std::string prefix = fmt::format("{}[].", key.name);
        for (std::size_t row = 0; row < list.nodes.size(); ++row) {
            for (const Node& node : list.nodes[row].nodes) {
                const std::string name = prefix + node.name;
                if (const Key* column = find_key(name)) {
                    read_key(*column, node, row);
                } else {
                    note(node, name, fmt::format("there is no setting {}{}", shown(name), suggestion(name)));
                }
            }
            for (const Key& column : all_keys()) {
                const bool is_missing = column.name.starts_with(prefix) && column.limits.least > 0 &&
                                        !list.nodes[row].find(leaf_of(column.name));
                if (is_missing) {
                    note(list.nodes[row], column.name,
                         fmt::format("this [[{}]] lacks {}: {}", key.name, leaf_of(column.name), column.english));
                }
            }
        }
    }

    bool is_short_enough(const Key& key, const Node& node) {
        if (node.nodes.size() <= kLongestList) return true;
        note(node, key.name,
             fmt::format("{} has {} entries, at most {} are allowed", key.name, node.nodes.size(), kLongestList));
        return false;
    }

    bool is_fit(const Key& key, const Node& node, const std::string& text) {
        if (text.empty() && key.limits.least == 0) return true;
        const Integer most = key.limits.most > 0 ? key.limits.most : kUsualLength;
        std::string fault = find_fault(key.limits.form, text);
        if (static_cast<Integer>(base::count_code_points(text)) > most) {
            fault = fmt::format("must have at most {} characters", most);
        } else if (text.empty()) {
            fault = "must not be empty";
        } else if (fault.empty() && !key.limits.choices.empty()) {
            const auto words = base::split(key.limits.choices, ' ');
            if (std::find(words.begin(), words.end(), text) == words.end())
                fault = fmt::format("must be {}", limits_text(key));
        }
        if (fault.empty()) return true;
        const bool may_show = key.secrecy == Secrecy::Open && !text.empty();
        note(node, key.name,
             fmt::format("{} {}{}", key.name, fault, may_show ? fmt::format(", not \"{}\"", shown(text)) : ""));
        return false;
    }

    Settings& settings_;
    std::vector<Problem>& problems_;
};

// What two settings say against each other; told at the first of them.
std::vector<std::pair<std::string_view, std::string>> find_contradictions(const Settings& s) {
    std::vector<std::pair<std::string_view, std::string>> found;
    const auto check = [&](bool is_well, std::string_view key, std::string_view message) {
        if (!is_well) found.emplace_back(key, std::string(message));
    };
    check(s.calendar.opens < s.calendar.closes, "calendar.opens", "calendar.opens must be before calendar.closes");
    check(s.helpdesk.opens < s.helpdesk.closes, "helpdesk.opens", "helpdesk.opens must be before helpdesk.closes");
    check(s.calendar.closed_weekdays.size() < 7, "calendar.closed_weekdays",
          "calendar.closed_weekdays leaves no open day");
    check(s.helpdesk.closed_weekdays.size() < 7, "helpdesk.closed_weekdays",
          "helpdesk.closed_weekdays leaves no open day");
    check(s.calendar.year_end_from.empty() == s.calendar.year_end_to.empty(), "calendar.year_end_from",
          "calendar.year_end_from and calendar.year_end_to go together: set both or empty both");
    check(s.office.tls_certificate.empty() == s.office.tls_key.empty(), "office.tls_certificate",
          "office.tls_certificate and office.tls_key go together");
    check(s.public_site.tls_certificate.empty() == s.public_site.tls_key.empty(), "public.tls_certificate",
          "public.tls_certificate and public.tls_key go together");
    check(s.mail.smtp_url.empty() || !s.mail.from.empty(), "mail.smtp_url",
          "mail.smtp_url needs mail.from, the sender");
    check(s.ldap.url.empty() || !s.ldap.base_dn.empty(), "ldap.url",
          "ldap.url needs ldap.base_dn, where people are looked for");
    check(s.ldap.user_filter.find("{name}") != Text::npos, "ldap.user_filter", "ldap.user_filter lacks {name}");
    std::set<std::string_view> paths;
    for (const OtherArea& area : s.others)
        check(paths.insert(area.path).second, "others", "two [[others]] have one path");
    std::set<std::string_view> names;
    for (const TargetServer& target : s.targets)
        check(names.insert(target.name).second, "targets", "two [[targets]] have one name");
    return found;
}

Place place_of(const Node& root, std::string_view key) {
    const Node* node = &root;
    for (const std::string_view step : base::split(key, '.')) {
        const Node* next = node->find(step);
        if (!next) break;
        node = next;
    }
    return node->key_place;
}

// A line that is no TOML may hold a password, and toml++ quotes what it could not read.
bool may_hold_secret(std::string_view toml, int line) {
    const auto lines = base::split(toml, '\n');
    if (line < 1 || static_cast<std::size_t>(line) > lines.size()) return true;
    const auto keys = all_keys();
    return std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
        return key.secrecy == Secrecy::Secret &&
               lines[static_cast<std::size_t>(line) - 1].find(leaf_of(key.name)) != std::string_view::npos;
    });
}

Settings read(std::string_view toml, std::vector<Problem>& problems) {
    Settings settings;
    try {
        const Node root = read_document(toml);
        Reading(settings, problems).read_table(root, "");
        if (problems.empty()) {
            for (auto& [key, message] : find_contradictions(settings)) {
                const Place place = place_of(root, key);
                problems.push_back({place.line, place.column, std::string(key), std::move(message)});
            }
        }
    } catch (const Unreadable& e) {
        std::string reason = "this is not TOML: " + shown(e.reason);
        if (reason.find("cannot redefine existing table") != std::string::npos)
            reason += "; put the lines into the section of that name that is there already";
        if (may_hold_secret(toml, e.place.line))
            reason = "this is not TOML: a text stands between double quotes, on one line";
        problems.push_back({e.place.line, e.place.column, "", std::move(reason)});
    }
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return settings;
}

Settings read_or_throw(std::string_view toml, std::string_view file) {
    std::vector<Problem> problems;
    Settings settings = read(toml, problems);
    if (problems.empty()) return settings;
    std::vector<std::string> lines;
    for (const Problem& problem : problems) {
        lines.push_back(fmt::format("{}line {}, column {}: {}", file, problem.line, problem.column, problem.message));
    }
    throw base::Error(base::Kind::BadInput, base::join(lines, "\n"));
}

}  // namespace

std::filesystem::path Settings::resolve(std::string_view path) const {
    return folder / std::filesystem::path(path);
}

std::vector<Problem> find_problems(std::string_view toml) {
    std::vector<Problem> problems;
    read(toml, problems);
    return problems;
}

Settings parse(std::string_view toml) {
    return read_or_throw(toml, "");
}

Settings load(const std::filesystem::path& file) {
    Settings settings = read_or_throw(sys::read_file(file, std::size_t{1} << 20), file.string() + ": ");
    settings.folder = std::filesystem::absolute(file).parent_path();
    return settings;
}

}  // namespace settings
