#include "ground/sys/testing/plans.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/sys/connection.h"

namespace sys::testing {

namespace {

/// Hands every statement on, and notes what the engine means to do for it.
class Explaining final : public Connection {
  public:
    explicit Explaining(Connection& real) : real_(real) {}
    Engine engine() const override { return real_.engine(); }
    bool is_usable() const override { return true; }
    bool take_session_lock(std::string_view) override { return false; }
    std::vector<std::string> steps;

  protected:
    void do_begin(Mode) override {}
    void do_commit() override {}
    void do_rollback() override {}
    std::int64_t do_run(std::string_view sql, std::span<const Value> values, const TakeRow& take) override {
        explain(sql, values);
        return real_.run(sql, values, take);
    }
    void do_stream(std::string_view sql, std::span<const Value> values, const TakeRow& take) override {
        explain(sql, values);
        real_.stream(sql, values, take);
    }
    void do_run_script(std::string_view) override {}

  private:
    void explain(std::string_view sql, std::span<const Value> values) {
        const bool is_sqlite = engine() == Engine::Sqlite;
        real_.run(fmt::format("{} {}", is_sqlite ? "EXPLAIN QUERY PLAN" : "EXPLAIN (COSTS OFF)", sql), values,
                  [&](const Row& row) {
                      const std::string& step = row.text(is_sqlite ? 3 : 0);
                      steps.push_back(step.substr(std::min(step.find_first_not_of(" ->"), step.size())));
                      return true;
                  });
    }
    Connection& real_;
};

struct Borrowed : Reader {
    explicit Borrowed(const Reader& reader) : Reader(reader) {}
    Connection& get() { return connection_; }
};

}  // namespace

std::vector<std::string> list_plan_steps(Reader& db, const std::function<void(Reader&)>& ask) {
    if (db.engine() == Engine::Postgres) db.query("SET LOCAL enable_seqscan = off");
    Explaining explaining(Borrowed(db).get());
    Reader reader(explaining);
    ask(reader);
    return explaining.steps;
}

std::vector<std::string> list_full_scans(Reader& db, const std::function<void(Reader&)>& ask) {
    std::vector<std::string> steps = list_plan_steps(db, ask);
    std::erase_if(steps, [](const std::string& step) {
        const bool is_scan = step.starts_with("SCAN") || step.starts_with("Seq Scan");
        // "VIRTUAL TABLE INDEX 0:M1": a text index that is asked for words.
        return !is_scan || step.find("USING") != std::string::npos || step.find("INDEX 0:M") != std::string::npos;
    });
    return steps;
}

}  // namespace sys::testing
