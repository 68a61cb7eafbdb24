use super::*;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = next_run(text.as_bytes(), from) {
        from = find_in_run(text.as_bytes(), start, &mut found);
    }
    let found: Vec<_> = found.into_iter().map(|range| &text[range]).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn prefixes_begin_with_the_first_digits_that_are_looked_for() {
    let firsts = (b'0'..=b'9').filter(|digit| may_be_first(*digit));
    let issued = (0..10).filter(|first| LENGTHS[first * 1_000..][..1_000].iter().any(|l| *l != 0));
    assert!(firsts.eq(issued.map(|first| b'0' + first as u8)));
}

#[test]
fn card_numbers_of_all_issuers_are_found() {
    // Test numbers of payment providers.
    for card in [
        "4222222222222",
        "4111111111111111",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "30569309025904",
        "36227206271667",
        "6011111111111117",
        "3566002020360505",
        "6200000000000005",
        "6759649826438453",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782-822463-10005",
    ] {
        check(card, &[card]);
        check(&format!("card {card}, thanks"), &[card]);
        check(&format!("x{card}y"), &[card]);
        check(&format!("2024 {card} - 12"), &[card]);
    }
}

#[test]
fn prefixes_and_lengths_are_those_of_issuers() {
    // With right check digits: the first and the last prefix of each issuer's range, and those beside them.
    for card in [
        "4123456789011",
        "4123456789012349",
        "4123456789012345677",
        "5112345678901235",
        "5512345678901231",
        "2221123456789014",
        "2720123456789010",
        "341234567890127",
        "371234567890120",
        "30012345678907",
        "3051234567890123454",
        "30951234567897",
        "36123456789013",
        "3812345678901233",
        "3912345678901234567",
        "6011123456789012348",
        "6441234567890123",
        "6591234567890123456",
        "6212345678901232",
        "3528123456789012",
        "3589123456789012346",
        "5018123456789",
        "5038123456789012342",
        "5060123456789011",
        "5099123456789012344",
        "5610123456783",
        "5899123456789012347",
        "6304123456782",
        "6390123456789012346",
        "6759123456787",
        "6763123456789012344",
        "2200123456789019",
        "2205123456789012340",
        "6012345678901234",
        "8171123456789011",
        "8299123456789012347",
    ] {
        check(card, &[card]);
    }
    for other in [
        "41234567890120",
        "412345678901234561",
        "5012345678901236",
        "2220123456789015",
        "2721123456789019",
        "351234567890124",
        "3412345678901237",
        "30612345678904",
        "30961234567896",
        "3527123456789013",
        "3590123456789015",
        "5017123456781",
        "5039123456785",
        "5609123456785",
        "5900123456788",
        "6303123456784",
        "6391123456789",
        "6758123456789",
        "6764123456787",
        "2206123456789013",
        "8170123456789012",
        "8300123456789015",
        "7123456789012342",
        "1123456789012345",
    ] {
        check(other, &[]);
    }
}

#[test]
fn other_digits_before_a_number_do_not_change_its_checksum() {
    for before in ["202 ", "2024 ", "20245 ", "777 1234 "] {
        check(
            &format!("{before}4111 1111 1111 1111"),
            &["4111 1111 1111 1111"],
        );
    }
    for before in ["202 ", "2024 "] {
        check(
            &format!("{before}3782-822463-10005"),
            &["3782-822463-10005"],
        );
    }
    check("4111 1111 1111 11 11", &[]);
}

#[test]
fn other_numbers_are_not() {
    for text in [
        "4111111111111112",
        "1717171717165",
        "1609459200007",
        "41111111111111114111",
        "0.4111111111111111",
        "a4111111111111111",
        "4f7b0000-1234-4000-8000-424242424242",
        "00000000-0000-0000-0000-000000000000",
        "4111  1111  1111  1111",
        "2024-05-17 12 30 00",
        "9111111111111111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    ] {
        check(text, &[]);
    }
}

#[test]
fn numbers_of_json_are_read_in_every_way_that_they_are_written() {
    for number in [
        "4111111111111111",
        "-4111111111111111",
        "4111111111111111.0",
        "4.111111111111111e15",
        "411111111111111.10E+01",
    ] {
        assert!(is_card(&integer(number)), "{number}");
    }
    for other in [
        "0.4111111111111111",
        "4111111111111111.5",
        "4111111111111111e1",
        "4e99999999999",
        "4e-99999999999",
        "4.111111111111111",
    ] {
        assert!(!is_card(&integer(other)), "{other}");
    }
}

#[test]
fn a_beginning_is_found_at_the_end() {
    for (text, expected) in [
        ("pay 4111 11", "4111 11"),
        ("pay 4111-", "4111-"),
        ("a 41", "41"),
        ("1234567890123456789", "1234567890123456789"),
    ] {
        assert_eq!(
            beginning(text.as_bytes()).map(|range| &text[range]),
            Some(expected)
        );
    }
    assert_eq!(beginning(b"12345678901234567890"), None);
}
