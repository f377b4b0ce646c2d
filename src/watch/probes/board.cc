#include "watch/probes/board.h"

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace probes {

namespace json = boost::json;

namespace {

constexpr std::size_t kLargest = 4U << 20;

std::string text_in(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
}

std::optional<base::Instant> instant_in(const json::object& object, std::string_view name) {
    const json::value& value = object.at(name);
    return value.is_null() ? std::nullopt : std::optional(base::Instant{value.as_int64()});
}

Standing read_standing(const json::object& from) {
    Standing one;
    one.id = text_in(from, "id");
    one.kind = text_in(from, "kind");
    one.title = text_in(from, "title");
    one.target = text_in(from, "target");
    one.text = text_in(from, "text");
    one.state = find_state(text_in(from, "state")).value_or(State::NoData);
    one.since = instant_in(from, "since");
    one.at = instant_in(from, "at").value_or(base::Instant{});
    for (const json::value& sample : from.at("samples").as_array())
        one.samples.push_back({text_in(sample.as_object(), "name"), sample.at("value").to_number<double>(),
                               text_in(sample.as_object(), "unit")});
    return one;
}

}  // namespace

Standing standing_of(const Result& result) {
    Standing one{result.id,
                 std::string(result.plan->kind->id),
                 result.plan->title,
                 result.plan->target(),
                 result.reading.text,
                 result.reading.state,
                 result.since,
                 result.at,
                 {}};
    for (const Sample& sample : result.reading.samples)
        one.samples.push_back({sample.name, sample.value, std::string(sample.unit)});
    return one;
}

void write_board(const std::filesystem::path& file, const Board& board) {
    json::array standings;
    for (const Standing& one : board.standings) {
        json::array samples;
        for (const Figure& figure : one.samples)
            samples.push_back({{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}});
        standings.push_back({{"id", one.id},
                             {"kind", one.kind},
                             {"title", one.title},
                             {"target", one.target},
                             {"text", one.text},
                             {"state", state_id(one.state)},
                             {"since", one.since ? json::value(one.since->milliseconds) : json::value()},
                             {"at", one.at.milliseconds},
                             {"samples", std::move(samples)}});
    }
    const json::object document{{"written_at", board.written_at.milliseconds}, {"probes", std::move(standings)}};
    sys::write_file(file, json::serialize(document), sys::Durability::Later, 0640);
}

std::optional<Board> find_board(const std::filesystem::path& file) {
    const auto bytes = sys::find_file(file, kLargest);
    if (!bytes) return std::nullopt;
    try {
        const json::value document = json::parse(*bytes);
        Board board;
        board.written_at = {document.at("written_at").as_int64()};
        for (const json::value& one : document.at("probes").as_array())
            board.standings.push_back(read_standing(one.as_object()));
        return board;
    } catch (const std::exception& error) {
        throw base::Error(base::Kind::Damaged, file.string() + ": " + error.what());
    }
}

}  // namespace probes
