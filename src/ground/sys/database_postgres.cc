// PostgreSQL behind Connection. Integers, reals, texts and bytes are declared to the server with their types, so that a
// parameter means the same as on SQLite; bytes travel in binary form (the text form cuts them). Rows come as text and
// are read by their column's type. Rows that are too many to hold come through a cursor, in portions, so that the taker
// may ask further questions meanwhile.
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "ground/sys/connection.h"

namespace sys {

using base::Error;
using base::Kind;

namespace {

// Type numbers are fixed in PostgreSQL's catalog (src/include/catalog/pg_type.dat).
constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kOid = 26,
              kJson = 114, kFloat4 = 700, kFloat8 = 701, kBpchar = 1042, kVarchar = 1043, kNumeric = 1700, kVoid = 2278,
              kJsonb = 3802;

constexpr std::size_t kCachedStatements = 256;
constexpr int kRowsPerPortion = 256;

struct FinishConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct FreeMemory {
    void operator()(unsigned char* memory) const { PQfreemem(memory); }
};

std::int64_t read_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(Kind::Bug, fmt::format("{} from the database does not fit an integer of 64 bits", text));
    return value;
}

double read_real(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw Error(Kind::Bug, fmt::format("{} from the database is not a number that we can hold", text));
    return value;
}

Value read_value(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) return nullptr;
    const std::string_view text(PQgetvalue(result, row, column),
                                static_cast<std::size_t>(PQgetlength(result, row, column)));
    switch (PQftype(result, column)) {
        case kBool:
            return std::int64_t{text == "t" ? 1 : 0};
        case kInt2:
        case kInt4:
        case kInt8:
        case kOid:
            return read_integer(text);
        case kFloat4:
        case kFloat8:
            return read_real(text);
        case kNumeric:  // sum() over integers is one without a fraction; SQLite's is an integer
            if (text.find_first_not_of("-0123456789") == std::string_view::npos) return read_integer(text);
            return read_real(text);
        case kText:
        case kVarchar:
        case kBpchar:
        case kName:
        case kJson:
        case kJsonb:
            return std::string(text);
        case kBytea: {
            std::size_t length = 0;
            const std::unique_ptr<unsigned char, FreeMemory> bytes(
                PQunescapeBytea(reinterpret_cast<const unsigned char*>(text.data()), &length));
            if (!bytes) throw Error(Kind::Unavailable, "not enough memory to read a value from the database");
            return Blob{std::string(reinterpret_cast<const char*>(bytes.get()), length)};
        }
        case kVoid:
            return nullptr;
        default:
            throw Error(Kind::Bug,
                        fmt::format("column {} has PostgreSQL's type {}, which has no counterpart on SQLite; "
                                    "cast it in the query",
                                    column, PQftype(result, column)));
    }
}

Row read_row(const PGresult* result, int row) {
    std::vector<Value> values;
    const int columns = PQnfields(result);
    values.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) values.push_back(read_value(result, row, i));
    return Row(std::move(values));
}

/// The parameters in the form that libpq takes.
struct Parameters {
    std::vector<Oid> types;
    std::vector<std::string> texts;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;

    explicit Parameters(std::span<const Value> from) {
        texts.reserve(from.size());  // values point into it
        for (const Value& value : from) add(value);
    }
    int count() const { return static_cast<int>(values.size()); }

  private:
    void add(const Value& value) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            add_text(kInt8, fmt::to_string(*integer));
        } else if (const auto* real = std::get_if<double>(&value)) {
            add_text(kFloat8, fmt::format("{:.17g}", *real));
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            push(kText, text->c_str(), text->size(), 0);
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            push(kBytea, blob->bytes.c_str(), blob->bytes.size(), 1);
        } else {
            push(0, nullptr, 0, 0);  // the server finds the type from where the NULL stands
        }
    }
    void add_text(Oid type, std::string text) {
        texts.push_back(std::move(text));
        push(type, texts.back().c_str(), texts.back().size(), 0);
    }
    void push(Oid type, const char* bytes, std::size_t length, int format) {
        types.push_back(type);
        values.push_back(bytes);
        lengths.push_back(static_cast<int>(length));
        formats.push_back(format);
    }
};

