// A decoder program for dbnbench: put your decoder in the place of decode().
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

struct Sums {
    std::uint64_t records = 0, ts_event = 0, price = 0, size = 0;
};

// Where a record of this type has its price, and behind it its size; 0 if it has none or is too short.
static std::size_t price_at(unsigned type, std::size_t n)
{
    const bool usual = type == 0x01 || type == 0xB1 || (type >= 0xC0 && type <= 0xC4);
    if ((type == 0x00 && n >= 48) || (type == 0x0A && n >= 368) || (usual && n >= 80))
        return 16;
    return type == 0xA0 && n >= 56 ? 24 : 0;
}

template <class T> static T load(const char *p) { T value; std::memcpy(&value, p, sizeof value); return value; }

static Sums decode(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    char r[255 * 4]; // a record; it begins with its length in 4-byte words, and its type
    if (!file.read(r, 8) || std::memcmp(r, "DBN", 3) != 0 || r[3] > 3)
        throw std::runtime_error("it is no DBN");
    if (!file.ignore(load<std::uint32_t>(r + 4)) || file.eof())
        throw std::runtime_error("it is cut off in its metadata");
    Sums s;
    for (; file.read(r, 1); s.records++) {
        const std::size_t size = static_cast<unsigned char>(r[0]) * 4u;
        if (size < 16 || !file.read(r + 1, static_cast<std::streamsize>(size - 1)))
            throw std::runtime_error("it is cut off, or has a record without a header");
        const std::size_t at = price_at(static_cast<unsigned char>(r[1]), size);
        s.ts_event += load<std::uint64_t>(r + 8);
        s.price += at ? load<std::uint64_t>(r + at) : 0;
        s.size += at ? load<std::uint32_t>(r + at + 8) : 0;
    }
    return s;
}

int main()
{
    std::string line, path, word, sink;
    for (int n = 0; std::getline(std::cin, line) && line != "quit"; std::cout << std::endl) try {
        std::istringstream words(line);
        if (line.compare(0, 5, "open ") == 0) { path = line.substr(5); std::cout << "ok"; }
        else if (line == "nothing") std::cout << "ok";
        else if (words >> word >> sink >> n && sink == "sum" && (word == "run" || word == "warm")) {
            Sums s;
            for (; n > 0; n--) s = decode(path);
            std::cout << "ok " << s.records << ' ' << s.ts_event << ' ' << s.price << ' ' << s.size;
        } else std::cout << (line == "hello 1" ? "hello 1 my decoder 0.1" : "error unknown word");
    } catch (const std::exception &e) { std::cout << "error " << e.what(); }
}
