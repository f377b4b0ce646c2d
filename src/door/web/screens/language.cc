// The choice of language. A link, so that it works before anybody is signed in and without script; it changes nothing
// but a cookie of this browser.

#include "door/web/context.h"
#include "ground/base/error.h"

namespace web {

namespace {

http::Response choose(Context& context) {
    const std::string& code = context.request.parameter("code");
    for (const Language language : {Language::Japanese, Language::English})
        if (code == language_code(language)) {
            http::Response response = context.go(http::local_path(context.request.query.get("to")));
            context.set_language_cookie(response, language);
            return response;
        }
    throw base::Error(base::Kind::NotFound, fmt::format("「{}」の画面はありません。", code));
}

constexpr Route kRoutes[] = {{"GET", "/language/{code}", choose}};

}  // namespace

extern const Screen language_choice{"language",     "表示の言語", "/language/ja", "", Place::None,
                                    Access::Anyone, {},           kRoutes};

}  // namespace web
