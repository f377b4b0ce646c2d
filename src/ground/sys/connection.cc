#include "ground/sys/connection.h"

#include <cmath>

#include "ground/base/text.h"

namespace sys {

using base::Error;
using base::Kind;

namespace {

/// What one engine would store and the other refuse, neither gets.
void check_value(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        if (text->find('\0') != std::string::npos)
            throw Error(Kind::BadInput, "a text contains a NUL character, which cannot be stored; remove it");
        if (!base::is_utf8(*text))
            throw Error(Kind::BadInput, "a text is not valid UTF-8 and cannot be stored; convert it first");
    }
    if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real))
        throw Error(Kind::Bug, "an infinite or undefined number cannot be stored");
}

/// Runs `take` and keeps what it throws, so that the engine's code sees only "stop".
class GuardedTake {
  public:
    explicit GuardedTake(const Connection::TakeRow& take) : take_(take) {}
    Connection::TakeRow wrap() {
        return [this](const Row& row) {
            try {
                return take_(row);
            } catch (...) {
                thrown_ = std::current_exception();
                return false;
            }
        };
    }
    void rethrow() const {
        if (thrown_) std::rethrow_exception(thrown_);
    }

  private:
    const Connection::TakeRow& take_;
    std::exception_ptr thrown_;
};

}  // namespace

void Connection::begin(Mode mode) {
    failure_ = nullptr;
    do_begin(mode);
}

void Connection::commit() {
    if (failure_) std::rethrow_exception(failure_);
    do_commit();
}

void Connection::rollback() noexcept {
    try {
        do_rollback();
    } catch (...) {  // the engine has marked the connection unusable; the cause is already on its way up
        failure_ = nullptr;
    }
    failure_ = nullptr;
}

template <class Statement>
void Connection::guard(std::string_view sql, const Statement& statement) {
    if (failure_) std::rethrow_exception(failure_);
    try {
        statement();
    } catch (Error& error) {
        error.add_trail("in the statement: " + std::string(sql.substr(0, 500)));
        failure_ = std::current_exception();
        throw;
    } catch (...) {
        failure_ = std::current_exception();
        throw;
    }
}

std::int64_t Connection::run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) {
    for (const Value& value : parameters) check_value(value);
    GuardedTake guarded(take);
    std::int64_t changed = 0;
    guard(sql, [&] { changed = do_run(sql, parameters, guarded.wrap()); });
    guarded.rethrow();
    return changed;
}

void Connection::stream(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) {
    for (const Value& value : parameters) check_value(value);
    GuardedTake guarded(take);
    guard(sql, [&] { do_stream(sql, parameters, guarded.wrap()); });
    guarded.rethrow();
}

void Connection::run_script(std::string_view sql) {
    guard(sql, [&] { do_run_script(sql); });
}

}  // namespace sys
