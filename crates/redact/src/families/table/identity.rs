//! Identity, and wallets.

use super::{table, Family};

table! { IDENTITY:
    "jwt", "JSON web token (JWS, JWE)", "eyJ", ["eyJhbGciOiJIUzI1NiJ9.ey" "JzdWIiOiI0MiJ9.dozjg" "NryP4J3jVmNHl0w5N_Xg" "L0n3I9P"], "RFC 7515, RFC 7516";
    "putty-private-key", "PuTTY private key", "PuTTY-User-Key-File-", ["PuTTY-User-" "Key-File-3: ssh-ed25" "519"], "the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html";
    "ory", "Ory token", "^ory_(at|rt|pat|ac|st|lo|apikey)_{t20-}", ["ory_at_1g" "eYjJHe5yjVgnXjw1v8"], "www.ory.com/docs/concepts/personal-access-token";
    "authress", "Authress access key", "^(sc|ext|scauth|authress)_{a5-30}.{a4-6}.acc(_|-){t10-32}.{s30-}", ["sc_py6kn.83j5.acc_8" "KqL0XaG0s.zoENiQ2PCe" "8NCKAYiTOApjc2qTBd5q"], "gitleaks authress-service-client-access-key";
    "pangea", "Pangea service token", "^pts_{a32}", ["pts_n7ryw79x" "ybbiaz69ny28j2yua6f9" "xx0u"], "pangea.cloud/docs/admin-guide/tokens";
    "intra42", "42 client secret", "(s|u)-s4t2(ud|af)-{x60-}", ["s-s4t2ud-b4f267b3a9b101" "9c6615df33f95a5ba75b" "aff3aed2dfea4443a052" "e021de"], "gitleaks intra42-client-secret";
    "robinhood", "Robinhood API key", "rh-api-{uuid}", ["rh-api-ebc42d7" "4-f4fc-e1ec-7a1f-164" "fbdca4b5e"], "trufflehog robinhoodcrypto";
    "alchemy", "Alchemy token", "^alcht_{w30}$", ["alcht_zNgPtD" "oFy2ILNakTsCemsTw35o" "Iewg"], "docs.alchemy.com";
    "blockfrost", "Blockfrost project ID", "^(mainnet|testnet|preprod|preview){w32}$", ["mainnet0M2HvJ" "3hfusePHCbnwQh8QHPrD" "sdaHub"], "docs.blockfrost.io";
    "bip32", "Extended private key (BIP 32)", "xprv{w100-}", ["xprvgxuqxXIRM1UEq1eawUHf" "p2eZ1Qvqtn50byrLuXyh" "R4jh7QB9Pibd8AO0IL2k" "sKlQY77XG1SL27rLDMFS" "ZERQX1LRdtMB13DBDxfY"], "github.com/bitcoin/bips/blob/master/bip-0032.mediawiki";
    "nostr", "Nostr private key", "^nsec1{a58}$", ["nsec1okdy97vhqbiw0r8o" "fqx90bmkete56pyp8dgx" "7pud844tjxkphrsgw2we" "ei"], "github.com/nostr-protocol/nips/blob/master/19.md";
    "bcrypt", "Password hash, bcrypt", "$2(a|b|x|y)${d2}${s53}", ["$2b$12$" "q7Kd92mXw4tBzR5v" "LpN3hT8sYc1JfGa6VuEoWi" "abcdefghijklmno"], "passlib.readthedocs.io/en/stable/lib/passlib.hash.bcrypt.html";
    "sha-crypt", "Password hash, SHA-crypt", "$(5|6)${s1-16}${s43-}", ["$5$q7Kd92mX$" "w4tBzR5vLpN3hT8sYc1JfGa6V" "uEoWiabcdefghijklm"], "www.akkadia.org/drepper/SHA-crypt.txt";
    "argon2", "Password hash, Argon2", "$argon2(id|i|d)$v={d1-}$m={d1-},t={d1-},p={d1-}${b8-}${b16-}", ["$argon2id$v=19$m=" "65536,t=3,p=4$q7Kd92mXw4tBzR5v$" "w4tBzR5vLpN3hT8sYc1JfGa6V"], "RFC 9106";
}
