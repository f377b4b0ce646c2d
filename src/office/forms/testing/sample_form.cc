#include "office/forms/testing/sample_form.h"

#include <fmt/format.h>

#include "office/forms/inside/package.h"

namespace forms::testing {

std::string word_form(std::string_view body) {
    return write_package(
        {{"[Content_Types].xml",
          R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>)"},
         {"_rels/.rels",
          R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>)"},
         {"word/document.xml",
          fmt::format(
              R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}<w:sectPr/></w:body></w:document>)",
              body)}});
}

std::string paragraph(std::string_view text) {
    return fmt::format("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", text);
}

std::string part_of(std::string_view form, std::string_view part) {
    Package package = read_package(form);
    const Part* found = find_part(package, part);
    return found == nullptr ? std::string() : found->bytes;
}

}  // namespace forms::testing
