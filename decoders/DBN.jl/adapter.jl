# Decodes with the package of DBN.jl, in the way that the first argument names.
const missing_package = try
    @eval import DatabentoBinaryEncoding as DBN
    ""
catch error
    "error not installed: " * first(split(sprint(showerror, error), '\n'))
end

mutable struct Sums
    records::UInt64
    ts_event::UInt64
    price::UInt64
    size::UInt64
end

found(s::Sums) = (s.records, s.ts_event, s.price, s.size)

# Which fields a type has is known when this is compiled.
@inline function add!(s::Sums, record::T) where {T}
    s.records += 1
    s.ts_event += record.hd.ts_event % UInt64
    if hasfield(T, :price) && hasfield(T, :size)
        s.price += record.price % UInt64
        s.size += record.size % UInt64
    end
    return nothing
end

function with_foreach(path)
    decoder = DBN.DBNDecoder(path)
    T = DBN.record_type_for_dbn_schema(decoder.metadata.schema)
    close(decoder.base_io)
    T === nothing && error("foreach_record needs a file with one type of records")
    s = Sums(0, 0, 0, 0)
    DBN.foreach_record(record -> add!(s, record), path, T)
    return found(s)
end

function with_stream(path)
    s = Sums(0, 0, 0, 0)
    for record in DBN.DBNStream(path)
        add!(s, record)
    end
    return found(s)
end

function run(decode, path, times)
    sums = decode(path)
    for _ in 2:times
        decode(path) == sums || error("two decodes of one file differ")
    end
    return "ok " * join(sums, ' ')
end

function answer(decode, path, words)
    if words[1] == "hello"
        missing_package == "" || return missing_package
        return "hello 1 DBN.jl $(pkgversion(DBN)), Julia $VERSION"
    elseif words[1] in ("open", "nothing")
        return "ok"
    elseif words[1] in ("warm", "run") && words[2] == "sum"
        try
            return run(decode, path, parse(Int, words[3]))
        catch error
            return "error " * replace(sprint(showerror, error), '\n' => ' ')
        end
    end
    return "error unknown word"
end

function main()
    decode = ARGS[1] == "stream" ? with_stream : with_foreach
    path = ""
    for line in eachline()
        words = split(line, ' ')
        words[1] == "quit" && break
        words[1] == "open" && (path = String(chopprefix(line, "open ")))
        println(answer(decode, path, words))
        flush(stdout)
    end
end

main()