/// One text may be prepared several times, once for each combination of parameter types.
std::string cache_key(std::string_view sql, const Parameters& parameters) {
    std::string key(sql);
    for (const Oid type : parameters.types) key += fmt::format("\n{}", type);
    return key;
}

class PostgresConnection final : public Connection {
  public:
    explicit PostgresConnection(const DatabaseOptions& options);
    /// The server ends a session some time after it was closed; whoever asks in between must not find it locked.
    ~PostgresConnection() override {
        if (has_session_lock_ && is_usable())
            ResultHandle(PQexec(connection_.get(), "SELECT pg_advisory_unlock_all()"));
    }
    Engine engine() const override { return Engine::Postgres; }
    bool is_usable() const override { return is_usable_ && PQstatus(connection_.get()) == CONNECTION_OK; }
    bool take_session_lock(std::string_view name) override;

  protected:
    void do_begin(Mode mode) override {
        if (mode != Mode::Read) take_turn(mode);
        do_run_script(mode == Mode::Read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                         : "BEGIN ISOLATION LEVEL SERIALIZABLE");
    }
    void do_commit() override;
    void do_rollback() override;
    std::int64_t do_run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) override;
    void do_stream(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) override;
    void do_run_script(std::string_view sql) override { execute(std::string(sql)); }

  private:
    void configure(const DatabaseOptions& options);
    void take_turn(Mode mode);
    void end_turn();
    ResultHandle execute(const std::string& sql) { return check(ResultHandle(PQexec(connection_.get(), sql.c_str()))); }
    const std::string& prepare(std::string_view sql, const Parameters& parameters);
    /// The result when it is good; else throws what it says.
    ResultHandle check(ResultHandle result);
    [[noreturn]] void fail(const PGresult* result);

    ConnectionHandle connection_;
    bool has_session_lock_ = false;
    std::unordered_map<std::string, std::string> statements_;  ///< cache_key to the server's name for it
    std::int64_t names_ = 0;
    bool is_usable_ = true;
    std::string end_of_turn_;  ///< the statement that lets go of the turn; empty while there is none
};

PostgresConnection::PostgresConnection(const DatabaseOptions& options) {
    // What stands before the URL may be set otherwise in it; what stands after may not. A peer that has gone without a
    // word is noticed within a minute.
    const char* const names[] = {"connect_timeout",  "keepalives_idle",  "keepalives_interval",
                                 "keepalives_count", "tcp_user_timeout", "application_name",
                                 "dbname",           "client_encoding",  nullptr};
    const char* const values[] = {"10", "30", "10", "3", "60000", "yakuba", options.url.c_str(), "UTF8", nullptr};
    connection_.reset(PQconnectdbParams(names, values, 1));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        std::string said = connection_ ? PQerrorMessage(connection_.get()) : "not enough memory";
        while (!said.empty() && said.back() == '\n') said.pop_back();
        throw Error(Kind::Unavailable, fmt::format("the database server cannot be reached ({}); check that it runs and "
                                                   "that [database] url is right",
                                                   said));
    }
    PQsetNoticeReceiver(
        connection_.get(), [](void*, const PGresult*) {}, nullptr);
    if (const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
        encoding == nullptr || std::string_view(encoding) != "UTF8")
        throw Error(Kind::BadInput, fmt::format("the database's encoding is {}; make one with ENCODING 'UTF8'",
                                                encoding == nullptr ? "unknown" : encoding));
    try {
        configure(options);
    } catch (const TransientError& error) {
        throw Error(Kind::Unavailable, error.message());  // fresh and broken: trying again at once would not help
    }
}

