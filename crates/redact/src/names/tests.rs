use super::*;

fn secrecy(name: &str) -> Secrecy {
    Names::default().class(name).secrecy
}

#[test]
fn secret_words_are_found_in_every_spelling() {
    for name in [
        "password",
        "admin_password",
        "loginPassword",
        "github_token",
        "stripe_secret_key",
        "password1",
        "passwd2",
        "userpassword",
        "dbpass",
        "X-Vault-Token",
        "inviteToken",
        "webhook_secret_v2",
        "spring.datasource.password",
        "user[password]",
        "tls.key",
        "contraseña",
        "mot_de_passe",
        "Passwort",
        "senha",
        "пароль",
        "ПАРОЛЬ",
        "密码",
        "用户密码",
        "パスワード",
        "ｐａｓｓｗｏｒｄ",
        "pass\u{200b}word",
        "bindpass",
        "bindCredential",
        "MasterUserPassword",
        "slack-token",
        "kafka.api.secret",
        "DomainSigningPrivateKey",
        "PreSharedKey",
        "SSECustomerKey",
        "secretString",
        "openai_api_key",
        "subscription_key",
        "KeyMaterial",
        "accesstoken",
        "connectionString",
        "passw0rd",
        "chaveDeAcesso",
        "codigo_de_verificacion",
        "ключ_доступа",
        "құпиясөз",
        "गुप्त_शब्द",
        "apiSchlüssel",
        "zugangscode",
        "短信验证码",
        "인증번호",
        "確認コード",
        "snmpCommunityString",
        "mothersMaidenName",
        "cf-turnstile-response",
        "unsealKeysB64",
        "p_a_s_s_w_o_r_d",
        "passWord",
        "PASS_WORD",
        "MYAPP_DB_PASS",
        "x-api-key",
        "apikey",
        "authkey",
        "clientsecret",
        "sessionid",
        "JSESSIONID",
        "cardNumber",
        "card_no",
        "ssn",
        "2fa_code",
        "track2",
        "access_key_id",
        "secret_key_base",
        "password_hash",
        "password_confirmation",
        "token_value",
        "password_github",
        "Kennwort",
        "wachtwoord",
        "hasło",
        "비밀번호",
        "كلمة المرور",
        "clave",
        "geheim",
        "lösenord",
        "şifre",
        "ŞİFRE",
        "mật khẩu",
        "ТОКЕН",
        "рassword",
    ] {
        assert_ne!(secrecy(name), Secrecy::Harmless, "{name}");
    }
}

#[test]
fn other_names_are_harmless() {
    for name in [
        "",
        "_",
        "item",
        "secretary",
        "passenger",
        "tokenizer",
        "monkey",
        "author",
        "authors",
        "token_type",
        "password_policy",
        "secret_name",
        "api_key_id",
        "token_count",
        "token_expires_at",
        "password_changed_at",
        "csrf_enabled",
        "public_key",
        "primary_key",
        "status_code",
        "keyboard",
        "bypass",
        "compass",
        "keys_url",
        "access_tokens_url",
        "secret_scanning",
        "secret_scanning_alerts",
        "routingNumber",
        "routing_number",
        "sort_code",
        "next_page_token",
        "session_timeout",
        "card_brand",
        "pinned",
        "opinion",
        "keyword",
        "passport_photo_url",
        "code",
        "SecretName",
        "TagKey",
        "expires_at",
        "DB_HOST",
        "city",
        "author_association",
        "passed",
        "signature_algorithm",
        "password.required",
        "login.password.error",
        "Token.type",
    ] {
        assert_eq!(secrecy(name), Secrecy::Harmless, "{name}");
    }
}

#[test]
fn numbers_are_usual_under_some_names() {
    let names = Names::default();
    for name in [
        "tokens",
        "max_tokens",
        "prompt_tokens",
        "session",
        "auth",
        "key",
    ] {
        assert!(names.class(name).numbers_usual, "{name}");
    }
    for name in [
        "password",
        "pin",
        "otp",
        "cvv",
        "ssn",
        "card_number",
        "account_number",
    ] {
        assert!(!names.class(name).numbers_usual, "{name}");
    }
}

#[test]
fn numbers_and_versions_behind_a_secret_name_say_nothing() {
    for name in [
        "token2",
        "pass1",
        "api_key_2",
        "secret-key-3",
        "accessKey2",
        "apiTokenV1",
        "token_v2",
        "oauth_verifier",
    ] {
        assert_ne!(secrecy(name), Secrecy::Harmless, "{name}");
    }
    for name in [
        "track2",
        "line2",
        "tokenizer2",
        "charge_bearer",
        "chargeBearer",
        "secret_id_num_uses",
    ] {
        assert_eq!(
            secrecy(name) == Secrecy::Harmless,
            name != "track2",
            "{name}"
        );
    }
}

