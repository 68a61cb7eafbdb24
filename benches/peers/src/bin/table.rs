//! Puts the table on its input where `docs/benchmarks.md` has room for it: `table NAME`.

#![forbid(unsafe_code)]

use std::{env, io};

use peers::document;

fn main() -> io::Result<()> {
    let name = env::args().nth(1).expect("an argument: NAME");
    let text = io::read_to_string(io::stdin())?;
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let table: String = rows.map(|row| format!("{row}\n")).collect();
    print!("{table}");
    document::replace(&name, &format!("{}\n\n{table}", document::machine()));
    Ok(())
}