void PostgresConnection::configure(const DatabaseOptions& options) {
    const std::string& schema = options.schema;
    // cursor_tuple_fraction: our cursors are read to the end.
    execute(
        "SET statement_timeout = '60s'; SET lock_timeout = '30s'; SET timezone = 'UTC'; SET bytea_output = 'hex'; "
        "SET standard_conforming_strings = on; SET cursor_tuple_fraction = 1.0");
    // An acknowledged save survives a power cut even where the server's default is faster.
    execute(options.is_durable ? "SELECT set_config('synchronous_commit', 'on', false) WHERE "
                                 "current_setting('synchronous_commit') = 'off'"
                               : "SET synchronous_commit = off");
    if (schema.empty()) return;
    if (schema.size() > 63 || schema.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
        throw Error(Kind::BadInput,
                    fmt::format("{} is no name for a database schema; use at most 63 of a-z 0-9 _", schema));
    try {
        if (PQntuples(execute("SELECT 1 FROM pg_namespace WHERE nspname = '" + schema + "'").get()) == 0)
            execute("CREATE SCHEMA IF NOT EXISTS \"" + schema + "\"");
    } catch (const Error& error) {
        if (error.kind() != Kind::Conflict) throw;  // another process made it in the same moment
    }
    execute("SET search_path TO \"" + schema + "\"");
}

bool PostgresConnection::take_session_lock(std::string_view name) {
    // Schemas are separate stores, so each has locks of its own.
    const Value parameters[] = {std::string(name)};
    bool is_taken = false;
    do_run("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || '/' || $1, 0))", parameters,
           [&](const Row& row) { return is_taken = row.flag(0); });
    has_session_lock_ |= is_taken;
    return is_taken;
}

/// Writers share a lock, and whoever was disturbed by them holds it alone: else a long transaction (a release) would
/// meet short ones of other processes (saves) again and again, because each of them moves the ledger's head. Taken
/// before BEGIN, since the snapshot must not be older than the turn; so it is the session's and is let go by hand.
void PostgresConnection::take_turn(Mode mode) {
    const bool is_shared = mode == Mode::Write;
    constexpr const char* kTake[] = {"SELECT pg_advisory_lock(k) FROM ", "SELECT pg_advisory_lock_shared(k) FROM "};
    constexpr const char* kEnd[] = {"SELECT pg_advisory_unlock(k) FROM ", "SELECT pg_advisory_unlock_shared(k) FROM "};
    constexpr const char* kKey = "hashtextextended(current_schema() || '/write', 0) k";
    execute(std::string(kTake[is_shared]) + kKey);
    end_of_turn_ = std::string(kEnd[is_shared]) + kKey;
}

void PostgresConnection::end_turn() {
    const std::string statement = std::exchange(end_of_turn_, {});
    if (statement.empty() || !is_usable()) return;  // the lock goes with the session
    const ResultHandle result(PQexec(connection_.get(), statement.c_str()));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) is_usable_ = false;
}

void PostgresConnection::do_commit() {
    const ResultHandle result(PQexec(connection_.get(), "COMMIT"));
    if (PQstatus(connection_.get()) != CONNECTION_OK)
        throw Error(Kind::Unavailable,
                    "the connection to the database broke while it was saving, so it is not known whether it has; look "
                    "whether the change is there before you repeat it");
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail(result.get());
    // The server answers COMMIT in a failed transaction with ROLLBACK and no error.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT")
        throw Error(Kind::Bug, "the database rolled the transaction back instead of committing it");
    end_turn();
}

void PostgresConnection::do_rollback() {
    if (is_usable() && PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) {
        const ResultHandle result(PQexec(connection_.get(), "ROLLBACK"));
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) is_usable_ = false;
    }
    end_turn();
}

