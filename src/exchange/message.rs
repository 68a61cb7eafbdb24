//! What errors say of themselves, which is as long as they like.

use std::fmt;

/// What is said, without what is past `limit` bytes: that is not even made.
pub(super) fn within(limit: usize, said: impl fmt::Display) -> String {
    struct Cut {
        text: String,
        room: usize,
    }

    impl fmt::Write for Cut {
        fn write_str(&mut self, more: &str) -> fmt::Result {
            if more.len() <= self.room {
                self.room -= more.len();
                self.text.push_str(more);
                return Ok(());
            }
            let end = (0..=self.room)
                .rev()
                .find(|&end| more.is_char_boundary(end))
                .unwrap_or(0);
            self.text.push_str(&more[..end]);
            self.room = 0;
            Err(fmt::Error)
        }
    }

    let mut cut = Cut {
        text: String::new(),
        room: limit,
    };
    // It fails where it is cut.
    let _ = fmt::Write::write_fmt(&mut cut, format_args!("{said}"));
    cut.text.shrink_to_fit();
    cut.text
}
