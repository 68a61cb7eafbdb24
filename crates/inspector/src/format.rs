//! Numbers as people read them.

/// A number with its thousands apart.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things.
pub(crate) fn plural(n: u64, what: &str) -> String {
    format!("{} {what}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A size with its unit, such as `1.5 KiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut size = bytes as f64;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        if size < 1024.0 {
            break;
        }
        (size, unit) = (size / 1024.0, larger);
    }
    let digits = usize::from(unit != "B" && size < 100.0);
    format!("{size:.digits$} {unit}")
}

/// A duration with its unit, such as `42.3 ms`.
pub(crate) fn duration(micros: u64) -> String {
    let value = micros as f64;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..99_950 => format!("{:.1} ms", value / 1e3),
        99_950..999_500 => format!("{:.0} ms", value / 1e3),
        999_500..100_000_000 => format!("{:.2} s", value / 1e6),
        _ => format!("{:.0} s", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_units() {
        assert_eq!(
            [1, 999, 1_000, 1_234_567].map(count).join(" "),
            "1 999 1,000 1,234,567"
        );
        assert_eq!(
            [plural(1, "byte"), plural(0, "byte")],
            ["1 byte", "0 bytes"]
        );
        let sizes = [0, 1023, 1024, 1536, 102_400, 5 << 20, 3 << 40].map(size);
        assert_eq!(
            sizes.join(", "),
            "0 B, 1023 B, 1.0 KiB, 1.5 KiB, 100 KiB, 5.0 MiB, 3.0 TiB"
        );
        let durations = [999, 1_000, 99_949, 99_950, 999_500, 100_000_000].map(duration);
        assert_eq!(
            durations.join(", "),
            "999 µs, 1.0 ms, 99.9 ms, 100 ms, 1.00 s, 100 s"
        );
    }
}
