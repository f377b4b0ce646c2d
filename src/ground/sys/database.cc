// The engine's connections are kept in two pools: one for snapshots, one for write transactions (on SQLite of one
// connection, so that its lease is the process's writer lock). A connection that died while it lay idle is replaced
// when it is next asked for; a write transaction that fails by no fault of its own is run again until patience is out.
#include "ground/sys/database.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/sys/connection.h"
#include "ground/sys/step.h"

namespace sys {

using base::Error;
using base::Kind;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kPoolPatience{30};
constexpr std::chrono::seconds kRerunPatience{10};

/// After so many reruns a transaction is run alone: others, of all processes, wait for it.
constexpr int kRerunsBeforeAlone = 1;

const Connection::TakeRow kIgnoreRow = [](const Row&) { return true; };

}  // namespace

const Value& Row::at(std::size_t column) const {
    if (column >= values_.size())
        throw Error(Kind::Bug, fmt::format("column {} was asked of a row of {}", column, values_.size()));
    return values_[column];
}

namespace {
[[noreturn]] void refuse_type(std::size_t column, std::string_view wanted, const Value& value) {
    static constexpr std::string_view kNames[] = {"NULL", "an integer", "a real number", "text", "bytes"};
    throw Error(Kind::Bug, fmt::format("column {} holds {}, not {}", column, kNames[value.index()], wanted));
}
}  // namespace

bool Row::is_null(std::size_t column) const {
    return std::holds_alternative<std::nullptr_t>(at(column));
}

std::int64_t Row::integer(std::size_t column) const {
    const auto* value = std::get_if<std::int64_t>(&at(column));
    if (value == nullptr) refuse_type(column, "an integer", at(column));
    return *value;
}

double Row::real(std::size_t column) const {
    // COALESCE(avg(x), 0) is an integer on an empty table and a real number on any other.
    if (const auto* integer = std::get_if<std::int64_t>(&at(column))) return static_cast<double>(*integer);
    const auto* value = std::get_if<double>(&at(column));
    if (value == nullptr) refuse_type(column, "a real number", at(column));
    return *value;
}

const std::string& Row::text(std::size_t column) const {
    const auto* value = std::get_if<std::string>(&at(column));
    if (value == nullptr) refuse_type(column, "text", at(column));
    return *value;
}

const std::string& Row::blob(std::size_t column) const {
    const auto* value = std::get_if<Blob>(&at(column));
    if (value == nullptr) refuse_type(column, "bytes", at(column));
    return value->bytes;
}

std::optional<std::int64_t> Row::maybe_integer(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Row::maybe_text(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::vector<Row> Reader::query(std::string_view sql, std::span<const Value> parameters) {
    std::vector<Row> rows;
    connection_.run(sql, parameters, [&](const Row& row) {
        rows.push_back(row);
        return true;
    });
    return rows;
}

std::vector<Row> Reader::query(std::string_view sql, std::initializer_list<Value> parameters) {
    return query(sql, std::span<const Value>(parameters.begin(), parameters.size()));
}

std::optional<Row> Reader::find(std::string_view sql, std::initializer_list<Value> parameters) {
    std::optional<Row> found;
    connection_.run(sql, std::span<const Value>(parameters.begin(), parameters.size()), [&](const Row& row) {
        found = row;
        return false;
    });
    return found;
}

void Reader::each(std::string_view sql, std::initializer_list<Value> parameters,
                  const std::function<bool(const Row&)>& take) {
    connection_.stream(sql, std::span<const Value>(parameters.begin(), parameters.size()), take);
}

Engine Reader::engine() const {
    return connection_.engine();
}

std::int64_t Transaction::execute(std::string_view sql, std::span<const Value> parameters) {
    return connection_.run(sql, parameters, kIgnoreRow);
}

std::int64_t Transaction::execute(std::string_view sql, std::initializer_list<Value> parameters) {
    return execute(sql, std::span<const Value>(parameters.begin(), parameters.size()));
}

std::int64_t Transaction::insert(std::string_view sql, std::initializer_list<Value> parameters) {
    const std::vector<Row> rows = query(sql, parameters);
    if (rows.empty()) throw Error(Kind::Conflict, "nothing was added, because it is there already");
    if (rows.size() > 1) throw Error(Kind::Bug, fmt::format("one row was to be added, not {}", rows.size()));
    return rows.front().integer(0);
}

void Transaction::execute_script(std::string_view sql) {
    connection_.run_script(sql);
}

namespace {

/// Connections that are opened when they are needed, at most so many at a time.
class Pool {
  public:
    using Open = std::function<std::unique_ptr<Connection>()>;
    Pool(std::size_t capacity, Open open) : capacity_(capacity), open_(std::move(open)) {}

    /// A connection on loan.
    class Lease {
      public:
        Lease(Pool& pool, std::unique_ptr<Connection> connection, bool is_fresh)
            : pool_(&pool), connection_(std::move(connection)), is_fresh_(is_fresh) {}
        ~Lease() {
            if (connection_) pool_->give_back(std::move(connection_));
        }
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }
        bool is_fresh() const { return is_fresh_; }

      private:
        Pool* pool_;
        std::unique_ptr<Connection> connection_;
        bool is_fresh_;
    };

    Lease take() {
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait_for(lock, kPoolPatience, [&] { return !idle_.empty() || lent_ < capacity_; }))
                throw Error(Kind::Unavailable, "the database is too busy; try again in a moment");
            ++lent_;
            if (!idle_.empty()) {
                auto connection = std::move(idle_.back());
                idle_.pop_back();
                return Lease(*this, std::move(connection), false);
            }
        }
        try {
            return Lease(*this, open_(), true);
        } catch (...) {
            give_back(nullptr);
            throw;
        }
    }

    /// Takes a connection and begins a transaction on it; one that died in the meantime is replaced.
    Lease begin(Connection::Mode mode) {
        for (;;) {
            Lease lease = take();
            try {
                lease->begin(mode);
                return lease;
            } catch (const TransientError&) {
                lease->rollback();
                if (lease.is_fresh()) throw;
            }
        }
    }

  private:
    void give_back(std::unique_ptr<Connection> connection) {
        const bool is_kept = connection != nullptr && connection->is_usable();
        {
            const std::scoped_lock lock(mutex_);
            --lent_;
            if (is_kept) idle_.push_back(std::move(connection));
        }
        changed_.notify_one();
    }

    const std::size_t capacity_;
    const Open open_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t lent_ = 0;
};

