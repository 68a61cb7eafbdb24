//! Options of commands.

use super::*;

#[test]
fn the_secret_of_a_user_is_masked_and_numbers_of_groups_and_variables_are_not() {
    check(&[
        (
            "curl --proxy-user ann:horse https://a",
            "curl --proxy-user ann:*** https://a",
        ),
        (
            "curl --cert a.pem:horse https://a",
            "curl --cert a.pem:*** https://a",
        ),
        (
            "curl -E a.pem:horse https://a",
            "curl -E a.pem:*** https://a",
        ),
        ("curl -u 'ann:two words' x", "curl -u 'ann:***' x"),
        ("curl -uann:$horse! x", "curl -uann:*** x"),
        ("curl -u 1000:1001 x", "curl -u 1000:*** x"),
        ("wget --user=ann:horse", "wget --user=ann:***"),
        ("http -a ann:horse a.example", "http -a *** a.example"),
        ("http -a 'ann:horse' a.example", "http -a '***' a.example"),
    ]);
    shown(&[
        "docker run -p 8080:80 -u 1000:1000 nginx",
        "docker run --user 1000:0 nginx",
        "curl -u \"$USER:$PASS\" x",
        "curl -u \"$A_USER:${A_PASS}\" x",
        "curl --cert C:\\certs\\a.pem x",
        "curl -E a.pem x",
        "docker run --user ann nginx",
    ]);
}

#[test]
fn the_secret_options_of_commands_are_masked() {
    check(&[
        (
            "ssh-keygen -t rsa -N 'horse' -f k",
            "ssh-keygen -t rsa -N '***' -f k",
        ),
        ("useradd -p 'horse' ann", "useradd -p '***' ann"),
        ("smbclient //h/s -U ann%horse", "smbclient //h/s -U ***"),
        (
            "openssl enc -aes256 -k horse -in f",
            "openssl enc -aes256 -k *** -in f",
        ),
        ("mongoimport -u ann -p horse", "mongoimport -u ann -p ***"),
        ("bcp t out f -U ann -P horse", "bcp t out f -U ann -P ***"),
        ("mysqlcheck -uroot -phorse db", "mysqlcheck -uroot -p*** db"),
        ("7zz x -phorse a.7z", "7zz x -p*** a.7z"),
        ("rdesktop -u ann -p horse h", "rdesktop -u ann -p *** h"),
        (
            "$s = ConvertTo-SecureString -String 'horse' -AsPlainText",
            "$s = ConvertTo-SecureString -String '***' -AsPlainText",
        ),
        (
            "ConvertTo-SecureString -String \"two words\" -Force",
            "ConvertTo-SecureString -String \"***\" -Force",
        ),
    ]);
    check(&[
        (
            "kubectl create secret generic x --from-literal=foo=horse --from-literal a='two words'",
            "kubectl create secret generic x --from-literal=foo=*** --from-literal a='***'",
        ),
        ("x --from-literal='a=two words'", "x --from-literal='a=***'"),
    ]);
    shown(&[
        "docker run -p 8080:80 nginx",
        "kubectl create configmap x --from-file=foo",
        "mkdir -p a/b && cp -p x y",
        "kubectl apply -k dir",
        "openssl s_client -K",
        "git add -N file",
        "Write-Output -String horse",
    ]);
}