#[test]
fn names_of_files_that_hold_keys_are_secret() {
    for name in ["id_rsa", "id_ed25519", ".dockerconfigjson", "private.pem"] {
        assert_eq!(secrecy(name), Secrecy::Strong, "{name}");
    }
}

#[test]
fn members_of_a_pair_may_be_qualified() {
    let role = |name: &str| Names::default().class(name).role;
    assert_eq!(role("ParameterKey"), Role::Name);
    assert_eq!(role("ParameterValue"), Role::Value);
    assert_eq!(role("otherValue"), Role::None);
}

#[test]
fn fields_override_the_table_and_redaction_wins() {
    let mut names = Names::default();
    names.redact_fields(["Nickname", "größe", "both"]);
    names.show_fields(["Device-Token", "both"]);
    for name in [
        "nick_name",
        "user[nickname]",
        "nickname[]",
        "nickname[0]",
        "nickname[first]",
        "GRÖSSE",
        "BOTH",
    ] {
        assert_eq!(names.class(name).secrecy, Secrecy::Field, "{name}");
    }
    for name in ["deviceToken", "user[deviceToken]", "device_token[1]"] {
        assert!(names.class(name).shown, "{name}");
    }
    assert_eq!(names.class("deviceToken").secrecy, Secrecy::Harmless);
    assert_eq!(names.class("deviceTokens").secrecy, Secrecy::Weak);
}

#[test]
fn fields_matching_are_words() {
    let mut names = Names::default();
    names.redact_fields_matching(["badge", "visitor number"]);
    for name in ["badgeNumber", "visitor_badge", "VISITOR_NUMBER"] {
        assert_eq!(names.class(name).secrecy, Secrecy::Field, "{name}");
    }
    for name in ["badger", "visitor"] {
        assert_eq!(names.class(name).secrecy, Secrecy::Harmless, "{name}");
    }
}

#[test]
fn long_names_take_the_same_way() {
    let long = "x_".repeat(10_000);
    assert_eq!(secrecy(&(long.clone() + "password")), Secrecy::Strong);
    assert_eq!(secrecy(&long), Secrecy::Harmless);
}

#[test]
fn phrases_are_secret_with_their_words_run_together_or_their_letters_apart() {
    for name in [
        "accesstoken",
        "authenticitytoken",
        "cardverificationvalue",
        "csrfmiddlewaretoken",
        "cvv2",
        "driverslicensenumber",
        "healthinsurancenumber",
        "medicarenumber",
        "passportno",
        "recoverycodes",
        "samlresponse",
        "securityanswer",
        "socialsecurity",
        "taxid",
        "track1",
        "twofactorcode",
        "verificationcode",
        "xamzsignature",
    ] {
        let apart: String = name.chars().flat_map(|char| [char, '_']).collect();
        let strange: String = name
            .chars()
            .enumerate()
            .map(|(at, char)| match at % 3 {
                0 => format!("{}-", char.to_ascii_uppercase()),
                1 => format!("{char}_"),
                _ => format!("{}__", char.to_ascii_uppercase()),
            })
            .collect();
        for spelled in [
            name.to_owned(),
            name.to_uppercase(),
            apart,
            format!("_{strange}"),
            format!("user[{name}]"),
            format!("u[{name}][]"),
            format!("{name}[0]"),
            format!("{name}[a][b]"),
            format!("u.{name}"),
        ] {
            assert!(Names::default().class(&spelled).is_secret(), "{spelled}");
        }
    }
    for name in [
        "p_in_e",
        "to_ken_ya",
        "b_order_no",
        "taxidermy",
        "user[verificationcode][type]",
    ] {
        assert!(!Names::default().class(name).is_secret(), "{name}");
    }
}

#[test]
fn a_letter_alone_says_nothing() {
    let names = Names::default();
    let letters = (0..=127).map(|letter| char::from(letter).to_string());
    for name in letters.chain([String::new()]) {
        assert!(names.is_letter_alone(name.as_bytes()));
        let class = names.class(&name);
        let role = match &*name.to_ascii_lowercase() {
            // Only JSON reads web keys.
            "d" | "k" | "p" | "q" => Role::KeyPart,
            _ => Role::None,
        };
        assert!(!class.is_secret() && class.role == role, "{name}");
    }
    let mut own = Names::default();
    own.redact_fields(["x"]);
    assert!(own.class("x").is_secret() && !own.is_letter_alone(b"x"));
}
