#include <cassert>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/mail/mail.h"
#include "office/mailbox/fetch.h"
#include "office/mailbox/letter.h"
#include "office/mailbox/words.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string line = mailbox::decode_words(bytes);
    assert(base::is_utf8(line) && base::count_code_points(line) <= 500);
    assert(line.find_first_of("\r\n\t") == std::string::npos && line.find('\0') == std::string::npos);
    for (const auto uid : mailbox::uids_of_search(bytes, 3, 5)) assert(uid > 3);
    assert(mailbox::number_after(bytes, "SIZE") >= 0);
    try {
        const mailbox::Letter letter = mailbox::read_letter(bytes);
        assert(base::is_utf8(letter.text) && base::count_code_points(letter.text) <= mailbox::kLongestText);
        assert(base::is_utf8(letter.subject) && base::is_utf8(letter.from_name));
        assert(letter.text.find('\0') == std::string::npos && letter.subject.find('\n') == std::string::npos);
        assert(letter.from_address.empty() || mail::is_address(letter.from_address));
        assert(letter.message_id.empty() || mail::is_message_id(letter.message_id));
        assert(letter.references.size() <= mailbox::kMostReferences && letter.files.size() <= mailbox::kMostParts);
        for (const auto& file : letter.files) assert(base::is_utf8(file.name));
    } catch (const base::Error& error) {
        assert(error.kind() == base::Kind::BadInput);
    }
    return 0;
}