/// The transactions that this thread is in, innermost last.
struct Entered {
    const void* database;
    Connection::Mode mode;
    Connection* connection;
};
thread_local std::vector<Entered> t_entered;

Connection* find_entered(const void* database, Connection::Mode mode) {
    for (const Entered& entry : t_entered)
        if (entry.database == database && entry.mode == mode) return entry.connection;
    return nullptr;
}

class Enter {
  public:
    Enter(const void* database, Connection::Mode mode, Connection& connection) {
        t_entered.push_back({database, mode, &connection});
    }
    ~Enter() { t_entered.pop_back(); }
    Enter(const Enter&) = delete;
    Enter& operator=(const Enter&) = delete;
};

/// Rolls back unless it was committed.
class Rollback {
  public:
    explicit Rollback(Connection& connection) : connection_(&connection) {}
    ~Rollback() {
        if (connection_ != nullptr) connection_->rollback();
    }
    Rollback(const Rollback&) = delete;
    Rollback& operator=(const Rollback&) = delete;
    void disarm() { connection_ = nullptr; }

  private:
    Connection* connection_;
};

std::unique_ptr<Connection> open_connection(const DatabaseOptions& options, Connection::Mode mode) {
    return options.url.empty() ? open_sqlite(options, mode) : open_postgres(options);
}

/// Up to 2, 4, 8 ... 64 ms, by chance, so that those who disturbed each other do not meet again.
void wait_before_rerun(int attempt) {
    thread_local std::minstd_rand chance(std::random_device{}());
    const int most = 1000 << std::min(attempt, 6);
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, most)(chance)));
}

}  // namespace

struct Database::State {
    explicit State(const DatabaseOptions& from)
        : options(from),
          readers(static_cast<std::size_t>(std::max(1, options.readers)),
                  [this] { return open_connection(options, Connection::Mode::Read); }),
          writers(options.url.empty() ? 1 : static_cast<std::size_t>(std::max(1, options.readers)),
                  [this] { return open_connection(options, Connection::Mode::Write); }) {}

    const DatabaseOptions options;
    Pool readers;
    Pool writers;
};

std::unique_ptr<Database> Database::open(const DatabaseOptions& options) {
    auto state = std::make_unique<State>(options);
    state->writers.take();  // makes the file and tells at once when the store cannot be reached
    return std::unique_ptr<Database>(new Database(std::move(state)));
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

Engine Database::engine() const {
    return state_->options.url.empty() ? Engine::Sqlite : Engine::Postgres;
}

void Database::run_write(const std::function<void(Transaction&)>& work) {
    if (find_entered(state_.get(), Connection::Mode::Write) != nullptr)
        throw Error(Kind::Bug, "a write transaction was begun inside another; pass the Transaction on instead");
    const auto give_up_at = steady_clock::now() + kRerunPatience;
    for (int attempt = 1;; ++attempt) {
        try {
            const auto lease = state_->writers.begin(attempt > kRerunsBeforeAlone ? Connection::Mode::WriteAlone
                                                                                  : Connection::Mode::Write);
            Rollback rollback(*lease);
            const Enter entered(state_.get(), Connection::Mode::Write, *lease);
            Transaction transaction(*lease);
            work(transaction);
            YAKUBA_STEP("database.before_commit");
            lease->commit();
            rollback.disarm();
            YAKUBA_STEP("database.after_commit");
            return;
        } catch (const TransientError&) {
            if (steady_clock::now() >= give_up_at) throw;
        }
        wait_before_rerun(attempt);
    }
}

void Database::run_read(const std::function<void(Reader&)>& work) {
    // A read inside a read looks at the same snapshot, and needs no second connection that might not come.
    if (Connection* outer = find_entered(state_.get(), Connection::Mode::Read)) {
        Reader reader(*outer);
        return work(reader);
    }
    const auto lease = state_->readers.begin(Connection::Mode::Read);
    const Rollback rollback(*lease);
    const Enter entered(state_.get(), Connection::Mode::Read, *lease);
    Reader reader(*lease);
    work(reader);
}

namespace {
/// The connection holds the lock and goes with it. On SQLite there is none.
struct HeldLock final : NamedLock {
    std::unique_ptr<Connection> connection;
};
}  // namespace

std::unique_ptr<NamedLock> Database::find_lock(std::string_view name) {
    auto lock = std::make_unique<HeldLock>();
    if (engine() == Engine::Sqlite) return lock;
    lock->connection = open_postgres(state_->options);
    if (!lock->connection->take_session_lock(name)) return nullptr;
    return lock;
}

}  // namespace sys
