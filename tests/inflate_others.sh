#!/usr/bin/env bash
# Files that other compressors wrote: Go's klauspost/compress, Rust's ruzstd and zstd, Python's zstandard and pyzstd, pzstd
# and zstd. Each has to be taken without libzstd by 2 to 8 threads, which find what is in the plain file. Needs go, cargo,
# python3 and their registries, so it is no part of `make test`. All stays in build/others.
set -eu
cd "$(dirname "$0")/.."
program=$PWD/build/dbnbench
mkdir -p build/others/{go,rust/src,zst} && cd build/others
rm -f zst/*
for spec in mixed:60000 mbp-10:8000 ohlcv-1s:60000 definition:3000; do
    "$program" gen --schema "${spec%:*}" --records "${spec#*:}" -o "${spec%:*}.dbn" --force
done

cat >go/go.mod <<'END'
module others
go 1.21
END
cat >go/main.go <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/klauspost/compress/zstd"
)

func main() {
	data, _ := os.ReadFile(os.Args[1])
	options := map[string][]zstd.EOption{
		"window":  {zstd.WithWindowSize(1 << 12)},
		"far":     {zstd.WithWindowSize(1 << 25), zstd.WithEncoderLevel(zstd.SpeedBestCompression)},
		"nocrc":   {zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true)},
		"raw":     {zstd.WithNoEntropyCompression(true)},
		"entropy": {zstd.WithAllLitEntropyCompression(true), zstd.WithEncoderConcurrency(1)},
	}
	for level := zstd.SpeedFastest; level <= zstd.SpeedBestCompression; level++ {
		options[level.String()] = []zstd.EOption{zstd.WithEncoderLevel(level)}
	}
	for name, option := range options {
		for _, piece := range []int{len(data), 50000} {
			to, _ := os.Create(fmt.Sprintf("%s-go-%s-%v.zst", os.Args[2], name, piece == 50000))
			w, err := zstd.NewWriter(to, option...)
			if err != nil {
				panic(err)
			}
			for at := 0; at < len(data); at += piece {
				w.Write(data[at:min(at+piece, len(data))])
				if piece < len(data) {
					w.Flush()
				}
			}
			w.Close()
			to.Close()
		}
	}
}
END
cat >rust/Cargo.toml <<'END'
[package]
name = "others"
version = "0.1.0"
edition = "2021"
[dependencies]
zstd = "0.13"
ruzstd = "0.8"
END
cat >rust/src/main.rs <<'END'
use std::io::Write;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let data = std::fs::read(&args[1]).unwrap();
    let own = ruzstd::encoding::compress_to_vec(&data[..], ruzstd::encoding::CompressionLevel::Fastest);
    std::fs::write(format!("{}-ruzstd.zst", args[2]), own).unwrap();
    for level in [-7, 1, 3, 9, 19] {
        let to = std::fs::File::create(format!("{}-rust-{}.zst", args[2], level)).unwrap();
        let mut e = zstd::stream::write::Encoder::new(to, level).unwrap();
        e.include_checksum(level != 1).unwrap();
        e.long_distance_matching(level == 9).unwrap();
        e.window_log(if level == 9 { 26 } else { 18 }).unwrap();
        for part in data.chunks(30000) {
            e.write_all(part).unwrap();
            if level == 3 {
                e.flush().unwrap();
            }
        }
        e.finish().unwrap();
    }
}
END
cat >others.py <<'END'
import sys, zstandard, pyzstd
from pyzstd import CParameter as P, Strategy
data = open(sys.argv[1], "rb").read()
def keep(name, packed):
    open(f"{sys.argv[2]}-py-{name}.zst", "wb").write(packed)
for s in Strategy:
    keep(s.name, pyzstd.compress(data, {P.strategy: s.value, P.windowLog: 11 + s.value, P.checksumFlag: s.value % 2}))
keep("long", pyzstd.compress(data, {P.enableLongDistanceMatching: 1, P.windowLog: 27}))
keep("match7", pyzstd.compress(data, {P.minMatch: 7, P.targetLength: 131072, P.compressionLevel: 12}))
for level in (-50, 1, 6, 15, 22):
    c = zstandard.ZstdCompressor(level=level, write_checksum=level > 6, write_content_size=level < 6).compressobj()
    parts = [data[at:at + 12345] for at in range(0, len(data), 12345)]
    keep(f"blocks{level}", b"".join(c.compress(p) + c.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for p in parts) + c.flush())
keep("threads", zstandard.ZstdCompressor(level=2, threads=2).compress(data))
END
(cd go && go get github.com/klauspost/compress@v1.17.9 && go build -o ../others-go .) >go.log 2>&1
(cd rust && cargo build -q --release) >rust.log 2>&1
[ -e venv ] || python3 -m venv venv
venv/bin/pip -q install zstandard pyzstd
for plain in *.dbn; do
    to=zst/${plain%.dbn}
    ./others-go "$plain" "$to"
    rust/target/release/others "$plain" "$to"
    venv/bin/python others.py "$plain" "$to"
    pzstd -q -p 2 -3 -o "$to-pzstd.zst" "$plain"
    zstd -q --long=27 -15 -T2 -o "$to-cli-long.zst" "$plain"
    zstd -q --rsyncable -4 -o "$to-cli-rsyncable.zst" "$plain"
    zstd -q --ultra -22 --no-check -o "$to-cli-22.zst" "$plain"
done

# Where libzstd is asked there is no memory for it.
echo 'void *ZSTD_createDCtx(void) { return 0; }' | cc -shared -fPIC -x c -o nobody.so -
files=0 failed=0
for packed in zst/*.zst; do
    plain=$(sed 's:zst/\(mixed\|mbp-10\|ohlcv-1s\|definition\)-.*:\1.dbn:' <<<"$packed")
    want=$("$program" decode -b mmap -s fields "$plain")
    for threads in 1 2 3 4 5 6 7 8; do
        preload=$PWD/nobody.so
        [ $threads -gt 1 ] || preload=
        got=$(LD_PRELOAD=$preload "$program" decode -b inflate -t $threads -s fields "$packed" 2>&1) || true
        [ "$got" = "$want" ] || { echo "$packed, $threads threads: $got"; failed=$((failed + 1)); break; }
    done
    files=$((files + 1))
done
echo "$files files, of which $failed are not taken or differ"
[ $failed -eq 0 ]
