#include "ground/base/error.h"

namespace base {

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::BadInput:
            return "bad-input";
        case Kind::NotAllowed:
            return "not-allowed";
        case Kind::NotFound:
            return "not-found";
        case Kind::Conflict:
            return "conflict";
        case Kind::Unavailable:
            return "unavailable";
        case Kind::Damaged:
            return "damaged";
        case Kind::Bug:
            return "bug";
    }
    return "bug";
}

}  // namespace base
