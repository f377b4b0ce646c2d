// SQLite behind Connection. WAL, so that readers never wait for the writer; write transactions are BEGIN IMMEDIATE,
// because a transaction that reads first and writes later cannot be given the lock in WAL mode and would fail
// (measured: two of three under load). Parameters "$1" are names here, so they are bound by name and their order does
// not matter.
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "ground/sys/connection.h"
#include "ground/sys/files.h"

namespace sys {

using base::Error;
using base::Kind;

namespace {

constexpr int kBusyMilliseconds = 10'000;
constexpr std::size_t kCachedStatements = 256;

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;

struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, CloseStatement>;

struct Prepared {
    StatementHandle handle;
    bool is_running = false;
};

/// Resets a statement when its use ends, so that it holds no snapshot and no parameter.
class Use {
  public:
    explicit Use(Prepared& prepared) : prepared_(prepared) { prepared_.is_running = true; }
    ~Use() {
        sqlite3_reset(prepared_.handle.get());
        sqlite3_clear_bindings(prepared_.handle.get());
        prepared_.is_running = false;
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    sqlite3_stmt* get() const { return prepared_.handle.get(); }

  private:
    Prepared& prepared_;
};

Row read_row(sqlite3_stmt* statement) {
    const int columns = sqlite3_column_count(statement);
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
        switch (sqlite3_column_type(statement, i)) {
            case SQLITE_INTEGER:
                values.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)});
                break;
            case SQLITE_FLOAT:
                values.emplace_back(sqlite3_column_double(statement, i));
                break;
            case SQLITE_NULL:
                values.emplace_back(nullptr);
                break;
            default: {
                const bool is_text = sqlite3_column_type(statement, i) == SQLITE_TEXT;
                const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, i));
                std::string bytes;
                if (data != nullptr) bytes.assign(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, i)));
                if (is_text) {
                    values.emplace_back(std::move(bytes));
                } else {
                    values.emplace_back(Blob{std::move(bytes)});
                }
            }
        }
    }
    return Row(std::move(values));
}

class SqliteConnection final : public Connection {
  public:
    SqliteConnection(const DatabaseOptions& options, Mode mode);
    Engine engine() const override { return Engine::Sqlite; }
    bool is_usable() const override { return is_usable_; }
    bool take_session_lock(std::string_view) override { return true; }

  protected:
    void do_begin(Mode mode) override { do_run_script(mode == Mode::Read ? "BEGIN" : "BEGIN IMMEDIATE"); }
    void do_commit() override { do_run_script("COMMIT"); }
    void do_rollback() override;
    std::int64_t do_run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) override;
    void do_stream(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) override {
        do_run(sql, parameters, take);
    }
    void do_run_script(std::string_view sql) override;

  private:
    void make_file() const;
    void configure(const DatabaseOptions& options, Mode mode);
    void enter_wal();
    StatementHandle prepare(std::string_view sql);
    /// From the cache, or `spare` when the cached one is running already (a query inside the taker of the same query).
    Prepared& find_prepared(std::string_view sql, Prepared& spare);
    void bind(sqlite3_stmt* statement, std::span<const Value> parameters);
    [[noreturn]] void fail(int code) const;
    void check(int code) const {
        if (code != SQLITE_OK) fail(code);
    }

    std::string file_;
    DatabaseHandle database_;
    std::unordered_map<std::string, Prepared> statements_;  // after database_: finalised before it is closed
    bool is_reader_;
    bool is_usable_ = true;
};

SqliteConnection::SqliteConnection(const DatabaseOptions& options, Mode mode)
    : file_(options.file.string()), is_reader_(mode == Mode::Read) {
    const auto folder = options.file.has_parent_path() ? options.file.parent_path() : std::filesystem::path(".");
    if (is_network_filesystem(folder))
        throw Error(Kind::BadInput,
                    fmt::format("{} is on a network file system, where SQLite's locks cannot be trusted; put the site "
                                "on a local disk or set [database] url to a PostgreSQL server",
                                file_));
    make_file();
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file_.c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    database_.reset(opened);
    check(code);
    configure(options, mode);
}

/// Made here and not by SQLite, so that others on the machine cannot read it; the group is for the press's system user.
/// A file that is there is never opened: closing any descriptor of it would let go of every lock that this process's
/// connections hold on it (POSIX), and the next process to end would take itself for the last and delete their WAL.
void SqliteConnection::make_file() const {
    static std::mutex one_at_a_time;  // nobody has a connection to the new file before its descriptor is closed
    const std::scoped_lock lock(one_at_a_time);
    const Descriptor made(::open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660));
    if (!made && errno != EEXIST)
        throw Error(Kind::Unavailable,
                    fmt::format("the database file {} cannot be made ({}); check the folder and its rights", file_,
                                std::strerror(errno)));
}

