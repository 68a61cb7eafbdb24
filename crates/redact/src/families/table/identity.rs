//! Identity, and wallets.

use super::{table, Family};

table! { IDENTITY:
    "jwt", "JSON web token (JWS, JWE)", "eyJ", ["eyJhbGciOiJIUzI1NiJ9.ey" "JzdWIiOiI0MiJ9.dozjg" "NryP4J3jVmNHl0w5N_Xg" "L0n3I9P"], "RFC 7515, RFC 7516";
    "putty-private-key", "PuTTY private key", "PuTTY-User-Key-File-", ["PuTTY-User-" "Key-File-3: ssh-ed25" "519"], "the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html";
    "cas-ticket", "CAS ticket", "^(ST|PT|TGT|PGT|PGTIOU)-{d1-}-{t24-}", ["ST-1856339-" "aA5Yuvrxzpv8Tau1cYQ7xq7K" "d92mXw4t-cas01"], "apereo.github.io/cas/7.2.x/protocol/CAS-Protocol-Specification.html";
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
    "paseto", "Platform-agnostic security token (PASETO), PASERK key", "^(v|k)(1|2|3|4).(local|public|secret).{t40-}", ["v4.loca" "l.gpFnwoFQQ6aFSx4Sf" "6Thz3WZnF9mC3Rwf4XA" "EAYfXkkibjNE4SjQ5PF" "TxjLL"], "github.com/paseto-standard/paseto-spec";
    "macaroon", "Macaroon", "MDAx{b4}Y2F0aW9u{t20-}", ["MDAxY2x" "vY2F0aW9uiba4XSgJYi" "C8n58obrotHqZNvrKB6" "i"], "research.google/pubs/macaroons-cookies-with-contextual-caveats-for-decentralized-authorization-in-the-cloud";
    "aspnet-data-protection", "ASP.NET Core protected cookie or token", "^CfDJ8{t80-}", ["CfDJ8dY" "xETN5JB59HiKjJHb8D2" "mPa24jmjFQXhLdvUJJL" "F32g9Ldqnsc2gHDLbZe" "DvQHPHnVsDHK4FHqVJ9" "9rLn6DiBhADv"], "learn.microsoft.com/aspnet/core/security/data-protection";
    "laravel-key", "Laravel application key", "^base64:{b43}=", ["base64:" "eTqCeoTu3h2jWSTyjr9" "iEpYgA9GkT6pkWCHAwB" "nxvfX="], "laravel.com/docs/encryption";
    "otpauth-migration", "Exported secrets of an authenticator", "otpauth-migration://offline?data=<{e20-}>", ["otpauth-migr" "ation://offline?data=" "ybwLEDWbzwJQtHeh3p9" "gfrsc2msZi5C7U5rAjK"], "github.com/google/google-authenticator";
    "unkey", "Unkey root key", "^unkey_{w16-}", ["unkey_H" "MGVvfsd4VmCesbRf4rf" "P7"], "www.unkey.com/docs/security/root-keys";
    "django-pbkdf2", "Password hash, PBKDF2 as Django writes it", "pbkdf2_(sha256|sha1)${d1-}${w1-}${b20-}", ["pbkdf2_sha" "256$870000$" "per8hEawLBsQicJWqhkrdm$" "nuRuJZotDHUmsx4brcab" "XHLnHFqDgT5SCTGK69AHuV"], "docs.djangoproject.com/en/stable/topics/auth/passwords";
    "pbkdf2", "Password hash, PBKDF2", "$pbkdf2(-sha1|-sha256|-sha512|)${d1-}${s1-}${s16-}", ["$pbkdf2-sha" "256$29000$" "opwn69WXRiAxd6iaeRY9rC$" "kdfT6z8HTtPqVtcEmksD" "arywLvqc9uoxmawzfFsHSn"], "passlib.readthedocs.io/en/stable/lib/passlib.hash.pbkdf2_digest.html";
    "pbkdf2-phc", "Password hash, PBKDF2 as PHC strings", "$pbkdf2-(sha256|sha512)$i={d1-},l={d1-}${b1-}${b16-}", ["$pbkdf2-sha" "256$i=600000,l=32$" "qH2afr5fjANcAbuuRpfNJ7$" "ZjTW39PzZvXGjtXQSjc5" "6WHRCXV4HiJZHM654b5UN4"], "github.com/P-H-C/phc-string-format";
    "scrypt", "Password hash, scrypt", "$scrypt$ln={d1-},r={d1-},p={d1-}${s1-}${s16-}", ["$scrypt$ln" "=17,r=8,p=1$" "WUVSpfbciRygz6DLdRbRKU$" "qGraE4eYHKfTJeYYFr4e" "7rqXZopYSEG7zeFUt2cQRS"], "passlib.readthedocs.io/en/stable/lib/passlib.hash.scrypt.html";
    "werkzeug-scrypt", "Password hash, scrypt as Werkzeug writes it", "scrypt:{d1-}:{d1-}:{d1-}${w4-}${x64-}", ["scrypt:327" "68:8:1$" "nePjwrSYVuQMiaFd$" "f836f99eee3692f09e2e8c662248b483" "b7ffc050fec94dbca3a0aac36098b2cc" "2bd818319478da6bd0c621de49f145fd" "a9988c79fc35526f7eaed46725a2a7b8"], "werkzeug.palletsprojects.com/en/stable/utils";
    "werkzeug-pbkdf2", "Password hash, PBKDF2 as Werkzeug writes it", "pbkdf2:sha(1|256|512):{d1-}${w4-}${x40-}", ["pbkdf2:sha" "256:600000$" "4Mn9bY8BzBYJozsw$" "1f8b46287cced9041dff02cee737443e" "210471948d33296c87009e8a7f770d91"], "werkzeug.palletsprojects.com/en/stable/utils";
    "md5-crypt", "Password hash, MD5-crypt", "$(apr1|1)${s1-8}${s22}", ["$apr1$" "bnG9USBf$" "rpTCypGcVwW" "ByUAna4tY7H"], "httpd.apache.org/docs/current/misc/password_encryptions.html";
    "yescrypt", "Password hash, yescrypt", "$y$j{s1-8}${s1-}${s43}", ["$y$j9T$" "eoGnu25npEprZ9tgQGQmpG$" "BTdPjAdobPjBdWdmADW9" "vXhfkwnmSJYEcuTXz6ywDkg"], "www.openwall.com/yescrypt";
    "ldap-ssha", "Password hash of LDAP", "^SSHA(256|512|)}<{b28-}>", ["SSHA}" "afsfxB9hLZozx25u54C" "fdWFnyKDnvyYFbRBq4R"], "www.openldap.org/doc/admin/security.html";
}
