//! Decodes with the crate `dbn`, in the way that the first argument names.
use dbn::decode::dbn::fsm::{DbnFsm, ProcessResult};
use dbn::decode::{DbnDecoder, DbnMetadata, DecodeRecord, DecodeRecordRef, DynReader};
use dbn::{rtype, HasRType, RecordRef, Schema};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::{env, fs::File, os::unix::ffi::OsStrExt};

type Reader = DynReader<'static, BufReader<File>>;
type Outcome = Result<Sums, Box<dyn std::error::Error>>;

#[derive(Default, PartialEq)]
struct Sums {
    records: u64,
    ts_event: u64,
    price: u64,
    size: u64,
}

impl Sums {
    fn header(&mut self, ts_event: u64) {
        self.records += 1;
        self.ts_event = self.ts_event.wrapping_add(ts_event);
    }

    fn price_and_size(&mut self, price: i64, size: u32) {
        self.price = self.price.wrapping_add(price as u64);
        self.size = self.size.wrapping_add(size as u64);
    }

    /// A record of any type. One of an unknown type has a header.
    fn record(&mut self, rec: RecordRef) {
        self.header(rec.header().ts_event);
        match rec.header().rtype {
            rtype::MBO => self.known::<dbn::MboMsg>(rec),
            rtype::MBP_0 => self.known::<dbn::TradeMsg>(rec),
            rtype::MBP_1 => self.known::<dbn::Mbp1Msg>(rec),
            rtype::MBP_10 => self.known::<dbn::Mbp10Msg>(rec),
            rtype::BBO_1S | rtype::BBO_1M => self.known::<dbn::BboMsg>(rec),
            rtype::CMBP_1 | rtype::TCBBO => self.known::<dbn::Cmbp1Msg>(rec),
            rtype::CBBO_1S | rtype::CBBO_1M => self.known::<dbn::CbboMsg>(rec),
            _ => (),
        }
    }

    fn known<T: Summed>(&mut self, rec: RecordRef) {
        if let Some(rec) = rec.get::<T>() {
            rec.add_to(self);
        }
    }
}

/// What `sum` adds of a record besides its header.
trait Summed: HasRType<Header = dbn::RecordHeader> {
    fn add_to(&self, sums: &mut Sums);
}

macro_rules! priced {
    ($($T:ident)*) => { $(impl Summed for dbn::$T {
        fn add_to(&self, sums: &mut Sums) {
            sums.price_and_size(self.price, self.size);
        }
    })* };
}
macro_rules! unpriced {
    ($($T:ident)*) => { $(impl Summed for dbn::$T {
        fn add_to(&self, _: &mut Sums) {}
    })* };
}
priced!(MboMsg TradeMsg Mbp1Msg Mbp10Msg BboMsg Cmbp1Msg CbboMsg);
unpriced!(OhlcvMsg InstrumentDefMsg StatMsg StatusMsg ImbalanceMsg);

fn records(reader: Reader) -> Outcome {
    let mut decoder = DbnDecoder::new(reader)?;
    let mut sums = Sums::default();
    while let Some(rec) = decoder.decode_record_ref()? {
        sums.record(rec);
    }
    Ok(sums)
}

fn typed_as<T: Summed>(mut decoder: DbnDecoder<Reader>) -> Outcome {
    let mut sums = Sums::default();
    while let Some(rec) = decoder.decode_record::<T>()? {
        sums.header(rec.raw_ts_event());
        rec.add_to(&mut sums);
    }
    Ok(sums)
}

fn typed(reader: Reader) -> Outcome {
    let decoder = DbnDecoder::new(reader)?;
    match decoder.metadata().schema {
        Some(Schema::Mbo) => typed_as::<dbn::MboMsg>(decoder),
        Some(Schema::Trades) => typed_as::<dbn::TradeMsg>(decoder),
        Some(Schema::Mbp1 | Schema::Tbbo) => typed_as::<dbn::Mbp1Msg>(decoder),
        Some(Schema::Mbp10) => typed_as::<dbn::Mbp10Msg>(decoder),
        Some(Schema::Bbo1S | Schema::Bbo1M) => typed_as::<dbn::BboMsg>(decoder),
        Some(Schema::Cmbp1 | Schema::Tcbbo) => typed_as::<dbn::Cmbp1Msg>(decoder),
        Some(Schema::Cbbo1S | Schema::Cbbo1M) => typed_as::<dbn::CbboMsg>(decoder),
        Some(Schema::Definition) => typed_as::<dbn::InstrumentDefMsg>(decoder),
        Some(Schema::Statistics) => typed_as::<dbn::StatMsg>(decoder),
        Some(Schema::Status) => typed_as::<dbn::StatusMsg>(decoder),
        Some(Schema::Imbalance) => typed_as::<dbn::ImbalanceMsg>(decoder),
        Some(
            Schema::Ohlcv1S
            | Schema::Ohlcv1M
            | Schema::Ohlcv1H
            | Schema::Ohlcv1D
            | Schema::OhlcvEod,
        ) => typed_as::<dbn::OhlcvMsg>(decoder),
        _ => Err("decode_record::<T> needs a file with one type of records".into()),
    }
}

fn batches(mut reader: Reader) -> Outcome {
    let mut fsm = DbnFsm::new(DbnFsm::DEFAULT_BUF_SIZE, DbnFsm::DEFAULT_BUF_SIZE);
    let mut sums = Sums::default();
    loop {
        let mut batch = [const { None }; 256];
        match fsm.process_many(&mut batch) {
            ProcessResult::Record(recs) => recs.iter().for_each(|rec| sums.record(*rec)),
            ProcessResult::Metadata(_) => (),
            ProcessResult::Err(err) => return Err(err.into()),
            ProcessResult::ReadMore(_) => match reader.read(fsm.space())? {
                0 => return Ok(sums),
                bytes => fsm.fill(bytes),
            },
        }
    }
}

fn run(decode: fn(Reader) -> Outcome, path: &OsStr, times: &str) -> Outcome {
    let decode_once = || decode(DynReader::from_file(path)?);
    let sums = decode_once()?;
    for _ in 1..times.parse()? {
        if decode_once()? != sums {
            return Err("two decodes of one file differ".into());
        }
    }
    Ok(sums)
}

fn main() -> io::Result<()> {
    let decode = match env::args().nth(1).as_deref() {
        Some("records") => records,
        Some("typed") => typed,
        Some("batches") => batches,
        _ => panic!("the first argument is records, typed or batches"),
    };
    let mut path = OsString::new();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        let words: Vec<&str> = text.split(' ').collect();
        let answer = match words[..] {
            ["hello", ..] => format!(
                "hello 1 dbn {}, rustc {}",
                env!("DBN"),
                env!("RUSTC_VERSION")
            ),
            ["open", ..] => {
                path = OsStr::from_bytes(&line["open ".len()..]).to_owned();
                "ok".into()
            }
            ["nothing"] => "ok".into(),
            ["warm" | "run", "sum", times] => match run(decode, &path, times) {
                Ok(_) if words[0] == "warm" => "ok".into(),
                Ok(s) => format!("ok {} {} {} {}", s.records, s.ts_event, s.price, s.size),
                Err(err) => format!("error {}", err.to_string().replace('\n', " ")),
            },
            ["quit"] => return Ok(()),
            _ => "error unknown word".into(),
        };
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}
