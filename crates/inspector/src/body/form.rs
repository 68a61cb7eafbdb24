//! Forms as tables.

use super::table::{Piece, Table};

/// The fields of a form, decoded.
pub(super) fn table(text: &str) -> Table {
    let fields: Vec<&str> = text.split('&').filter(|pair| !pair.is_empty()).collect();
    let rows = fields.into_iter().map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Vec::from([name, value].map(|piece| vec![Piece::Text(decoded(piece))]))
    });
    Table::new("Form", &["Name", "Value"], "further field", rows)
}

/// Resolves percent-encoding and `+`. What is no text then stays as it was written.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = text.get(at..at + 2);
                let digits = digits.filter(|it| it.bytes().all(|digit| digit.is_ascii_hexdigit()));
                let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                match value {
                    Some(value) => {
                        at += 2;
                        value
                    }
                    None => return text.to_owned(),
                }
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_if_they_are_text() {
        let table = table(
            "name=Ada+L%C3%B6we&password=***&&flag&bad=%FF&worse=100%&=x%3D+y&a%+1=%+1&%é1=b",
        );
        let rows: Vec<_> = table.rows.iter().map(|row| row.concat()).collect();
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(rows[0], [text("name"), text("Ada Löwe")]);
        assert_eq!(rows[1], [text("password"), text("***")]);
        assert_eq!(rows[2], [text("flag"), text("")]);
        assert_eq!(rows[3], [text("bad"), text("%FF")]);
        assert_eq!(rows[4], [text("worse"), text("100%")]);
        assert_eq!(rows[5], [text(""), text("x= y")]);
        assert_eq!(rows[6], [text("a%+1"), text("%+1")]);
        assert_eq!(rows[7], [text("%é1"), text("b")]);
    }
}
