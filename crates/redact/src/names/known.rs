//! Names that are secret as a whole, whatever `-`, `_` and spaces they are written with.
//!
//! Most of them are secret by their words too; these are for the spellings that do not tell where a word ends, such as
//! `verificationcode`, and for numbers that belong to a word, such as `cvv2`.

/// Returns whether a name, or the last part of one such as `user[cvv2]`, is one of the known ones.
pub(super) fn is_known(name: &str) -> bool {
    let is_separator = |char: char| char.is_ascii_punctuation() && !matches!(char, '-' | '_');
    let mut parts = name.rsplit(is_separator).filter(|part| !part.is_empty());
    parts.next().is_some_and(is_known_part)
}

fn is_known_part(name: &str) -> bool {
    let mut joined = [0; LONGEST];
    let mut length = 0;
    for byte in name.bytes() {
        match byte {
            b'-' | b'_' | b' ' => {}
            byte if length < LONGEST && byte.is_ascii_alphanumeric() => {
                joined[length] = byte.to_ascii_lowercase();
                length += 1;
            }
            _ => return false,
        }
    }
    let joined = &joined[..length];
    (KNOWN.binary_search_by(|known| known.as_bytes().cmp(joined))).is_ok()
}

/// The length of the longest of them.
const LONGEST: usize = 24;

/// Sorted, without separators.
const KNOWN: &[&str] = &[
    "aadhaar",
    "aadhaarnumber",
    "accesskey",
    "accesskeyid",
    "accesstoken",
    "accountkey",
    "accountnumber",
    "apikey",
    "apikeysecret",
    "apitoken",
    "appsecret",
    "assertion",
    "auth",
    "authenticitytoken",
    "authorization",
    "authorizationcode",
    "authtoken",
    "awsaccesskeyid",
    "awssecretaccesskey",
    "awssessiontoken",
    "backupcodes",
    "bankaccount",
    "bankaccountnumber",
    "bearertoken",
    "card",
    "cardcode",
    "cardcvc",
    "cardcvv",
    "cardno",
    "cardnumber",
    "cardpin",
    "cardsecuritycode",
    "cardverificationvalue",
    "ccnum",
    "ccnumber",
    "clientassertion",
    "clientsecret",
    "codeverifier",
    "confirmpassword",
    "connectionstring",
    "consumersecret",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "creditcard",
    "creditcardnumber",
    "csc",
    "csrf",
    "csrfmiddlewaretoken",
    "csrftoken",
    "currentpassword",
    "cvc",
    "cvc2",
    "cvv",
    "cvv2",
    "dbpassword",
    "debitcardnumber",
    "devicetoken",
    "driverlicense",
    "driverslicense",
    "driverslicensenumber",
    "drivinglicence",
    "encryptionkey",
    "healthinsurancenumber",
    "iban",
    "idcardnumber",
    "identitynumber",
    "idtoken",
    "itin",
    "jsessionid",
    "jwt",
    "masterkey",
    "medicalrecordnumber",
    "medicarenumber",
    "mfacode",
    "mnemonic",
    "mrn",
    "nationalid",
    "nationalidnumber",
    "nationalinsurancenumber",
    "newpassword",
    "nhsnumber",
    "nino",
    "oldpassword",
    "onetimepassword",
    "otp",
    "otpcode",
    "pan",
    "pass",
    "passcode",
    "passphrase",
    "passport",
    "passportno",
    "passportnumber",
    "passwd",
    "password",
    "passwordconfirm",
    "passwordconfirmation",
    "passwordhash",
    "passwordresettoken",
    "phpsessid",
    "pin",
    "pinblock",
    "pincode",
    "primaryaccountnumber",
    "privatekey",
    "proxyauthorization",
    "pwd",
    "recoverycode",
    "recoverycodes",
    "recoveryphrase",
    "refreshtoken",
    "repeatpassword",
    "resettoken",
    "samlresponse",
    "secret",
    "secretaccesskey",
    "secretkey",
    "secrets",
    "secretvalue",
    "securityanswer",
    "securitycode",
    "seedphrase",
    "sessid",
    "session",
    "sessionid",
    "sessionkey",
    "sessiontoken",
    "setcookie",
    "sharedsecret",
    "sid",
    "signature",
    "signingkey",
    "sin",
    "socialsecurity",
    "socialsecuritynumber",
    "ssn",
    "taxid",
    "taxnumber",
    "tin",
    "token",
    "tokens",
    "totp",
    "track1",
    "track2",
    "trackdata",
    "twofactorcode",
    "userpassword",
    "verificationcode",
    "xaccesstoken",
    "xamzsecuritytoken",
    "xamzsignature",
    "xapikey",
    "xauthtoken",
    "xcsrftoken",
    "xsrftoken",
    "xxsrftoken",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_sorted() {
        assert!(KNOWN.is_sorted());
        assert!(KNOWN.iter().all(|name| name.len() <= LONGEST));
    }

    #[test]
    fn known_names_are_secret_in_every_spelling() {
        let names = super::super::Names::default();
        for name in KNOWN {
            let apart: String = name.chars().flat_map(|char| [char, '_']).collect();
            for spelled in [
                (*name).to_owned(),
                name.to_uppercase(),
                apart,
                format!("user[{name}]"),
                format!("u[{name}][]"),
                format!("u.{name}"),
            ] {
                assert!(names.class(&spelled).is_secret(), "{spelled}");
            }
        }
    }
}