void SqliteConnection::configure(const DatabaseOptions& options, Mode mode) {
    check(sqlite3_busy_timeout(database_.get(), kBusyMilliseconds));
    if (mode == Mode::Write) {
        enter_wal();
        do_run_script("PRAGMA journal_size_limit = 67108864");
    }
    do_run_script(options.is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    do_run_script("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -4096");
    if (mode == Mode::Read) do_run_script("PRAGMA query_only = ON");
    // A damaged or hostile file must not write outside its tables, and "text" in double quotes is a slip, not a string.
    for (const auto& [setting, value] :
         {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_DQS_DML, 0}, {SQLITE_DBCONFIG_DQS_DDL, 0}})
        check(sqlite3_db_config(database_.get(), setting, value, nullptr));
}

void SqliteConnection::enter_wal() {
    // Two processes that open a new file together meet here, and SQLite does not wait by itself for this change.
    for (int waited = 0;; waited += 10) {
        const int code = sqlite3_exec(database_.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
        if ((code & 0xFF) != SQLITE_BUSY || waited >= kBusyMilliseconds) return check(code);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void SqliteConnection::do_rollback() {
    // A full disk or an I/O error may have rolled back already.
    if (sqlite3_get_autocommit(database_.get()) != 0) return;
    if (sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr) != SQLITE_OK) is_usable_ = false;
}

void SqliteConnection::do_run_script(std::string_view sql) {
    check(sqlite3_exec(database_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr));
}

std::int64_t SqliteConnection::do_run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) {
    Prepared spare;
    const Use use(find_prepared(sql, spare));
    bind(use.get(), parameters);
    const auto changes_before = sqlite3_total_changes64(database_.get());
    for (;;) {
        const int code = sqlite3_step(use.get());
        if (code == SQLITE_DONE) break;
        if (code != SQLITE_ROW) fail(code);
        if (!take(read_row(use.get()))) break;
    }
    // Statements that change no row leave the count of the one before them.
    return sqlite3_total_changes64(database_.get()) == changes_before ? 0 : sqlite3_changes64(database_.get());
}

StatementHandle SqliteConnection::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    check(sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &statement, &rest));
    StatementHandle handle(statement);
    const std::string_view left = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (!handle || left.find_first_not_of(" \t\r\n;") != std::string_view::npos)
        throw Error(Kind::Bug, "exactly one SQL statement is run at a time");
    return handle;
}

Prepared& SqliteConnection::find_prepared(std::string_view sql, Prepared& spare) {
    if (const auto found = statements_.find(std::string(sql)); found != statements_.end()) {
        if (!found->second.is_running) return found->second;
    } else {
        if (statements_.size() >= kCachedStatements)
            std::erase_if(statements_, [](const auto& entry) { return !entry.second.is_running; });
        if (statements_.size() < kCachedStatements)
            return statements_.emplace(std::string(sql), Prepared{prepare(sql)}).first->second;
    }
    spare.handle = prepare(sql);
    return spare;
}

void SqliteConnection::bind(sqlite3_stmt* statement, std::span<const Value> parameters) {
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)) != parameters.size())
        throw Error(Kind::Bug, fmt::format("the statement has {} parameters, but {} values were given",
                                           sqlite3_bind_parameter_count(statement), parameters.size()));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const int at = sqlite3_bind_parameter_index(statement, fmt::format("${}", i + 1).c_str());
        if (at == 0) throw Error(Kind::Bug, fmt::format("the statement has no parameter ${}", i + 1));
        // The values live until the statement is reset, so SQLite need not copy them. A null pointer would mean NULL.
        const Value& value = parameters[i];
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            check(sqlite3_bind_int64(statement, at, *integer));
        } else if (const auto* real = std::get_if<double>(&value)) {
            check(sqlite3_bind_double(statement, at, *real));
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            check(sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8));
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            check(sqlite3_bind_blob64(statement, at, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC));
        } else {
            check(sqlite3_bind_null(statement, at));
        }
    }
}

void SqliteConnection::fail(int code) const {
    const std::string said = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
    switch (code & 0xFF) {
        case SQLITE_CONSTRAINT:
            throw Error(Kind::Conflict, fmt::format("the change does not fit what is stored already ({}); reload and "
                                                    "try again",
                                                    said));
        case SQLITE_FULL:
            throw Error(Kind::Unavailable, fmt::format("the disk that holds {} is full; nothing was saved. Free some "
                                                       "space and try again",
                                                       file_));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw Error(Kind::Unavailable, fmt::format("another process has kept {} locked for {} seconds; try again "
                                                       "when it has finished",
                                                       file_, kBusyMilliseconds / 1000));
        case SQLITE_READONLY:
            if (is_reader_) throw Error(Kind::Bug, "a statement that writes was run on a snapshot that only reads");
            [[fallthrough]];
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_NOMEM:
            throw Error(Kind::Unavailable, fmt::format("the database file {} cannot be used ({}); check the disk and "
                                                       "the file's rights",
                                                       file_, said));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw Error(Kind::Damaged,
                        fmt::format("the database file {} is damaged ({}); restore it from a backup", file_, said));
        case SQLITE_TOOBIG:
            throw Error(Kind::BadInput, "a value is too large to be stored");
        default:
            throw Error(Kind::Bug, fmt::format("the database refused a statement: {}", said));
    }
}

}  // namespace

std::unique_ptr<Connection> open_sqlite(const DatabaseOptions& options, Connection::Mode mode) {
    return std::make_unique<SqliteConnection>(options, mode);
}

}  // namespace sys
