//! A decoder program for dbnbench: put your decoder in the place of decode().
use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read};

/// Where a record of this type has its price, and behind it its size; None if it has none or is too short.
fn price_at(kind: u8, size: usize) -> Option<usize> {
    match kind {
        0x00 if size >= 48 => Some(16),
        0x0A if size >= 368 => Some(16),
        0x01 | 0xB1 | 0xC0..=0xC4 if size >= 80 => Some(16),
        0xA0 if size >= 56 => Some(24),
        _ => None,
    }
}

fn load(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | *byte as u64) // little-endian
}

/// The number of records, and their ts_event, price and size added up.
fn decode(path: &str) -> io::Result<[u64; 4]> {
    let mut file = BufReader::with_capacity(1 << 16, std::fs::File::open(path)?);
    let mut sums = [0u64; 4];
    let mut r = [0u8; 255 * 4]; // a record; it begins with its length in 4-byte words, and its type
    file.read_exact(&mut r[..8])?;
    let metadata = load(&r[4..8]);
    if &r[..3] != b"DBN" || r[3] > 3 || io::copy(&mut (&mut file).take(metadata), &mut io::sink())? < metadata {
        return Err(Error::new(ErrorKind::InvalidData, "it is no DBN, or cut off"));
    }
    while file.read(&mut r[..1])? == 1 {
        let size = r[0] as usize * 4;
        if size < 16 {
            return Err(Error::new(ErrorKind::InvalidData, "a record without a header"));
        }
        file.read_exact(&mut r[1..size])?;
        let (price, volume) = price_at(r[1], size).map_or((0, 0), |at| (load(&r[at..at + 8]), load(&r[at + 8..at + 12])));
        for (sum, value) in sums.iter_mut().zip([1, load(&r[8..16]), price, volume]) {
            *sum = sum.wrapping_add(value);
        }
    }
    Ok(sums)
}

fn main() {
    let mut path = String::new();
    for line in io::stdin().lock().lines().map(Result::unwrap).take_while(|line| line != "quit") {
        let words: Vec<&str> = line.split(' ').collect();
        println!("{}", match words[..] { // a line is written at once
            ["hello", "1"] => "hello 1 my decoder 0.1".into(),
            ["nothing"] => "ok".into(),
            ["open", ..] => { path = line[5..].into(); "ok".into() }
            ["run" | "warm", "sum", times] => {
                let all: io::Result<Vec<_>> = (0..times.parse().unwrap()).map(|_| decode(&path)).collect();
                all.map_or_else(|e| format!("error {e}"), |s| s.last().map_or("ok".into(), |[n, t, p, z]| format!("ok {n} {t} {p} {z}")))
            }
            _ => "error unknown word".into(),
        });
    }
}
