// One JSON object to another program. `id` is the same in every try: a receiver takes it once.
#include <boost/json.hpp>

#include "watch/telling/inside/post.h"

namespace telling {

namespace {

Reply send(const Outgoing& message, const Means& means) {
    return post_json(message, means,
                     boost::json::serialize(boost::json::object{{"version", 1},
                                                                {"id", message.token},
                                                                {"site", means.site_id},
                                                                {"kind", message.kind},
                                                                {"call", message.call},
                                                                {"severity", message.severity},
                                                                {"subject", message.subject},
                                                                {"text", message.text},
                                                                {"made_at", base::format_utc(message.made_at)},
                                                                {"attempt", message.attempt},
                                                                {"repeated", message.is_repeated}}));
}

}  // namespace

extern const Channel webhook_channel{"webhook", "Webhook", "JSONを受け取るアドレス、または @ファイル名", find_url_fault,
                                     send};

}  // namespace telling