std::int64_t PostgresConnection::do_run(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) {
    const Parameters sent(parameters);
    const std::string& name = prepare(sql, sent);
    const ResultHandle result =
        check(ResultHandle(PQexecPrepared(connection_.get(), name.c_str(), sent.count(), sent.values.data(),
                                          sent.lengths.data(), sent.formats.data(), 0)));
    const int rows = PQntuples(result.get());
    for (int i = 0; i < rows; ++i)
        if (!take(read_row(result.get(), i))) break;
    const std::string_view changed = PQcmdTuples(result.get());
    return changed.empty() ? 0 : read_integer(changed);
}

void PostgresConnection::do_stream(std::string_view sql, std::span<const Value> parameters, const TakeRow& take) {
    const Parameters sent(parameters);
    const std::string cursor = fmt::format("c{}", ++names_);
    const std::string declare = fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", cursor, sql);
    check(ResultHandle(PQexecParams(connection_.get(), declare.c_str(), sent.count(), sent.types.data(),
                                    sent.values.data(), sent.lengths.data(), sent.formats.data(), 0)));
    const std::string fetch = fmt::format("FETCH {} FROM {}", kRowsPerPortion, cursor);
    for (bool wants_more = true; wants_more;) {
        const ResultHandle portion = execute(fetch);
        const int rows = PQntuples(portion.get());
        for (int i = 0; i < rows && wants_more; ++i) wants_more = take(read_row(portion.get(), i));
        if (rows < kRowsPerPortion) break;
    }
    // The taker may have lost the transaction with a statement of its own; the cursor went with it.
    if (PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS) execute("CLOSE " + cursor);
}

const std::string& PostgresConnection::prepare(std::string_view sql, const Parameters& parameters) {
    std::string key = cache_key(sql, parameters);
    if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
    if (statements_.size() >= kCachedStatements) {
        execute("DEALLOCATE ALL");
        statements_.clear();
    }
    const std::string name = fmt::format("s{}", ++names_);
    check(ResultHandle(PQprepare(connection_.get(), name.c_str(), std::string(sql).c_str(), parameters.count(),
                                 parameters.types.data())));
    return statements_.emplace(std::move(key), name).first->second;
}

ResultHandle PostgresConnection::check(ResultHandle result) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(result.get());
    return result;
}

void PostgresConnection::fail(const PGresult* result) {
    const char* code_field = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* said_field = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const std::string code = code_field == nullptr ? "" : code_field;
    // Only the primary message: the details may repeat what somebody has typed.
    const std::string said = said_field == nullptr ? PQerrorMessage(connection_.get()) : said_field;
    const auto is_class = [&](std::string_view prefix) { return code.starts_with(prefix); };

    if (PQstatus(connection_.get()) != CONNECTION_OK || (is_class("08") && code != "08P01") || code == "57P01" ||
        code == "57P02") {
        is_usable_ = false;
        throw TransientError("the connection to the database was lost; try again");
    }
    if (code == "40001" || code == "40P01")
        throw TransientError("too many people are changing the same thing at this moment; try again");
    if (is_class("23"))
        throw Error(Kind::Conflict, fmt::format("the change does not fit what is stored already ({}); reload and try "
                                                "again",
                                                said));
    if (code == "53100")
        throw Error(Kind::Unavailable,
                    "the database server's disk is full; nothing was saved. Free some space and try again");
    if (is_class("53") || is_class("57") || is_class("58") || code == "55P03")
        throw Error(Kind::Unavailable,
                    fmt::format("the database server could not do it now ({}); try again later", said));
    if (is_class("XX0") && code != "XX000")
        throw Error(Kind::Damaged, fmt::format("the database is damaged ({}); restore it from a backup", said));
    if (code == "25006") throw Error(Kind::Bug, "a statement that writes was run on a snapshot that only reads");
    // "cached plan must not change result type": the tables were migrated while the connection was open.
    if (code == "0A000") is_usable_ = false;
    throw Error(Kind::Bug, fmt::format("the database refused a statement: {} ({})", said, code));
}

}  // namespace

std::unique_ptr<Connection> open_postgres(const DatabaseOptions& options) {
    return std::make_unique<PostgresConnection>(options);
}

}  // namespace sys
