"""Decodes with the package databento, in the way that the first argument names."""
import os
import platform
import sys
import warnings
from importlib.metadata import version

try:
    import databento
    import databento_dbn
    import numpy
except ImportError as missing:
    sys.stdin.readline()
    print(f"error not installed: {missing}")
    sys.exit()

WORD = (1 << 64) - 1
PRICED = tuple(
    getattr(databento_dbn, name)
    for name in ("MBOMsg", "TradeMsg", "MBP1Msg", "MBP10Msg", "BBOMsg", "CMBP1Msg", "CBBOMsg")
)


def of_columns(columns, records):
    """The sums of a table whose columns `columns(name)` gives; None stands for a column that is not there."""
    sums = [records, 0, 0, 0]
    names = ["ts_event", "price", "size"] if columns("price") is not None and columns("size") is not None else ["ts_event"]
    for i, name in enumerate(names):
        sums[i + 1] = int(numpy.asarray(columns(name)).astype("uint64").sum())
    return sums


def to_ndarray(path):
    array = databento.DBNStore.from_file(path).to_ndarray()
    return of_columns(lambda name: array[name] if name in array.dtype.names else None, len(array))


def to_df(path):
    frame = databento.DBNStore.from_file(path).to_df(price_type="fixed").reset_index()
    frame["ts_event"] = frame["ts_event"].dt.as_unit("ns").astype("int64")
    return of_columns(frame.get, len(frame))


def of_records(records):
    count = ts_event = price = size = 0
    priced = {}
    for record in records:
        count += 1
        ts_event += record.ts_event
        kind = type(record)
        if kind not in priced:
            priced[kind] = isinstance(record, PRICED)
        if priced[kind]:
            price += record.price
            size += record.size
    return [count, ts_event & WORD, price & WORD, size & WORD]


def iteration(path):
    return of_records(databento.DBNStore.from_file(path))


def decoder_records(path):
    with open(path, "rb") as file:
        zstd = file.read(4) == b"\x28\xb5\x2f\xfd"
        file.seek(0)
        compression = databento_dbn.Compression.ZSTD if zstd else databento_dbn.Compression.NONE
        decoder = databento_dbn.DBNDecoder(compression=compression)
        while chunk := file.read(1 << 16):
            for record in decoder.write_and_decode(chunk):
                if not isinstance(record, databento_dbn.Metadata):
                    yield record


def dbndecoder(path):
    return of_records(decoder_records(path))


def run(decode, path, times):
    sums = decode(path)
    for _ in range(1, times):
        if decode(path) != sums:
            raise ValueError("two decodes of one file differ")
    return sums


def answer(decode, path, words):
    if words[0] == "hello":
        parts = [f"{name} {version(name)}" for name in ("databento", "databento-dbn", "numpy", "pandas")]
        return "hello 1 " + ", ".join(parts + ["Python " + platform.python_version()])
    if words[0] in ("open", "nothing"):
        return "ok"
    if words[0] in ("warm", "run") and words[1] == "sum":
        try:
            sums = run(decode, path, int(words[2]))
        except Exception as error:  # whatever the decoder raises is its answer
            return "error " + " ".join(f"{type(error).__name__}: {error}".split())
        return "ok" if words[0] == "warm" else "ok " + " ".join(map(str, sums))
    return "error unknown word"


def main():
    warnings.simplefilter("ignore", DeprecationWarning)
    decode = {f.__name__: f for f in (to_ndarray, to_df, iteration, dbndecoder)}[sys.argv[1]]
    path = None
    for line in sys.stdin.buffer:
        line = os.fsdecode(line.rstrip(b"\n"))
        words = line.split(" ")
        if words[0] == "quit":
            return
        if words[0] == "open":
            path = line[len("open ") :]
        print(answer(decode, path, words), flush=True)


main()
