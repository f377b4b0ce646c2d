// Declarations of fields come from an administrator's source: whatever it is, it is read or refused, and values put
// into it come out again.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "press/content/fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const content::TemplateKind kind =
        text.starts_with('/') ? content::TemplateKind::Style : content::TemplateKind::Part;
    std::vector<content::Field> fields;
    try {
        fields = content::parse_fields(kind, text);
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput) std::abort();
        return 0;
    }
    if (content::with_fields(kind, text, fields) != text) std::abort();
    for (content::Field& field : fields)
        if (field.kind == content::FieldKind::Text) field.value = "#} */ {{ \"x\" }}";
    const std::string filled = content::with_fields(kind, text, fields);
    const auto again = content::parse_fields(kind, filled);
    if (again.size() != fields.size()) std::abort();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (again[i].value != fields[i].value || again[i].rows != fields[i].rows) std::abort();
    content::check_fields(again);
    return 0;
}
