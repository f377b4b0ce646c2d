// One thin layer over SQLite and PostgreSQL. One SQL text serves both: parameters are $1, $2, ...; instants and ids are
// integers, flags 0 or 1, bytes a Blob, RETURNING and ON CONFLICT as both know them. A room's store.cc is the only file
// with SQL on its tables.
//
// Reading is on one snapshot; writing is one transaction that is committed when the function returns and rolled back
// when it throws. On SQLite a write transaction is BEGIN IMMEDIATE on the process's one writer connection
// (synchronous=FULL, WAL); on PostgreSQL it is SERIALIZABLE and is run again on a serialisation failure, so the
// function must have no effect outside the transaction.
//
// What else is alike on both: a statement that failed loses its transaction, even if its Error was caught (ask with ON
// CONFLICT or a SELECT first); one statement a call; a cast is CAST($1 AS ...), since "::" belongs to a parameter's
// name on SQLite; a read inside a read of the same thread sees the same snapshot, a write inside a write is refused,
// and a read inside a write does not see what is not committed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace sys {

struct Blob {
    std::string bytes;
    bool operator==(const Blob&) const = default;
};

/// NULL, integer, real, text (valid UTF-8 without NUL) or bytes.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string, Blob>;

/// NULL for nothing.
template <class T>
Value maybe(const std::optional<T>& value) {
    if (value) return Value(*value);
    return Value(nullptr);
}

/// One result row. Columns count from 0. A getter throws Error(Bug) when the column has another type; real() takes an
/// integer too.
class Row {
  public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
    bool is_null(std::size_t column) const;
    std::int64_t integer(std::size_t column) const;
    double real(std::size_t column) const;
    const std::string& text(std::size_t column) const;
    const std::string& blob(std::size_t column) const;
    bool flag(std::size_t column) const { return integer(column) != 0; }
    std::optional<std::int64_t> maybe_integer(std::size_t column) const;
    std::optional<std::string> maybe_text(std::size_t column) const;
    std::size_t size() const { return values_.size(); }

  private:
    const Value& at(std::size_t column) const;
    std::vector<Value> values_;
};

enum class Engine { Sqlite, Postgres };

class Connection;  // the engine's side; database.cc and the two adapters only

/// A snapshot to read from.
class Reader {
  public:
    explicit Reader(Connection& connection) : connection_(connection) {}
    std::vector<Row> query(std::string_view sql, std::span<const Value> parameters);
    std::vector<Row> query(std::string_view sql, std::initializer_list<Value> parameters = {});
    std::optional<Row> find(std::string_view sql, std::initializer_list<Value> parameters = {});
    /// Rows one by one, without holding them all; `take` returns false to stop.
    void each(std::string_view sql, std::initializer_list<Value> parameters,
              const std::function<bool(const Row&)>& take);
    Engine engine() const;

  protected:
    Connection& connection_;
};

/// A write transaction. It may read too, and sees its own writes.
class Transaction : public Reader {
  public:
    using Reader::Reader;
    /// The number of rows that changed.
    std::int64_t execute(std::string_view sql, std::span<const Value> parameters);
    std::int64_t execute(std::string_view sql, std::initializer_list<Value> parameters = {});
    /// For `INSERT ... RETURNING id`: the value of the first column of the one row.
    std::int64_t insert(std::string_view sql, std::initializer_list<Value> parameters);
    /// Several statements without parameters; for migrations.
    void execute_script(std::string_view sql);
};

struct DatabaseOptions {
    std::string url;             ///< "postgresql://..." ; empty = SQLite
    std::filesystem::path file;  ///< the SQLite file
    bool is_durable = true;      ///< false only for the sample store: synchronous=NORMAL
    int readers = 4;             ///< connections for reading at the same time
    std::string schema;  ///< PostgreSQL schema of its own (search_path); empty = the default. Tests use one each.
};

/// Safe to use from several threads.
class Database {
  public:
    /// Throws Error(Unavailable): the server or file cannot be opened; (BadInput): a SQLite file on a network file
    /// system.
    static std::unique_ptr<Database> open(const DatabaseOptions& options);
    ~Database();

    /// Runs `work(Transaction&)` in one write transaction and returns what it returns.
    /// Throws Error(Conflict) when a constraint is violated, Error(Unavailable) when the store cannot be written.
    template <class Work>
    auto write(Work&& work) -> std::invoke_result_t<Work, Transaction&> {
        using Result = std::invoke_result_t<Work, Transaction&>;
        if constexpr (std::is_void_v<Result>) {
            run_write([&](Transaction& tx) { work(tx); });
        } else {
            std::optional<Result> result;
            run_write([&](Transaction& tx) { result.emplace(work(tx)); });
            return std::move(*result);
        }
    }

    /// Runs `work(Reader&)` on one snapshot and returns what it returns.
    template <class Work>
    auto read(Work&& work) -> std::invoke_result_t<Work, Reader&> {
        using Result = std::invoke_result_t<Work, Reader&>;
        if constexpr (std::is_void_v<Result>) {
            run_read([&](Reader& reader) { work(reader); });
        } else {
            std::optional<Result> result;
            run_read([&](Reader& reader) { result.emplace(work(reader)); });
            return std::move(*result);
        }
    }

    Engine engine() const;
    /// Takes a lock that lives as long as the returned object and this database connection; nothing when somebody holds
    /// it. PostgreSQL: a session advisory lock. SQLite: always granted (a file lock on the host does that work).
    std::unique_ptr<struct NamedLock> find_lock(std::string_view name);

  private:
    struct State;
    explicit Database(std::unique_ptr<State> state);
    void run_write(const std::function<void(Transaction&)>& work);
    void run_read(const std::function<void(Reader&)>& work);
    std::unique_ptr<State> state_;
};

struct NamedLock {
    virtual ~NamedLock() = default;
};

/// A step of the schema: `name` is "0001_ledger", `sql` its statements. In the text, {id} stands for the engine's
/// generated primary key, {blob} for its type of bytes, {real} for its floating point type, {key} for text that is
/// compared byte by byte. Whole numbers, flags and instants are BIGINT (PostgreSQL's INTEGER has 32 bits).
struct Migration {
    std::string_view name;
    std::string_view sql;
};

/// Applies what is missing, in order, each in one transaction; to a new store all in one. Throws Error(Damaged) when an
/// applied migration's text has changed since, Error(BadInput) when the database knows a migration that this program
/// does not (a newer version's). Returns the names that were applied.
std::vector<std::string> migrate(Database& database, std::span<const Migration> migrations);

}  // namespace sys
