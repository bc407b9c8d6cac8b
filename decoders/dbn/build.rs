//! Hands the versions of the compiler and of the decoder to the program.
use std::{env, fs, process::Command};

fn main() {
    let lock = fs::read_to_string("Cargo.lock").expect("Cargo.lock");
    let dbn = lock
        .split("name = \"dbn\"\nversion = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let rustc = Command::new(env::var("RUSTC").expect("RUSTC"))
        .arg("--version")
        .output()
        .expect("rustc");
    let rustc = String::from_utf8_lossy(&rustc.stdout);
    println!("cargo:rustc-env=DBN={}", dbn.expect("dbn in Cargo.lock"));
    println!(
        "cargo:rustc-env=RUSTC_VERSION={}",
        rustc.split(' ').nth(1).expect("a version")
    );
    println!("cargo:rerun-if-changed=Cargo.lock");
}
