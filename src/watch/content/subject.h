// One file as the rules see it: what it is by name and by content, its text in UTF-8, and for pages the tags that could
// do harm, collected in one pass (a tree is built only when a rule asks for it: it costs ten times as much).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/html/document.h"
#include "watch/content/scan.h"

namespace content {

enum class Format { Page, Svg, Script, Text, Image, Pdf, Zip, Program, Other };

struct Tag {
    std::string name;                                             ///< lower case
    html::Span span;                                              ///< in Subject::text()
    std::vector<std::pair<std::string, std::string>> attributes;  ///< names in lower case, values resolved
    html::Span body;                                              ///< of script and style: the text up to the end tag
    /// Empty when the tag lacks it.
    std::string_view attribute(std::string_view name) const;
};

class Subject {
  public:
    Subject(std::string_view bytes, std::string_view path, const SiteHosts& hosts);
    ~Subject();
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    std::string_view bytes() const { return bytes_; }
    std::string_view path() const { return path_; }
    std::string_view name() const { return name_; }      ///< the last part of the path, in lower case
    std::string_view ending() const { return ending_; }  ///< "html", lower case; empty when there is none
    const SiteHosts& hosts() const { return hosts_; }
    Format claimed() const { return claimed_; }  ///< by its ending
    Format actual() const { return actual_; }    ///< by its first bytes; Other when they say nothing
    /// A page, by name or by content; an SVG likewise.
    bool is_page() const { return claimed_ == Format::Page || actual_ == Format::Page; }
    bool is_svg() const { return claimed_ == Format::Svg || actual_ == Format::Svg; }
    bool is_text() const { return is_text_; }

    /// UTF-8 of files of text, whatever their encoding; the bytes of all others.
    std::string_view text() const { return text_; }
    /// The same in lower-case ASCII letters, at the same offsets.
    const std::string& lower() const;
    /// Where `at` of text() stands in bytes().
    std::size_t offset(std::size_t at) const { return mapped_ ? mapped_->start_of(at) : at + shift_; }

    /// Of pages and SVG: every tag that loads, sends, runs, hides or leads to another host.
    const std::vector<Tag>& tags() const;
    /// Pieces of program in the file: a script file as a whole, the inline scripts of a page.
    const std::vector<html::Span>& scripts() const;
    /// Null when the page is beyond the parser's limits; problem() then says so. Its spans are offsets into text().
    const html::Document* tree() const;
    const std::string& problem() const { return problem_; }

    /// The host that `url` leads to, lower case, without port; empty for addresses within the site ("../a.html").
    /// Scheme-relative addresses and those under a foreign <base> count.
    std::string host_of(std::string_view url) const;
    /// Does `url` lead to a host that is not on the site's list?
    bool is_foreign(std::string_view url) const;

  private:
    void read_tags() const;

    std::string_view bytes_, path_, text_;
    std::string name_, ending_;
    const SiteHosts& hosts_;
    Format claimed_ = Format::Other, actual_ = Format::Other;
    bool is_text_ = false;
    std::size_t shift_ = 0;                     ///< a byte order mark that text() leaves out
    std::unique_ptr<html::MappedText> mapped_;  ///< of text that is not UTF-8
    mutable std::optional<std::string> lower_;
    mutable std::optional<std::vector<Tag>> tags_;
    mutable std::optional<std::vector<html::Span>> scripts_;
    mutable std::string base_host_;  ///< of a <base href> elsewhere
    mutable std::optional<html::Document> tree_;
    mutable bool has_tried_tree_ = false;
    mutable std::string problem_;
};

/// The host of an absolute or scheme-relative address as browsers read it (backslashes, blanks and control characters
/// are no way around); nothing for relative ones, "" for data:, javascript:, mailto: and the like.
std::optional<std::string> find_host(std::string_view url);
/// "192.0.2.1" or "[2001:db8::1]", decimal and hexadecimal forms included.
bool is_address(std::string_view host);
/// Does an inline style hide its element from readers: display, visibility, opacity, size nought, off the screen?
bool hides(std::string_view style);
/// Does a tag hide its own element, by style, the hidden attribute, or a width or height of 0 or 1?
bool is_hidden(const Tag& tag);

}  // namespace content
