// Whatever stands in a subject, a name or an address: the mail has exactly the header fields that it should have, or is
// refused.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/mail.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t third = size / 3;
    mail::Mail mail{{"City", "city@example.jp"},
                    {std::string(bytes.substr(0, third)), std::string(bytes.substr(third, third))},
                    std::string(bytes.substr(0, 2 * third)),
                    std::string(bytes),
                    "token",
                    {}};
    for (const bool has_good_address : {false, true}) {
        if (has_good_address) mail.to.address = "a@example.jp";
        try {
            const std::string written = mail::compose(mail);
            int fields = 0;
            const std::string head = written.substr(0, written.find("\r\n\r\n"));
            for (const std::string_view line : base::split(head, '\n')) fields += line.starts_with(' ') ? 0 : 1;
            if (fields != 9) std::abort();
            for (const std::string_view line : base::split(written, '\n')) {
                if (!line.empty() && !line.ends_with('\r')) std::abort();
                if (line.size() > 998) std::abort();
            }
        } catch (const base::Error&) {
            continue;
        }
    }
    return 0;
}
