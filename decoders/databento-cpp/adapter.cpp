// Decodes with the library databento-cpp, in the way that the first argument names.
#include <databento/dbn_store.hpp>
#include <databento/record.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace db = databento;

namespace {

struct Sums {
    std::uint64_t records, ts_event, price, size;

    bool operator!=(const Sums &other) const
    {
        return records != other.records || ts_event != other.ts_event || price != other.price || size != other.size;
    }
};

void add_header(Sums &sums, const db::RecordHeader &header)
{
    sums.records++;
    sums.ts_event += header.ts_event.time_since_epoch().count();
}

template <typename T>
void add_price(Sums &sums, const T &record)
{
    sums.price += static_cast<std::uint64_t>(record.price);
    sums.size += record.size;
}

// A record of any type. One of an unknown type has a header.
void add_record(Sums &sums, const db::Record &record)
{
    add_header(sums, record.Header());
    switch (record.RType()) {
    case db::RType::Mbo:
        return add_price(sums, record.Get<db::MboMsg>());
    case db::RType::Mbp0:
        return add_price(sums, record.Get<db::TradeMsg>());
    case db::RType::Mbp1:
        return add_price(sums, record.Get<db::Mbp1Msg>());
    case db::RType::Mbp10:
        return add_price(sums, record.Get<db::Mbp10Msg>());
    case db::RType::Bbo1S:
    case db::RType::Bbo1M:
        return add_price(sums, record.Get<db::BboMsg>());
    case db::RType::Cmbp1:
    case db::RType::Tcbbo:
        return add_price(sums, record.Get<db::Cmbp1Msg>());
    case db::RType::Cbbo1S:
    case db::RType::Cbbo1M:
        return add_price(sums, record.Get<db::CbboMsg>());
    default:
        return;
    }
}

Sums next_record(const std::string &path)
{
    db::DbnStore store{path};
    Sums sums{};
    while (const db::Record *record = store.NextRecord())
        add_record(sums, *record);
    return sums;
}

Sums replay(const std::string &path)
{
    db::DbnStore store{path};
    Sums sums{};
    store.Replay([&sums](const db::Record &record) {
        add_record(sums, record);
        return db::KeepGoing::Continue;
    });
    return sums;
}

template <typename T>
Sums typed_as(db::DbnStore &store)
{
    Sums sums{};
    while (const db::Record *record = store.NextRecord()) {
        const T &typed = record->Get<T>();
        add_header(sums, typed.hd);
        add_price(sums, typed);
    }
    return sums;
}

Sums typed(const std::string &path)
{
    db::DbnStore store{path};
    switch (store.GetMetadata().schema.value_or(db::Schema::Definition)) {
    case db::Schema::Mbo:
        return typed_as<db::MboMsg>(store);
    case db::Schema::Trades:
        return typed_as<db::TradeMsg>(store);
    case db::Schema::Mbp1:
    case db::Schema::Tbbo:
        return typed_as<db::Mbp1Msg>(store);
    case db::Schema::Mbp10:
        return typed_as<db::Mbp10Msg>(store);
    default:
        throw std::runtime_error{"typed takes files of mbo, trades, mbp-1, tbbo or mbp-10"};
    }
}

using Decode = Sums(const std::string &path);

Sums run(Decode *decode, const std::string &path, unsigned long times)
{
    Sums sums = decode(path);
    while (--times > 0)
        if (decode(path) != sums)
            throw std::runtime_error{"two decodes of one file differ"};
    return sums;
}

std::string one_line(std::string text)
{
    for (char &c : text)
        c = c == '\n' ? ' ' : c;
    return text;
}

std::string work(Decode *decode, const std::string &path, unsigned long times)
{
    try {
        Sums s = run(decode, path, times);
        return "ok " + std::to_string(s.records) + ' ' + std::to_string(s.ts_event) + ' ' + std::to_string(s.price) +
               ' ' + std::to_string(s.size);
    } catch (const std::exception &error) {
        return "error " + one_line(error.what());
    }
}

} // namespace

int main(int argc, char **argv)
{
    std::string mode = argc > 1 ? argv[1] : "records";
    Decode *decode = mode == "typed" ? typed : mode == "replay" ? replay : next_record;
    std::string line, path;
    while (std::getline(std::cin, line) && line != "quit") {
        std::string answer = "error unknown word";
        if (line.rfind("hello ", 0) == 0)
            answer = "hello 1 databento-cpp " DATABENTO_VERSION ", compiler " __VERSION__;
        else if (line.rfind("open ", 0) == 0)
            path = line.substr(5), answer = "ok";
        else if (line == "nothing")
            answer = "ok";
        else if (line.rfind("warm sum ", 0) == 0 || line.rfind("run sum ", 0) == 0)
            answer = work(decode, path, std::stoul(line.substr(line.find("sum ") + 4)));
        std::cout << answer << std::endl;
    }
    return 0;
}
