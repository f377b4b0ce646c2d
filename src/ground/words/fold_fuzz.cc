// Folding takes any bytes, is done once, and the index finds what the text has.
#include <cstdint>
#include <cstdlib>

#include "ground/base/text.h"
#include "ground/words/fold.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4000));
    const std::string folded = words::fold(bytes);
    if (!base::is_utf8(folded)) std::abort();
    const std::string_view texts[] = {bytes};
    const std::string entry = words::index_entry(texts);
    for (std::size_t at = 0; at < folded.size(); at += base::first_code_points(folded.substr(at), 3).size())
        if (entry.find(words::phrase(base::first_code_points(std::string_view(folded).substr(at), 3))) == entry.npos)
            std::abort();
    for (const std::string& word : words::fold_query(bytes, 100))
        if (words::phrase(word) == " ") std::abort();
    return 0;
}
