// What an engine has to do for database.cc: one connection, one transaction at a time. Inside ground/sys only.
//
// The base class keeps what must be alike on both engines: texts are checked before they are sent; after a statement
// has failed, the transaction is lost, whoever caught the failure (PostgreSQL insists on it, so SQLite follows); and
// what a row's taker throws is not a failure of the statement.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ground/base/error.h"
#include "ground/sys/database.h"

namespace sys {

/// The transaction came to nothing by no fault of its own and may be run again: a serialisation failure, or the
/// connection broke before the commit.
class TransientError : public base::Error {
  public:
    explicit TransientError(std::string message) : Error(base::Kind::Unavailable, std::move(message)) {}
};

class Connection {
  public:
    enum class Mode {
        Read,
        Write,
        WriteAlone  ///< while no other process or thread writes; waits for those who do, in turn
    };
    using TakeRow = std::function<bool(const Row&)>;  ///< false to stop

    virtual ~Connection() = default;
    virtual Engine engine() const = 0;
    /// False when the connection is broken and must not be used for another transaction.
    virtual bool is_usable() const = 0;

    void begin(Mode mode);
    /// Throws the failure of an earlier statement instead of committing.
    void commit();
    /// Ends the transaction in any state; a connection that cannot is no longer usable.
    void rollback() noexcept;

    /// Hands each row to `take` and returns the number of rows that changed.
    std::int64_t run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take);
    /// The same for a SELECT whose rows are too many to hold.
    void stream(std::string_view sql, std::span<const Value> parameters, const TakeRow& take);
    /// Several statements without parameters.
    void run_script(std::string_view sql);

    /// A session lock that dies with this connection; false when another session holds it.
    virtual bool take_session_lock(std::string_view name) = 0;

  protected:
    virtual void do_begin(Mode mode) = 0;
    virtual void do_commit() = 0;
    virtual void do_rollback() = 0;
    virtual std::int64_t do_run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) = 0;
    virtual void do_stream(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) = 0;
    virtual void do_run_script(std::string_view sql) = 0;

  private:
    template <class Statement>
    void guard(std::string_view sql, const Statement& statement);
    std::exception_ptr failure_;
};

/// Throws Error(Unavailable) when the file cannot be opened, Error(BadInput) on a network file system.
std::unique_ptr<Connection> open_sqlite(const DatabaseOptions& options, Connection::Mode mode);
/// Throws Error(Unavailable) when the server cannot be reached, Error(BadInput) when it is not fit.
std::unique_ptr<Connection> open_postgres(const DatabaseOptions& options);

}  // namespace sys
