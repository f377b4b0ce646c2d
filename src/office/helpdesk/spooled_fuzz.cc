// Any bytes as a question of the form: what is read is valid, bounded, and reads the same when it is written again.
#include <cassert>
#include <cstdint>

#include "ground/base/text.h"
#include "office/helpdesk/spooled.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // Whole files are rarely hit upon: the same bytes also as what stands behind the head.
    for (const std::string& file :
         {std::string(bytes), "yakuba-question-1\n2026-11-20T01:02:03.000Z\nfault\nurgent\n" + std::string(bytes)}) {
        const auto asked = helpdesk::read_spooled(file);
        if (!asked) continue;
        for (const std::string* line : {&asked->name, &asked->address, &asked->phone, &asked->title})
            assert(base::is_utf8(*line) && line->find('\n') == std::string::npos);
        assert(base::is_utf8(asked->text) && asked->text.size() <= file.size());
        const auto again = helpdesk::read_spooled(helpdesk::write_spooled(*asked));
        assert(again && again->text == asked->text && again->title == asked->title && again->at == asked->at &&
               again->is_fault == asked->is_fault && again->is_urgent == asked->is_urgent);
    }
    return 0;
}
